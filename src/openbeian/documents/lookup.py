"""What anybody may ask: the record by domain, number or name, or an extract by its code. One door for web and CLI."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from openbeian.documents.extracts import DISCLAIMER, compute_digest, read_code
from openbeian.documents.licence_content import describe_licence
from openbeian.documents.models import Extract, Paper
from openbeian.documents.papers import PAPER_KINDS, PaperContent, PaperKind
from openbeian.documents.queries import find_extract, find_paper
from openbeian.documents.record_content import describe_record
from openbeian.kernel import clock
from openbeian.registry.lookup import Answer, look_up
from openbeian.registry.models import Licence


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


@dataclass(frozen=True, slots=True)
class PaperVerification:
    """A signed paper found by its code. `is_current` is None for papers that tell of a moment: nothing to compare."""

    paper: Paper
    kind: PaperKind
    content: PaperContent
    is_current: bool | None

    def as_json(self) -> dict[str, Any]:
        return {
            "code": self.paper.code,
            "kind": self.paper.kind,
            "issued_on": clock.legal_day(self.paper.issued_at).isoformat(),
            "is_current": self.is_current,
            "sha256": self.paper.sha256,
            "content": self.content.as_json(),
            "note": self.kind.disclaimer.as_json(),
        }


def verify_paper(text: str) -> PaperVerification | None:
    """The signed paper whose code this is, in any spelling; None when there is none."""
    code = read_code(text)
    paper = find_paper(code) if code else None
    if paper is None:
        return None
    content = PaperContent.read(paper.content)
    return PaperVerification(paper, PAPER_KINDS[paper.kind], content, _is_current(paper))


def _is_current(paper: Paper) -> bool | None:
    if paper.kind != "licence_extract":
        return None
    licence = Licence.objects.filter(pk=paper.subject_id).first()
    return licence is not None and compute_digest(describe_licence(licence).as_json()) == paper.sha256


def answer_public_question(text: str) -> dict[str, Any]:
    """The answer as JSON: `{"kind", "asked", "hint", "results", "more", "extract", "paper"}`. Never raises for what was typed."""
    if read_code(text):
        verification = verify_extract(text)
        if verification:
            return _shape("extract", verification.extract.code, extract=verification.as_json())
        paper = verify_paper(text)
        if paper:
            return _shape("paper", paper.paper.code, paper=paper.as_json())
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
    empty: dict[str, Any] = {"hint": None, "results": [], "more": False, "extract": None, "paper": None}
    return {"kind": kind, "asked": asked, **empty, **parts}
