"""The hash chain: what is hashed, in which order, and how a break is found."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from openbeian.journal.errors import JournalBroken
from openbeian.kernel.text import Text

_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode
_quote = json.encoder.encode_basestring


def canonise(value: Any) -> str:
    """JSON of a value in the one form that is hashed."""
    return "null" if value is None else _encode(value)


class Canonical(str):
    """A value that has been made canonical JSON text of already."""

    __slots__ = ()


def canonise_view(view: Mapping[str, str]) -> Canonical:
    """What `canonise` gives for an object whose values are texts or `Canonical`, in a third of the time.

    Raises: TypeError for any other value.
    """
    pattern, pick = _form_of(tuple(view))
    return Canonical(pattern % tuple([v if v.__class__ is Canonical else _quote(v) for v in pick(view)]))


def canonise_list(items: Iterable[str]) -> Canonical:
    """The same for a list of texts and `Canonical`s."""
    return Canonical(f"[{','.join([v if v.__class__ is Canonical else _quote(v) for v in items])}]")


@cache
def _form_of(keys: tuple[str, ...]) -> tuple[str, Callable[[Mapping[str, str]], tuple[str, ...]]]:
    """An object with these keys and a place for each value, and what takes the values in that order."""
    ordered = sorted(keys)
    pattern = ",".join(f"{_quote(key)}:".replace("%", "%%") + "%s" for key in ordered)
    return f"{{{pattern}}}", lambda view: tuple(map(view.__getitem__, ordered))


GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class Written:
    """All of an entry that its hash protects."""

    sequence: int
    at: datetime
    event: str
    actor_id: int | None
    actor_name: str
    organisation_id: int | None
    door: str
    address: str
    subject_kind: str
    subject_id: str
    concerns: list[int]
    before: Any
    after: Any
    previous_hash: str

    def compute_hash(self) -> str:
        """SHA-256 over one JSON array with sorted keys, so that it can be checked outside this program."""
        return self.compute_hash_over(canonise(self.before), canonise(self.after))

    def compute_hash_over(self, before: str, after: str) -> str:
        """The same for whoever has canonised the two values already."""
        fixed = canonise_fixed(
            self.at,
            self.event,
            (self.actor_id, self.actor_name, self.organisation_id, self.door, self.address),
            self.subject_kind,
        )
        return compute_link(
            self.sequence, fixed, self.subject_id, canonise(self.concerns), before, after, self.previous_hash
        )


def canonise_fixed(at: datetime, event: str, actor: tuple[int | None, str, int | None, str, str], kind: str) -> str:
    """What stands in an entry's array between its sequence and its subject's id: the same for all entries of one kind."""
    parts = [at.astimezone(UTC).isoformat(timespec="microseconds"), event, *actor, kind]
    return canonise(parts)[1:-1]


def compute_link(
    sequence: int, fixed: str, subject_id: str, concerns: str, before: str, after: str, previous_hash: str
) -> str:
    """An entry's hash from the canonical forms of its parts, in the order of `Written`."""
    subject = f'"{subject_id}"' if subject_id.isalnum() else canonise(subject_id)
    canonical = f'[{sequence},{fixed},{subject},{concerns},{before},{after},"{previous_hash}"]'
    return hashlib.sha256(canonical.encode()).hexdigest()


def check_chain(entries: Iterable[tuple[Written, str]], head: tuple[int, str]) -> int:
    """Walks entries in order with the hash each claims; returns how many there are.

    Raises: JournalBroken at the first that is missing, changed, or does not follow from the one before; also
    when entries were cut off at the end, which the head shows.
    """
    sequence, previous = 0, GENESIS
    for written, claimed in entries:
        if written.sequence != sequence + 1:
            raise JournalBroken(sequence=sequence + 1, why=Text("该条缺失", "it is missing"))
        if written.previous_hash != previous:
            raise JournalBroken(
                sequence=written.sequence, why=Text("与上一条的哈希不衔接", "it does not follow from the one before")
            )
        if written.compute_hash() != claimed:
            raise JournalBroken(
                sequence=written.sequence, why=Text("内容与哈希不符", "its content does not match its hash")
            )
        sequence, previous = written.sequence, claimed
    if (sequence, previous) != head:
        raise JournalBroken(sequence=sequence + 1, why=Text("末尾的记录缺失", "entries at the end are missing"))
    return sequence
