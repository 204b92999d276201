"""`openbeian obligations`: what is owed, by when and why, gravest and nearest first; one line of JSON each."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

from openbeian.entrypoints.cli.acting import in_whose_name
from openbeian.entrypoints.cli.output import inert, language, print_json, wants_json
from openbeian.kernel.errors import OpenBeianError
from openbeian.kernel.text import Text

if TYPE_CHECKING:
    from openbeian.obligations.queries import Shown

_WITHIN = re.compile(r"(\d{1,4})\s*d?", re.ASCII)


class SpanUnreadable(OpenBeianError):
    code = "span_unreadable"
    message = Text("“{given}”不是天数，请写成 90d。", "“{given}” is no number of days; write 90d.")


class SponsorUnknown(OpenBeianError):
    code = "sponsor_unknown"
    status = 404
    message = Text("没有主体 {number}，或您无权查看。", "There is no sponsor {number} for you to see.")


@click.command(help="义务清单：应做什么、何时、依据。 What is owed, by when, on what ground.")
@in_whose_name
@click.option("--sponsor", default="", metavar="NUMBER", help="主体备案号。 A sponsor's filing number.")
@click.option("--within", default="", metavar="90d", help="多少天内到期。 Due within so many days.")
@click.option("--mine", is_flag=True, help="只看由我负责的。 Only what I am in charge of.")
@click.option("--all", "with_settled", is_flag=True, help="含已完成、已豁免的。 Settled ones too.")
@click.option("--json", "json_", is_flag=True, expose_value=False, help="每行一项 JSON。 One line of JSON each.")
def command(email: str, organisation: str, sponsor: str, within: str, mine: bool, with_settled: bool) -> None:
    """Computes what changed since the last run first, so that the answer is of now."""
    import django

    django.setup()
    from openbeian.entrypoints.cli.acting import get_cli_actor
    from openbeian.obligations.actions.follow_record import follow_record
    from openbeian.obligations.actions.recompute_obligations import recompute_obligations
    from openbeian.obligations.decisions import SETTLED
    from openbeian.obligations.in_charge import only_mine
    from openbeian.obligations.queries import describe, list_obligations_visible_to, order_by_harm, within_days
    from openbeian.registry.queries import list_sponsors_visible_to

    actor = get_cli_actor(email, organisation)
    days = _read_within(within)
    follow_record()
    recompute_obligations()
    rows = list_obligations_visible_to(actor)
    if sponsor:
        found = list_sponsors_visible_to(actor).filter(number=sponsor[:40]).first()
        if found is None:
            raise SponsorUnknown(number=sponsor[:40])
        rows = rows.filter(sponsor=found)
    if mine:
        rows = only_mine(rows, actor)
    if days is not None:
        rows = within_days(rows, days)
    elif not with_settled:
        rows = rows.exclude(stage__in=SETTLED)
    chunk = []
    for row in order_by_harm(rows).iterator(chunk_size=500):
        chunk.append(row)
        if len(chunk) == 500:
            _print(describe(chunk, actor))
            chunk = []
    _print(describe(chunk, actor))


def _print(shown: list[Shown]) -> None:
    for item in shown:
        if wants_json():
            print_json(item.as_json())
            continue
        la = language()
        notes = "".join(f" [{text(la)}]" for text in (item.policy, item.doubt) if text)
        due = item.row.due_on or "—"
        click.echo(
            inert(
                f"{due}\t{item.stage(la)}\t{item.kind.title(la)}\t{item.subject}\t{item.harm.text(la)}{notes}"
                f"\t{item.in_charge.name if item.in_charge else '—'}"
            )
        )


def _read_within(given: str) -> int | None:
    if not given:
        return None
    match = _WITHIN.fullmatch(given.strip())
    if match is None:
        raise SpanUnreadable(given=given[:20])
    return int(match[1])
