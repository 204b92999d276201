"""Keeps a photograph of an item: with a time, unharmed on its way, once however often it is sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from openbeian.documents.actions.store_document import store_document
from openbeian.documents.inspection.photographs import read_taken_at
from openbeian.journal.actions.record_event import record_event
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor
from openbeian.kernel.errors import Fault
from openbeian.supervision.inspections.checklist import get_checklist
from openbeian.supervision.inspections.conducting import concerned, lock_to_conduct
from openbeian.supervision.inspections.decisions import judge_photo_time
from openbeian.supervision.inspections.errors import PictureUnfit
from openbeian.supervision.inspections.events import PhotoKept
from openbeian.supervision.inspections.models import Photo
from openbeian.supervision.inspections.pictures import (
    MOST_PICTURES,
    PHOTO_LIMITS,
    check_whole,
    read_typed_time,
    refuse_taken_id,
    refuse_too_many,
    refuse_without_time,
)
from openbeian.supervision.inspections.sending import read_item, read_uuid


def keep_photo(actor: Actor, inspection_id: int, told: Mapping[str, Any], content: bytes) -> Photo:
    """`told` is `{uuid, item, sha256, taken_at}`, the last needed only for a photograph that bears no time itself.

    The photograph's own time is read before the copy without metadata is stored; one typed, or long before the
    inspection, is kept with a doubt that everybody sees.

    Raises: NotPermitted, InspectionNotYours, InspectionOver, PictureUnfit, UploadRefused.
    """
    faults: list[Fault] = []
    name = read_uuid(told.get("uuid"), "uuid", faults)
    item = read_item(told.get("item"), "item", get_checklist(), faults)
    digest = check_whole(content, told.get("sha256"), faults)
    typed = read_typed_time(told.get("taken_at"), faults)
    if faults:
        raise PictureUnfit(faults=faults)
    with transaction.atomic():
        inspection = lock_to_conduct(actor, inspection_id)
        there = Photo.objects.filter(uuid=name).first()
        if there is not None:
            if there.inspection_id != inspection.pk or there.sha256 != digest:
                raise refuse_taken_id()
            return there
        inspection.open()
        if inspection.row.photos.count() >= MOST_PICTURES:
            raise refuse_too_many()
        began_at = inspection.row.began_at or clock.now()
        moment = judge_photo_time(read_taken_at(content), typed, began_at=began_at, now=clock.now())
        if moment is None:
            raise refuse_without_time()
        document = store_document(
            actor,
            ("inspection", inspection.pk),
            material="inspection_photo",
            name=f"{item}.jpg",
            content=content,
            limits=PHOTO_LIMITS,
            path=item,
            concerns=concerned(inspection.row),
        )
        photo = Photo.objects.create(
            uuid=UUID(name),
            inspection=inspection.row,
            item=item,
            document=document,
            sha256=digest,
            taken_at=moment.at,
            time_source=moment.source,
            doubt=moment.doubt,
            made_by_name=actor.name,
            received_at=clock.now(),
        )
        record_event(
            PhotoKept,
            actor,
            ("inspection", inspection.pk),
            concerns=concerned(inspection.row),
            after={
                "photo": name,
                "item": item,
                "sha256": digest,
                "taken_at": moment.at.isoformat(),
                "time_source": moment.source,
                "doubt": moment.doubt,
            },
        )
    return photo
