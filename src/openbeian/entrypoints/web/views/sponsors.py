"""主体: the list of sponsors and the dossier of one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from openbeian.cases.models import Case
from openbeian.cases.queries import get_procedure, list_cases_visible_to
from openbeian.documents.actions.issue_extract import issue_extract
from openbeian.documents.models import Document
from openbeian.entrypoints.web.charge_view import find_charge, may_put_in_charge, name_people
from openbeian.entrypoints.web.gates import PortalRequest, needs
from openbeian.entrypoints.web.history import describe_history
from openbeian.entrypoints.web.licence_view import make_views
from openbeian.entrypoints.web.listing import PAGE_SIZES, read_listing
from openbeian.entrypoints.web.obligation_view import summarise
from openbeian.entrypoints.web.personal import PersonalField, mask_person, personal_field
from openbeian.entrypoints.web.sheets import answer_with_sheet
from openbeian.kernel import clock
from openbeian.kernel.provinces import PROVINCES
from openbeian.kernel.regions import list_past_and_present
from openbeian.obligations.in_charge import list_candidates
from openbeian.obligations.queries import list_obligations_visible_to
from openbeian.privacy.masking import mask_certificate, mask_middle, mask_name
from openbeian.registry.actions.reveal_personal import reveal_personal
from openbeian.registry.decisions import PERSONAL_NATURE
from openbeian.registry.lookup import STANDINGS
from openbeian.registry.models import Sponsor, Standing
from openbeian.registry.next_action import find_next_action
from openbeian.registry.queries import (
    get_certificate_warning,
    get_sponsor,
    list_licences_visible_to,
    list_services_visible_to,
    list_sponsors_visible_to,
)
from openbeian.registry.searching import SPONSOR_ORDERS, search_sponsors
from openbeian.rules.code_tables import load_code_tables

MOST_SERVICES_SHOWN = 100
MOST_DOCUMENTS_SHOWN = 50
MOST_LICENCES_SHOWN = 20


@require_safe
@needs("record.read")
def list_sponsors(request: PortalRequest) -> HttpResponseBase:
    """`?q=&standing=&nature=&province=&sort=&size=&page=`; `?export=csv|xlsx` gives the same rows as a file."""
    natures = {n.id: n.label for n in load_code_tables().natures}
    provinces = {p.abbreviation: p.name for p in PROVINCES}
    offered = {
        "standing": frozenset(STANDINGS),
        "nature": frozenset(natures),
        "province": frozenset(provinces),
    }
    listing = read_listing(request.GET, offered, SPONSOR_ORDERS)
    found = search_sponsors(list_sponsors_visible_to(request.actor), listing.words).filter(**listing.filters)
    found = found.order_by(listing.order, "pk")
    export = request.GET.get("export")
    if export in {"csv", "xlsx"}:
        return answer_with_sheet("sponsors", export, _head(), _rows(found, natures))
    counted = Count("services", filter=~Q(services__standing=Standing.CANCELLED), distinct=True)
    page = listing.paginate(found)
    counts = dict(Sponsor.objects.filter(pk__in=[s.pk for s in page]).annotate(live=counted).values_list("pk", "live"))
    people = name_people(request.actor, "sponsor", [s.pk for s in page])
    context = {
        "page": page,
        "rows": [
            (
                s,
                natures.get(s.nature),
                STANDINGS[s.standing],
                counts.get(s.pk, 0),
                _shown_name(s),
                people.get(s.pk, ""),
                s.organisation_id == request.actor.organisation_id,
            )
            for s in page
        ],
        "listing": listing,
        "sizes": PAGE_SIZES,
        "standings": STANDINGS,
        "natures": natures,
        "provinces": provinces,
        "may_assign": may_put_in_charge(request.actor),
        "candidates": list_candidates(request.actor) if may_put_in_charge(request.actor) else [],
    }
    return render(request, "openbeian/sponsors/list.html", context)


@require_safe
@needs("record.read")
def show_sponsor(request: PortalRequest, sponsor_id: int) -> HttpResponse:
    sponsor = get_sponsor(request.actor, sponsor_id)
    services = list_services_visible_to(request.actor).filter(sponsor=sponsor)
    shown = services.prefetch_related("domains").order_by("sequence")[:MOST_SERVICES_SHOWN]
    cases = list_cases_visible_to(request.actor).filter(sponsor=sponsor)
    open_case = cases.filter(is_open=True).first()
    shells = services.filter(standing=Standing.SHELL).count()
    action = find_next_action(
        sponsor.standing,
        sponsor.certificate_until,
        shells,
        clock.today(),
        has_open_case=open_case is not None,
        warn_before=get_certificate_warning(),
    )
    tables = load_code_tables()
    region = list_past_and_present(sponsor.region)
    certificate = tables.certificates.find(sponsor.certificate_type)
    nature = tables.natures.find(sponsor.nature)
    context = {
        "sponsor": sponsor,
        "shown_name": _shown_name(sponsor),
        "nature": nature.label if nature else sponsor.nature,
        "certificate": certificate.label if certificate else sponsor.certificate_type,
        "region": region[-1].name if region else sponsor.region,
        "standing": STANDINGS[sponsor.standing],
        "services": [(s, STANDINGS[s.standing], [d.domain for d in s.domains.all()]) for s in shown],
        "service_count": services.count(),
        "personal": _mask_sponsor(sponsor),
        "person": mask_person(sponsor.person),
        "licences": make_views(
            list_licences_visible_to(request.actor)
            .filter(sponsor=sponsor)
            .order_by("valid_until")[:MOST_LICENCES_SHOWN]
        ),
        "documents": _list_documents(cases),
        "open_case": open_case,
        "open_procedure": get_procedure(open_case.procedure).label if open_case else None,
        "action": action,
        "owed": summarise(request.actor, list_obligations_visible_to(request.actor).filter(sponsor=sponsor)),
        "owed_url": f"{reverse('obligations')}?sponsor={sponsor.pk}",
        "history": describe_history("sponsor", sponsor.pk),
        "is_own": sponsor.organisation_id == request.actor.organisation_id,
        "charge": find_charge(
            request.actor, "sponsor", sponsor.pk, is_own=sponsor.organisation_id == request.actor.organisation_id
        ),
    }
    return render(request, "openbeian/sponsors/detail.html", context)


@require_POST
@needs("personal.reveal")
def reveal(request: PortalRequest, sponsor_id: int) -> HttpResponse:
    """The value of one personal field as plain text, for htmx to put in place of the mask; journalled."""
    value = reveal_personal(request.actor, ("sponsor", sponsor_id), request.POST.get("field", ""))
    return render(request, "openbeian/parts/revealed.html", {"value": value})


@require_POST
@needs("record.read")
def print_extract(request: PortalRequest, sponsor_id: int) -> HttpResponse:
    extract = issue_extract(request.actor, sponsor_id)
    return redirect("extract_file", code=extract.code)


def _shown_name(sponsor: Sponsor) -> str:
    return mask_name(sponsor.name) if sponsor.nature == PERSONAL_NATURE else sponsor.name


def _mask_sponsor(sponsor: Sponsor) -> list[PersonalField]:
    masked = [
        personal_field("certificate_number", "证件号码", "Certificate number", mask_certificate(sponsor.certificate_number)),
        personal_field("address", "通信地址", "Address", mask_middle(sponsor.address, head=6, tail=0)),
        personal_field(
            "certificate_address", "证件住所", "Registered address", mask_middle(sponsor.certificate_address, head=6, tail=0)
        ),
        personal_field(
            "legal_representative", "法定代表人", "Legal representative", mask_name(sponsor.legal_representative)
        ),
    ]  # fmt: skip
    if sponsor.nature == PERSONAL_NATURE:
        masked.insert(0, personal_field("name", "姓名", "Name", mask_name(sponsor.name)))
    return [f for f in masked if f.masked]


def _list_documents(cases: QuerySet[Case]) -> QuerySet[Document]:
    """Papers of the cases the reader may see, newest first."""
    ids = [str(pk) for pk in cases.order_by("-pk").values_list("pk", flat=True)[:200]]
    papers = Document.objects.filter(subject_kind="case", subject_id__in=ids, removed_at__isnull=True)
    return papers.order_by("-pk")[:MOST_DOCUMENTS_SHOWN]


def _head() -> list[str]:
    return ["主体备案号", "主办单位名称", "性质", "省", "状态", "备案日期"]


def _rows(found: QuerySet[Sponsor], natures: dict[str, Any]) -> Iterator[list[Any]]:
    for s in found.iterator(chunk_size=2000):
        nature = natures.get(s.nature)
        yield [
            s.number,
            _shown_name(s),
            nature.zh if nature else s.nature,
            s.province,
            STANDINGS[s.standing].zh,
            s.granted_on.isoformat(),
        ]
