"""Packs a case for taking along: everything in it as one signed PDF, or as a signed ZIP with a manifest of hashes."""

from __future__ import annotations

from typing import BinaryIO, Literal

from django.db import transaction

from openbeian.cases.events import PackBuilt
from openbeian.cases.packing import plan_pack, write_zip
from openbeian.cases.queries import get_case
from openbeian.cases.turning import concerned
from openbeian.documents.actions.issue_paper import issue_paper
from openbeian.documents.models import Paper
from openbeian.documents.paper import render_paper
from openbeian.journal.actions.record_event import record_event
from openbeian.kernel.actor import Actor


def build_pack(actor: Actor, case_id: int, form: Literal["pdf", "zip"], base_url: str, out: BinaryIO) -> Paper:
    """Writes the pack to `out` (seekable, readable, empty) and returns the paper whose code verifies it.

    Whoever may see the case may pack it; that they did is journalled before anything is set.

    Raises: NotPermitted, CaseNotYours, PackTooLarge, PaperNotSet, TypesettingUnavailable, DocumentDamaged.
    """
    with transaction.atomic():
        case = get_case(actor, case_id)
        plan = plan_pack(case)
        paper = issue_paper(actor, "case_pack", ("case", case.pk), plan.content, organisation_id=case.organisation_id)
        record_event(
            PackBuilt,
            actor,
            ("case", case.pk),
            concerns=concerned(case),
            after={"code": paper.code, "form": form, "documents": len(plan.packed)},
        )
    # Setting the pages takes seconds: nothing is locked meanwhile.
    attached = [(p.document, p.heading) for p in plan.packed]
    pdf = render_paper(paper, base_url, further=plan.further, attached=attached)
    if form == "pdf":
        out.write(pdf)
    else:
        write_zip(plan, paper, pdf, out)
    return paper
