"""The command line: JSON on stdout, messages on stderr; exit 0 done, 2 refused, 1 fault.

Every command is one module in `commands/` that offers `command`; it is imported only when it is called, so
that the launcher starts fast. `number_parse` style names are not needed: a group lives in its own module.
"""

from __future__ import annotations

import importlib
import logging
import os
import pkgutil
import sys
import uuid
from typing import cast

import click

from openbeian.entrypoints.cli import commands
from openbeian.entrypoints.cli.output import print_refusal
from openbeian.entrypoints.cli.unprepared import DatabaseUnprepared, is_unprepared
from openbeian.kernel.errors import OpenBeianError

log = logging.getLogger(__name__)


class LazyCommands(click.Group):
    """Finds commands by module name: `commands/case.py` is `openbeian case`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(m.name.replace("_", "-") for m in pkgutil.iter_modules(commands.__path__))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        module = importlib.import_module(f"{commands.__name__}.{cmd_name.replace('-', '_')}")
        return cast(click.Command, module.command)


@click.group(
    cls=LazyCommands,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="OpenBeian：让网站、App 和小程序合法在线。 Keeps Chinese websites, apps and mini-programs legal and online.",
)
def cli() -> None:
    """The root of all commands."""


def main(arguments: list[str] | None = None) -> int:
    """Runs one command and maps what it raised to an exit code."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "openbeian.settings")
    try:
        result = cli.main(args=arguments, prog_name="openbeian", standalone_mode=False)
    except OpenBeianError as refusal:
        print_refusal(refusal)
        return 2
    except click.ClickException as misuse:
        misuse.show()
        return 2
    except (click.Abort, KeyboardInterrupt):
        return 2
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except Exception as fault:
        if is_unprepared(fault):
            print_refusal(DatabaseUnprepared())
            return 2
        identifier = uuid.uuid4().hex[:12]
        log.exception("command failed", extra={"identifier": identifier})
        click.echo(
            f"程序出错，请把编号 {identifier} 告诉维护者。 A fault of ours; quote {identifier} to the maintainers.",
            err=True,
        )
        return 1
    return result if isinstance(result, int) else 0
