"""What a source of dates gives: cases, records, obligations each list theirs, and nobody asks whose table it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal, Protocol

from openbeian.kernel.actor import Actor
from openbeian.kernel.text import Text
from openbeian.rules.resolver import Policy

Kind = Literal["case", "document", "police_filing", "reconfirmation", "obligation"]

KIND_NAMES: dict[str, Text] = {
    "case": Text("办件", "Cases"),
    "document": Text("证件到期", "Certificates"),
    "police_filing": Text("公安联网备案", "Police filing"),
    "reconfirmation": Text("信息复核", "Re-confirmation"),
    "obligation": Text("其他义务", "Other duties"),
}


@dataclass(frozen=True, slots=True)
class Dated:
    """One thing that falls on a day in China.

    `key` stays the same however often the thing is asked for and whatever day it moves to (`case:17`). `title` says
    what, by numbers and never by a person's or sponsor's name, since it leaves the installation in feeds; `subject`
    and `in_charge` name it and who is in charge of it for people who are signed in. `path` leads to its page; `record` is
    the sponsor, service or case it comes from. `policy` is set where no law asks for it.
    """

    key: str
    kind: Kind
    on: date
    title: Text
    subject: str
    path: str
    rule_id: str = ""
    advised_on: date | None = None
    provisional: bool = False
    policy: Policy | None = None
    record: tuple[str, int] | None = None
    in_charge: str = ""


class DateSource(Protocol):
    """Lists what falls on the days asked for and the actor may see; with a sponsor, only what is that sponsor's."""

    def __call__(self, actor: Actor, first: date, last: date, *, sponsor_id: int | None = None) -> Iterable[Dated]: ...
