"""The journal: who did what, when and from where; filtered in the address, exported as shown."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from openbeian.entrypoints.web.gates import PortalRequest, needs
from openbeian.entrypoints.web.views.errors import PageMissing
from openbeian.entrypoints.web.wording import reader_language
from openbeian.journal.events import find_event, list_events
from openbeian.journal.export import write_csv, write_json_lines
from openbeian.journal.queries import list_entries_visible_to
from openbeian.journal.selection import Selection
from openbeian.kernel.text import Text

READS = ("journal.read", "installation.manage")
PAGE_SIZE = 50
DOORS = {
    "web": Text("网页", "portal"),
    "api": Text("接口", "API"),
    "cli": Text("命令行", "command line"),
    "worker": Text("系统", "system"),
}


@needs(*READS)
def show_journal(request: PortalRequest) -> HttpResponse:
    selection = Selection.read(request.GET)
    entries = selection.narrow(list_entries_visible_to(request.actor))
    page = Paginator(entries, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [(e, _sentence(e.event), DOORS.get(e.door), _changes(e.before, e.after)) for e in page],
        "events": list_events(),
        "selection": selection,
        "subject": request.GET.get("subject", ""),
    }
    return render(request, "openbeian/journal/list.html", context)


@needs(*READS)
def export_journal(request: PortalRequest, form: str) -> HttpResponseBase:
    """Exactly what the same address shows, oldest first, in constant memory. Raises: PageMissing."""
    entries = Selection.read(request.GET).narrow(list_entries_visible_to(request.actor)).order_by("sequence")
    rows = entries.iterator(chunk_size=1000)
    if form == "csv":
        response = StreamingHttpResponse(write_csv(rows, reader_language()), content_type="text/csv; charset=utf-8")
    elif form == "jsonl":
        response = StreamingHttpResponse(write_json_lines(rows), content_type="application/x-ndjson")
    else:
        raise PageMissing
    response.headers["Content-Disposition"] = f'attachment; filename="journal.{form}"'
    return response


def _sentence(event: str) -> Text:
    known = find_event(event)
    return known.sentence if known else Text(event, event)


def _changes(before: Any, after: Any) -> list[tuple[str, Any, Any]]:
    """One row for each key that differs; values that are no objects make one row without a key."""
    if not isinstance(before, dict | None) or not isinstance(after, dict | None):
        return [("", before, after)] if before != after else []
    old, new = before or {}, after or {}
    return [(key, old.get(key), new.get(key)) for key in {**old, **new} if old.get(key) != new.get(key)]
