"""`openbeian workdays`: counts working days and checks a new year's holiday arrangement."""

from __future__ import annotations

from pathlib import Path

import click

from openbeian.entrypoints.cli.loaded_calendar import connect_loaded_calendar
from openbeian.entrypoints.cli.output import language, print_json
from openbeian.kernel.text import Text

PROVISIONAL = Text(
    "（暂定：放假安排未公布，按周一至周五推算）", " (provisional: arrangement unpublished, Monday to Friday assumed)"
)


@click.group(help="工作日：推算、计数、检查放假安排。 Working days: add, count, check an arrangement.")
def command() -> None:
    """The group."""


@command.command("add", context_settings={"ignore_unknown_options": True})
@click.argument("day", metavar="DATE")
@click.argument("amount", metavar="N", type=int)
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。 Print JSON.")
def add(day: str, amount: int, *, as_json: bool) -> None:
    """DATE 之后第 N 个工作日（次日为第一日，负数为之前）。 The Nth working day after DATE (negative: before)."""
    from openbeian.rules.days import read_day
    from openbeian.rules.rulebook import current_rulebook

    connect_loaded_calendar()
    start = read_day(day)
    reached, provisional = current_rulebook().calendar.add_working_days(start, amount)
    if as_json:
        print_json(
            {
                "from": start.isoformat(),
                "working_days": amount,
                "day": reached.isoformat(),
                "due_on": reached.isoformat(),
                "provisional": provisional,
            }
        )
    else:
        click.echo(reached.isoformat() + (PROVISIONAL(language()) if provisional else ""))


@command.command("between")
@click.argument("start", metavar="DATE")
@click.argument("end", metavar="DATE")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。 Print JSON.")
def between(start: str, end: str, *, as_json: bool) -> None:
    """两日之间的工作日数（不含起日，含止日）。 Working days after the first day up to the second."""
    from openbeian.rules.days import read_day
    from openbeian.rules.rulebook import current_rulebook

    connect_loaded_calendar()
    first, last = read_day(start), read_day(end)
    amount, provisional = current_rulebook().calendar.count_working_days(first, last)
    if as_json:
        print_json(
            {
                "from": first.isoformat(),
                "to": last.isoformat(),
                "working_days": amount,
                "provisional": provisional,
            }
        )
    else:
        click.echo(f"{amount}{PROVISIONAL(language()) if provisional else ''}")


@command.command("check")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。 Print JSON.")
def check(file: Path, *, as_json: bool) -> None:
    """检查一年的放假安排（JSON 或 YAML）。 Check a year's arrangement in JSON or YAML."""
    from openbeian.rules.arrangements import check_arrangement
    from openbeian.rules.rulebook import current_rulebook
    from openbeian.rules.yaml_source import MOST_BYTES

    with file.open("rb") as stream:
        arrangement = check_arrangement(stream.read(MOST_BYTES + 1), file.name, current_rulebook())
    off = sum(d.is_off for d in arrangement.days)
    make_up = len(arrangement.days) - off
    if as_json:
        print_json({"year": arrangement.year, "source": arrangement.source, "days_off": off, "make_up_days": make_up})
        return
    said = Text(
        f"{arrangement.year} 年的安排没有发现问题：放假 {off} 天，调休上班 {make_up} 天。",
        f"The arrangement of {arrangement.year} shows no fault: {off} days off, {make_up} make-up days.",
    )
    click.echo(said(language()))
