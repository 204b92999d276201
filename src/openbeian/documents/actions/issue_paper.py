"""Issues a signed paper: freezes what it says under a code that anybody can verify."""

from __future__ import annotations

from django.db import transaction

from openbeian.documents.events import PaperIssued
from openbeian.documents.extracts import compute_digest, generate_code
from openbeian.documents.models import Paper
from openbeian.documents.papers import PAPER_KINDS, PaperContent
from openbeian.journal.actions.record_event import record_event
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor, check_permitted


def issue_paper(
    actor: Actor,
    kind: str,
    subject: tuple[str, object],
    content: PaperContent,
    *,
    organisation_id: int,
    concerns: tuple[int | None, ...] = (),
) -> Paper:
    """A paper of one of `papers.PAPER_KINDS` about a subject that the caller has found to be the actor's to see.

    Nothing personal may stand in `content`: whoever has the code reads it. Asked for again on the same day with the
    same content, the same paper comes back.

    Raises: NotPermitted; KeyError for a kind nobody knows.
    """
    check_permitted(actor, "record.read")
    if kind not in PAPER_KINDS:
        raise KeyError(kind)
    told = content.as_json()
    digest = compute_digest(told)
    with transaction.atomic():
        of_subject = Paper.objects.filter(subject_kind=subject[0], subject_id=str(subject[1]), kind=kind)
        last = of_subject.filter(sha256=digest).order_by("-pk").first()
        if last and clock.legal_day(last.issued_at) == clock.today():
            return last
        paper = Paper.objects.create(
            code=generate_code(),
            kind=kind,
            subject_kind=subject[0],
            subject_id=str(subject[1]),
            organisation_id=organisation_id,
            issued_at=clock.now(),
            issued_by_id=actor.user_id,
            content=told,
            sha256=digest,
        )
        record_event(
            PaperIssued,
            actor,
            subject,
            concerns=(*concerns, organisation_id),
            after={"kind": kind, "code": paper.code, "sha256": digest},
        )
    return paper
