"""服务: the list of services, the page of one, and the files of issued extracts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from openbeian.documents.actions.issue_extract import issue_extract
from openbeian.documents.errors import DocumentNotFound
from openbeian.documents.paper import render_extract
from openbeian.documents.queries import find_extract
from openbeian.entrypoints.web.charge_view import find_charge
from openbeian.entrypoints.web.documents import answer_with_file
from openbeian.entrypoints.web.gates import PortalRequest, needs
from openbeian.entrypoints.web.history import describe_history
from openbeian.entrypoints.web.listing import PAGE_SIZES, read_listing
from openbeian.entrypoints.web.personal import mask_person
from openbeian.entrypoints.web.sheets import answer_with_sheet
from openbeian.kernel import clock
from openbeian.kernel.errors import OpenBeianError
from openbeian.kernel.numbers import NumberNotRecognised
from openbeian.privacy.masking import mask_name
from openbeian.registry.actions.reveal_personal import reveal_personal
from openbeian.registry.decisions import PERSONAL_NATURE
from openbeian.registry.display import format_footer
from openbeian.registry.errors import RecordNotYours
from openbeian.registry.lookup import KINDS, STANDINGS
from openbeian.registry.models import Service
from openbeian.registry.queries import (
    compute_police_filing_due,
    get_footer_number,
    get_service,
    get_sponsor,
    list_accesses_visible_to,
    list_services_visible_to,
)
from openbeian.registry.searching import SERVICE_ORDERS, search_services
from openbeian.rules.code_tables import load_code_tables


@require_safe
@needs("record.read")
def list_services(request: PortalRequest) -> HttpResponseBase:
    """`?q=&standing=&kind=&sort=&size=&page=`; `?export=csv|xlsx` gives the same rows as a file."""
    kinds = {k: label for k, label in KINDS.items() if k}
    listing = read_listing(request.GET, {"standing": frozenset(STANDINGS), "kind": frozenset(kinds)}, SERVICE_ORDERS)
    found = search_services(list_services_visible_to(request.actor), listing.words).filter(**listing.filters)
    found = found.order_by(listing.order, "pk").prefetch_related("domains")
    export = request.GET.get("export")
    if export in {"csv", "xlsx"}:
        head = ["服务备案号", "名称", "类型", "域名", "主办单位", "主体备案号", "状态", "备案日期"]
        return answer_with_sheet("services", export, head, _rows(found))
    page = listing.paginate(found)
    context = {
        "page": page,
        "rows": [(s, KINDS.get(s.kind), STANDINGS[s.standing], _domains(s), _sponsor_name(s)) for s in page],
        "listing": listing,
        "sizes": PAGE_SIZES,
        "standings": STANDINGS,
        "kinds": kinds,
    }
    return render(request, "openbeian/services/list.html", context)


@require_safe
@needs("record.read")
def show_service(request: PortalRequest, service_id: int) -> HttpResponse:
    """`?police=` puts a police number into the footer to copy."""
    service = get_service(request.actor, service_id)
    tables = load_code_tables()
    modes = {m.id: m.label for m in tables.access_modes}
    contents = {c.id: c.label for c in tables.content_types}
    context = {
        "service": service,
        "sponsor_name": _sponsor_name(service),
        "kind": KINDS.get(service.kind),
        "standing": STANDINGS[service.standing],
        "domains": list(service.domains.all()),
        "accesses": [(a, modes.get(a.mode, a.mode)) for a in list_accesses_visible_to(request.actor, service)],
        "contents": [contents.get(c, c) for c in service.contents],
        "person": mask_person(service.person),
        "history": describe_history("service", service.pk),
        "is_own": _is_own(request, service),
        "charge": find_charge(request.actor, "service", service.pk, is_own=_is_own(request, service)),
        **_footer(service, request.GET.get("police", "")[:80]),
        **_police_task(service),
    }
    return render(request, "openbeian/services/detail.html", context)


@require_POST
@needs("personal.reveal")
def reveal(request: PortalRequest, service_id: int) -> HttpResponse:
    """The value of one personal field, for htmx to put in place of the mask; journalled."""
    value = reveal_personal(request.actor, ("service", service_id), request.POST.get("field", ""))
    return render(request, "openbeian/parts/revealed.html", {"value": value})


@require_POST
@needs("record.read")
def print_extract(request: PortalRequest, service_id: int) -> HttpResponse:
    service = get_service(request.actor, service_id)
    extract = issue_extract(request.actor, service.sponsor_id, service.pk)
    return redirect("extract_file", code=extract.code)


@require_safe
@needs("record.read")
def show_extract_file(request: PortalRequest, code: str) -> HttpResponse:
    """The PDF, to those who may see the record it is of; the public verifies the code instead."""
    extract = find_extract(code)
    if extract is None:
        raise DocumentNotFound
    try:
        get_sponsor(request.actor, extract.sponsor_id)
        if extract.service_id is not None:
            get_service(request.actor, extract.service_id)
    except RecordNotYours:
        raise DocumentNotFound from None
    base_url = settings.PUBLIC_URL or f"{request.scheme}://{request.get_host()}"
    pdf = render_extract(extract, base_url)
    return answer_with_file(pdf, "application/pdf", f"{extract.code}.pdf", is_download=True)


def _is_own(request: PortalRequest, service: Service) -> bool:
    return service.sponsor.organisation_id == request.actor.organisation_id


def _sponsor_name(service: Service) -> str:
    sponsor = service.sponsor
    return mask_name(sponsor.name) if sponsor.nature == PERSONAL_NATURE else sponsor.name


def _domains(service: Service) -> list[str]:
    return [d.domain for d in service.domains.all()]


def _footer(service: Service, police: str) -> dict[str, Any]:
    """The footer, also when a mistyped police number has to be said so, or no rule can be found."""
    try:
        number = get_footer_number(service)
    except OpenBeianError as unknown:
        return {"footer": "", "footer_fault": unknown.text, "police": police}
    try:
        return {"footer": format_footer(number, police), "footer_number": number, "police": police}
    except NumberNotRecognised as refusal:
        return {
            "footer": format_footer(number),
            "footer_number": number,
            "police": police,
            "police_fault": refusal.problem,
        }


def _police_task(service: Service) -> dict[str, Any]:
    try:
        deadline = compute_police_filing_due(service)
    except OpenBeianError as unknown:
        return {"police_fault_rule": unknown.text}
    # Whether it was done is not on record here, so a day gone by is no breach.
    return {"police_due_on": deadline.due_on, "police_is_past": deadline.due_on < clock.today()}


def _rows(found: QuerySet[Service]) -> Iterator[list[Any]]:
    for s in found.iterator(chunk_size=2000):
        yield [
            s.number,
            s.name,
            KINDS[s.kind].zh,
            " ".join(_domains(s)),
            _sponsor_name(s),
            s.sponsor.number,
            STANDINGS[s.standing].zh,
            s.granted_on.isoformat(),
        ]
