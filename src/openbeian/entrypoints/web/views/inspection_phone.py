"""The inspection on a phone: a page that works without network, and what it synchronises with."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.templatetags.static import static
from django.views.decorators.http import require_POST, require_safe

from openbeian.entrypoints.web.gates import PortalRequest, needs, public
from openbeian.kernel.errors import OpenBeianError
from openbeian.supervision.inspections.actions.keep_photo import keep_photo
from openbeian.supervision.inspections.actions.keep_signature import keep_signature
from openbeian.supervision.inspections.actions.sync_entries import sync_entries
from openbeian.supervision.inspections.checklist import find_citation, get_checklist
from openbeian.supervision.inspections.decisions import ANSWERS, ROLES, STATES
from openbeian.supervision.inspections.errors import InspectionNotYours, PictureUnfit, SyncUnfit
from openbeian.supervision.inspections.models import Entry, Inspection
from openbeian.supervision.inspections.queries import (
    find_standing,
    get_inspection,
    is_assigned,
    list_signatures,
)

LARGEST_SYNC_BYTES = 2 * 1024 * 1024
LARGEST_PICTURE_BYTES = 16 * 1024 * 1024
STYLES = ("portal.css", "forms.css", "components.css", "inspection_phone.css")
SCRIPTS = ("inspection_store.js", "inspection_pictures.js", "inspection_phone.js")

PhoneView = Callable[..., HttpResponse]


def answers_with_json(view: PhoneView) -> PhoneView:
    """A refusal as JSON with its faults: the phone shows them beside what they are about and keeps everything."""

    @wraps(view)
    def answered(request: PortalRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except OpenBeianError as refusal:
            return JsonResponse(refusal.as_json(), status=refusal.status)

    return answered


@require_safe
@needs("inspection.conduct")
def show_phone(request: PortalRequest) -> HttpResponse:
    """The empty page; what stands on it comes from the phone's own store. No record is in it, so a phone may keep it."""
    return render(request, "openbeian/inspections/phone.html", {"styles": STYLES, "scripts": SCRIPTS, "roles": ROLES})


@require_safe
@public
def show_worker(request: HttpRequest) -> HttpResponse:
    """The service worker: it keeps the page and its files, so that they open without network. Nothing personal."""
    files = [static(f"openbeian/{name}") for name in (*STYLES, *SCRIPTS)]
    version = hashlib.sha256(json.dumps([settings.VERSION, *files]).encode()).hexdigest()[:12]
    context = {"cache": f"inspection-{version}", "files": files}
    response = render(request, "openbeian/inspections/worker.js", context, content_type="text/javascript")
    response.headers["Cache-Control"] = "no-cache"
    return response


@require_safe
@needs("inspection.conduct")
@answers_with_json
def show_data(request: PortalRequest, inspection_id: int) -> HttpResponse:
    """Everything that the phone needs, and a token for sending. Only to the two inspectors."""
    inspection = _get_own(request, inspection_id)
    return JsonResponse({"csrf": get_token(request), **_describe(inspection)})


def _get_own(request: PortalRequest, inspection_id: int) -> Inspection:
    inspection = get_inspection(request.actor, inspection_id)
    if not is_assigned(request.actor, inspection):
        raise InspectionNotYours
    return inspection


def _describe(inspection: Inspection) -> dict[str, Any]:
    checklist = get_checklist()
    names = {
        str(uuid): name
        for uuid, name in Entry.objects.filter(inspection=inspection).values_list("uuid", "made_by_name")
    }
    return {
        "id": inspection.pk,
        "reference": inspection.reference,
        "title": inspection.title,
        "number": inspection.number,
        "state": inspection.state,
        "state_label": STATES[inspection.state].as_json(),
        "is_open": inspection.state in {"planned", "under_way"},
        "inspectors": list(inspection.assignments.order_by("place").values_list("name", flat=True)),
        "answers": {key: label.as_json() for key, label in ANSWERS.items()},
        "groups": [{"id": key, **label.as_json()} for key, label in checklist.groups.items()],
        "items": [
            {
                "id": item.id,
                "group": item.group,
                "title": item.title.as_json(),
                "how": item.how.as_json(),
                "ground": find_citation(item).as_json(),
                "photo": item.wants_photo,
            }
            for item in checklist.items.values()
        ],
        "standing": {
            item: [{"uuid": h.uuid, "answer": h.answer, "note": h.note, "by": names.get(h.uuid, "")} for h in heads]
            for item, heads in find_standing(inspection).items()
        },
        "photos": [
            {"uuid": str(p.uuid), "item": p.item, "taken_at": p.taken_at.isoformat(), "doubt": p.doubt}
            for p in inspection.photos.order_by("taken_at")
        ],
        "signatures": {r: {"uuid": str(s.uuid), "signer": s.signer} for r, s in list_signatures(inspection).items()},
    }


@require_POST
@needs("inspection.conduct")
@answers_with_json
def sync(request: PortalRequest, inspection_id: int) -> HttpResponse:
    """JSON `{"entries": […]}`; the answer tells what became of each. Safe to send again. Raises: SyncUnfit."""
    length = request.headers.get("Content-Length", "")
    if not length.isdecimal() or int(length) > LARGEST_SYNC_BYTES:
        raise SyncUnfit
    try:
        told = json.loads(request.body)
    except (ValueError, RecursionError) as broken:
        raise SyncUnfit from broken
    done = sync_entries(request.actor, inspection_id, told)
    return JsonResponse(
        {
            "taken": done.taken,
            "known": done.known,
            "refused": {uuid: [f.as_json() for f in faults] for uuid, faults in done.refused.items()},
            "conflicts": done.conflicts,
        }
    )


@require_POST
@needs("inspection.conduct")
@answers_with_json
def take_photo(request: PortalRequest, inspection_id: int) -> HttpResponse:
    """`told` (JSON) and `file`. Safe to send again. Raises: PictureUnfit, UploadRefused."""
    photo = keep_photo(request.actor, inspection_id, _read_told(request), _read_file(request))
    return JsonResponse({"taken": str(photo.uuid), "taken_at": photo.taken_at.isoformat(), "doubt": photo.doubt})


@require_POST
@needs("inspection.conduct")
@answers_with_json
def take_signature(request: PortalRequest, inspection_id: int) -> HttpResponse:
    """`told` (JSON) and `file`. Safe to send again. Raises: PictureUnfit, UploadRefused."""
    signature = keep_signature(request.actor, inspection_id, _read_told(request), _read_file(request))
    return JsonResponse({"taken": str(signature.uuid)})


def _read_told(request: PortalRequest) -> Mapping[str, Any]:
    try:
        told = json.loads(request.POST.get("told", "")[:65536])
    except (ValueError, RecursionError) as broken:
        raise PictureUnfit from broken
    if not isinstance(told, Mapping):
        raise PictureUnfit
    return told


def _read_file(request: PortalRequest) -> bytes:
    file = request.FILES.get("file")
    if file is None or (file.size or 0) > LARGEST_PICTURE_BYTES:
        raise PictureUnfit
    return file.read()
