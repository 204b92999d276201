"""`openbeian report`: begins, fills, checks and hands in annual reports; JSON on stdout."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from openbeian.entrypoints.cli.acting import get_cli_actor, in_whose_name
from openbeian.entrypoints.cli.output import print_json, say
from openbeian.kernel.errors import OpenBeianError
from openbeian.kernel.text import Text

if TYPE_CHECKING:
    from openbeian.kernel.actor import Actor
    from openbeian.supervision.reporting.models import AnnualReport

MOST_BYTES = 1_000_000


class ReportUnknown(OpenBeianError):
    code = "report_unknown"
    status = 404
    message = Text(
        "{number} 没有 {year} 年度的年报，或您无权查看。", "There is no report of {number} for {year} to see."
    )


class FiguresUnreadable(OpenBeianError):
    code = "figures_unreadable"
    message = Text(
        "{file} 读不了：应为不超过 1 MB 的 JSON，如 {example}。",
        "{file} cannot be read: JSON of 1 MB at most, as {example}.",
    )


class SubjectNotNamed(OpenBeianError):
    code = "report_subject_not_named"
    message = Text(
        "请用 --licence 指明许可证，或用 --number 指明码号，两者取一。",
        "Name a licence with --licence or a number resource with --number, one of the two.",
    )


@click.group(help="年报：填报、核对、报送。 Annual reports: draft, check, submit.")
@in_whose_name
@click.pass_context
def command(context: click.Context, email: str, organisation: str) -> None:
    """The group `openbeian report`."""
    import django

    django.setup()
    context.obj = (email, organisation)


@command.command()
@click.option("--year", required=True, type=click.IntRange(2000, 2100), help="报告年度。 The year reported on.")
@click.option("--licence", default="", help="许可证号。 The licence.")
@click.option("--number", default="", help="码号，如 95013：报码号年报。 A number resource: its own report.")
@click.option("--figures", type=click.Path(path_type=Path, dir_okay=False), help="JSON：{路径: 数值}。 JSON {path: value}.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="总是 JSON。 JSON in any case.")
@click.pass_context
def draft(context: click.Context, year: int, licence: str, number: str, figures: Path | None, as_json: bool) -> None:
    """开始或继续一份年报；--figures 写入数值。 Begins or goes on with a report; --figures writes values."""
    actor = get_cli_actor(*context.obj)
    _check_named(licence, number)
    from openbeian.supervision.reporting.actions.save_report import save_report
    from openbeian.supervision.reporting.errors import ReportOnRecord

    typed = _read_figures(figures) if figures else {}
    try:
        report = _start_of_number(actor, number, year) if number else _start_of_licence(actor, licence, year)
    except ReportOnRecord:
        report = _find(actor, licence, number, year)
    if typed:
        report = save_report(actor, report.pk, typed)
    print_json(describe(report))


@command.command()
@click.option("--year", required=True, type=click.IntRange(2000, 2100), help="报告年度。 The year reported on.")
@click.option("--licence", default="", help="许可证号。 The licence.")
@click.option("--number", default="", help="码号，如 95013：报码号年报。 A number resource: its own report.")
@click.option("--json", "as_json", is_flag=True, help="总是 JSON。 JSON in any case.")
@click.pass_context
def check(context: click.Context, year: int, licence: str, number: str, as_json: bool) -> int:
    """列出全部问题；有须改的，退出码 2。 Lists every fault; exit code 2 while one must be fixed."""
    actor = get_cli_actor(*context.obj)
    _check_named(licence, number)
    report = _find(actor, licence, number, year)
    from openbeian.supervision.reporting.turning import list_faults

    faults = list_faults(report)
    for fault in faults:
        print_json(fault.as_json())
    certain = sum(1 for fault in faults if fault.certain)
    say(Text("{n} 处须修改，{m} 处请核对。", "{n} to fix, {m} to look at.").format(n=certain, m=len(faults) - certain))
    return 2 if certain else 0


def _check_named(licence: str, number: str) -> None:
    """Raises: SubjectNotNamed."""
    if bool(licence) == bool(number):
        raise SubjectNotNamed


def _start_of_licence(actor: Actor, number: str, year: int) -> AnnualReport:
    from openbeian.registry.queries import list_licences_visible_to
    from openbeian.supervision.reporting.actions.start_report import start_report

    licence = list_licences_visible_to(actor).filter(number=number[:40]).first()
    if licence is None:
        raise ReportUnknown(number=number[:40], year=year)
    return start_report(actor, licence.pk, year)


def _start_of_number(actor: Actor, number: str, year: int) -> AnnualReport:
    from openbeian.registry.queries import list_number_resources_visible_to
    from openbeian.supervision.reporting.actions.start_number_report import start_number_report

    resource = list_number_resources_visible_to(actor).filter(number=number[:20]).first()
    if resource is None:
        raise ReportUnknown(number=number[:20], year=year)
    return start_number_report(actor, resource.pk, year)


def _find(actor: Actor, licence: str, number: str, year: int) -> AnnualReport:
    from openbeian.supervision.reporting.queries import list_reports_visible_to, may_read_figures

    reports = list_reports_visible_to(actor).filter(year=year)
    if number:
        found = reports.filter(number_resource__number=number[:20], regime="number").first()
    else:
        found = reports.filter(licence__number=licence[:40], regime="report").first()
    if found is None or not may_read_figures(actor, found):
        raise ReportUnknown(number=(number or licence)[:40], year=year)
    return found


def _read_figures(file: Path) -> dict[str, str]:
    refusal = FiguresUnreadable(file=file.name, example='{"economy.total_income": "1000"}')
    try:
        if file.stat().st_size > MOST_BYTES:
            raise refusal
        read = json.loads(file.read_text("utf-8-sig"))
    except (OSError, ValueError, RecursionError):
        raise refusal from None
    if not isinstance(read, dict) or not all(
        isinstance(v, str | int) and not isinstance(v, bool) for v in read.values()
    ):
        raise refusal
    return {str(path): str(value) for path, value in read.items()}


def describe(report: AnnualReport) -> dict[str, Any]:
    """The draft: state, window, every figure with its origin, what it is compared with, and what is still wrong."""
    from openbeian.supervision.reporting.decisions.report_checks import compare, list_asked
    from openbeian.supervision.reporting.prefilling import find_last_year
    from openbeian.supervision.reporting.queries import find_window, get_rules_of, get_state
    from openbeian.supervision.reporting.turning import list_faults, name_subject

    before = find_last_year(report.subject, report.year, report.regime)
    last_year = before.figures if before else {}
    window = find_window(report.year, report.regime)
    figures = []
    rules = get_rules_of(report)
    for path, field in list_asked(rules, tuple(report.codes), report.figures):
        value, origin = str(report.figures.get(path, "")), report.origins.get(path, {})
        figures.append(
            {
                "path": path,
                "label": field.label.as_json(),
                "value": "" if field.is_personal else value,
                "is_filled": bool(value),
                "public": field.publicity,
                "origin": origin.get("kind") if origin and value == origin.get("value") else "typed" if value else None,
                "reference": origin.get("reference") or None,
                "last_year": "" if field.is_personal else str(last_year.get(path, "")),
                "change_percent": compare(value, str(last_year.get(path, ""))),
            }
        )
    return {
        "kind": "number" if report.is_of_number else "licence",
        name_subject(report): report.subject.number,
        "year": report.year,
        "state": report.state,
        "state_label": get_state(report).label.as_json(),
        "window": {
            "opens_on": window.opens_on.isoformat() if window.opens_on else None,
            "closes_on": window.closes_on.isoformat() if window.closes_on else None,
            "make_up_until": window.make_up_until.isoformat() if window.make_up_until else None,
        },
        "businesses": report.codes,
        "figures": figures,
        "grounds": [ground for form in rules.forms for ground in _describe_grounds(form.rules)],
        "faults": [fault.as_json() for fault in list_faults(report)],
    }


def _describe_grounds(rule_ids: tuple[str, ...]) -> list[dict[str, Any]]:
    """What the forms rest on, with source and confidence; of fees too."""
    from openbeian.kernel import clock
    from openbeian.rules.errors import NoRuleInForce
    from openbeian.rules.resolver import resolve, value_json
    from openbeian.rules.rulebook import current_rulebook

    found = []
    for rule_id in rule_ids:
        try:
            resolution = resolve(current_rulebook(), rule_id, clock.today())
        except NoRuleInForce:
            continue
        found.append(
            {
                "rule": rule_id,
                "value": value_json(resolution.version.value),
                "certain": resolution.is_certain,
                "source": resolution.source_json(),
                "contradicted_by": [c.as_json() for c in resolution.contradicted_by],
            }
        )
    return found
