"""The papers of a case: what is asked and why, handing in, looking at, replacing and taking back."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from openbeian.cases.checking import check_case
from openbeian.cases.decisions.checks import compute_facts, list_required_papers
from openbeian.cases.decisions.form_values import find_value
from openbeian.cases.errors import CaseFrozen, CaseNotYours
from openbeian.cases.limits import get_number
from openbeian.cases.models import Case
from openbeian.cases.queries import get_case, get_materials, get_procedure, get_sides
from openbeian.documents.actions.remove_document import remove_document
from openbeian.documents.actions.store_document import store_document
from openbeian.documents.decisions import FORMATS, UploadLimits, describe_bytes, refuse_upload
from openbeian.documents.errors import DocumentNotFound
from openbeian.documents.models import Document
from openbeian.documents.queries import get_document, list_documents_of
from openbeian.entrypoints.web.case_wording import say_text
from openbeian.entrypoints.web.documents import answer_with_document
from openbeian.entrypoints.web.filing_form.sections import PAPERS, list_sections, list_stops
from openbeian.entrypoints.web.filing_form.showing import make_anchor
from openbeian.entrypoints.web.gates import PortalRequest, needs
from openbeian.entrypoints.web.policies import find_cycle_notice
from openbeian.entrypoints.web.views.errors import PageMissing
from openbeian.kernel import clock
from openbeian.kernel.errors import OpenBeianError
from openbeian.kernel.text import Text
from openbeian.rules.code_tables import load_code_tables
from openbeian.rules.errors import RuleUnknown
from openbeian.rules.forms import Material


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper that the case asks for, of one owner, with what was handed in for it."""

    material: Material
    owner: str
    owner_name: str
    anchor: str
    documents: tuple[Document, ...]
    max_size: str

    @property
    def accept(self) -> str:
        """For the browser's file picker."""
        return ",".join(sorted({FORMATS[f] for f in self.material.formats}))

    @property
    def formats(self) -> str:
        return "、".join(f.upper() for f in self.material.formats)


def list_papers(case: Case) -> list[Paper]:
    """Every paper of the case with its documents, in the order of the procedure."""
    procedure = get_procedure(case.procedure)
    facts = compute_facts(procedure, case.form, load_code_tables())
    handed_in: dict[tuple[str, str], list[Document]] = {}
    for document in list_documents_of("case", case.pk):
        handed_in.setdefault((document.material, document.path), []).append(document)
    return [
        Paper(
            material,
            owner,
            "" if owner == "sponsor" else _name_owner(case, path),
            make_anchor(f"{PAPERS}.{material.id}.{path}"),
            tuple(handed_in.get((material.id, owner), ())),
            describe_bytes(find_limits(material, case.province).max_bytes),
        )
        for material, owner, path in list_required_papers(procedure, get_materials(procedure.form), case.form, facts)
    ]


def _name_owner(case: Case, path: str) -> str:
    """The service's name, or its place in the form while it has none."""
    return str(
        find_value(case.form, f"{path}.name")
        or find_value(case.form, f"{path}.code")
        or f"#{int(path.rpartition('.')[2]) + 1}"
    )


def find_limits(material: Material | None, province: str) -> UploadLimits:
    """The bounds of an upload: the material's own rule where the rulebook has one, else that of all uploads."""
    today = clock.today()
    most = get_number("filing.upload.max_bytes", today, province)
    if material is None:
        return UploadLimits(max_bytes=most)
    with contextlib.suppress(RuleUnknown):
        most = get_number(f"filing.{material.id}.max_bytes", today, province)
    media_types = tuple(dict.fromkeys(FORMATS[f] for f in material.formats))
    return UploadLimits(max_bytes=most, min_side_px=material.min_pixels, media_types=media_types)


def read_upload(file: UploadedFile, limits: UploadLimits) -> tuple[str, bytes]:
    """Name and bytes of a sent file. Raises: UploadRefused before reading one that is too large."""
    if (file.size or 0) > limits.max_bytes:
        raise refuse_upload("too_large", limit=describe_bytes(limits.max_bytes))
    return str(file.name or ""), file.read()


@needs("case.write")
@require_safe
def show_papers(request: PortalRequest, case_id: int) -> HttpResponse:
    """The step of the papers. Raises: CaseNotYours, CaseFrozen."""
    return _show(request, _get_editable(request, case_id))


def _show(
    request: PortalRequest, case: Case, *, refusal: OpenBeianError | None = None, refused_at: str = ""
) -> HttpResponse:
    procedure = get_procedure(case.procedure)
    section = next((s for s in list_sections(case) if s.id == PAPERS), None)
    if section is None:
        raise PageMissing
    stops = list_stops(case, PAPERS, check_case(case))
    here = next(i for i, stop in enumerate(stops) if stop.is_current)
    context: dict[str, Any] = {
        "case": case,
        "procedure": procedure,
        "section": section,
        "stops": stops,
        "previous": stops[here - 1],
        "next": stops[here + 1],
        "papers": list_papers(case),
        "refusal": refusal,
        "refused_at": refused_at,
        "show_all": "check" in request.GET,
        "cycle": find_cycle_notice(procedure, case.organisation_id),
    }
    return render(request, "openbeian/cases/papers.html", context, status=refusal.status if refusal else 200)


@needs("case.write")
@require_POST
def hand_in_paper(request: PortalRequest, case_id: int) -> HttpResponse:
    """Stores a file for a paper of the case; with `replaces` the older one is taken back afterwards.

    Raises: CaseNotYours, CaseFrozen, PageMissing for a paper that the case does not ask for.
    """
    case = _get_editable(request, case_id)
    wanted = (request.POST.get("material", ""), request.POST.get("owner", ""))
    paper = next((p for p in list_papers(case) if (p.material.id, p.owner) == wanted), None)
    if paper is None:
        raise PageMissing
    limits = find_limits(paper.material, case.province)
    try:
        if not request.FILES.getlist("file"):
            raise refuse_upload("empty")
        for file in request.FILES.getlist("file")[:6]:
            name, content = read_upload(file, limits)
            store_document(
                request.actor,
                ("case", case.pk),
                material=paper.material.id,
                name=name,
                content=content,
                limits=limits,
                path=paper.owner,
            )
    except OpenBeianError as refusal:
        if refusal.status >= 500:
            raise
        return _show(request, case, refusal=refusal, refused_at=paper.anchor)
    replaced = request.POST.get("replaces", "")
    if replaced.isdecimal() and int(replaced) in {d.pk for d in paper.documents}:
        remove_document(request.actor, ("case", case.pk), int(replaced))
    messages.success(request, say_text(request, Text("已上传。", "Uploaded.")))
    return redirect(f"{reverse('case_papers', args=[case.pk])}#{paper.anchor}")


@needs("case.write")
@require_POST
def take_back_paper(request: PortalRequest, case_id: int, document_id: int) -> HttpResponse:
    """Takes a paper back. Raises: CaseNotYours, CaseFrozen, DocumentNotFound."""
    case = _get_editable(request, case_id)
    document = remove_document(request.actor, ("case", case.pk), document_id)
    messages.success(
        request, say_text(request, Text("已移除「{n}」。", "“{n}” was removed.").format(n=document.original_name))
    )
    return redirect("case_papers", case.pk)


@needs("case.read")
@require_safe
def show_case_document(request: PortalRequest, case_id: int, document_id: int) -> HttpResponse:
    """A document of a case the reader may see. Raises: CaseNotYours, DocumentNotFound, DocumentDamaged."""
    case = get_case(request.actor, case_id)
    document = get_document(document_id)
    if (document.subject_kind, document.subject_id) != ("case", str(case.pk)):
        raise DocumentNotFound
    return answer_with_document(document)


def _get_editable(request: PortalRequest, case_id: int) -> Case:
    case = get_case(request.actor, case_id)
    state = get_procedure(case.procedure).state(case.state)
    if "applicant" not in get_sides(request.actor, case):
        raise CaseNotYours
    if not state.is_editable:
        raise CaseFrozen(state=state.label)
    return case
