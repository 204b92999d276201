"""Keeps a signature drawn on the screen, bound to the answers that stood when it was drawn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from openbeian.documents.actions.store_document import store_document
from openbeian.journal.actions.record_event import record_event
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor
from openbeian.kernel.errors import Fault
from openbeian.kernel.text import Text
from openbeian.supervision.inspections.conducting import concerned, lock_to_conduct
from openbeian.supervision.inspections.decisions import Said, digest_answers
from openbeian.supervision.inspections.errors import PictureUnfit, fault
from openbeian.supervision.inspections.events import InspectionSigned
from openbeian.supervision.inspections.models import Inspection, Signature
from openbeian.supervision.inspections.pictures import (
    MOST_PICTURES,
    SIGNATURE_LIMITS,
    check_whole,
    refuse_taken_id,
    refuse_too_many,
)
from openbeian.supervision.inspections.queries import list_said
from openbeian.supervision.inspections.sending import LONGEST_NAME, read_moment, read_role, read_uuid, read_words

_MOST_HEADS = 500


def keep_signature(actor: Actor, inspection_id: int, told: Mapping[str, Any], content: bytes) -> Signature:
    """`told` is `{uuid, role, signer, sha256, signed_at, heads}`, `content` a PNG. Sent again it changes nothing.

    `heads` are the uuids of the entries that stood on the phone: they are what was signed, whatever came since. The
    phone sends its entries first; a signature under unknown ones is refused and sent again later.

    Raises: NotPermitted, InspectionNotYours, InspectionOver, PictureUnfit, UploadRefused.
    """
    faults: list[Fault] = []
    name = read_uuid(told.get("uuid"), "uuid", faults)
    role = read_role(told.get("role"), "role", faults)
    signer = read_words(told.get("signer", ""), "signer", LONGEST_NAME, faults)
    if not signer:
        message, fix = (
            Text("没有填写签名人姓名。", "The signer's name is missing."),
            Text("请填写姓名。", "Fill in the name."),
        )
        faults.append(fault("signer", "required", message, fix))
    signed_at = read_moment(told.get("signed_at"), "signed_at", faults)
    digest = check_whole(content, told.get("sha256"), faults)
    heads = _read_heads(told.get("heads"), faults)
    if faults or signed_at is None:
        raise PictureUnfit(faults=faults)
    with transaction.atomic():
        inspection = lock_to_conduct(actor, inspection_id)
        there = Signature.objects.filter(uuid=name).first()
        if there is not None:
            if there.inspection_id != inspection.pk or there.sha256 != digest:
                raise refuse_taken_id()
            return there
        inspection.open()
        if inspection.row.signatures.count() >= MOST_PICTURES:
            raise refuse_too_many()
        answers = digest_answers(_find_signed(inspection.row, heads))
        document = store_document(
            actor,
            ("inspection", inspection.pk),
            material="inspection_signature",
            name=f"{role}.png",
            content=content,
            limits=SIGNATURE_LIMITS,
            path=role,
            concerns=concerned(inspection.row),
        )
        signature = Signature.objects.create(
            uuid=UUID(name),
            inspection=inspection.row,
            role=role,
            signer=signer,
            document=document,
            sha256=digest,
            answers_sha256=answers,
            signed_at=signed_at,
            received_at=clock.now(),
        )
        record_event(
            InspectionSigned,
            actor,
            ("inspection", inspection.pk),
            concerns=concerned(inspection.row),
            after={"signature": name, "role": role, "sha256": digest, "answers_sha256": answers},
        )
    return signature


def _read_heads(told: Any, faults: list[Fault]) -> list[str]:
    heads = told if isinstance(told, list) and len(told) <= _MOST_HEADS else []
    return [read_uuid(head, "heads", faults) for head in heads]


def _find_signed(inspection: Inspection, heads: list[str]) -> dict[str, list[Said]]:
    """The entries under the signature, by item. Raises: PictureUnfit for one that has not arrived."""
    known = {s.uuid: s for s in list_said(inspection)}
    if any(head not in known for head in heads):
        message = Text("签名所依据的检查结果还没有同步。", "The answers under this signature have not arrived yet.")
        fix = Text("会在结果同步后自动重发。", "It is sent again by itself once they have.")
        raise PictureUnfit(faults=[fault("heads", "heads", message, fix)])
    signed: dict[str, list[Said]] = {}
    for head in sorted(heads):
        signed.setdefault(known[head].item, []).append(known[head])
    return signed
