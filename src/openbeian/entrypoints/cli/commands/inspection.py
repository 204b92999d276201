"""`openbeian inspection`: lists and shows inspections in the name of a member; JSON on stdout."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import click

from openbeian.entrypoints.cli.acting import in_whose_name
from openbeian.entrypoints.cli.output import print_json
from openbeian.kernel.errors import OpenBeianError
from openbeian.kernel.text import Text

if TYPE_CHECKING:
    from openbeian.kernel.actor import Actor

_STATES = ("planned", "under_way", "rectifying", "closed")
_REFERENCE = re.compile(r"[Jj]?0*(\d{1,11})")


class ReferenceUnreadable(OpenBeianError):
    code = "reference_unreadable"
    message = Text(
        "“{reference}”不是检查编号：应形如 J000017。", "“{reference}” names no inspection: it looks like J000017."
    )


@click.group(help="检查：列表、查看。 Inspections: list, show.")
@in_whose_name
@click.pass_context
def command(context: click.Context, email: str, organisation: str) -> None:
    """The group `openbeian inspection`."""
    import django

    django.setup()
    context.obj = (email, organisation)


def _actor(context: click.Context) -> Actor:
    from openbeian.entrypoints.cli.acting import get_cli_actor

    return get_cli_actor(*context.obj)


def as_json(run: Any) -> Any:
    """Gives a command --json, which it speaks anyway."""
    return click.option("--json", "json_", is_flag=True, expose_value=False, help="总是 JSON。 JSON in any case.")(run)


@command.command("list")
@click.option("--state", type=click.Choice(_STATES), help="只列某一状态。 Only those in a state.")
@as_json
@click.pass_context
def list_command(context: click.Context, state: str | None) -> None:
    """每行一次检查，新的在前。 One line of JSON per inspection, newest first."""
    actor = _actor(context)
    from openbeian.supervision.inspections.queries import list_inspections_visible_to
    from openbeian.supervision.inspections.telling import describe_inspection

    rows = list_inspections_visible_to(actor).prefetch_related("assignments", "faults").order_by("-pk")
    for inspection in (rows.filter(state=state) if state else rows).iterator(chunk_size=500):
        print_json(describe_inspection(inspection))


@command.command()
@click.argument("reference")
@as_json
@click.pass_context
def show(context: click.Context, reference: str) -> None:
    """一次检查：各项结果和要整改的问题。 One inspection: each item, and what is to be put right."""
    actor = _actor(context)
    from openbeian.supervision.inspections.queries import get_inspection
    from openbeian.supervision.inspections.telling import describe_whole_inspection

    read = _REFERENCE.fullmatch(reference.strip())
    if read is None:
        raise ReferenceUnreadable(reference=reference[:40])
    print_json(describe_whole_inspection(actor, get_inspection(actor, int(read[1]))))
