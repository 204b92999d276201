"""证据包: what one probe saw, listed with its digests, shown as inert text, taken away as a ZIP."""

from __future__ import annotations

import codecs

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from openbeian.entrypoints.web.documents import answer_with_file
from openbeian.entrypoints.web.gates import PortalRequest, needs
from openbeian.journal.models import Entry
from openbeian.supervision.errors import EvidenceNotYours
from openbeian.supervision.evidence import read_item, read_pack
from openbeian.supervision.queries import get_pack, list_findings_visible_to

_PICTURE = "image/png"


@require_safe
@needs("record.read")
def show_pack(request: PortalRequest, pack_id: int) -> HttpResponse:
    pack = get_pack(request.actor, pack_id)
    findings = list(list_findings_visible_to(request.actor).filter(packs=pack).order_by("pk"))
    entries = Entry.objects.filter(
        event="evidence.kept", subject_kind="finding", subject_id__in=[str(f.pk) for f in findings]
    )
    chained = [e for e in entries.order_by("sequence") if (e.after or {}).get("pack") == pack.pk]
    items = list(enumerate(pack.items))
    context = {
        "pack": pack,
        "findings": findings,
        "items": items,
        "picture": next((number for number, item in items if item["media_type"] == _PICTURE), None),
        "chained": chained,
    }
    return render(request, "openbeian/findings/evidence.html", context)


@require_safe
@needs("record.read")
def download_pack(request: PortalRequest, pack_id: int) -> HttpResponse:
    pack = get_pack(request.actor, pack_id)
    return answer_with_file(read_pack(pack), "application/zip", f"evidence-{pack.pk}.zip", is_download=True)


@require_safe
@needs("record.read")
def show_item(request: PortalRequest, pack_id: int, number: int) -> HttpResponse:
    """The picture as a picture; everything else as plain text that no browser runs, or as a download."""
    pack = get_pack(request.actor, pack_id)
    if number >= len(pack.items):
        raise EvidenceNotYours
    item, content = read_item(pack, number)
    if item["media_type"] == _PICTURE:
        return answer_with_file(content, _PICTURE, item["name"], is_download=False)
    is_text = item["media_type"] in {"text/plain", "application/json"}
    kind = f"text/plain; charset={_name_charset(item.get('charset', ''))}" if is_text else "application/octet-stream"
    return answer_with_file(content, kind, item["name"], is_download=not is_text)


def _name_charset(name: str) -> str:
    """A charset that Python knows too, so that nothing of the site's stands in our header."""
    try:
        return codecs.lookup(name).name
    except LookupError:
        return "utf-8"
