"""Administrations with inspectors, licences to draw from, and phones; everybody is fictional."""

from __future__ import annotations

import hashlib
import io
import itertools
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from PIL import Image
from tests.accounts.factories import make_actor, make_organisation

from openbeian.accounts.models import Organisation
from openbeian.kernel.actor import Actor
from openbeian.registry.actions.record_licence import record_licence
from openbeian.registry.models import Licence
from openbeian.supervision.inspections.actions.draw_inspections import draw_inspections
from openbeian.supervision.inspections.actions.keep_photo import keep_photo
from openbeian.supervision.inspections.actions.keep_signature import keep_signature
from openbeian.supervision.inspections.actions.sync_entries import sync_entries
from openbeian.supervision.inspections.checklist import get_checklist
from openbeian.supervision.inspections.models import Inspection
from openbeian.supervision.inspections.queries import find_standing

NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
_serial = itertools.count(1)


@dataclass
class Office:
    """An administration with an officer and inspectors, and licence holders in its area."""

    administration: Organisation
    officer: Actor
    inspectors: list[Actor]
    licences: list[Licence] = field(default_factory=list)

    def inspector_of(self, inspection: Inspection, place: int = 1) -> Actor:
        user = inspection.assignments.get(place=place).inspector_id
        return next(i for i in self.inspectors if i.user_id == user)


def make_licence(organisation: Organisation | None = None, province: str = "京") -> Licence:
    number = next(_serial)
    raw = {
        "number": f"{province}B2-2026{number:04}",
        "holder": f"北京示例科技{number}有限公司",
        "certificate_number": "91110000600037341L",
        "issued_on": "2026-03-02",
        "valid_until": "2031-03-02",
        "businesses": "B25",
        "areas": province,
    }
    return record_licence(make_actor(organisation or make_organisation(), "applicant"), raw)


def make_office(*, licences: int = 1, inspectors: int = 3, province: str = "京") -> Office:
    administration = make_organisation("administration", province=province)
    return Office(
        administration,
        make_actor(administration, "officer"),
        [make_actor(administration, "inspector") for _ in range(inspectors)],
        [make_licence(province=province) for _ in range(licences)],
    )


def make_inspection(office: Office, seed: str = "2026320") -> Inspection:
    held = draw_inspections(office.officer, "licences_special", seed)
    return held.inspections.order_by("pk").first() or Inspection()


def entry(item: str, answer: str = "met", note: str = "", bases: tuple[str, ...] = ()) -> dict[str, Any]:
    return {
        "uuid": str(uuid.uuid4()),
        "item": item,
        "answer": answer,
        "note": note,
        "bases": list(bases),
        "made_at": NOON.isoformat(),
    }


def photograph(taken: str = "2026:11:20 12:00:00", colour: str = "red") -> bytes:
    """A JPEG that tells its time in EXIF; with an empty time none."""
    out = io.BytesIO()
    picture = Image.new("RGB", (640, 480), colour)
    exif = picture.getexif()
    if taken:
        exif.get_ifd(0x8769)[36867] = taken
    picture.save(out, "JPEG", exif=exif)
    return out.getvalue()


def told_of(content: bytes, item: str, **more: Any) -> dict[str, Any]:
    return {"uuid": str(uuid.uuid4()), "item": item, "sha256": hashlib.sha256(content).hexdigest(), **more}


def signature_picture() -> bytes:
    """A name drawn, no two alike."""
    out = io.BytesIO()
    drawn = Image.new("RGBA", (600, 240), (0, 0, 0, 0))
    drawn.paste((16, 20, 26, 255), (40, 60, 60 + next(_serial) % 500, 70))
    drawn.save(out, "PNG")
    return out.getvalue()


def sign(actor: Actor, inspection: Inspection, role: str) -> None:
    content = signature_picture()
    heads = [h.uuid for of_item in find_standing(inspection).values() for h in of_item]
    told = {
        "uuid": str(uuid.uuid4()),
        "role": role,
        "signer": "王示例",
        "sha256": hashlib.sha256(content).hexdigest(),
        "signed_at": NOON.isoformat(),
        "heads": heads,
    }
    keep_signature(actor, inspection.pk, told, content)


def fill_in(actor: Actor, inspection: Inspection, **wrong: str) -> None:
    """Every item answered, all in order but `wrong`, whose names have `__` for the dot; with photograph and signatures."""
    notes = {k.replace("__", "."): v for k, v in wrong.items()}
    entries = [entry(i, "not_met" if i in notes else "met", notes.get(i, "")) for i in get_checklist().items]
    sync_entries(actor, inspection.pk, {"entries": entries})
    content = photograph()
    keep_photo(actor, inspection.pk, told_of(content, "logs.retention"), content)
    for role in ("inspector_1", "inspector_2", "inspected"):
        sign(actor, inspection, role)
