"""许可证: the list, the page of one licence with its cover and next action, and starting an application."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.crypto import get_random_string
from django.views.decorators.http import require_POST, require_safe

from openbeian.cases.actions.start_licence_case import start_licence_case
from openbeian.cases.licensing import FORM
from openbeian.cases.models import Case
from openbeian.cases.queries import get_procedure, list_cases_visible_to, list_procedures
from openbeian.documents.actions.store_document import store_document
from openbeian.documents.decisions import refuse_upload
from openbeian.documents.models import Document
from openbeian.entrypoints.web.case_wording import say_text
from openbeian.entrypoints.web.charge_view import find_charge
from openbeian.entrypoints.web.gates import PortalRequest, needs
from openbeian.entrypoints.web.history import describe_history
from openbeian.entrypoints.web.licence_view import RISKS, make_view, make_views
from openbeian.entrypoints.web.listing import PAGE_SIZES, read_listing
from openbeian.entrypoints.web.obligation_view import summarise
from openbeian.entrypoints.web.once import start_once
from openbeian.entrypoints.web.renewal_pack import list_renewal_needs
from openbeian.entrypoints.web.sheets import answer_with_sheet
from openbeian.entrypoints.web.views.case_papers import find_limits, read_upload
from openbeian.entrypoints.web.views.errors import PageMissing
from openbeian.entrypoints.web.views.reports import list_report_years
from openbeian.kernel.dates import read_date
from openbeian.kernel.text import Text
from openbeian.obligations.queries import list_obligations_visible_to
from openbeian.privacy.masking import mask_name
from openbeian.registry.actions.obtain_licence_paper import obtain_licence_paper
from openbeian.registry.errors import RecordNotYours
from openbeian.registry.lookup import STANDINGS
from openbeian.registry.models import Licence
from openbeian.registry.queries import get_licence, list_licences_visible_to, list_number_resources_visible_to
from openbeian.rules.code_tables import load_code_tables

ORDERS = ("valid_until", "-valid_until", "number", "holder", "-changed_at")
MOST_NUMBERS, MOST_DOCUMENTS = 100, 50
_CHUNK = 500


@require_safe
@needs("record.read")
def list_licences(request: PortalRequest) -> HttpResponseBase:
    """`?q=&standing=&business=&sort=&size=&page=`; `?export=csv|xlsx` gives the same rows as a file."""
    businesses = {row.id: row.label for row in load_code_tables().businesses}
    offered = {"standing": frozenset({"active", "cancelled"}), "business": frozenset(businesses)}
    listing = read_listing(request.GET, offered, ORDERS)
    found = _search(list_licences_visible_to(request.actor), listing.words, listing.filters)
    found = found.order_by(listing.order, "pk")
    export = request.GET.get("export")
    if export in {"csv", "xlsx"}:
        return answer_with_sheet("licences", export, _head(request), _rows(request, found))
    page = listing.paginate(found)
    numbers = list_number_resources_visible_to(request.actor).order_by("number")
    context = {
        "page": page,
        "views": make_views(page.object_list),
        "listing": listing,
        "sizes": PAGE_SIZES,
        "standings": STANDINGS,
        "businesses": businesses,
        "numbers": [(n, STANDINGS[n.standing]) for n in numbers[:MOST_NUMBERS]],
        "may_write": request.actor.may("case.write"),
        "token": get_random_string(24),
    }
    return render(request, "openbeian/licences/list.html", context)


def _search(licences: QuerySet[Licence], words: str, filters: dict[str, str]) -> QuerySet[Licence]:
    if words:
        licences = licences.filter(Q(number__icontains=words) | Q(holder__icontains=words))
    if "standing" in filters:
        licences = licences.filter(standing=filters["standing"])
    if "business" in filters:
        # The quotation marks keep B26 from finding B26-1; the text works the same on both databases.
        licences = licences.filter(businesses__icontains=f'"{filters["business"]}"')
    return licences


@require_safe
@needs("record.read")
def show_licence(request: PortalRequest, licence_id: int) -> HttpResponse:
    """Raises: RecordNotYours."""
    licence = get_licence(request.actor, licence_id)
    cases = list_cases_visible_to(request.actor).filter(licence=licence).defer("form", "before").order_by("-pk")
    open_case = Case.objects.filter(licence=licence, is_open=True).defer("form", "before").first()
    is_own = licence.organisation_id == request.actor.organisation_id
    view = make_view(licence, open_case)
    context: dict[str, Any] = {
        "view": view,
        "licence": licence,
        "standing": STANDINGS[licence.standing],
        "is_own": is_own,
        "may_write": is_own and request.actor.may("case.write") and licence.standing == "active",
        "procedures": [p for p in list_procedures() if p.form == FORM and p.subject == "licence"],
        "cases": [(c, get_procedure(c.procedure), get_procedure(c.procedure).state(c.state)) for c in cases[:20]],
        "legal_representative": mask_name(licence.legal_representative),
        "people": [(mask_name(str(p["name"])), p["role"]) for p in licence.people],
        "numbers": licence.number_resources.order_by("number")[:MOST_NUMBERS],
        "documents": _list_documents(licence, [c.pk for c in cases[:100]]),
        "pack": list_renewal_needs(licence, open_case) if is_own and view.cover.procedure == "licence_renewal" else [],
        "report_years": list_report_years(licence),
        "owed": summarise(request.actor, _owed(request, licence)),
        "owed_url": f"{reverse('obligations')}?subject=licence:{licence.pk}",
        "charge": find_charge(request.actor, "licence", licence.pk, is_own=is_own),
        "history": describe_history("licence", licence.pk),
        "token": get_random_string(24),
    }
    return render(request, "openbeian/licences/detail.html", context)


def _owed(request: PortalRequest, licence: Licence) -> QuerySet[Any]:
    return list_obligations_visible_to(request.actor).filter(subject_kind="licence", subject_id=licence.pk)


def _list_documents(licence: Licence, case_ids: list[int]) -> QuerySet[Document]:
    """The licence's own papers and those of its applications, newest first."""
    own = Q(subject_kind="licence", subject_id=str(licence.pk))
    of_cases = Q(subject_kind="case", subject_id__in=[str(pk) for pk in case_ids])
    return Document.objects.filter(own | of_cases, removed_at__isnull=True).order_by("-pk")[:MOST_DOCUMENTS]


@require_POST
@needs("case.write")
def start(request: PortalRequest) -> HttpResponse:
    """Starts an application and opens its first step. The same page sent twice opens the same draft.

    Raises: RecordNotYours, ProcedureUnfit, OpenCaseExists, PageMissing for an unknown procedure.
    """
    known = {p.id for p in list_procedures() if p.form == FORM}
    procedure_id = request.POST.get("procedure", "")
    if procedure_id not in known:
        raise PageMissing
    licence = request.POST.get("licence", "")
    licence_id = int(licence) if licence.isascii() and licence.isdecimal() and len(licence) < 12 else None
    case_id, is_repeated = start_once(
        request, lambda: start_licence_case(request.actor, procedure_id, licence_id=licence_id)
    )
    return redirect("case" if is_repeated else "case_form_start", case_id)


@require_POST
@needs("case.write")
def obtain_paper(request: PortalRequest, licence_id: int) -> HttpResponse:
    """The paper has come; with the end that is printed on it, that end decides. Raises: RecordNotYours, LicenceUnfit."""
    text = request.POST.get("printed_end", "").strip()
    obtain_licence_paper(request.actor, licence_id, read_date(text) if text else None)
    messages.success(request, say_text(request, Text("已登记领到的许可证。", "The paper is noted.")))
    return redirect("licence", licence_id)


@require_POST
@needs("case.write")
def hand_in(request: PortalRequest, licence_id: int) -> HttpResponse:
    """Keeps the printed licence or its electronic form as a document. Raises: RecordNotYours, UploadRefused."""
    licence = get_licence(request.actor, licence_id)
    if licence.organisation_id != request.actor.organisation_id:
        raise RecordNotYours
    limits = find_limits(None, "")
    file = request.FILES.get("file")
    if file is None:
        raise refuse_upload("empty")
    name, content = read_upload(file, limits)
    store_document(request.actor, ("licence", licence.pk), material="licence", name=name, content=content, limits=limits, concerns=(licence.organisation_id,))  # fmt: skip
    messages.success(request, say_text(request, Text("已上传。", "Uploaded.")))
    return redirect("licence", licence.pk)


def _head(request: PortalRequest) -> list[str]:
    words = (
        Text("许可证号", "Licence"),
        Text("持证人", "Holder"),
        Text("业务种类", "Businesses"),
        Text("未开通", "Not open"),
        Text("覆盖范围", "Area"),
        Text("发证机关", "Authority"),
        Text("发证日期", "Issued on"),
        Text("有效期至", "Valid until"),
        Text("剩余天数", "Days left"),
        Text("续期最后一日", "Renew by"),
        Text("断档风险", "Gap risk"),
        Text("状态", "State"),
        Text("说明", "Remarks"),
    )
    return [say_text(request, word) for word in words]


def _rows(request: PortalRequest, found: QuerySet[Licence]) -> Iterator[list[Any]]:
    last = 0
    ids = list(found.values_list("pk", flat=True))
    while part := ids[last : last + _CHUNK]:
        last += _CHUNK
        rows = {row.pk: row for row in found.filter(pk__in=part)}
        for view in make_views(rows[pk] for pk in part if pk in rows):
            row, cover = view.licence, view.cover
            yield [
                row.number,
                row.holder,
                view.codes,
                "、".join(cover.unopened),
                say_text(request, view.areas),
                say_text(request, view.authority),
                row.issued_on.isoformat(),
                row.valid_until.isoformat(),
                str(cover.days_left),
                cover.apply_by.isoformat(),
                say_text(request, RISKS[cover.risk][0]),
                say_text(request, STANDINGS[row.standing]),
                say_text(request, cover.sentence),
            ]
