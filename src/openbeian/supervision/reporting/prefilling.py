"""Where a report's first figures come from: the record, traffic statistics, the complaint register, last year."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from openbeian.kernel.errors import OpenBeianError
from openbeian.observation.traffic.queries import get_year_figures
from openbeian.registry.models import Licence, Service, Standing
from openbeian.rules.annual_report import BUSINESS, NOT_OPEN, OPEN, ReportField, ReportRules
from openbeian.supervision.reporting.models import AnnualReport, Complaint
from openbeian.supervision.reporting.queries import count_complaints
from openbeian.supervision.reporting.subjects import Subject, draw_record, list_codes

MOST_SERVICES = 2_000


@dataclass(frozen=True, slots=True)
class Drawn:
    """A first value with its origin: kind (record, traffic, complaints, previous) and what leads back to it.

    `days` is of traffic: how many days of the year the logs cover, and how many they do not.
    """

    value: str
    kind: str
    reference: str
    days: tuple[int, int] | None = None

    def as_origin(self) -> dict[str, Any]:
        """As a report keeps it, so that a typed value is told from a drawn one."""
        origin: dict[str, Any] = {"kind": self.kind, "reference": self.reference, "value": self.value}
        return origin | {"days": list(self.days)} if self.days else origin


@dataclass(frozen=True, slots=True)
class _Traffic:
    """People's figures of a year by name; none where nothing was counted."""

    figures: Mapping[str, int]
    reference: str = ""
    days: tuple[int, int] | None = None


def list_reports_of(subject: Subject, year: int, regime: str) -> QuerySet[AnnualReport]:
    """The report of a licence or number for a year: one or none."""
    reports = AnnualReport.objects.filter(year=year, regime=regime)
    return reports.filter(licence=subject) if isinstance(subject, Licence) else reports.filter(number_resource=subject)


def find_last_year(subject: Subject, year: int, regime: str) -> AnnualReport | None:
    """The report of the year before, if one is here."""
    return list_reports_of(subject, year - 1, regime).first()


def draw_first_values(rules: ReportRules, subject: Subject, year: int, regime: str) -> dict[str, Drawn]:
    """Every figure that something here knows, by path. What nothing knows stays out, so that nobody reads a zero."""
    record = draw_record(subject)
    services = _list_services(subject)
    traffic = _draw_traffic(services, year)
    counts = _count_complaints(subject, year)
    before = find_last_year(subject, year, regime)
    drawn: dict[str, Drawn] = {}
    for path, form, field in rules.walk(list_codes(subject)):
        found = _draw_one(field, form.code, record, subject, services, traffic, counts, before, path)
        if found is not None and found.value != "":
            drawn[path] = found
    return drawn


def _count_complaints(subject: Subject, year: int) -> dict[str, int]:
    """The register's counts by name; nothing from a register that nobody ever kept, for that is no zero.

    The register does not tell complaints by number resource.
    """
    if (
        not isinstance(subject, Licence)
        or not Complaint.objects.filter(organisation_id=subject.organisation_id).exists()
    ):
        return {}
    counts = count_complaints(subject.organisation_id, subject.pk, year)
    return {name: getattr(counts, name) for name in ("received", "answered", "answered_in_time")}


def _draw_one(
    field: ReportField,
    code: str,
    record: Mapping[str, str],
    subject: Subject,
    services: list[Service],
    traffic: _Traffic,
    counts: Mapping[str, int],
    before: AnnualReport | None,
    path: str,
) -> Drawn | None:
    kind, _, name = field.origin.partition(".")
    match kind:
        case "record" if name == "is_open" and isinstance(subject, Licence):
            opened = next((bool(b["opened"]) for b in subject.businesses if b["code"] == code), True)
            return Drawn(OPEN if opened else NOT_OPEN, "record", subject.number)
        case "record" if name == "services":
            return Drawn(str(len(services)), "record", subject.number) if services else None
        case "record":
            return Drawn(record.get(name, ""), "record", subject.number)
        case "traffic":
            known = name in traffic.figures
            return Drawn(str(traffic.figures[name]), "traffic", traffic.reference, traffic.days) if known else None
        case "complaints":
            return Drawn(str(counts[name]), "complaints", "") if name in counts else None
        case "previous" if before is not None:
            return Drawn(str(before.figures.get(path, "")), "previous", str(before.year))
    return None


def _list_services(subject: Subject) -> list[Service]:
    if not isinstance(subject, Licence) or subject.sponsor_id is None:
        return []
    live = Service.objects.filter(sponsor_id=subject.sponsor_id).exclude(standing=Standing.CANCELLED)
    return list(live.select_related("sponsor").prefetch_related("domains").order_by("pk")[:MOST_SERVICES])


def _draw_traffic(services: list[Service], year: int) -> _Traffic:
    """Nothing where nothing was counted or the store cannot be read."""
    if not services:
        return _Traffic({})
    try:
        found = get_year_figures(services, year)
    except OpenBeianError:
        return _Traffic({})
    if not found.is_known:
        return _Traffic({})
    figures = {figure.id: figure.people for figure in found.figures.values()}
    return _Traffic(figures, found.reference, (found.days_covered, found.days_missing))


def split_path(path: str) -> tuple[str, str]:
    """Form id and field id of a path: `business.B26-1.users` is of `business.B26-1`."""
    form, _, field = path.rpartition(".")
    return form if form.startswith(f"{BUSINESS}.") else form.partition(".")[0], field
