"""The root of every refusal: an expected "no" with a stable code and a sentence that says what to do next."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from openbeian.kernel.text import Text


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with one field: what stands there, which rule it breaks, and how to put it right.

    `field` is a path into the form (`services.0.person.mobile`), so that a page can put the cursor there.
    `rule` is a rulebook id or a stable check name; `certain` is False when we could not tell.
    """

    field: str
    message: Text
    fix: Text
    rule: str
    value: str = ""
    certain: bool = True

    def as_json(self) -> dict[str, Any]:
        return {
            "field": self.field,
            "value": self.value,
            "rule": self.rule,
            "message": self.message.as_json(),
            "fix": self.fix.as_json(),
            "certain": self.certain,
        }


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a value, before anyone knows which field of which form the value stands in.

    `certain` is False when the value may be right all the same (a grammar nobody published, a list that may be
    old): the form shows it and lets the person go on.
    """

    message: Text
    fix: Text
    rule: str
    certain: bool = True

    def at(self, field: str, value: str = "") -> Fault:
        """The same problem, placed in a form."""
        return Fault(field, self.message, self.fix, self.rule, value, self.certain)


class OpenBeianError(Exception):
    """An expected refusal: 4xx on the web, exit code 2 in the CLI, logged at INFO.

    Anything that is not an `OpenBeianError` is a bug of ours: 5xx, exit code 1, logged with an identifier.
    """

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 422
    message: ClassVar[Text] = Text("操作被拒绝。", "The request was refused.")

    def __init__(self, message: Text | None = None, *, faults: Iterable[Fault] = (), **places: object) -> None:
        self.faults: tuple[Fault, ...] = tuple(faults)
        self.text: Text = (message or self.message).format(**places) if places else (message or self.message)
        # The first faults are enough for a log line; people get all of them from `faults`.
        super().__init__("; ".join([self.text.en, *(f"{f.field}: {f.message.en}" for f in self.faults[:8])]))

    def as_json(self) -> dict[str, Any]:
        return {"error": self.code, "message": self.text.as_json(), "faults": [f.as_json() for f in self.faults]}


class ValueRefused(OpenBeianError):
    """A value that cannot be what it claims to be; `problem` says why, for the caller to place in a form."""

    code = "value_refused"

    def __init__(self, problem: Problem, value: str = "", *, field: str = "value") -> None:
        self.problem = problem
        super().__init__(problem.message, faults=[problem.at(field, value)])


def problem_with(read: Callable[[str], object], value: str) -> Problem | None:
    """What a reading function objects to in a value, or None when it accepts it."""
    try:
        read(value)
    except ValueRefused as refusal:
        return refusal.problem
    return None
