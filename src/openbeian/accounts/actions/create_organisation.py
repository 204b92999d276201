"""Adds an organisation to the installation: a site owner, an agency, an access provider, an administration."""

from __future__ import annotations

from django.db import transaction

from openbeian.accounts.decisions import ORGANISATION_KINDS
from openbeian.accounts.errors import NameTaken, OrganisationUnfit
from openbeian.accounts.events import OrganisationCreated
from openbeian.accounts.models import Organisation
from openbeian.accounts.values import check_name
from openbeian.journal.actions.record_event import record_event
from openbeian.journal.models import Head
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor, check_permitted
from openbeian.kernel.errors import Fault
from openbeian.kernel.provinces import find_province
from openbeian.kernel.text import Text


def create_organisation(actor: Actor, name: str, kind: str, province: str = "") -> Organisation:
    """`province` names an administration's area, as in 京; other kinds have none.

    Raises: NotPermitted, ValueMissing, OrganisationUnfit, NameTaken.
    """
    check_permitted(actor, "installation.manage")
    name = check_name(name, "name", longest=200)
    area = _check_kind(kind, province)
    with transaction.atomic():
        # Puts two creations of one name in line, so that the second reads the first.
        Head.objects.select_for_update().get(pk=1)
        if Organisation.objects.filter(name=name).exists():
            raise NameTaken(name=name)
        if area and Organisation.objects.filter(kind="administration", province=area).exists():
            raise NameTaken(name=area)
        organisation = Organisation.objects.create(name=name, kind=kind, province=area, created_at=clock.now())
        record_event(
            OrganisationCreated,
            actor,
            ("organisation", organisation.pk),
            concerns=(organisation.pk,),
            after={"name": name, "kind": kind, "province": area},
        )
    return organisation


def _check_kind(kind: str, province: str) -> str:
    if kind not in ORGANISATION_KINDS:
        raise OrganisationUnfit(
            faults=[
                Fault(
                    "kind",
                    Text("没有这类单位。", "There is no such kind."),
                    Text("请从列表中选择。", "Choose one of the list."),
                    "organisation.kind",
                    kind[:40],
                )
            ]
        )
    if kind != "administration":
        return ""
    found = find_province(province)
    if found is None:
        raise OrganisationUnfit(
            faults=[
                Fault(
                    "province",
                    Text("通信管理局须有所辖省份。", "An administration has an area."),
                    Text("请选择省份。", "Choose the province."),
                    "organisation.province",
                    province[:40],
                )
            ]
        )
    return found.abbreviation
