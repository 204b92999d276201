"""In whose name a command acts: --as and --organisation, or the environment, or the only member there is."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from openbeian.kernel.actor import Actor

F = TypeVar("F", bound=Callable[..., Any])


def in_whose_name(run: F) -> F:
    """Gives a command the options --as (`email`) and --organisation; both may be left to the environment."""
    named = click.option(
        "--as",
        "email",
        default="",
        envvar="OPENBEIAN_AS",
        metavar="EMAIL",
        help="以谁的名义（登录邮箱）；系统里只有一位成员时可省略。 In whose name; may be left out where there is one member.",
    )
    of = click.option(
        "--organisation",
        default="",
        envvar="OPENBEIAN_ORGANISATION",
        metavar="NAME",
        help="代表哪个单位，有多个时必填。 For which organisation, if several.",
    )
    return named(of(run))


def get_cli_actor(email: str, organisation: str) -> Actor:
    """The member in whose name a command acts; Django must be set up. Raises: ActorUnknown."""
    from openbeian.accounts.acting import find_actor_by_email

    return find_actor_by_email(email, organisation, "cli")
