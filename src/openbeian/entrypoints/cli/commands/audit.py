"""`openbeian audit`: risky words in a saved page or text, each with its law and context."""

from __future__ import annotations

from pathlib import Path

import click

from openbeian.entrypoints.cli.output import print_json, say
from openbeian.kernel.errors import OpenBeianError
from openbeian.kernel.text import Text
from openbeian.observation.content.audit import Audit, audit_page
from openbeian.observation.content.decoding import MAX_PAGE_BYTES
from openbeian.observation.content.lexicon import load_lexicon
from openbeian.observation.content.sources import read_source

_MAX_ALLOW_BYTES = 1024 * 1024
_CLEAN = Text(
    "没有发现词表中的用语；这不等于内容合法。", "No listed term was found; that does not make the content lawful."
)
_FOUND = Text("“{matched}”：{context} → {advice}", "“{matched}” in “{context}” → {advice}")


@click.command(help="检查页面用语。 Looks for risky words in a saved page or text.")
@click.argument("files", nargs=-1, required=True, metavar="FILE|-…")
@click.option(
    "--allow", type=click.Path(path_type=Path), help="本单位允许的短语，每行一条。 Allowed phrases, one a line."
)
@click.option(
    "--installation",
    is_flag=True,
    help="也用本系统登记的允许短语。 With the phrases allowed in this installation, too.",
)
@click.option("--json", "as_json", is_flag=True, help="只输出 JSON。 JSON only.")
def command(files: tuple[str, ...], allow: Path | None, installation: bool, as_json: bool) -> int:
    """Prints the hits of each file; exit code 2 when a file could not be read."""
    lexicon = load_lexicon()
    if allow:
        phrases = read_source(str(allow), limit_bytes=_MAX_ALLOW_BYTES).decode("utf-8-sig", "replace").splitlines()
        lexicon = lexicon.allowing(line for line in phrases if not line.lstrip().startswith("#"))
    if installation:
        lexicon = lexicon.allowing(_list_installed())
    refused = 0
    for name in files:
        naming = {"file": name} if len(files) > 1 else {}
        try:
            audit = audit_page(read_source(name, limit_bytes=MAX_PAGE_BYTES), lexicon)
        except OpenBeianError as refusal:
            if len(files) == 1:
                raise
            print_json({**naming, **refusal.as_json()})
            say(refusal.text)
            refused = 2
            continue
        print_json({**naming, **audit.as_json()})
        if not as_json:
            _explain(audit)
    return refused


def _list_installed() -> list[str]:
    import django

    django.setup()
    from openbeian.supervision.queries import list_phrases

    return list(list_phrases(None).values_list("phrase", flat=True))


def _explain(audit: Audit) -> None:
    for hit in audit.hits:
        say(_FOUND.format(matched=hit.matched, context=hit.context, advice=hit.term.advice))
    if not audit.hits:
        say(_CLEAN)
