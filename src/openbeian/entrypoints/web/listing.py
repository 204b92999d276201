"""What the address of a list page asks for: words, filters, order, page; unknown values fall back to the plain list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from django.core.paginator import Page, Paginator
from django.db.models import Model, QuerySet
from django.http import QueryDict

M = TypeVar("M", bound=Model)

PAGE_SIZES = (20, 50, 100)
LONGEST_WORDS = 100


@dataclass(frozen=True, slots=True)
class Listing:
    """`filters` holds only values that the page offers."""

    words: str
    filters: dict[str, str]
    order: str
    size: int
    page: str

    def paginate(self, records: QuerySet[M]) -> Page[M]:
        return Paginator(records, self.size).get_page(self.page)


def read_listing(address: QueryDict, offered: dict[str, frozenset[str]], orders: tuple[str, ...]) -> Listing:
    """Reads `q`, `sort`, `size`, `page` and each offered filter; never refuses an address somebody kept or mistyped."""
    chosen = {name: address.get(name, "") for name in offered}
    order, size = address.get("sort", ""), address.get("size", "")
    return Listing(
        words=address.get("q", "").strip()[:LONGEST_WORDS],
        filters={name: value for name, value in chosen.items() if value in offered[name]},
        order=order if order in orders else orders[0],
        size=int(size) if size in map(str, PAGE_SIZES) else PAGE_SIZES[0],
        page=address.get("page", "1")[:9],
    )
