"""`openbeian journal`: checks the chain of the journal and takes it out as lines."""

from __future__ import annotations

from datetime import date

import click
import django

from openbeian.entrypoints.cli.output import language, print_json, say
from openbeian.kernel.text import Text


@click.group(help="日志：核对与导出。 The journal: check it, take it out.")
def command() -> None:
    """The group `openbeian journal`."""
    django.setup()


@command.command()
@click.option("--json", "as_json", is_flag=True, help="以 JSON 输出。 Answer as JSON.")
def verify(as_json: bool) -> None:
    """逐条核对哈希链；断开时指出第一条并以 2 退出。 Walks the whole chain; exit code 2 names the first broken entry."""
    from openbeian.journal.queries import verify_journal

    count = verify_journal()
    if as_json:
        print_json({"entries": count, "intact": True})
    else:
        say(Text(f"共 {count} 条，哈希链完整。", f"{count} entries; the chain is intact."))


@command.command()
@click.option(
    "--json", "as_json", is_flag=True, help="每条一行 JSON（默认 CSV）。 One line of JSON each (default: CSV)."
)
@click.option("--event", default="", help="只要此事件。 Only this event.")
@click.option("--subject", default="", help="只要此对象，如 case:12。 Only this subject.")
@click.option("--person", default="", help="只要此人。 Only this person.")
@click.option("--from", "from", default="", metavar="DAY", help="起始日。 First day.")
@click.option("--until", "until", default="", metavar="DAY", help="截止日（含）。 Last day.")
def export(as_json: bool, **wanted: str) -> None:
    """按时间顺序输出日志。 Writes the entries in order on stdout."""
    from openbeian.journal.export import write_csv, write_json_lines
    from openbeian.journal.models import Entry
    from openbeian.journal.selection import Selection

    for option in ("from", "until"):
        check_day(f"--{option}", wanted[option])
    entries = Selection.read(wanted).narrow(Entry.objects.order_by("sequence")).iterator(chunk_size=1000)
    for line in write_json_lines(entries) if as_json else write_csv(entries, language()):
        click.echo(line, nl=False)


def check_day(option: str, day: str) -> None:
    """On the command line a mistyped day must not widen what is taken out."""
    try:
        if day:
            date.fromisoformat(day)
    except ValueError as fault:
        raise click.BadParameter(f"{day!r}: 2026-03-01", param_hint=option) from fault
