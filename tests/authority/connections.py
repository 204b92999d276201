"""A connection in the database, and cases that go over it, for tests."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image
from tests.authority.samples import PROVIDER
from tests.cases.factories import World, approve, fill, make_world

from openbeian.authority.models import Connection
from openbeian.cases.actions.start_case import start_case
from openbeian.cases.actions.submit_case import submit_case
from openbeian.cases.models import Case
from openbeian.documents.file_storage import get_storage
from openbeian.documents.models import Document
from openbeian.kernel import clock


def make_connection(world: World, url: str = "http://127.0.0.1:1", **values: Any) -> Connection:
    defaults: dict[str, Any] = {
        "provider": world.provider,
        "province": "京",
        "url": url,
        "provider_number": PROVIDER,
        "user": "demo",
        "password": "demo-password",
        "aes_key": "0123456789abcdef",
        "aes_offset": "0123456789abcdef",
        "created_at": clock.now(),
    }
    return Connection.objects.create(**(defaults | values))


def make_interface_world() -> World:
    return make_world(channel="interface")


def draw_picture(side: int = 60) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (side, side), (10, 120, 200)).save(written, "JPEG")
    return written.getvalue()


def give_papers_files(case: Case) -> None:
    """The papers of a test's case are rows; here each gets a picture."""
    import hashlib

    content = draw_picture()
    for document in Document.objects.filter(subject_kind="case", subject_id=str(case.pk)):
        get_storage().put(document.stored_name, content)
    Document.objects.filter(subject_kind="case", subject_id=str(case.pk)).update(
        sha256=hashlib.sha256(content).hexdigest(), size_bytes=len(content)
    )


def make_approved_case(world: World, procedure: str = "first_filing", **values: Any) -> Case:
    """A case that passed first review and waits to be forwarded over the interface."""
    draft = start_case(world.applicant, procedure)
    case = fill(world, draft, **values)
    give_papers_files(case)
    return approve(world, submit_case(world.applicant, case.pk))
