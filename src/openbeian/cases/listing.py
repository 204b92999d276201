"""Finding cases in a list: the filters of its address, the orders it can be read in, and nothing of the forms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from django.db.models import F, Q, QuerySet
from django.db.models.expressions import OrderBy

from openbeian.cases.models import Case
from openbeian.cases.queries import list_cases_visible_to
from openbeian.kernel.actor import Actor

_LONGEST_SEARCH = 80

# What the reader may sort by, and the columns behind it; the key last, so that pages never overlap.
ORDERS: dict[str, tuple[str, ...]] = {
    "saved": ("saved_at", "pk"),
    "due": ("due_on", "pk"),
    "started": ("created_at", "pk"),
    "sponsor": ("title", "pk"),
    "state": ("state", "pk"),
}
DEFAULT_ORDER = "-saved"

MOST_IN_BULK = 200
"""How many cases one click may move; each is a transaction of its own."""


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """What a list of cases is narrowed to. Empty means everything."""

    search: str = ""
    state: str = ""
    procedure: str = ""
    standing: Literal["", "open", "closed"] = ""
    provider: int | None = None
    order: str = DEFAULT_ORDER

    @classmethod
    def read(cls, given: Mapping[str, str]) -> CaseFilter:
        """From an address or a command; a value that means nothing is left out, so that no address is an error."""
        provider, order = given.get("provider", ""), given.get("sort", DEFAULT_ORDER)
        standing = given.get("open", "")
        return cls(
            search=given.get("q", "").strip()[:_LONGEST_SEARCH].replace("\x00", ""),
            state=given.get("state", "")[:40].replace("\x00", ""),
            procedure=given.get("procedure", "")[:40].replace("\x00", ""),
            standing="open" if standing == "open" else "closed" if standing == "closed" else "",
            provider=int(provider) if provider.isascii() and provider.isdigit() and len(provider) < 10 else None,
            order=order if order.removeprefix("-") in ORDERS else DEFAULT_ORDER,
        )


def list_cases(actor: Actor, wanted: CaseFilter) -> QuerySet[Case]:
    """The actor's cases as the filter wants them, without opening one sealed form."""
    cases = list_cases_visible_to(actor).defer("form", "before")
    if wanted.standing:
        cases = cases.filter(is_open=wanted.standing == "open")
    if wanted.state:
        cases = cases.filter(state=wanted.state)
    if wanted.procedure:
        cases = cases.filter(procedure=wanted.procedure)
    if wanted.provider is not None:
        cases = cases.filter(provider_id=wanted.provider)
    if wanted.search:
        cases = cases.filter(_match(wanted.search))
    return cases.order_by(*_order(wanted.order))


def _match(text: str) -> Q:
    """By any part of the sponsor's or a service's name, the reference, a number, or pinyin initials."""
    match = (
        Q(title__icontains=text)
        | Q(service_names__icontains=text)
        | Q(reference__icontains=text)
        | Q(sponsor__number__icontains=text)
    )
    return match | Q(initials__startswith=text.lower()) if text.isascii() and text.isalnum() else match


def _order(order: str) -> list[OrderBy]:
    columns = ORDERS[order.removeprefix("-")]
    down = order.startswith("-")
    # What has no day to be due on comes last, whichever way the list is read.
    return [F(c).desc(nulls_last=True) if down else F(c).asc(nulls_last=True) for c in columns]
