"""Hands in one paper of a filing on record on its own (XZHYD)."""

from __future__ import annotations

from django.db import transaction

from openbeian.authority.errors import DocumentNotSendable
from openbeian.authority.interface import get_interface
from openbeian.authority.mapping.pictures import fit_picture
from openbeian.authority.mapping.records import list_keys
from openbeian.authority.mapping.resources import wrap_material
from openbeian.authority.messages.conditions import VERIFICATION_FORM
from openbeian.authority.messages.filing import Attachment
from openbeian.authority.models import Report
from openbeian.authority.operating import check_may_operate
from openbeian.authority.queries import get_connection
from openbeian.authority.reporting import begin_report, complete_report
from openbeian.authority.resource_reports import check_sendable
from openbeian.kernel.actor import Actor
from openbeian.kernel.errors import Fault
from openbeian.kernel.text import Text
from openbeian.registry.models import Service, Sponsor, Standing

SPONSOR, SITE = 1, 2
"""Whose paper it is (Ssdxlx)."""

_UNKNOWN = Text(
    "登记中没有这个备案号，或不由本单位接入。", "There is no such filing on record, or it is not connected by you."
)
_CHECK = Text("核对备案号；网站写到“-1”。", "Check the number; a site's ends in “-1”.")
_NO_PICTURE = Text("接口只收 JPG 或 PNG 图片。", "The interface takes JPG or PNG pictures only.")
_REPLACE = Text("换一张图片。", "Choose another picture.")


def report_material(
    actor: Actor, connection_id: int, number: str, purpose: int, content: bytes, note: str = ""
) -> Report:
    """`number` of a sponsor or a site on record; `purpose` is the administration's code (Fjyt). Pictures are made
    smaller until they fit.

    Raises: NotPermitted, NotYourConnection, DocumentNotSendable with a fault per field.
    """
    check_may_operate(actor)
    connection = get_connection(actor, connection_id)
    owner = _find_owner(number, connection.provider_id)
    limits = get_interface().limits
    bound = limits.verification_form_bytes if purpose == VERIFICATION_FORM else limits.scan_bytes
    fitted = fit_picture(content, _guess_type(content), bound)
    faults = []
    if owner is None:
        faults.append(Fault("number", _UNKNOWN, _CHECK, "v3.owner", number[:60]))
    if fitted is None:
        faults.append(Fault("file", _NO_PICTURE, _REPLACE, "v3.attachment"))
    if owner is None or fitted is None:
        raise DocumentNotSendable(faults=faults)
    attachment = Attachment(
        format=fitted[0], purpose=purpose, content=fitted[1], owner_kind=owner, owner_number=number, note=note or None
    )
    with transaction.atomic():
        name, upload = wrap_material(attachment, connection.provider_number)
        check_sendable(upload)
        report = begin_report(actor, connection, f"{number} · {purpose}")
        keys = [(operation, str(value)) for operation, value in list_keys(name, attachment)]
        complete_report(actor, report, name, upload, keys)
        return report


def _find_owner(number: str, provider_id: int) -> int | None:
    """Whether the number is a sponsor's or a site's that this provider connects; None for neither."""
    mine = Service.objects.filter(accesses__provider_id=provider_id, accesses__cancelled_on__isnull=True)
    if mine.filter(number=number).exclude(standing=Standing.CANCELLED).exists():
        return SITE
    sponsors = Sponsor.objects.filter(number=number).exclude(standing=Standing.CANCELLED)
    return SPONSOR if sponsors.filter(services__in=mine).exists() else None


def _guess_type(content: bytes) -> str:
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    return "image/png" if content.startswith(b"\x89PNG\r\n\x1a\n") else ""
