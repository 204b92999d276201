"""`openbeian import`: takes what stands elsewhere into the record."""  # noqa: N999  the command is called import

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
import django

from openbeian.entrypoints.cli.acting import get_cli_actor, in_whose_name
from openbeian.entrypoints.cli.output import language, print_json, say
from openbeian.kernel.text import Text

if TYPE_CHECKING:
    from openbeian.registry.portfolio_report import ImportReport


@click.group(help="导入。 Takes what stands elsewhere into the record.")
def command() -> None:
    """The group `openbeian import`."""
    django.setup()


@command.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@in_whose_name
@click.option("--partial", is_flag=True, help="有错的行跳过，其余导入。 Keep good rows although others are refused.")
@click.option(
    "--update", is_flag=True, help="与记录不同时以表格为准。 Write the sheet over the record where they differ."
)
@click.option("--check", is_flag=True, help="只检查，不写入。 Check only.")
@click.option("--json", "as_json", is_flag=True, help="以 JSON 输出。 Answer as JSON.")
@click.pass_context
def portfolio(
    context: click.Context,
    file: Path,
    email: str,
    organisation: str,
    partial: bool,
    update: bool,
    check: bool,
    as_json: bool,
) -> None:
    """导入备案清单（xlsx 或 CSV），每行一项已有备案号的服务。

    Imports a portfolio, one service with its number in each row. A second run changes nothing. Exit code 2 if any
    row was refused; without --partial nothing is written then.
    """
    from openbeian.registry.actions.import_portfolio import import_portfolio
    from openbeian.registry.errors import SheetUnreadable
    from openbeian.registry.sheets.reading import LARGEST_BYTES, reading_sheet

    actor = get_cli_actor(email, organisation)
    if file.stat().st_size > LARGEST_BYTES:
        raise SheetUnreadable.because("large", megabytes=LARGEST_BYTES // 1024**2)
    with reading_sheet(file.read_bytes()) as sheet:
        report = import_portfolio(actor, sheet, partial=partial, update=update, check_only=check)
    if as_json:
        print_json(report.as_json())
    _tell(report, quiet=as_json)
    if report.refused:
        context.exit(2)


def _tell(report: ImportReport, *, quiet: bool) -> None:
    for problem in () if quiet else report.problems:
        row = Text(f"第 {problem.row} 行", f"row {problem.row}")(language())
        value = f" = {problem.value}" if problem.value else ""
        fault = problem.problem
        say(f"{row} {problem.column(language())}{value}: {fault.message(language())} → {fault.fix(language())}")
    say(
        Text(
            f"共 {report.rows} 行：新增 {report.created}，更新 {report.updated}，未变 {report.unchanged}，"
            f"有错 {report.refused}，暂缓 {report.held_back}。",
            f"{report.rows} rows: {report.created} created, {report.updated} updated, {report.unchanged} unchanged, "
            f"{report.refused} refused, {report.held_back} held back.",
        )
    )
