"""The facts of records, read in chunks in the order of their keys, so that a million need no more memory than a few."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from django.db.models import F, Max, Q, QuerySet
from django.db.models.functions import Coalesce

from openbeian.cases.models import Case
from openbeian.obligations.decisions import Facts
from openbeian.registry.models import Licence, NumberResource, Service, Sponsor, Standing
from openbeian.supervision.decisions import State as FindingState
from openbeian.supervision.inspections.models import Fault
from openbeian.supervision.models import Finding

CHUNK = 1_000
_LARGEST_KEY = 2**63 - 1
Read = Callable[[dict[str, Any], date], Facts]


def list_facts(
    subject_kind: str, today: date, ids: Iterable[int] | None = None
) -> Iterator[tuple[Sequence[int], list[Facts]]]:
    """The keys asked about and the facts of the live records among them, chunk by chunk; without `ids` of all.

    Without `ids` the keys are ranges that follow on one another, so that records no longer there are seen too.
    """
    records, read = _SOURCES[subject_kind]
    if ids is not None:
        wanted = sorted(set(ids))
        for start in range(0, len(wanted), CHUNK):
            part = wanted[start : start + CHUNK]
            yield part, [read(row, today) for row in records().filter(pk__in=part).order_by("pk")]
        return
    last = 0
    while chunk := list(records().filter(pk__gt=last).order_by("pk")[:CHUNK]):
        yield range(last + 1, chunk[-1]["pk"] + 1), [read(row, today) for row in chunk]
        last = chunk[-1]["pk"]
    yield range(last + 1, _LARGEST_KEY), []


def _sponsors() -> QuerySet[Any, Any]:
    live = Sponsor.objects.exclude(standing=Standing.CANCELLED)
    return live.values(
        "pk", "organisation_id", "province", "standing", "granted_on", "confirmed_on", "certificate_until",
        person_certificate_until=F("person__certificate_until"),
    )  # fmt: skip


def _read_sponsor(row: dict[str, Any], today: date) -> Facts:
    days = {k: row[k] for k in ("granted_on", "confirmed_on", "certificate_until", "person_certificate_until")}
    words = {"standing": row["standing"]}
    return Facts("sponsor", row["pk"], row["organisation_id"], row["pk"], row["province"], days, words, today)


def _services() -> QuerySet[Any, Any]:
    live = Service.objects.exclude(standing=Standing.CANCELLED)
    ended = Max("accesses__cancelled_on", filter=Q(standing=Standing.SHELL))
    return live.values(
        "pk", "sponsor_id", "standing", "granted_on", organisation_id=F("sponsor__organisation_id"),
        province=F("sponsor__province"), person_certificate_until=F("person__certificate_until"),
    ).annotate(access_ended_on=ended)  # fmt: skip


def _read_service(row: dict[str, Any], today: date) -> Facts:
    days = {k: row[k] for k in ("granted_on", "person_certificate_until", "access_ended_on")}
    words = {"standing": row["standing"]}
    return Facts("service", row["pk"], row["organisation_id"], row["sponsor_id"], row["province"], days, words, today)


def _licences() -> QuerySet[Any, Any]:
    live = Licence.objects.exclude(standing=Standing.CANCELLED)
    return live.values(
        "pk",
        "organisation_id",
        "sponsor_id",
        "authority",
        "standing",
        "issued_on",
        "valid_until",
        "recorded_on",
        "paper_awaited_from",
    )


def _read_licence(row: dict[str, Any], today: date) -> Facts:
    days = {k: row[k] for k in ("issued_on", "valid_until", "paper_awaited_from")}
    province = row["authority"] if len(row["authority"]) == 1 else ""
    words = {"standing": row["standing"], "paper": "awaited" if row["paper_awaited_from"] else "held"}
    known = row["recorded_on"]
    return Facts("licence", row["pk"], row["organisation_id"], row["sponsor_id"], province, days, words, known)


def _numbers() -> QuerySet[Any, Any]:
    live = NumberResource.objects.exclude(standing=Standing.CANCELLED)
    return live.values(
        "pk", "organisation_id", "standing", "assigned_on", "recorded_on", sponsor_id=F("licence__sponsor_id")
    )


def _read_number(row: dict[str, Any], today: date) -> Facts:
    days, words = {"assigned_on": row["assigned_on"]}, {"standing": row["standing"]}
    return Facts("number", row["pk"], row["organisation_id"], row["sponsor_id"], "", days, words, row["recorded_on"])


def _cases() -> QuerySet[Any, Any]:
    return Case.objects.filter(is_open=True).values(
        "pk", "organisation_id", "sponsor_id", "province", "state", "due_on"
    )


def _read_case(row: dict[str, Any], today: date) -> Facts:
    days, words = {"due_on": row["due_on"]}, {"state": row["state"]}
    return Facts("case", row["pk"], row["organisation_id"], row["sponsor_id"], row["province"], days, words, today)


def _findings() -> QuerySet[Any, Any]:
    open_ones = Finding.objects.exclude(state=FindingState.CLOSED)
    return open_ones.values(
        "pk", "organisation_id", "sponsor_id", "state", "check_kind", "due_on", province=F("sponsor__province")
    )


def _read_finding(row: dict[str, Any], today: date) -> Facts:
    days, words = {"due_on": row["due_on"]}, {"state": row["state"], "check": row["check_kind"]}
    return Facts("finding", row["pk"], row["organisation_id"], row["sponsor_id"], row["province"], days, words, today)


def _faults() -> QuerySet[Any, Any]:
    open_ones = Fault.objects.exclude(state=FindingState.CLOSED)
    return open_ones.values(
        "pk", "organisation_id", "state", "severity", "due_on", province=F("inspection__province"),
        sponsor_id=Coalesce("inspection__sponsor_id", "inspection__licence__sponsor_id"),
    )  # fmt: skip


def _read_fault(row: dict[str, Any], today: date) -> Facts:
    days, words = {"due_on": row["due_on"]}, {"state": row["state"], "severity": row["severity"]}
    return Facts(
        "inspection_fault", row["pk"], row["organisation_id"], row["sponsor_id"], row["province"], days, words, today
    )


_SOURCES: dict[str, tuple[Callable[[], QuerySet[Any, Any]], Read]] = {
    "sponsor": (_sponsors, _read_sponsor),
    "service": (_services, _read_service),
    "licence": (_licences, _read_licence),
    "number": (_numbers, _read_number),
    "case": (_cases, _read_case),
    "finding": (_findings, _read_finding),
    "inspection_fault": (_faults, _read_fault),
}
SUBJECT_KINDS = tuple(_SOURCES)
