"""What an annual report is of, a licence or a number resource: its holder, who takes the report, what is on record."""

from __future__ import annotations

from django.conf import settings

from openbeian.kernel.provinces import find_province
from openbeian.registry.licence_values import MINISTRY
from openbeian.registry.models import Licence, NumberResource, Sponsor
from openbeian.rules.licence_catalogue import NumberRange, load_licence_catalogue

Subject = Licence | NumberResource
MINISTRY_NAME = "工业和信息化部"


def name_holder(subject: Subject) -> str:
    """The holder as the record names it; of a number without a licence its organisation here."""
    licence = subject if isinstance(subject, Licence) else subject.licence
    return licence.holder if licence is not None else subject.organisation.name


def list_codes(subject: Subject) -> tuple[str, ...]:
    """The businesses held, in the order of the licence; a number has none."""
    return tuple(str(b["code"]) for b in subject.businesses) if isinstance(subject, Licence) else ()


def find_range(number: str) -> NumberRange | None:
    """The range a number resource belongs to: the longest beginning in the catalogue."""
    ranges = load_licence_catalogue(settings.RULEBOOK_FOLDER).number_ranges
    return max((r for r in ranges if number.startswith(r.prefix)), key=lambda r: len(r.prefix), default=None)


def find_assigner(resource: NumberResource) -> str:
    """Who assigned a number and takes its report: a province's abbreviation or MINISTRY; empty where nothing tells.

    The range says whether the ministry or a province did; which province, only the licence or its sponsor.
    """
    found = find_range(resource.number)
    if found is None:
        return ""
    if found.assigned_by == MINISTRY:
        return MINISTRY
    licence = resource.licence
    if licence is None:
        return ""
    if licence.authority != MINISTRY:
        return licence.authority
    return licence.sponsor.province if licence.sponsor is not None else ""


def name_authority(authority: str) -> str:
    """工业和信息化部, or 北京市通信管理局; empty for none."""
    if authority == MINISTRY:
        return MINISTRY_NAME
    province = find_province(authority)
    return province.administration.zh if province else ""


def draw_record(subject: Subject) -> dict[str, str]:
    """What the record says, by the field ids of the rulebook (`record.*`)."""
    if isinstance(subject, Licence):
        return _draw_licence(subject)
    licence, found = subject.licence, find_range(subject.number)
    return {
        "holder": name_holder(subject),
        "certificate_number": _draw_licence(licence)["certificate_number"] if licence is not None else "",
        "licence_number": licence.number if licence is not None else "",
        "number": subject.number,
        "range": found.label.zh if found is not None else subject.kind,
        "digits": str(len(subject.number)),
        "assigned_by": name_authority(find_assigner(subject)),
        "assigned_on": subject.assigned_on.isoformat(),
    }


def _draw_licence(licence: Licence) -> dict[str, str]:
    sponsor: Sponsor | None = licence.sponsor
    number = licence.certificate_number or (sponsor.certificate_number if sponsor else "")
    return {
        "holder": licence.holder,
        "certificate_number": number,
        "legal_representative": licence.legal_representative or (sponsor.legal_representative if sponsor else ""),
        "number": licence.number,
        "domicile": sponsor.certificate_address if sponsor else "",
        "capital_yuan": str(licence.capital_yuan) if licence.capital_yuan is not None else "",
        "businesses": "、".join(list_codes(licence)),
    }


def read_on_record(subject: Subject) -> dict[str, str]:
    """The record's values at the paths that must equal them."""
    record = draw_record(subject)
    if isinstance(subject, Licence):
        return {
            "company.name": record["holder"],
            "company.certificate_number": record["certificate_number"],
            "company.legal_representative": record["legal_representative"],
            "company.licence_number": record["number"],
        }
    return {
        # Without a licence the holder is only our own name for the organisation, which decides nothing.
        "holder.name": record["holder"] if subject.licence is not None else "",
        "holder.certificate_number": record["certificate_number"],
        "holder.licence_number": record["licence_number"],
        "number.number": record["number"],
        "number.assigned_on": record["assigned_on"],
    }
