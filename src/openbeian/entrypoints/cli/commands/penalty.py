"""`openbeian penalty`: what a breach costs, given the facts that are known."""

from __future__ import annotations

import click

from openbeian.entrypoints.cli.output import inert, language, print_json
from openbeian.kernel import clock


@click.command(help="某违法行为的处罚范围。 The range of penalties for a breach, given the facts.")
@click.argument("rule")
@click.argument("more_facts", nargs=-1, metavar="[K=V]…")
@click.option(
    "--facts", multiple=True, metavar="K=V", help="事实，可多次，如 illegal_gain_yuan=60000。 Facts, repeatable."
)
@click.option("--on", "day", metavar="DATE", help="按哪一天的法律（默认今天）。 The law of which day (default: today).")
@click.option("--province", metavar="AREA", help="省份，如 浙。 Province, such as 浙.")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。 Print JSON.")
def command(
    rule: str,
    more_facts: tuple[str, ...],
    *,
    facts: tuple[str, ...],
    day: str | None,
    province: str | None,
    as_json: bool,
) -> None:
    from openbeian.rules.conditions import read_facts
    from openbeian.rules.days import read_day
    from openbeian.rules.explanation import explain_penalty
    from openbeian.rules.penalties import compute_penalties
    from openbeian.rules.rulebook import current_rulebook

    rulebook = current_rulebook()
    on = read_day(day) if day else clock.today()
    area = rulebook.get_area(province).key if province else None
    rulebook.get_rule(rule)
    known = read_facts((*facts, *more_facts), rulebook.facts)
    penalties = compute_penalties(rulebook, rule, on, known, province=area)
    if as_json:
        answers = [penalty.as_json(rulebook.measures) for penalty in penalties]
        print_json(answers[0] | {"asked": rule, "penalties": answers})
        return
    for penalty in penalties:
        for line in explain_penalty(penalty, rulebook):
            click.echo(inert(line(language())))
