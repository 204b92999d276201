"""`openbeian traffic`: figures from access logs, kept counts, days covered, and hosts without a filing."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from openbeian.entrypoints.cli.output import inert, language, print_json, say
from openbeian.kernel.text import Text

if TYPE_CHECKING:
    from openbeian.observation.traffic.figures import ServiceFigures
    from openbeian.observation.traffic.report import Progress, TrafficReport

MEASURES = {
    "requests": Text("请求数", "Requests"),
    "page_views": Text("页面浏览量", "Page views"),
    "visits": Text("访问次数", "Visits"),
    "unique_visitors": Text("独立访客", "Unique visitors"),
    "clients": Text("客户端", "Clients"),
    "bytes": Text("流量（字节）", "Traffic (bytes)"),
}


class CountsByDefault(click.Group):
    """`traffic access.log` is `traffic count access.log`; a log that is called like a subcommand is written `./hosts`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in ctx.help_option_names:
            args = ["count", *args]
        return super().parse_args(ctx, args)


@click.group(
    cls=CountsByDefault,
    help="从访问日志得出年报所需数字：traffic LOG… 。 Figures from access logs: traffic LOG… (files, globs, folders, - for stdin).",
)
def command() -> None:
    """The group; `count` is its default."""


log_arguments = click.argument("logs", nargs=-1, required=True)
format_option = click.option(
    "--format",
    "log_format",
    default="auto",
    show_default=True,
    help="格式名，或 nginx log_format / Apache LogFormat 串。 A format's name, or an nginx or Apache format string.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="在标准输出给出 JSON。 JSON on standard output.")
year_option = click.option(
    "--year", type=click.IntRange(1995, 2200), help="只算这一年（北京时间）。 Only this year, China time."
)


@command.command(help="统计日志（默认）。 Counts logs (the default).")
@log_arguments
@format_option
@year_option
@click.option("--service", help="所有行都记在这个服务名下。 Books every line under this service.")
@click.option(
    "--save", is_flag=True, help="存入数据目录，重复读取不会重复计数。 Keeps the counts; reading twice counts once."
)
@click.option("--csv", "csv_path", type=click.Path(dir_okay=False, path_type=Path), help="另存 CSV。 Also writes CSV.")
@click.option(
    "--regions",
    type=click.Path(dir_okay=False, path_type=Path),
    help="IP 地址库（.mmdb），按地区统计。 An IP database (.mmdb), to count by region.",
)
@json_option
def count(
    logs: tuple[str, ...],
    log_format: str,
    year: int | None,
    service: str | None,
    save: bool,
    csv_path: Path | None,
    regions: Path | None,
    as_json: bool,
) -> None:
    """Counts logs and shows the figures; with --save the figures shown are those of everything saved."""
    from openbeian.observation.traffic.regions import open_regions
    from openbeian.observation.traffic.report import count_traffic
    from openbeian.observation.traffic.store import report_saved, save_traffic, traffic_folder

    saved: dict[str, Any] = {}
    places = open_regions(regions)
    with progress_on_terminal() as progress:
        if save:
            folder = traffic_folder()
            outcome = save_traffic(
                logs, folder=folder, log_format=log_format, service=service, progress=progress, regions=places
            )
            saved = outcome.as_json()
            report = report_saved(folder, year=year)
        else:
            report = count_traffic(
                logs, log_format=log_format, year=year, service=service, progress=progress, regions=places
            )
    for item in saved.get("saved", []):
        say(OUTCOMES[item["outcome"]].format(path=item["path"], lines=item["read"]))
    for item in saved.get("unread", []):
        say(f"{item['path']}: {item['message'][language()]}")
    present(report, csv_path, as_json, saved)


OUTCOMES = {
    "new": Text("{path}：已保存 {lines} 行。", "{path}: {lines} lines saved."),
    "continued": Text("{path}：接着上次，新增 {lines} 行。", "{path}: continued with {lines} new lines."),
    "known": Text("{path}：没有新内容，未改动。", "{path}: nothing new, nothing changed."),
}


@command.command(help="已保存的数字。 The figures saved so far.")
@year_option
@click.option("--csv", "csv_path", type=click.Path(dir_okay=False, path_type=Path), help="另存 CSV。 Also writes CSV.")
@json_option
def saved(year: int | None, csv_path: Path | None, as_json: bool) -> None:
    """The figures of everything saved."""
    from openbeian.observation.traffic.store import report_saved, traffic_folder

    present(report_saved(traffic_folder(), year=year), csv_path, as_json, {})


@command.command(help="日志留存：覆盖的日期与缺口。 Retention: days covered and gaps.")
@json_option
def retention(as_json: bool) -> None:
    """Which days are covered by saved logs."""
    from openbeian.observation.traffic.retention import report_retention
    from openbeian.observation.traffic.store import traffic_folder

    report = report_retention(traffic_folder())
    if as_json:
        print_json(report.as_json())
        return
    show(RETENTION.format(since=report.keep_since, duty=report.duty.name, source=report.duty.source))
    for service in report.services:
        missing = sum(gap.days for gap in service.duty_days_missing)
        show(COVERED.format(service=name_of(service.service), first=service.first_on, last=service.last_on,
                            days=service.days_covered, gaps=len(service.gaps), missing=missing))  # fmt: skip
        for gap in service.duty_days_missing:
            show(f"    {gap.first_on} … {gap.last_on}")
        for gap in service.duty_days_unknown:
            show(UNKNOWN.format(first=gap.first_on, last=gap.last_on, days=gap.days))


RETENTION = Text(
    "{since} 起的日志必须仍在：{duty}（{source}）。", "Logs since {since} must still exist: {duty} ({source})."
)
UNKNOWN = Text(
    "    {first} … {last}，{days} 天：在留存期内，但早于最早的记录，无法判断。",
    "    {first} … {last}, {days} days: under the duty, but before the first record; cannot tell.",
)
COVERED = Text(
    "  {service}：{first} 至 {last}，覆盖 {days} 天，缺口 {gaps} 处；留存期内没有记录的 {missing} 天（无日志或无访问）：",
    "  {service}: {first} to {last}, {days} days covered, {gaps} gaps; {missing} days under the duty without a record "
    "(no log, or no visitor):",
)


@command.command(help="日志中出现、但没有备案的域名。 Host names served that no filing covers.")
@log_arguments
@click.option(
    "--filed",
    type=click.Path(path_type=Path),
    help="已备案域名清单，每行一个；不给则用本系统的备案记录。 Filed domains, one a line; without it the record here.",
)
@format_option
@json_option
def hosts(logs: tuple[str, ...], filed: Path | None, log_format: str, as_json: bool) -> None:
    """Domains served, without a filing first."""
    from openbeian.observation.traffic.hosts import list_hosts, read_filed

    if filed:
        covering = read_filed(filed)
    else:
        import django

        django.setup()
        from openbeian.observation.traffic.queries import find_filed as covering
    with progress_on_terminal() as progress:
        report = list_hosts(logs, filed=covering, log_format=log_format, progress=progress)
    if as_json:
        print_json(report.as_json())
        return
    for domain in report.as_json()["unfiled"]:
        show(f"{domain['domain']}  {domain['requests']}  {domain['first_at']} … {domain['last_at']}")
        for host in domain["hosts"]:
            show(f"    {host['host']}  {host['requests']}")
    say(
        HOSTS.format(
            unfiled=len(report.unfiled), filed=len(report.filed), other=sum(h.requests for h in report.without_domain)
        )
    )


HOSTS = Text(
    "没有备案的域名 {unfiled} 个，已备案的 {filed} 个；没有域名的请求 {other} 次。",
    "{unfiled} domains without a filing, {filed} with one; {other} requests name no domain.",
)


@command.command(help="删除一个已保存日志的统计。 Removes the counts of a saved log.")
@click.argument("sha256")
@json_option
def forget(sha256: str, as_json: bool) -> None:
    """The counts of the one saved log whose SHA-256 begins like this are removed; the log may then be saved anew."""
    from openbeian.observation.traffic.store import forget_log, traffic_folder

    log = forget_log(traffic_folder(), sha256)
    if as_json:
        print_json({"forgotten": log.path, "sha256": log.sha256, "lines": log.lines})
        return
    show(FORGOTTEN.format(path=log.path, lines=log.lines))


FORGOTTEN = Text("{path}：已删除 {lines} 行的统计。", "{path}: the counts of {lines} lines were removed.")


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
        show(f"  {label(language())}: {pair.people:,} / {pair.robots:,}")
    for month, measures in sorted(figures.months.items()):
        cells = "  ".join(f"{MEASURES[m](language())} {measures[m].people:,}/{measures[m].robots:,}" for m in MEASURES)
        show(f"    {month}  {cells}")


def sheet_rows(report: TrafficReport) -> Iterator[list[object]]:
    """The figures as one long table: service, period, measure, people, robots."""
    yield ["service", "period", "measure", "people", "robots"]
    for figures in report.services:
        periods = {"total": figures.total, **figures.years, **figures.months, **figures.days}
        for period, measures in periods.items():
            for measure, pair in measures.items():
                yield [figures.service, period, measure, pair.people, pair.robots]
        breakdowns = {"status": figures.statuses.items(), "method": figures.methods.items(),
                      "region": figures.regions, "page": figures.pages, "referrer": figures.referrers}  # fmt: skip
        for kind, rows in breakdowns.items():
            for name, pair in rows:
                yield [figures.service, kind, name, pair.people, pair.robots]


def name_of(service: str) -> str:
    return service or Text("（日志未写明主机）", "(the logs name no host)")(language())


def show(message: Text | str) -> None:
    """A line of the answer on stdout, control characters made visible."""
    click.echo(inert(message(language()) if isinstance(message, Text) else message))


@contextmanager
def progress_on_terminal() -> Iterator[Progress | None]:
    """A percentage on one line of stderr, for a person at a terminal only."""
    if not sys.stderr.isatty():
        yield None
        return

    def tell(share: float, name: str) -> None:
        click.echo(f"\r\x1b[K{share:4.0%}  {inert(name)[:60]}", err=True, nl=False)

    try:
        yield tell
    finally:
        click.echo("\r\x1b[K", err=True, nl=False)
