"""The figures of registered services: what a page shows and what the annual report takes over, with their origin.

For the annual report call `get_year_figures(services, year)`: one `YearFigures` for those services together, a visitor of
several of them counted once. With nothing counted `is_known` is False, and the zeros then mean nothing.
`reference` names the manifest the figures were drawn from; keep it beside a figure that is handed in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings

from openbeian.kernel import clock
from openbeian.kernel.text import Text
from openbeian.kernel.writing import inert
from openbeian.observation.traffic.engine import engine
from openbeian.observation.traffic.errors import ResourcesExhausted, StoreFailed
from openbeian.observation.traffic.figures import DISTINCT, EPOCH, Pair, ServiceFigures, draw_figures
from openbeian.observation.traffic.hosts import registrable_domain
from openbeian.observation.traffic.manifest import Manifest, SavedLog, read_manifest
from openbeian.observation.traffic.rules import CountingRules, load_rules
from openbeian.observation.traffic.store import load_counts, traffic_folder
from openbeian.registry.models import Service, ServiceDomain

MEASURES: Mapping[str, Text] = {
    "visits": Text("访问次数", "Visits"),
    "unique_visitors": Text("独立访客", "Unique visitors"),
    "page_views": Text("页面浏览量", "Page views"),
    "requests": Text("请求数", "Requests"),
    "clients": Text("客户端", "Clients"),
    "bytes": Text("流量（字节）", "Traffic (bytes)"),
}
"""The figures a person reads first, with their names; definitions are in the rulebook."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One number for people and one for robots, with the words that say what was counted; unit 1 or byte."""

    id: str
    name: Text
    definition: Text
    people: int
    robots: int
    is_estimate: bool = False


@dataclass(frozen=True, slots=True)
class YearFigures:
    """What the saved logs say about some services in one year of China days.

    `figures` by id (see `MEASURES`); `days_covered` days of the year have counted lines, `days_missing` days that are
    over have none (no log, or no visitor: which of them cannot be told). `logs` are the saved logs with counted
    lines of these services (of any year); `source` says whose store it was.
    """

    year: int
    hosts: tuple[str, ...]
    figures: Mapping[str, Figure]
    detail: ServiceFigures
    days_covered: int
    days_missing: int
    rules: CountingRules
    logs: tuple[SavedLog, ...]
    source: Text
    reference: str

    @property
    def is_known(self) -> bool:
        """False when no line of these services was counted in the year: the figures are then unknown, not zero."""
        return self.days_covered > 0

    def as_json(self) -> dict[str, Any]:
        """The figures with their origin, ready to be kept beside a report."""
        return {
            "year": self.year,
            "hosts": [inert(host) for host in self.hosts],
            "is_known": self.is_known,
            "figures": {
                f.id: {"people": f.people, "robots": f.robots, "is_estimate": f.is_estimate,
                       "definition": f.definition.as_json()}
                for f in self.figures.values()
            },
            "days_covered": self.days_covered,
            "days_missing": self.days_missing,
            "rules": self.rules.version,
            "logs": [
                {"path": inert(log.path), "sha256": log.sha256, "lines": [1, log.lines], "counted": log.counted,
                 "excluded": log.excluded, "rejected": log.rejected}
                for log in self.logs
            ],
            "reference": self.reference,
        }  # fmt: skip


OWN = Text("本单位保存的日志统计", "counts saved by this organisation")
INSTALLATION = Text("本系统运营者保存的日志统计", "counts saved by the operator of this installation")


def organisation_folder(organisation_id: int) -> Path:
    """The store of one organisation: what its people uploaded."""
    return traffic_folder(Path(settings.HOME)) / "organisations" / str(organisation_id)


def installation_folder() -> Path:
    """The store of the operator: what `openbeian traffic --save` keeps."""
    return traffic_folder(Path(settings.HOME))


def labels_of(services: Iterable[Service], labels: Iterable[str]) -> tuple[str, ...]:
    """Which labels of a store belong to the services: hosts under their domains, or a service's own filing number."""
    services = list(services)
    numbers = {service.number for service in services}
    domains = {row.domain for service in services for row in service.domains.all()}
    return tuple(label for label in labels if label in numbers or registrable_domain(label) in domains)


def get_year_figures(services: Sequence[Service], year: int, *, rules: CountingRules | None = None) -> YearFigures:
    """The figures of services of one organisation in one year, China time.

    The organisation's own store answers if it has a counted day of these services in the year, else the operator's:
    never both, because a log saved in both would count twice. Whoever calls has checked that the services may be read.

    Raises: StoreFailed when a store cannot be read; RulesUnusable.
    """
    rules = rules or load_rules()
    organisations = {service.sponsor.organisation_id for service in services}
    stores = [(organisation_folder(o), OWN) for o in sorted(organisations)] if len(organisations) == 1 else []
    for folder, source in stores:
        found = _figures_from(folder, source, services, year, rules)
        if found.is_known:
            return found
    return _figures_from(installation_folder(), INSTALLATION, services, year, rules)


def is_estimate(detail: ServiceFigures, measure: str, period: str) -> bool:
    """Whether a number of a period (`total`, 2025-01, 2025-01-31) is an estimate, since its visitors are forgotten."""
    return measure in DISTINCT and period in detail.estimated


def define(rules: CountingRules, detail: ServiceFigures, measure: str, period: str) -> Text:
    """What a number of a period means, and that it is an estimate where it is one."""
    words = rules.definitions[measure]
    if not is_estimate(detail, measure, period):
        return words
    more = rules.definitions["estimates"]
    return Text(f"{words.zh}{more.zh}", f"{words.en} {more.en}")


def _figures_from(
    folder: Path, source: Text, services: Sequence[Service], year: int, rules: CountingRules
) -> YearFigures:
    manifest = read_manifest(folder)
    hosts = labels_of(services, manifest.labels)
    drawn = _draw(folder, manifest, dict.fromkeys(hosts, "services"), year, rules) if hosts else None
    detail = drawn or ServiceFigures("services")
    total: Mapping[str, Pair] = detail.total
    figures = {
        measure: Figure(
            measure,
            name,
            define(rules, detail, measure, "total"),
            total[measure].people,
            total[measure].robots,
            is_estimate(detail, measure, "total"),
        )
        for measure, name in MEASURES.items()
    }  # fmt: skip
    covered = len(detail.days)
    logs = tuple(log for log in manifest.logs if set(hosts) & set(log.labels)) if covered else ()
    return YearFigures(
        year, hosts, figures, detail, covered, _days_over(year) - covered, rules, logs, source, manifest.reference
    )


def _draw(
    folder: Path, manifest: Manifest, labels: Mapping[str, str], year: int, rules: CountingRules
) -> ServiceFigures | None:
    with engine() as running:
        try:
            load_counts(running, folder, manifest, labels=labels, year=year)
            services, _ = draw_figures(running, rules, year=year)
        except ResourcesExhausted as fault:
            raise StoreFailed(why=fault.text) from fault
    return services[0] if services else None


def _days_over(year: int) -> int:
    """How many days of the year lie behind us, China time."""
    first, after = date(year, 1, 1), date(year + 1, 1, 1)
    return max(0, (min(after, clock.today()) - first).days)


def find_filed(domains: frozenset[str]) -> frozenset[str]:
    """Which of the domains a filing on record covers today."""
    asked, found = sorted(domains), set[str]()
    for start in range(0, len(asked), 500):
        rows = ServiceDomain.objects.filter(domain__in=asked[start : start + 500], is_live=True)
        found.update(rows.values_list("domain", flat=True))
    return frozenset(found)


def list_years(folder: Path) -> list[int]:
    """The years with counted days in a store, newest first. Raises: StoreFailed."""
    days = {Path(name).parent.name.removeprefix("date=")[:4] for name in read_manifest(folder).files()}
    return sorted((int(year) for year in days if int(year) >= EPOCH.year), reverse=True)
