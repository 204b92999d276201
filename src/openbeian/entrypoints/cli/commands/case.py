"""`openbeian case`: lists, shows and submits cases in the name of a member; JSON on stdout."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from openbeian.entrypoints.cli.acting import in_whose_name
from openbeian.entrypoints.cli.output import print_json, say, wants_json
from openbeian.kernel.errors import OpenBeianError
from openbeian.kernel.text import Text

if TYPE_CHECKING:
    from openbeian.kernel.actor import Actor

F = TypeVar("F", bound=Callable[..., Any])


@click.group(help="办件：列表、查看、提交。 Cases: list, show, submit.")
@in_whose_name
@click.pass_context
def command(context: click.Context, email: str, organisation: str) -> None:
    """The group `openbeian case`."""
    import django

    django.setup()
    context.obj = (email, organisation)


def as_json(run: F) -> F:
    """Gives a command --json, which it speaks anyway, and prints its refusals as JSON too."""
    return click.option("--json", "json_", is_flag=True, expose_value=False, help="总是 JSON。 JSON in any case.")(run)


def _actor(context: click.Context) -> Actor:
    from openbeian.entrypoints.cli.acting import get_cli_actor

    return get_cli_actor(*context.obj)


def _refused(refusal: OpenBeianError) -> OpenBeianError:
    """Prints the refusal as JSON where the caller of the command has not asked for it; main says it in words."""
    if not wants_json():
        print_json(refusal.as_json())
    return refusal


@command.command("list")
@click.option("--search", default="", help="主体、服务、办件号。 Sponsor, service or reference.")
@click.option("--state", default="", help="状态。 State.")
@click.option("--open", "is_open", is_flag=True, help="只列办理中的。 Open ones only.")
@as_json
@click.pass_context
def list_command(context: click.Context, search: str, state: str, is_open: bool) -> None:
    """办件列表，每行一笔 JSON。 One line of JSON per case."""
    try:
        actor = _actor(context)
        from openbeian.cases.listing import CaseFilter, list_cases
        from openbeian.entrypoints.cli.case_files import describe_case

        wanted = CaseFilter.read({"q": search, "state": state, "open": "open" if is_open else ""})
        for case in list_cases(actor, wanted).iterator():
            print_json(describe_case(case))
    except OpenBeianError as refusal:
        raise _refused(refusal) from None


@command.command()
@click.argument("reference")
@as_json
@click.pass_context
def show(context: click.Context, reference: str) -> None:
    """一笔办件的进度与审核历史。 One case, with its way so far."""
    try:
        actor = _actor(context)
        from openbeian.cases.queries import list_cases_visible_to
        from openbeian.entrypoints.cli.case_files import CaseUnknown, describe_case_in_full

        case = list_cases_visible_to(actor).filter(reference=reference[:20]).first()
        if case is None:
            raise CaseUnknown(reference=reference[:20])
        print_json(describe_case_in_full(case))
    except OpenBeianError as refusal:
        raise _refused(refusal) from None


@command.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@as_json
@click.pass_context
def submit(context: click.Context, file: Path) -> None:
    """按文件新建并提交；有错全部列出，什么都不写入。 Starts and submits what FILE says, or lists every fault."""
    try:
        actor = _actor(context)
        from openbeian.entrypoints.cli.case_files import describe_case, read_case_file, submit_case_file

        case = submit_case_file(actor, read_case_file(file))
        print_json(describe_case(case))
        say(Text("已提交，办件号 {n}。", "Submitted. The reference is {n}.").format(n=case.reference))
    except OpenBeianError as refusal:
        raise _refused(refusal) from None
