"""What anybody may ask: the record by domain, number or name, or an extract by its code. One door for web and CLI."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from openbeian.documents.extracts import DISCLAIMER, compute_digest, read_code
from openbeian.documents.models import Extract
from openbeian.documents.queries import find_extract
from openbeian.documents.record_content import describe_record
from openbeian.kernel import clock
from openbeian.registry.lookup import Answer, look_up


@dataclass(frozen=True, slots=True)
class Verification:
    """An extract found by its code, and whether the record still says what it said."""

    extract: Extract
    is_current: bool

    def as_json(self) -> dict[str, Any]:
        return {
            "code": self.extract.code,
            "issued_on": clock.legal_day(self.extract.issued_at).isoformat(),
            "is_current": self.is_current,
            "sha256": self.extract.sha256,
            "content": self.extract.content,
            "note": DISCLAIMER.as_json(),
        }


def verify_extract(text: str) -> Verification | None:
    """The extract whose code this is, in any spelling; None when there is none."""
    code = read_code(text)
    extract = find_extract(code) if code else None
    if extract is None:
        return None
    now = compute_digest(describe_record(extract.sponsor, extract.service))
    return Verification(extract, is_current=now == extract.sha256)


def answer_public_question(text: str) -> dict[str, Any]:
    """The answer as JSON: `{"kind", "asked", "hint", "results", "more", "extract"}`. Never raises for what was typed."""
    if read_code(text):
        verification = verify_extract(text)
        if verification:
            return _shape("extract", verification.extract.code, extract=verification.as_json())
    answer: Answer = look_up(text)
    question = answer.question
    return _shape(
        question.kind,
        question.value,
        hint=question.hint.as_json() if question.hint else None,
        results=[r.as_json() for r in answer.records],
        more=answer.is_partial,
    )


def _shape(kind: str, asked: str, **parts: Any) -> dict[str, Any]:
    empty: dict[str, Any] = {"hint": None, "results": [], "more": False, "extract": None}
    return {"kind": kind, "asked": asked, **empty, **parts}
