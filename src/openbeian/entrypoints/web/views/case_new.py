"""What do you want to do? The right procedure is found from the record before anything is filled in."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any, get_args

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.crypto import get_random_string
from django.views.decorators.http import require_POST, require_safe

from openbeian.cases.actions.save_draft import save_draft
from openbeian.cases.actions.start_case import start_case
from openbeian.cases.decisions.detection import Verdict, Wish, detect
from openbeian.cases.errors import OpenCaseExists, ProcedureUnfit
from openbeian.cases.models import Case
from openbeian.cases.queries import list_procedures
from openbeian.cases.situations import read_situation
from openbeian.entrypoints.web.case_wording import say_text
from openbeian.entrypoints.web.gates import PortalRequest, needs
from openbeian.entrypoints.web.once import start_once
from openbeian.entrypoints.web.policies import CycleNotice, find_cycle_notice
from openbeian.entrypoints.web.views.errors import PageMissing
from openbeian.kernel.text import Text
from openbeian.registry.models import Access, Service, Sponsor, Standing
from openbeian.registry.queries import get_service, get_sponsor, list_services_visible_to, list_sponsors_visible_to
from openbeian.rules.code_tables import load_code_tables
from openbeian.rules.procedures import Procedure

WISHES: dict[Wish, tuple[Text, Text]] = {
    "file": (Text("新办备案", "File something new"), Text("网站、App、小程序或快应用还没有备案", "A site, app, mini-program or quick app not yet filed")),
    "move": (Text("换接入商或加接入", "Move or add an access"), Text("已备案，换一家服务商或多接一家", "Filed already; another provider, or one more")),
    "change": (Text("变更信息", "Change something"), Text("名称、地址、负责人、域名或接入信息有变化", "Name, address, person, domains or access changed")),
    "confirm": (Text("复核信息（续期）", "Re-confirm (“renew”)"), Text("逐项确认或更正已备案的信息", "Go through what is on record")),
    "stop": (Text("停止或注销", "Stop or cancel"), Text("不再接入、关闭服务或注销主体", "End an access, a service or the whole filing")),
}  # fmt: skip
_MOST_FOUND = 20


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict, and what must be said of a procedure that follows a policy and not the law."""

    verdict: Verdict
    cycle: CycleNotice | None


@dataclass(frozen=True, slots=True)
class Named:
    """What the address names of the record."""

    sponsor: Sponsor | None
    service: Service | None
    provider_id: int | None


@needs("case.write")
@require_safe
def choose_procedure(request: PortalRequest) -> HttpResponse:
    """Every answer stands in the address, so that each step has a way back and a link can come with answers.

    Raises: RecordNotYours for a sponsor or service of somebody else.
    """
    wish = _read_wish(request.GET.get("wish", ""), request.GET.get("procedure", ""))
    named = _read_named(request, request.GET.dict(), wish)
    verdicts: list[Verdict] = []
    if wish:
        situation = read_situation(request.actor, named.sponsor, named.service, named.provider_id)
        verdicts = detect(wish, _list_filings(), situation)
    preferred = request.GET.get("procedure", "")
    fitting = [v for v in verdicts if v.fits]
    fitting.sort(key=lambda v: (v.procedure.id != preferred, not v.proposed))
    context: dict[str, Any] = {
        "wishes": WISHES,
        "wish": wish,
        "kinds": load_code_tables().service_kinds.rows if wish == "file" else (),
        "kind": request.GET.get("kind", "")[:40],
        "named": named,
        "query": request.GET.get("q", "")[:80],
        **_search(request, request.GET.get("q", "")),
        "services": _list_services(request, named.sponsor),
        "accesses": _list_accesses(named.service),
        "proposed": Judged(fitting[0], find_cycle_notice(fitting[0].procedure, request.actor.organisation_id))
        if fitting
        else None,
        "also": [Judged(v, find_cycle_notice(v.procedure, request.actor.organisation_id)) for v in fitting[1:]],
        "unfit": [v for v in verdicts if not v.fits],
        "open_case": _find_open(request, named.sponsor),
        "token": get_random_string(24),
    }
    return render(request, "openbeian/cases/new.html", context)


def _list_filings() -> list[Procedure]:
    """Licences have a page of their own to start from."""
    return [p for p in list_procedures() if p.form == "filing"]


def _read_wish(text: str, procedure_id: str) -> Wish | None:
    """The wish named, or the one that a procedure named instead answers."""
    for wish in get_args(Wish):
        if text == wish:
            return wish
    guess: dict[str, Wish] = {
        "add_access": "move",
        "reconfirmation": "confirm",
        "first_filing": "file",
        "add_service": "file",
    }
    if procedure_id.startswith("change_"):
        return "change"
    if procedure_id.startswith("cancel_"):
        return "stop"
    return guess.get(procedure_id)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else None


def _read_named(request: PortalRequest, given: dict[str, str], wish: Wish | None) -> Named:
    service_id, sponsor_id = _number(given.get("service", "")), _number(given.get("sponsor", ""))
    service = get_service(request.actor, service_id) if service_id else None
    named = service.sponsor_id if service else sponsor_id
    sponsor = get_sponsor(request.actor, named) if named else None
    provider_id = _number(given.get("provider", ""))
    accesses = _list_accesses(service)
    if provider_id is None and wish in {"change", "stop"} and len(accesses) == 1:
        # With a single access there is nothing to choose.
        provider_id = accesses[0].provider_id
    return Named(sponsor, service, provider_id)


def _search(request: PortalRequest, text: str) -> dict[str, list[Any]]:
    """Own sponsors and services by name, initials, number or domain; without words the latest."""
    text = text.strip()[:80].replace("\x00", "")
    own = request.actor.organisation_id or 0
    sponsors = list_sponsors_visible_to(request.actor).filter(organisation_id=own)
    services = list_services_visible_to(request.actor).filter(sponsor__organisation_id=own)
    sponsors = sponsors.exclude(standing=Standing.CANCELLED)
    services = services.exclude(standing=Standing.CANCELLED)
    if text:
        named = Q(name__icontains=text) | Q(number__icontains=text) | Q(initials__startswith=text.lower())
        sponsors = sponsors.filter(named)
        services = services.filter(named | Q(domains__domain__icontains=text.lower())).distinct()
        return {
            "found_sponsors": list(sponsors.order_by("name")[:_MOST_FOUND]),
            "found_services": list(services.order_by("name")[:_MOST_FOUND]),
        }
    return {"found_sponsors": list(sponsors.order_by("-changed_at")[:6]), "found_services": []}


def _list_services(request: PortalRequest, sponsor: Sponsor | None) -> list[Service]:
    if sponsor is None:
        return []
    services = list_services_visible_to(request.actor).filter(sponsor=sponsor).exclude(standing=Standing.CANCELLED)
    return list(services.order_by("sequence")[:200])


def _list_accesses(service: Service | None) -> list[Access]:
    if service is None:
        return []
    return list(service.accesses.filter(cancelled_on__isnull=True).select_related("provider").order_by("pk"))


def _find_open(request: PortalRequest, sponsor: Sponsor | None) -> Case | None:
    """The sponsor's case under way, if it is the reader's own to go on with."""
    if sponsor is None:
        return None
    return (
        Case.objects.filter(sponsor=sponsor, is_open=True, organisation_id=request.actor.organisation_id or 0)
        .defer("form", "before")
        .first()
    )


@needs("case.write")
@require_POST
def start(request: PortalRequest) -> HttpResponse:
    """Starts the draft and opens its first step. The same page sent twice opens the same draft.

    Raises: RecordNotYours, ProcedureUnfit, OpenCaseExists, PageMissing for an unknown procedure.
    """
    known: dict[str, Procedure] = {p.id: p for p in _list_filings()}
    procedure = known.get(request.POST.get("procedure", ""))
    if procedure is None:
        raise PageMissing
    ids = {name: _number(request.POST.get(name, "")) for name in ("sponsor", "service", "provider")}
    try:
        case_id, is_repeated = start_once(request, partial(_start, request, procedure, ids))
    except (OpenCaseExists, ProcedureUnfit):
        own = _find_open(request, get_sponsor(request.actor, ids["sponsor"])) if ids["sponsor"] else None
        if own is not None and own.procedure == procedure.id:
            return _reopen(request, own.pk)
        raise
    return _reopen(request, case_id) if is_repeated else redirect("case_form_start", case_id)


def _start(request: PortalRequest, procedure: Procedure, ids: dict[str, int | None]) -> Case:
    case = start_case(
        request.actor,
        procedure.id,
        sponsor_id=ids["sponsor"],
        service_id=ids["service"],
        provider_id=ids["provider"],
    )
    if "record_services" in procedure.outcome and load_code_tables().service_kinds.find(request.POST.get("kind", "")):
        save_draft(request.actor, case.pk, {"services.0.kind": request.POST["kind"]}, revision=case.revision)
    return case


def _reopen(request: PortalRequest, case_id: int) -> HttpResponse:
    messages.info(
        request,
        say_text(
            request,
            Text("这笔办件已经开始，没有重复新建。", "This case had already been started; no second one was made."),
        ),
    )
    return redirect("case", case_id)
