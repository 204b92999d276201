"""`openbeian rules`: reads the rulebook aloud: list, show, explain, check."""

from __future__ import annotations

from pathlib import Path

import click

from openbeian.entrypoints.cli.output import inert, language, print_json
from openbeian.kernel import clock
from openbeian.kernel.text import Text

DAY_OPTION = click.option(
    "--on", "day", metavar="DATE", help="按哪一天的法律（默认今天）。 The law of which day (default: today)."
)
PROVINCE_OPTION = click.option("--province", metavar="AREA", help="省份，如 浙。 Province, such as 浙.")
JSON_OPTION = click.option("--json", "as_json", is_flag=True, help="输出 JSON。 Print JSON.")


@click.group(help="规则库：列出、查看、说明、检查。 The rulebook: list, show, explain, check.")
def command() -> None:
    """The group."""


@command.command("list")
@click.option("--kind", help="只列某一类（limit、penalty…）。 Only one kind.")
@click.option("--search", default="", help="编号或标题中的词。 A word in id or title.")
@JSON_OPTION
def list_rules(*, kind: str | None, search: str, as_json: bool) -> None:
    """列出规则。 List the rules."""
    from openbeian.rules.rulebook import current_rulebook

    wanted = search.lower()
    found = [
        rule
        for rule in current_rulebook().rules.values()
        if kind in {None, rule.kind.value} and wanted in f"{rule.id} {rule.title.zh} {rule.title.en}".lower()
    ]
    if as_json:
        print_json([{"rule": r.id, "kind": r.kind.value, "title": r.title.as_json()} for r in found])
        return
    for rule in found:
        click.echo(inert(f"{rule.id}\t{rule.title(language())}"))


@command.command("show")
@click.argument("rule_id", metavar="RULE")
@JSON_OPTION
def show(rule_id: str, *, as_json: bool) -> None:
    """一条规则的全部版本和说法。 All versions and claims of one rule."""
    from openbeian.rules.explanation import describe_rule, rule_json
    from openbeian.rules.rulebook import current_rulebook

    rulebook = current_rulebook()
    rule = rulebook.get_rule(rule_id)
    if as_json:
        print_json(rule_json(rule))
        return
    for line in describe_rule(rule, rulebook):
        click.echo(inert(line(language())))


@command.command("explain")
@click.argument("rule_id", metavar="RULE")
@DAY_OPTION
@PROVINCE_OPTION
@click.option(
    "--policy", "claims", multiple=True, metavar="CLAIM", help="假设把某说法设为政策。 As if a claim were policy."
)
@JSON_OPTION
def explain(rule_id: str, *, day: str | None, province: str | None, claims: tuple[str, ...], as_json: bool) -> None:
    """某日适用哪一版本，为何；哪些说法未采用。 What is followed on a day, why, and what is not."""
    from openbeian.rules.days import read_day, trial_policies
    from openbeian.rules.explanation import explain_resolution
    from openbeian.rules.resolver import resolve
    from openbeian.rules.rulebook import current_rulebook

    rulebook = current_rulebook()
    on = read_day(day) if day else clock.today()
    area = rulebook.get_area(province).key if province else None
    resolution = resolve(rulebook, rule_id, on, area, trial_policies(rule_id, claims, on))
    chain = explain_resolution(resolution, rulebook)
    if as_json:
        print_json(resolution.as_json() | {"explanation": [line.as_json() for line in chain]})
        return
    for line in chain:
        click.echo(inert(line(language())))


@command.command("check")
@click.argument("path", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path))
@JSON_OPTION
def check(path: Path | None, *, as_json: bool) -> None:
    """检查规则库的全部文件并运行全部算例。 Check every file of the rulebook and run every worked case."""
    from openbeian.rules.cases import check_cases
    from openbeian.rules.loader import load_rulebook
    from openbeian.rules.other_files import check_other_files
    from openbeian.rules.rulebook import rulebook_path

    folder = path or rulebook_path()
    rulebook = load_rulebook(folder)
    others = check_other_files(folder, rulebook)
    cases = check_cases(folder, rulebook)
    versions = sum(len(rule.versions) for rule in rulebook.rules.values())
    if as_json:
        print_json(
            {"rules": len(rulebook.rules), "versions": versions, "cases": cases, **others, "digest": rulebook.digest}
        )
        return
    said = Text(
        f"规则库没有发现问题：{len(rulebook.rules)} 条规则，{versions} 个版本，{cases} 个算例全部通过；"
        f"{others['procedures']} 个办事流程，{others['materials']} 种材料，{others['reasons']} 条退回原因，"
        f"{others['obligation_kinds']} 类义务。",
        f"The rulebook shows no fault: {len(rulebook.rules)} rules, {versions} versions, all {cases} cases pass; "
        f"{others['procedures']} procedures, {others['materials']} papers, {others['reasons']} reasons, "
        f"{others['obligation_kinds']} kinds of obligation.",
    )
    click.echo(said(language()))
