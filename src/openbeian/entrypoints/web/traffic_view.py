"""What the traffic pages draw: bars in an SVG whose text keeps its size, rows of periods, and the sheet to take along."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache

from openbeian.entrypoints.web.wording import reader_language
from openbeian.kernel import clock
from openbeian.kernel.text import Text
from openbeian.observation.traffic.figures import Pair, ServiceFigures
from openbeian.observation.traffic.manifest import read_manifest
from openbeian.observation.traffic.queries import (
    MEASURES,
    YearFigures,
    define,
    get_year_figures,
    installation_folder,
    organisation_folder,
)
from openbeian.observation.traffic.rules import load_rules
from openbeian.registry.models import Service

HEIGHT = 180
TOP = 24
"""Pixels: the height of the drawing's bars, and what stands above them."""
SLOTS = 12
"""A chart has room for a year's months, so that one month alone is not as wide as the page."""
KEPT_S = 3600


@dataclass(frozen=True, slots=True)
class Bar:
    """One period: its place in per cent, its two stacked parts in pixels from the top."""

    label: str
    left: str
    middle: str
    width: str
    people_top: float
    people_height: float
    robots_top: float
    robots_height: float
    pair: Pair
    is_labelled: bool


@dataclass(frozen=True, slots=True)
class Chart:
    """People below, robots above them; `ticks` are (pixels from the top, number)."""

    measure: Text
    bars: list[Bar]
    ticks: list[tuple[float, str]]
    height: int = HEIGHT + TOP + 28
    baseline: int = HEIGHT + TOP
    label_top: int = HEIGHT + TOP + 20


def draw_chart(periods: Mapping[str, dict[str, Pair]], measure: str) -> Chart:
    """Bars for the periods in order."""
    ordered = sorted(periods.items())
    top = _round_up(max((measures[measure].total for _, measures in ordered), default=0))
    step = 92 / max(len(ordered), SLOTS)
    every = max(1, len(ordered) // 8)
    bars = []
    for place, (label, measures) in enumerate(ordered):
        pair = measures[measure]
        people, robots = pair.people * HEIGHT / top, pair.robots * HEIGHT / top
        left = 8 + place * step
        bars.append(
            Bar(
                label,
                f"{left + step * 0.12:.2f}%",
                f"{left + step / 2:.2f}%",
                f"{step * 0.76:.2f}%",
                round(TOP + HEIGHT - people, 1),
                round(people, 1),
                round(TOP + HEIGHT - people - robots, 1),
                round(robots, 1),
                pair,
                place % every == 0,
            )
        )
    ticks = [(TOP + HEIGHT * (1 - share), _short(round(top * share))) for share in (0.5, 1)]
    return Chart(MEASURES[measure], bars, ticks)


def _round_up(number: int) -> int:
    """The next of 1, 2, 5, 10, 20, 50 …"""
    scale = 1
    while True:
        for factor in (1, 2, 5):
            if factor * scale >= number:
                return factor * scale
        scale *= 10


def _short(number: int) -> str:
    """1.5万 and 2亿 in Chinese, 15K and 200M in English."""
    units = ((10**8, "亿"), (10**4, "万")) if reader_language() == "zh" else ((10**9, "G"), (10**6, "M"), (10**3, "K"))
    for size, word in units:
        if number >= size:
            return f"{number / size:g}{word}"
    return str(number)


def find_year_figures(service: Service, year: int) -> YearFigures:
    """`get_year_figures` of one service, kept for an hour: the key changes with whatever the figures depend on.

    Raises: StoreFailed, RulesUnusable.
    """
    rules = load_rules()
    folders = (organisation_folder(service.sponsor.organisation_id), installation_folder())
    references = ":".join(read_manifest(folder).reference for folder in folders)
    domains = sorted(row.domain for row in service.domains.all())
    depends_on = repr((service.pk, service.number, year, references, domains, rules.version, clock.today()))
    key = f"traffic:{hashlib.sha256(depends_on.encode()).hexdigest()}"
    found: YearFigures | None = cache.get(key)
    if found is None:
        found = get_year_figures([service], year, rules=rules)
        cache.set(key, found, KEPT_S)
    return found


def list_rows(periods: Mapping[str, dict[str, Pair]]) -> list[tuple[str, list[tuple[Text, Pair]]]]:
    """One row per period: (label, its measures in the order of `MEASURES`)."""
    return [(label, [(MEASURES[m], measures[m]) for m in MEASURES]) for label, measures in sorted(periods.items())]


def list_breakdowns(detail: ServiceFigures) -> list[tuple[Text, Text, list[tuple[str, Pair]]]]:
    """The further tables: (title, heading of the first column, rows)."""
    tables = [
        (Text("页面（前 20）", "Pages (top 20)"), Text("路径", "Path"), detail.pages),
        (Text("来源（前 20）", "Referrers (top 20)"), Text("主机", "Host"), detail.referrers),
        (Text("地区", "Regions"), Text("地区", "Region"), detail.regions),
        (Text("状态码", "Statuses"), Text("状态码", "Status"), sorted(detail.statuses.items())),
        (Text("请求方法", "Methods"), Text("方法", "Method"), sorted(detail.methods.items())),
    ]
    return [(title, head, rows) for title, head, rows in tables if rows]


SHEET_HEAD = ["期间 / period", "项目 / figure", "人 / people", "机器人 / robots", "定义 / definition", "规则 / rules", "依据 / reference"]  # fmt: skip


def list_sheet_rows(found: YearFigures) -> Iterator[list[Any]]:
    """Every figure of the year with its definition, the rules it was counted by, and the manifest it was drawn from."""
    detail, language = found.detail, reader_language()
    for label, measures in {str(found.year): detail.total, **detail.months, **detail.days}.items():
        for measure, name in MEASURES.items():
            words = define(found.rules, detail, measure, label)(language)
            pair = measures[measure]
            yield [label, name(language), pair.people, pair.robots, words, found.rules.version, found.reference]
    for title, _, rows in list_breakdowns(detail):
        for name_of_row, pair in rows:
            yield [str(found.year), f"{title(language)}: {name_of_row}", pair.people, pair.robots, "", found.rules.version, found.reference]  # fmt: skip
