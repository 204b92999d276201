"""`openbeian template`: files to fill in."""

from __future__ import annotations

from pathlib import Path

import click

from openbeian.entrypoints.cli.output import say
from openbeian.kernel.text import Text


@click.group(help="可填写的模板。 Templates to fill in.")
def command() -> None:
    """The group `openbeian template`."""


@command.command()
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="写到哪里。 Where to write it.")
def portfolio(out: Path | None) -> None:
    """备案清单的 xlsx 模板。 The xlsx template of `import portfolio`; without --out beside you, never over a file."""
    from openbeian.registry.sheets.template import FILE_NAME, write_template
    from openbeian.rules.code_tables import load_code_tables

    path = out or Path(FILE_NAME)
    try:
        with path.open("xb" if out is None else "wb") as file:
            file.write(write_template(load_code_tables()))
    except OSError as fault:
        raise click.ClickException(f"{path}: {fault.strerror}") from fault
    say(Text(f"模板已写入 {path}", f"The template was written to {path}"))
