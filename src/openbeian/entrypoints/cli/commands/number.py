"""`openbeian number`: reads filing, licence and police numbers."""

from __future__ import annotations

import click

from openbeian.entrypoints.cli.output import inert, print_json, print_refusal, say
from openbeian.kernel.numbers import NumberNotRecognised, describe_number, parse_number


@click.group(help="备案号与许可证号。 Filing and licence numbers.")
def command() -> None:
    """The group `openbeian number`."""


@command.command()
@click.argument("texts", metavar="TEXT...", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="每个号码输出一行 JSON。 One line of JSON per number.")
@click.pass_context
def parse(context: click.Context, texts: tuple[str, ...], as_json: bool) -> None:
    """解析号码并给出规范写法。 Reads each TEXT and gives the normal form; exit code 2 if any is refused."""
    refused = False
    for text in texts:
        try:
            described = describe_number(parse_number(text))
        except NumberNotRecognised as refusal:
            refused = True
            if as_json:
                print_json({"input": inert(text), "valid": False, **refusal.as_json()})
                say(refusal.text)
                say(refusal.problem.fix)
            else:
                print_refusal(refusal)
            continue
        if as_json:
            print_json({"input": inert(text), **described})
        else:
            click.echo(f"{described['normal']}\t{described['kind']}")
    if refused:
        context.exit(2)
