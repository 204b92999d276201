"""`openbeian traffic`: figures from access logs, kept counts, days covered, and hosts without a filing."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from openbeian.entrypoints.cli.acting import get_cli_actor, in_whose_name
from openbeian.entrypoints.cli.output import inert, language, print_json, say
from openbeian.entrypoints.cli.traffic_answers import name_of, present, show
from openbeian.kernel.text import Text

if TYPE_CHECKING:
    from openbeian.observation.traffic.report import Progress


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
@click.option(
    "--engine",
    type=click.Choice(["duckdb", "spark"]),
    default="duckdb",
    show_default=True,
    help="在本机或在 Spark 集群上统计。 Counts on this machine or on a Spark cluster.",
)
@click.option(
    "--master",
    help="Spark 的主节点，如 local[2]、spark://…；由 spark-submit 启动时不用给。 Spark's master; not under spark-submit.",
)
@click.option(
    "--shared",
    type=click.Path(file_okay=False, exists=True, path_type=Path),
    help="集群各机器都能以同一路径访问的工作文件夹。 A work folder that all machines of the cluster see under this name.",
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
    engine: str,
    master: str | None,
    shared: Path | None,
    as_json: bool,
) -> None:
    """Counts logs and shows the figures; with --save the figures shown are those of everything saved."""
    if engine != "spark" and (master or shared):
        raise click.UsageError(ONLY_SPARK(language()))
    if engine == "spark" and save:
        raise click.UsageError(NOT_SAVED(language()))
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
        elif engine == "spark":
            from openbeian.observation.traffic.spark.report import count_traffic_on_spark

            report = count_traffic_on_spark(
                logs,
                master=master or default_master(),
                shared=shared,
                log_format=log_format,
                year=year,
                service=service,
                regions=places,
            )
        else:
            report = count_traffic(
                logs, log_format=log_format, year=year, service=service, progress=progress, regions=places
            )
    for item in saved.get("saved", []):
        say(OUTCOMES[item["outcome"]].format(path=item["path"], lines=item["read"]))
    for item in saved.get("unread", []):
        say(f"{item['path']}: {item['message'][language()]}")
    present(report, csv_path, as_json, saved)


ONLY_SPARK = Text(
    "--master 与 --shared 只与 --engine spark 一起使用。", "--master and --shared go with --engine spark only."
)
NOT_SAVED = Text(
    "--save 不能与 --engine spark 一起使用：统计保存在本机。请去掉其中一个。",
    "--save does not go with --engine spark: counts are kept by this machine. Leave one of them out.",
)


def default_master() -> str | None:
    """One machine with all its cores; under spark-submit the master chosen there."""
    return None if "SPARK_ENV_LOADED" in os.environ else "local[*]"


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


@command.command(help="并入另一台机器保存的统计。 Adds the counts that another machine saved.")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@json_option
def merge(folder: Path, as_json: bool) -> None:
    """FOLDER is the other machine's traffic folder, or a copy of it; adding it twice changes nothing."""
    from openbeian.observation.traffic.merging import merge_store
    from openbeian.observation.traffic.store import traffic_folder

    done = merge_store(traffic_folder(), folder)
    if as_json:
        print_json(done.as_json())
        return
    show(MERGED.format(added=done.added, known=done.known))


MERGED = Text(
    "已并入 {added} 个日志的统计，{known} 个原已存在。", "Counts of {added} logs were added, {known} were here already."
)


@command.command(name="forget-visitors", help="删除已保存统计中的访客标识，数字保留。 Forgets visitors, keeps figures.")
@click.option(
    "--before",
    required=True,
    type=click.DateTime(["%Y-%m", "%Y-%m-%d"]),
    help="这一天（或月初）以前的日子，北京时间。 The days before this month or day, China time.",
)
@click.option("--uploads", is_flag=True, help="本单位上传日志的统计。 Of the logs an organisation uploaded.")
@in_whose_name
@json_option
def forget_visitors(before: datetime, uploads: bool, email: str, organisation: str, as_json: bool) -> None:
    """Cannot be undone: numbers of visitors of periods that are not forgotten as a whole become estimates."""
    if uploads:
        import django

        django.setup()
        from openbeian.observation.traffic.actions import forget_visitors as action

        done = action.forget_visitors(get_cli_actor(email, organisation), before.date())
    else:
        from openbeian.observation.traffic.forgetting import forget_visitors_of
        from openbeian.observation.traffic.store import traffic_folder

        done = forget_visitors_of(traffic_folder(), before.date())
    if as_json:
        print_json(done.as_json())
        return
    show(VISITORS_FORGOTTEN.format(before=done.before, days=done.days, visitors=done.visitors))


VISITORS_FORGOTTEN = Text(
    "{before} 以前：{days} 天的 {visitors} 个访客标识已删除，数字保留。",
    "Before {before}: {visitors} visitors of {days} days were forgotten; the figures stay.",
)


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
