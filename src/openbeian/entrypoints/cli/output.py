"""How commands speak: JSON on stdout, messages for people on stderr, control characters made visible."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import click

from openbeian.kernel import writing
from openbeian.kernel.errors import OpenBeianError
from openbeian.kernel.text import Language, Text


def language() -> Language:
    """The reader's language: OPENBEIAN_LANGUAGE, else English for an English locale, else Chinese."""
    wanted = os.environ.get("OPENBEIAN_LANGUAGE") or os.environ.get("LC_ALL") or os.environ.get("LANG") or "zh"
    return "en" if wanted.lower().startswith("en") else "zh"


def inert(text: str) -> str:
    """Text that cannot drive a terminal; line breaks and tabs stay."""
    return writing.inert(text, keep="\n\t")


def print_json(value: Any) -> None:
    """One JSON document on one line on stdout."""
    click.echo(json.dumps(value, ensure_ascii=False, separators=(", ", ": ")))


def say(message: Text | str) -> None:
    """A sentence for the person, on stderr."""
    click.echo(inert(message(language()) if isinstance(message, Text) else message), err=True)


def wants_json() -> bool:
    """Whether the running command was called with --json."""
    return "--json" in sys.argv


def print_refusal(refusal: OpenBeianError) -> None:
    """A refusal: the sentence and each fault on stderr; the JSON form on stdout if JSON was asked for."""
    if wants_json():
        print_json(refusal.as_json())
    say(refusal.text)
    for fault in refusal.faults:
        value = f" = {fault.value}" if fault.value else ""
        say(f"  {fault.field}{value}: {fault.message(language())} → {fault.fix(language())}")
