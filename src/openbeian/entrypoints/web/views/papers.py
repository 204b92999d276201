"""Signed papers: checked by anybody who has the file, printed by those who may see what they are of."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from typing import Any, BinaryIO, cast

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from openbeian.cases.actions.build_pack import build_pack
from openbeian.cases.queries import get_case
from openbeian.documents.actions.issue_licence_extract import issue_licence_extract
from openbeian.documents.errors import PaperNotFound
from openbeian.documents.lookup import verify_extract, verify_paper
from openbeian.documents.models import Paper
from openbeian.documents.paper import get_signing_keys, render_paper
from openbeian.documents.queries import find_paper
from openbeian.documents.verification import FileVerdict, verify_file
from openbeian.entrypoints.web.documents import DOCUMENT_POLICY, answer_with_file
from openbeian.entrypoints.web.gates import PortalRequest, needs, public
from openbeian.entrypoints.web.limiting import TooManyTries, check_rate
from openbeian.kernel.actor import Actor
from openbeian.kernel.text import Text
from openbeian.registry.errors import RecordNotYours
from openbeian.registry.queries import get_licence
from openbeian.supervision.inspections.errors import InspectionNotYours
from openbeian.supervision.inspections.queries import get_inspection
from openbeian.supervision.reporting.actions.issue_receipt import issue_receipt
from openbeian.supervision.reporting.errors import ReportNotYours
from openbeian.supervision.reporting.queries import get_report

LARGEST_BYTES = 64 * 1024 * 1024
LARGEST_SIGNATURE_BYTES = 4096
MOST_CHECKS = 30
WINDOW_MINUTES = 5
TONES = {
    "genuine": ("good", "circle-check", Text("真实且未改动", "Genuine and unchanged")),
    "changed": ("bad", "octagon-alert", Text("已被改动", "Changed")),
    "foreign": ("bad", "circle-x", Text("不是本系统出具", "Not from here")),
    "unsigned": ("calm", "circle-question-mark", Text("没有签名，无法判断", "Not signed: cannot tell")),
}
_NO_FILE = Text("请选择要核验的文件。", "Choose the file to check.")
_TOO_LARGE = Text(
    "文件超过 64 MB，请用命令“openbeian certificate verify”核验。",
    "The file is over 64 MB; check it with `openbeian certificate verify`.",
)


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def verify_upload(request: HttpRequest) -> HttpResponse:
    """The file is read, judged and forgotten; nothing of it is stored. `code` instead leads to the paper's page."""
    if code := request.GET.get("code", "").strip():
        return redirect("verify", code[:40].replace("/", "") or "-")
    context: dict[str, Any] = {}
    status = 200
    if request.method == "POST":
        try:
            check_rate(request, "verify", most=MOST_CHECKS, per_minutes=WINDOW_MINUTES)
            context = _judge(request)
        except TooManyTries as refusal:
            context, status = {"refusal": refusal.text}, refusal.status
    return render(request, "openbeian/public/verify_file.html", context, status=400 if "fault" in context else status)


def _judge(request: HttpRequest) -> dict[str, Any]:
    file, beside = request.FILES.get("file"), request.FILES.get("signature")
    if file is None or file.file is None:
        return {"fault": _NO_FILE}
    if (file.size or 0) > LARGEST_BYTES:
        return {"fault": _TOO_LARGE}
    told = beside.read(LARGEST_SIGNATURE_BYTES + 1) if beside else None
    found = verify_file(cast(BinaryIO, file.file), get_signing_keys(), told)
    tone, icon, word = TONES[found.verdict]
    return {"found": found, "tone": tone, "icon": icon, "word": word, "name": file.name, **_find_record(found)}


def _find_record(found: FileVerdict) -> dict[str, Any]:
    """What is on record of a genuine paper."""
    if found.verdict != "genuine" or found.signature is None:
        return {}
    code = found.signature.statement.code
    verification = verify_extract(code) or verify_paper(code)
    return {"code": code, "verification": verification, "signed": found.signature}


@public
@require_safe
def show_signing_keys(request: HttpRequest) -> HttpResponse:
    """The public keys of this installation, for `openbeian certificate verify --keys` anywhere else."""
    return JsonResponse(get_signing_keys().publish())


@require_POST
@needs("case.read")
def download_pack(request: PortalRequest, case_id: int) -> HttpResponseBase:
    """Everything of a case as a signed ZIP, or as one signed PDF with `form=pdf`. Raises: CaseNotYours, PackTooLarge."""
    form = request.POST.get("form")
    out = tempfile.TemporaryFile()  # noqa: SIM115  the response closes it when it has been sent
    try:
        case = get_case(request.actor, case_id)
        build_pack(request.actor, case.pk, "pdf" if form == "pdf" else "zip", _base_url(request), out)
    except BaseException:
        out.close()
        raise
    out.seek(0)
    kind = "application/pdf" if form == "pdf" else "application/zip"
    response = FileResponse(out, content_type=kind)
    suffix = "pdf" if form == "pdf" else "zip"
    response.headers["Content-Disposition"] = content_disposition_header(True, f"{case.reference}.{suffix}") or ""
    response.headers["Content-Security-Policy"] = DOCUMENT_POLICY
    response.headers["Cache-Control"] = "private, no-store"
    return response


@require_POST
@needs("record.read")
def print_licence_extract(request: PortalRequest, licence_id: int) -> HttpResponse:
    paper = issue_licence_extract(request.actor, licence_id)
    return redirect("paper_file", code=paper.code)


@require_POST
@needs("record.read")
def print_receipt(request: PortalRequest, report_id: int) -> HttpResponse:
    """Raises: ReportNotYours, ReportNotHandedIn."""
    paper = issue_receipt(request.actor, report_id)
    return redirect("paper_file", code=paper.code)


@require_safe
@needs("record.read")
def show_paper_file(request: PortalRequest, code: str) -> HttpResponse:
    """The signed PDF, to those who may see what it is of; the public verifies the code instead."""
    paper = find_paper(code)
    if paper is None or not _may_see(request.actor, paper):
        raise PaperNotFound
    pdf = render_paper(paper, _base_url(request))
    return answer_with_file(pdf, "application/pdf", f"{paper.code}.pdf", is_download=True)


def _may_see(actor: Actor, paper: Paper) -> bool:
    if paper.kind == "case_pack":
        # Its file holds the papers of the case, which only the case's own page gives.
        return False
    look = _LOOKS.get(paper.subject_kind)
    if look is None:
        return False
    try:
        look(actor, int(paper.subject_id))
    except (RecordNotYours, ReportNotYours, InspectionNotYours):
        return False
    return True


_LOOKS: dict[str, Callable[[Actor, int], object]] = {
    "licence": get_licence,
    "annual_report": get_report,
    "inspection": get_inspection,
}


def _base_url(request: HttpRequest) -> str:
    return settings.PUBLIC_URL or f"{request.scheme}://{request.get_host()}"
