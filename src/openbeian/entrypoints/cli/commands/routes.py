"""`openbeian routes`: lists every address of the portal with its permission."""

from __future__ import annotations

from pathlib import Path

import click

_GOLDEN = Path(__file__).parents[5] / "tests" / "golden" / "routes.txt"


@click.command(help="列出所有页面地址及其权限。 Lists every address of the portal with its permission.")
@click.option("--write", is_flag=True, help="更新测试的清单。 Write the list that the tests hold.")
def command(write: bool) -> None:
    """One line per address on stdout, or into the golden list."""
    import django

    django.setup()

    from openbeian.entrypoints.web.routes import list_routes

    lines = "\n".join(list_routes()) + "\n"
    if write:
        _GOLDEN.write_text(lines)
    else:
        click.echo(lines, nl=False)
