"""`openbeian scam`: does a message about a filing look like fraud, why, and what to do instead."""

from __future__ import annotations

from pathlib import Path

import click

from openbeian.entrypoints.cli.output import language, print_json, say
from openbeian.kernel.errors import OpenBeianError
from openbeian.observation.content.decoding import decode_page
from openbeian.observation.content.scam import MAX_MESSAGE_BYTES, ScamCheck, check_message
from openbeian.observation.content.sources import read_source


@click.command(help="判断一条消息是否像诈骗。 Tells whether a message looks like fraud.")
@click.argument("texts", nargs=-1, required=True, metavar="TEXT|FILE|-…")
@click.option("--json", "as_json", is_flag=True, help="只输出 JSON。 JSON only.")
def command(texts: tuple[str, ...], as_json: bool) -> int:
    """Judges the text given, standard input for `-`, or files; several files give one line each."""
    if len(texts) == 1 or not all(text == "-" or _is_file(text) for text in texts):
        words = " ".join(texts)
        _show(check_message(_read(words) if words == "-" or _is_file(words) else words), {}, as_json=as_json)
        return 0
    refused = 0
    for name in texts:
        try:
            _show(check_message(_read(name)), {"file": name}, as_json=as_json)
        except OpenBeianError as refusal:
            print_json({"file": name, **refusal.as_json()})
            say(refusal.text)
            refused = 2
    return refused


def _read(name: str) -> str:
    return decode_page(read_source(name, limit_bytes=MAX_MESSAGE_BYTES)).text


def _is_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except (OSError, ValueError):  # too long for a name, or with a NUL in it: then it is a message
        return False


def _show(check: ScamCheck, naming: dict[str, str], *, as_json: bool) -> None:
    print_json({**naming, **check.as_json()})
    if not as_json:
        say(check.advice)
        for reason in check.reasons:
            say(f"  {reason.reason(language())}: {reason.found} → {reason.instead(language())}")
