"""`openbeian deadline`: by when something is due under a rule, and why."""

from __future__ import annotations

from datetime import datetime

import click

from openbeian.entrypoints.cli.loaded_calendar import connect_loaded_calendar
from openbeian.entrypoints.cli.output import inert, language, print_json


@click.command(help="某规则的期限何时届满，依据为何。 When a rule's time limit ends, and on what ground.")
@click.argument("rule")
@click.option(
    "--anchor",
    required=True,
    metavar="DATE",
    help="起算日 YYYY-MM-DD（小时可写 YYYY-MM-DDTHH:MM）。 The day it counts from.",
)
@click.option(
    "--as-of", metavar="DATE", help="按哪一天的法律（默认起算日）。 The law of which day (default: the anchor's)."
)
@click.option("--province", metavar="AREA", help="省份，如 浙。 Province, such as 浙.")
@click.option(
    "--policy", "claims", multiple=True, metavar="CLAIM", help="假设把某说法设为政策。 As if a claim were policy."
)
@click.option("--explain", is_flag=True, help="逐步说明。 Print the chain of reasons.")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。 Print JSON.")
def command(
    rule: str,
    *,
    anchor: str,
    as_of: str | None,
    province: str | None,
    claims: tuple[str, ...],
    explain: bool,
    as_json: bool,
) -> None:
    from openbeian.rules.days import read_day, read_day_or_instant, trial_policies
    from openbeian.rules.deadlines import compute_deadline
    from openbeian.rules.explanation import explain_deadline, say_deadline
    from openbeian.rules.rulebook import current_rulebook

    connect_loaded_calendar()
    rulebook = current_rulebook()
    starts, law_of = read_day_or_instant(anchor), read_day(as_of) if as_of else None
    since = law_of or (starts.date() if isinstance(starts, datetime) else starts)
    deadline = compute_deadline(
        rule,
        starts,
        law_of,
        rulebook.get_area(province).key if province else None,
        trial_policies(rule, claims, since),
        rulebook=rulebook,
    )
    chain = explain_deadline(deadline, rulebook)
    if as_json:
        print_json(deadline.as_json() | {"explanation": [line.as_json() for line in chain]})
        return
    for line in chain if explain else (say_deadline(deadline, rulebook),):
        click.echo(inert(line(language())))
