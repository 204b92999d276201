"""The buttons of an inspection's finding and what they do: which verbs this person has, and their forms read."""

from __future__ import annotations

from dataclasses import dataclass

from openbeian.accounts.models import Membership
from openbeian.documents.decisions import refuse_upload
from openbeian.entrypoints.web.gates import PortalRequest
from openbeian.entrypoints.web.views.errors import PageMissing
from openbeian.kernel.actor import Actor
from openbeian.kernel.dates import read_date
from openbeian.kernel.text import Text
from openbeian.supervision.decisions import State, Verb, find_turn
from openbeian.supervision.errors import OwnerUnfit
from openbeian.supervision.inspections.actions.appeal_fault import appeal_fault
from openbeian.supervision.inspections.actions.ask_fault_extension import ask_fault_extension
from openbeian.supervision.inspections.actions.assign_fault import assign_fault
from openbeian.supervision.inspections.actions.decide_fault_petition import decide_fault_petition
from openbeian.supervision.inspections.actions.recheck_fault import recheck_fault
from openbeian.supervision.inspections.actions.report_fault_fixed import report_fault_fixed
from openbeian.supervision.inspections.actions.start_fault import start_fault
from openbeian.supervision.inspections.models import Fault
from openbeian.supervision.inspections.pictures import EVIDENCE_LIMITS
from openbeian.supervision.inspections.rectifying import DECIDE, MOST_FILES, WRITE


@dataclass(frozen=True, slots=True)
class FaultButton:
    """A verb with what its dialog asks for."""

    verb: str
    label: Text
    wants_words: bool = True
    wants_files: bool = False
    wants_day: bool = False


_OWN = (
    (Verb.START, FaultButton("start", Text("开始整改", "Begin work"), wants_words=False)),
    (Verb.REPORT_FIXED, FaultButton("fixed", Text("报告已整改", "Report it fixed"), wants_files=True)),
    (Verb.ASK_EXTENSION, FaultButton("extension", Text("申请延期", "Ask for more time"), wants_day=True)),
    (Verb.APPEAL, FaultButton("appeal", Text("申诉", "Appeal"), wants_files=True)),
)
_DECIDING = (
    (Verb.GRANT, FaultButton("grant", Text("同意", "Grant"))),
    (Verb.REFUSE, FaultButton("refuse", Text("不同意", "Refuse"))),
)
_RECHECK = (
    FaultButton("in_order", Text("复查通过", "Found in order"), wants_files=True),
    FaultButton("found_again", Text("复查未通过", "Still not in order"), wants_files=True),
)


def list_buttons(actor: Actor, fault: Fault) -> list[FaultButton]:
    """What this person can do with the finding now."""
    if fault.organisation_id == actor.organisation_id and actor.may(WRITE):
        return [b for verb, b in _OWN if find_turn(fault.state, verb)]
    if fault.inspection.administration_id == actor.organisation_id and actor.may(DECIDE):
        deciding = [b for verb, b in _DECIDING if find_turn(fault.state, verb)]
        return [*deciding, *(_RECHECK if fault.state == State.TO_RECHECK else ())]
    return []


def turn_by_form(request: PortalRequest, fault_id: int) -> Fault:
    """Does the verb of the form. Raises: PageMissing for none that is known, and what the verb's action raises."""
    actor, verb = request.actor, request.POST.get("verb", "")
    words = request.POST.get("note", "")
    if verb == "start":
        return start_fault(actor, fault_id)
    if verb == "fixed":
        return report_fault_fixed(actor, fault_id, words, _read_files(request))
    if verb == "assign":
        return assign_fault(actor, fault_id, _read_person(request.POST.get("owner", "")))
    if verb == "extension":
        return ask_fault_extension(actor, fault_id, read_date(request.POST.get("until_on", "")), words)
    if verb == "appeal":
        return appeal_fault(actor, fault_id, words, _read_files(request))
    if verb in {"grant", "refuse"}:
        return decide_fault_petition(actor, fault_id, words, grants=verb == "grant")
    if verb in {"in_order", "found_again"}:
        return recheck_fault(actor, fault_id, words, is_in_order=verb == "in_order", files=_read_files(request))
    raise PageMissing


def list_members(actor: Actor, fault: Fault) -> list[Membership]:
    """Whom this person may put in charge of an open finding; nobody on the other side."""
    if fault.organisation_id != actor.organisation_id or not actor.may(WRITE) or fault.state == State.CLOSED:
        return []
    rows = Membership.objects.filter(organisation_id=fault.organisation_id, is_active=True, user__is_active=True)
    return list(rows.select_related("user").order_by("user__name", "pk"))


def _read_person(text: str) -> int | None:
    if text and not (text.isascii() and text.isdecimal() and len(text) < 12):
        raise OwnerUnfit
    return int(text) if text else None


def _read_files(request: PortalRequest) -> list[tuple[str, bytes]]:
    files = []
    for file in request.FILES.getlist("files")[:MOST_FILES]:
        if (file.size or 0) > EVIDENCE_LIMITS.max_bytes:
            raise refuse_upload("too_large", "files", limit="12 MB")
        files.append((file.name or "evidence", file.read()))
    return files
