"""The compact form of a probe's answers, to and from the stored row."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from openbeian.kernel.answers import Answer
from openbeian.kernel.text import Text
from openbeian.observation.probing.judgement import Observed
from openbeian.observation.probing.record import CheckKind, CheckResult, ProbeRecord, Whose
from openbeian.supervision.allowing import describe_words
from openbeian.supervision.models import StoredProbe
from openbeian.supervision.words import make_storable

_OUTCOMES = {Answer.MET: "m", Answer.NOT_MET: "n", Answer.CANNOT_TELL: "c"}
_WHOSE = {Whose.SITE: "s", Whose.OURS: "o", Whose.UNKNOWN: "u"}
_OUTCOME_OF = {letter: outcome for outcome, letter in _OUTCOMES.items()}
_WHOSE_OF = {letter: whose for whose, letter in _WHOSE.items()}
WORDS = "words"
KINDS = frozenset(str(kind) for kind in CheckKind)
"""The keys of `StoredProbe.answers` that are checks."""


def write_answers(record: ProbeRecord) -> dict[str, Any]:
    """`{check: [outcome, whose, reason, detail zh, detail en]}`; what is in order takes one letter. `words` holds the
    hits of the content audit."""
    answers: dict[str, Any] = {str(check.kind): _write(check) for check in record.checks}
    if record.words:
        answers[WORDS] = describe_words(record.words)
    return answers


def _write(check: CheckResult) -> list[str]:
    if check.outcome is Answer.MET:
        return ["m"]
    return [
        _OUTCOMES[check.outcome],
        _WHOSE[check.whose],
        make_storable(check.reason, 60),
        make_storable(check.detail.zh),
        make_storable(check.detail.en),
    ]


def read_checks(probe: StoredProbe) -> list[CheckResult]:
    """The answers of a stored probe; kinds that this version does not know are passed over."""
    return [_read(CheckKind(kind), cells) for kind, cells in probe.answers.items() if kind in KINDS]


def _read(kind: CheckKind, cells: list[str]) -> CheckResult:
    outcome = _OUTCOME_OF.get(cells[0], Answer.CANNOT_TELL)
    if len(cells) < 5:
        return CheckResult(kind, outcome)
    return CheckResult(kind, outcome, cells[2], _WHOSE_OF.get(cells[1], Whose.UNKNOWN), Text(cells[3], cells[4]))


def as_observed(cells: list[str]) -> Observed:
    """One entry of `CheckState.recent`."""
    at, outcome, whose, reason = cells
    return Observed(datetime.fromisoformat(at), _OUTCOME_OF[outcome], _WHOSE_OF[whose], reason)


def from_observed(seen: Observed) -> list[str]:
    """The same the other way."""
    return [seen.at.isoformat(), _OUTCOMES[seen.outcome], _WHOSE[seen.whose], seen.reason]
