"""How `openbeian traffic` shows its figures: as text, as JSON, and as one long CSV table."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from openbeian.entrypoints.cli.output import inert, language, print_json
from openbeian.kernel.text import Text

if TYPE_CHECKING:
    from openbeian.observation.traffic.figures import ServiceFigures
    from openbeian.observation.traffic.report import TrafficReport

MEASURES = {
    "requests": Text("请求数", "Requests"),
    "page_views": Text("页面浏览量", "Page views"),
    "visits": Text("访问次数", "Visits"),
    "unique_visitors": Text("独立访客", "Unique visitors"),
    "clients": Text("客户端", "Clients"),
    "bytes": Text("流量（字节）", "Traffic (bytes)"),
}


def present(report: TrafficReport, csv_path: Path | None, as_json: bool, extra: dict[str, Any]) -> None:
    """The report as JSON or as text, and as CSV when asked for."""
    if csv_path is not None:
        from openbeian.observation.traffic.display import csv_text

        try:
            csv_path.write_text(csv_text(sheet_rows(report)), encoding="utf-8", newline="")
        except OSError as fault:
            raise click.FileError(str(csv_path), fault.strerror) from fault
    if as_json:
        print_json(report.as_json() | extra)
        return
    for figures in report.services:
        show_service(figures)
    answer = report.as_json()
    lines = answer["lines"]
    show(LINES.format(**lines))
    for item in answer["excluded"]:
        show(f"  − {item['name'][language()]}: {item['lines']}")
    for item in answer["rejected"]:
        show(f"  ✗ {item['name'][language()]}: {item['lines']}")
        for example in item["examples"]:
            show(f"      {example[:160]}")
    for log in answer["logs"]:
        formats = ", ".join(f.get(language(), f["id"]) for f in log["formats"])
        show(f"{log['path']}: {formats}, sha256 {log['sha256'][:16]}…, {log['lines']}")
        if log["problem"]:
            show(f"  ! {log['problem'][language()]}")
    for item in answer["unread"]:
        show(f"{item['path']}: {item['message'][language()]}")
    show(RULES.format(version=answer["rules"]))


LINES = Text(
    "读取 {read} 行 = 计入 {counted} + 排除 {excluded} + 拒绝 {rejected}",
    "{read} lines read = {counted} counted + {excluded} excluded + {rejected} rejected",
)
RULES = Text("统计规则：{version}", "Counted by: {version}")
COLUMNS = Text("人 / 机器人", "people / robots")


def show_service(figures: ServiceFigures) -> None:
    """One service: its total and its months."""
    show(f"{name_of(figures.service)}  ({COLUMNS(language())})")
    for measure, label in MEASURES.items():
        pair = figures.total[measure]
        about = "≈ " if measure in DISTINCT and "total" in figures.estimated else ""
        show(f"  {label(language())}: {about}{pair.people:,} / {pair.robots:,}")
    for month, measures in sorted(figures.months.items()):
        cells = "  ".join(f"{MEASURES[m](language())} {measures[m].people:,}/{measures[m].robots:,}" for m in MEASURES)
        show(f"    {month}  {cells}{ESTIMATED(language()) if month in figures.estimated else ''}")
    if figures.estimated:
        show(ESTIMATES)


DISTINCT = ("unique_visitors", "clients")
ESTIMATED = Text("  （访客为估计值）", "  (visitors estimated)")
ESTIMATES = Text(
    "  ≈ 访客标识已删除，独立访客与客户端由草图合并估计，标准误差 0.81%",
    "  ≈ the visitors are forgotten; visitors and clients are estimated from sketches, standard error 0.81 %",
)


def sheet_rows(report: TrafficReport) -> Iterator[list[object]]:
    """The figures as one long table: service, period, measure, people, robots."""
    yield ["service", "period", "measure", "people", "robots", "estimate"]
    for figures in report.services:
        periods = {"total": figures.total, **figures.years, **figures.months, **figures.days}
        for period, measures in periods.items():
            for measure, pair in measures.items():
                about = "yes" if measure in DISTINCT and period in figures.estimated else ""
                yield [figures.service, period, measure, pair.people, pair.robots, about]
        breakdowns = {"status": figures.statuses.items(), "method": figures.methods.items(),
                      "region": figures.regions, "page": figures.pages, "referrer": figures.referrers}  # fmt: skip
        for kind, rows in breakdowns.items():
            for name, pair in rows:
                yield [figures.service, kind, name, pair.people, pair.robots, ""]


def name_of(service: str) -> str:
    return service or Text("（日志未写明主机）", "(the logs name no host)")(language())


def show(message: Text | str) -> None:
    """A line of the answer on stdout, control characters made visible."""
    click.echo(inert(message(language()) if isinstance(message, Text) else message))
