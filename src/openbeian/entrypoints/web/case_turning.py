"""From a pressed button to the action behind it: the same for the case's own page and for the review desk."""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction

from openbeian.cases.actions.forward_case import forward_case
from openbeian.cases.actions.grant_case import grant_case
from openbeian.cases.actions.record_confirmation import record_confirmation
from openbeian.cases.actions.take_up_case import take_up_case
from openbeian.cases.actions.turn_case import PLAIN_VERBS, turn_case
from openbeian.cases.errors import CaseMovedOn
from openbeian.cases.models import Case
from openbeian.cases.queries import get_procedure
from openbeian.documents.actions.store_document import store_document
from openbeian.documents.models import Document
from openbeian.entrypoints.web.gates import PortalRequest
from openbeian.entrypoints.web.views.case_papers import find_limits, read_upload
from openbeian.entrypoints.web.views.errors import PageMissing

MOST_REASONS = 40


def do_turn(request: PortalRequest, case: Case, verb: str) -> Case:
    """Does the verb on the revision that the page showed, with what its form brought.

    Raises: PageMissing for a verb that no page offers; CaseMovedOn, TurnNotPossible, SecondPersonNeeded,
    ReasonsMissing, EvidenceMissing, UploadRefused and a grant's refusals; then neither evidence nor step is kept.
    """
    act = _ACTS.get(verb)
    if act is None:
        raise PageMissing
    shown = request.POST.get("revision", "")
    revision = int(shown) if shown.isdecimal() and len(shown) < 9 else 0
    if revision != case.revision:
        raise CaseMovedOn(state=get_procedure(case.procedure).state(case.state).label)
    with transaction.atomic():
        # The evidence belongs to the step: refused, its row goes too, and its file is swept up later.
        return act(request, case, revision, _store_evidence(request, case))


def _store_evidence(request: PortalRequest, case: Case) -> Document | None:
    file = request.FILES.get("evidence")
    if file is None:
        return None
    limits = find_limits(None, case.province)
    name, content = read_upload(file, limits)
    return store_document(
        request.actor,
        ("case", case.pk),
        material="evidence",
        name=name,
        content=content,
        limits=limits,
        concerns=(case.organisation_id,),
    )


def _read_reasons(request: PortalRequest) -> list[dict[str, str]]:
    """Ticked codes with a field and words each (`field_CODE`), or chosen ones in rows (`reason_field` beside them)."""
    post, reasons = request.POST, []
    fields, notes = post.getlist("reason_field"), post.getlist("reason_note")
    for i, code in enumerate(post.getlist("reason")[:MOST_REASONS]):
        in_row = (fields[i] if i < len(fields) else "", notes[i] if i < len(notes) else "")
        field, note = post.get(f"field_{code}", in_row[0]), post.get(f"note_{code}", in_row[1])
        if code:
            reasons.append({"code": code, "field": field, "note": note})
    return reasons


Act = Callable[[PortalRequest, Case, int, Document | None], Case]


def _plain(verb: str) -> Act:
    def act(request: PortalRequest, case: Case, revision: int, evidence: Document | None) -> Case:
        return turn_case(
            request.actor,
            case.pk,
            verb,
            revision=revision,
            reasons=_read_reasons(request),
            note=request.POST.get("note", ""),
            evidence=evidence,
        )

    return act


def _forward(request: PortalRequest, case: Case, revision: int, evidence: Document | None) -> Case:
    note = request.POST.get("note", "")
    return forward_case(request.actor, case.pk, revision=revision, note=note, evidence=evidence)


def _confirm(request: PortalRequest, case: Case, revision: int, evidence: Document | None) -> Case:
    note = request.POST.get("note", "")
    return record_confirmation(request.actor, case.pk, revision=revision, note=note, evidence=evidence)


def _fail_confirmation(request: PortalRequest, case: Case, revision: int, evidence: Document | None) -> Case:
    return record_confirmation(
        request.actor,
        case.pk,
        confirmed=False,
        revision=revision,
        reasons=_read_reasons(request),
        note=request.POST.get("note", ""),
        evidence=evidence,
    )


def _grant(request: PortalRequest, case: Case, revision: int, evidence: Document | None) -> Case:
    return grant_case(
        request.actor,
        case.pk,
        revision=revision,
        note=request.POST.get("note", ""),
        evidence=evidence,
        sponsor_number=request.POST.get("sponsor_number", "").strip()[:40],
        service_numbers=[n.strip()[:48] for n in request.POST.get("service_numbers", "").splitlines() if n.strip()][
            :20
        ],
    )


def _take_up(request: PortalRequest, case: Case, revision: int, evidence: Document | None) -> Case:
    return take_up_case(request.actor, case.pk, revision=revision)


_ACTS: dict[str, Act] = {
    **{v: _plain(v) for v in PLAIN_VERBS - {"lapse"}},
    "forward": _forward,
    "confirm": _confirm,
    "fail_confirmation": _fail_confirmation,
    "grant": _grant,
    "take_up_again": _take_up,
}
