"""In whose name something happens: the person, the organisation, their rights, the door and the address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from openbeian.kernel.errors import OpenBeianError
from openbeian.kernel.text import Text

Door = Literal["web", "api", "cli", "worker"]


class NotPermitted(OpenBeianError):
    code = "not_permitted"
    status = 403
    message = Text(
        "您的角色没有此项权限（{permission}）。请联系本单位管理员。",
        "Your role does not include this right ({permission}). Ask your organisation's administrator.",
    )


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts. `permissions` are those of all roles in the organisation acted for; deny by default.

    Whether a *record* is the actor's own is a second question, answered by each package's `…_visible_to`.
    """

    user_id: int | None
    name: str
    organisation_id: int | None
    organisation_kind: str
    roles: frozenset[str]
    permissions: frozenset[str]
    door: Door
    address: str = ""
    # The area of an administration's organisation, as in 京; empty for others.
    province: str = ""
    runs_installation: bool = False

    def may(self, permission: str) -> bool:
        return permission in self.permissions

    @property
    def is_system(self) -> bool:
        """The program itself, at work on something already decided (lapses, expiries, jobs)."""
        return self.user_id is None and self.name == SYSTEM.name


SYSTEM = Actor(None, "系统", None, "operator", frozenset(), frozenset(), "worker")


def check_permitted(actor: Actor, permission: str) -> None:
    """Raises: NotPermitted."""
    if not actor.may(permission):
        raise NotPermitted(permission=permission)
