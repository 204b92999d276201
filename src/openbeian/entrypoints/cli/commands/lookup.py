"""`openbeian lookup`: what stands on record under a domain, a number, a name or an extract's code."""

from __future__ import annotations

from typing import Any

import click

from openbeian.entrypoints.cli.output import inert, language, print_json, say
from openbeian.kernel.text import Text

NOTHING = Text("没有查到。请核对拼写。", "Nothing found. Check the spelling.")


@click.command()
@click.argument("text")
@click.option("--json", "as_json", is_flag=True, help="输出一行 JSON。 One line of JSON.")
@click.pass_context
def command(context: click.Context, text: str, as_json: bool) -> None:
    """查询备案记录。 Looks TEXT up: domain, URL, number, name or extract code. Exit code 2 when nothing is found."""
    import django

    django.setup()
    from openbeian.documents.lookup import answer_public_question

    answer = answer_public_question(text)
    if as_json:
        print_json(answer)
    else:
        for record in answer["results"]:
            click.echo(inert("\t".join(_columns(record))))
        if answer["extract"]:
            sponsor = answer["extract"]["content"]["sponsor"]
            columns = (answer["extract"]["code"], answer["extract"]["issued_on"], sponsor["number"], sponsor["name"])
            click.echo(inert("\t".join(columns)))
        if answer["paper"]:
            click.echo(inert("\t".join(answer["paper"][key] for key in ("code", "kind", "issued_on"))))
    if not answer["results"] and not answer["extract"] and not answer["paper"]:
        hint = answer["hint"]
        say(hint[language()] if hint else NOTHING)
        context.exit(2)


def _columns(record: dict[str, Any]) -> list[str]:
    sponsor = record["sponsor"]
    return [
        record["number"],
        record["name"],
        record["kind"],
        sponsor["name"],
        ",".join(record["domains"]),
        record["granted_on"],
        record["standing"],
    ]
