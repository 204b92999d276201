"""导入备案清单: upload, look at what would happen, confirm; the work itself is a job."""

from __future__ import annotations

from urllib.parse import quote

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from openbeian.entrypoints.web.forms import PortalForm
from openbeian.entrypoints.web.gates import PortalRequest, needs
from openbeian.entrypoints.web.wording import both, reader_language
from openbeian.kernel.actor import NotPermitted
from openbeian.kernel.errors import OpenBeianError
from openbeian.registry.actions.import_portfolio import import_portfolio
from openbeian.registry.actions.request_import import request_import
from openbeian.registry.errors import SheetUnreadable
from openbeian.registry.portfolio_columns import COLUMNS
from openbeian.registry.portfolio_uploads import keep_upload, read_upload
from openbeian.registry.sheets.reading import LARGEST_BYTES, read_sheet
from openbeian.registry.sheets.template import FILE_NAME, write_template
from openbeian.rules.code_tables import load_code_tables

CHECKED_ROWS = 2_000
"""How many rows the preview looks at; the job looks at all of them before it writes any."""
SHOWN_PROBLEMS = 100
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class UploadForm(PortalForm):
    file = forms.FileField(
        label=both("文件", "File"),
        help_text=both("xlsx 或 CSV，最大 64 MB、20 万行。", "xlsx or CSV, up to 64 MB and 200,000 rows."),
    )


@needs("import.run")
def upload(request: PortalRequest) -> HttpResponse:
    """A file that can be read goes on to its preview; nothing of it is on record yet."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            return redirect("preview_portfolio", _keep(request, form.cleaned_data["file"]))
        except OpenBeianError as refusal:
            form.add_error("file", refusal.text(reader_language()))
    required = [c.heading for c in COLUMNS if c.required]
    context = {"form": form, "required": required}
    return render(request, "openbeian/imports/upload.html", context, status=422 if form.errors else 200)


def _keep(request: PortalRequest, file: UploadedFile) -> str:
    if request.actor.organisation_id is None:
        raise NotPermitted(permission="import.run")
    if (file.size or 0) > LARGEST_BYTES:
        raise SheetUnreadable.because("large", megabytes=LARGEST_BYTES // 1024**2)
    content: bytes = file.read()
    import_portfolio(request.actor, read_sheet(content), check_only=True, first_rows=1)
    return keep_upload(request.actor.organisation_id, content)


@needs("import.run")
def preview(request: PortalRequest, upload: str) -> HttpResponse:
    """What would happen with these choices; confirming twice starts one job."""
    chosen = request.POST if request.method == "POST" else request.GET
    partial, update = chosen.get("partial") == "1", chosen.get("update") == "1"
    if request.method == "POST":
        return redirect("job", request_import(request.actor, upload, partial=partial, update=update).pk)
    sheet = read_sheet(read_upload(request.actor.organisation_id or 0, upload))
    report = import_portfolio(request.actor, sheet, update=update, check_only=True, first_rows=CHECKED_ROWS)
    context = {
        "report": report,
        "problems": [p.as_json() for p in report.problems[:SHOWN_PROBLEMS]],
        "is_partly_checked": report.rows >= CHECKED_ROWS,
        "checked": CHECKED_ROWS,
        "partial": partial,
        "update": update,
        "can_import": report.rows > 0 and (report.refused == 0 or partial),
    }
    return render(request, "openbeian/imports/preview.html", context)


@require_safe
@needs("import.run")
def download_template(request: PortalRequest) -> HttpResponse:
    response = HttpResponse(write_template(load_code_tables()), content_type=XLSX)
    response.headers["Content-Disposition"] = (
        f"attachment; filename=portfolio.xlsx; filename*=UTF-8''{quote(FILE_NAME)}"
    )
    return response
