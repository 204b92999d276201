"""What on our record a provider may have to report, and how much of the report it fills in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from openbeian.authority.mapping.resources import find_record, read_values
from openbeian.authority.messages.reader import read_upload
from openbeian.authority.models import Connection, Report
from openbeian.kernel.errors import ValueRefused
from openbeian.kernel.ip_ranges import parse_ip_range
from openbeian.registry.models import Access, ServiceDomain, Sponsor
from openbeian.registry.record_values import sponsor_values

MOST = 200
_STATIC = 1


def list_candidates(connection: Connection, kind: str) -> list[tuple[str, str]]:
    """(reference, words) of ranges or domains on record that no standing report of this kind is about, the first few.

    Broadcasts, sources and own allocations: the provider's registered ranges. Customer-owned: ranges of accesses that
    lie outside of them. Domains: those of services that the provider connects.
    """
    found = _list_domains(connection) if kind == "domains" else _list_ranges(connection, kind)
    known = _list_reported(connection, kind)
    return [(ref, words) for ref, words, key in found if key not in known][:MOST]


def prefill(connection: Connection, kind: str, ref: str) -> dict[str, Any]:
    """The values that a reference of `list_candidates` gives; empty for one that is gone."""
    sort, _, rest = ref.partition(":")
    if sort == "range" and rest in connection.provider.address_ranges:
        return {"range": rest}
    if sort == "access" and kind == "customer_owned":
        number, _, text = rest.partition(":")
        access = _find_access(connection, number)
        return _describe_customer(access, text) if access and text in access.ip_ranges else {}
    if sort == "domain" and kind == "domains" and rest.isdecimal():
        domain = _domains(connection).filter(pk=int(rest)).select_related("service__sponsor__person").first()
        return _describe_domain(domain.domain, domain.service.sponsor) if domain else {}
    return {}


def read_report(report: Report) -> dict[str, Any]:
    """What stands in a report about a resource, so that a change starts from it."""
    record = find_record(read_upload(report.content.encode("gbk")).document) if report.content else None
    return read_values(record) if record else {}


def _list_ranges(connection: Connection, kind: str) -> Iterator[tuple[str, str, str]]:
    declared = connection.provider.address_ranges
    if kind != "customer_owned":
        for text in declared:
            if ":" not in text:
                yield f"range:{text}", text, text
        return
    own = [parse_ip_range(text) for text in declared]
    accesses = Access.objects.filter(provider=connection.provider, cancelled_on__isnull=True)
    for access in accesses.select_related("service__sponsor").order_by("pk").iterator(chunk_size=200):
        for text in access.ip_ranges:
            try:
                is_own = any(held.contains(parse_ip_range(text)) for held in own)
            except ValueRefused:
                continue
            if not is_own and ":" not in text:
                yield f"access:{access.pk}:{text}", f"{text} · {access.service.number}", text


def _list_domains(connection: Connection) -> Iterator[tuple[str, str, str]]:
    for domain in _domains(connection).select_related("service").order_by("pk").iterator(chunk_size=200):
        yield f"domain:{domain.pk}", f"{domain.domain} · {domain.service.number}", domain.domain


def _domains(connection: Connection) -> Any:
    mine = Access.objects.filter(provider=connection.provider, cancelled_on__isnull=True).values("service")
    return ServiceDomain.objects.filter(is_live=True, service__in=mine)


def _list_reported(connection: Connection, kind: str) -> set[str]:
    """The first words of the titles of standing reports: ranges and domains."""
    name = "added" if kind == "domains" else f"new_{kind}"
    gone = (Report.State.REFUSED, Report.State.FAILED, Report.State.TAKEN_OUT, Report.State.REMOVED)
    titles = Report.objects.filter(connection=connection, kind=name).exclude(state__in=gone)
    return {title.partition(" ")[0] for title in titles.values_list("title", flat=True)}


def _find_access(connection: Connection, number: str) -> Access | None:
    if not number.isdecimal():
        return None
    accesses = Access.objects.filter(provider=connection.provider, cancelled_on__isnull=True, pk=int(number))
    return accesses.select_related("service__sponsor__person").first()


def _describe_customer(access: Access, text: str) -> dict[str, Any]:
    sponsor = sponsor_values(access.service.sponsor)
    return {
        "range": text,
        "use": _STATIC,
        "allocated_on": access.granted_on,
        "unit_name": sponsor.name,
        "region": sponsor.region,
        "street": sponsor.address,
        "contact": sponsor.person.name,
        "contact_phone": sponsor.person.mobile,
        "contact_email": sponsor.person.email,
    }


def _describe_domain(name: str, sponsor: Sponsor) -> dict[str, Any]:
    values = sponsor_values(sponsor)
    who: dict[str, Any] = {"name": name}
    for prefix in ("registrant", "administrator"):
        who |= {
            f"{prefix}_name": values.person.name,
            f"{prefix}_organisation": values.name,
            f"{prefix}_address": values.address,
            f"{prefix}_region": values.region,
            f"{prefix}_email": values.person.email,
            f"{prefix}_phone": values.person.mobile,
        }
    return who
