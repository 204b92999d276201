"""What the API takes and gives, as its schema tells it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from django.db.models import Model, QuerySet
from ninja import Field, Query, Schema

Item = TypeVar("Item")


class Sentence(Schema):
    zh: str
    en: str


class FaultOut(Schema):
    field: str
    value: str
    rule: str
    message: Sentence
    fix: Sentence
    certain: bool


class Refusal(Schema):
    """Every refusal, whatever its status: a stable code, what to do, and the fields it is about."""

    error: str
    message: Sentence
    faults: list[FaultOut]


OPEN: dict[int, Any] = {400: Refusal, 422: Refusal, 429: Refusal}
REFUSALS: dict[int, Any] = {400: Refusal, 401: Refusal, 403: Refusal, 404: Refusal, 409: Refusal, 422: Refusal}


class Paging(Schema):
    page: int = Field(1, ge=1, le=100_000)
    page_size: int = Field(50, ge=1, le=100)


class Page(Schema, Generic[Item]):
    items: list[Item]
    total: int
    page: int
    page_size: int


PageQuery = Query[Paging]


def cut_page(rows: QuerySet[Any], paging: Paging, show: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
    """One page of a list in its order."""
    first = (paging.page - 1) * paging.page_size
    items = [show(row) for row in rows[first : first + paging.page_size]]
    return {"items": items, "total": rows.count(), "page": paging.page, "page_size": paging.page_size}


class CaseOut(Schema):
    id: int
    reference: str
    procedure: str
    state: str
    is_open: bool
    revision: int
    title: str
    service_names: str
    province: str
    due_on: date | None
    saved_at: datetime
    submitted_at: datetime | None


class CaseWithForm(CaseOut):
    form: dict[str, Any]


class CaseStart(Schema):
    procedure: str = Field(max_length=60, examples=["first_filing"])
    sponsor_id: int | None = Field(None, ge=1, lt=2**63)
    service_id: int | None = Field(None, ge=1, lt=2**63)
    provider_id: int | None = Field(None, ge=1, lt=2**63)


class CaseChange(Schema):
    """Values by path, as `{"sponsor.name": "…"}`; `revision` is the one you read."""

    revision: int = Field(ge=0, lt=2**31)
    values: dict[str, Any] = Field(max_length=500)


class CaseSubmit(Schema):
    revision: int = Field(ge=0, lt=2**31)


class SponsorOut(Schema):
    id: int
    number: str
    name: str
    nature: str
    province: str
    region: str
    certificate_type: str
    certificate_number: str
    standing: str
    granted_on: date
    confirmed_on: date
    person: dict[str, str]


class ServiceOut(Schema):
    id: int
    number: str
    kind: str
    name: str
    sponsor_id: int
    domains: list[str]
    home_url: str
    standing: str
    granted_on: date


class JobOut(Schema):
    id: int
    kind: str
    state: str
    progress_done: int
    progress_total: int
    result: dict[str, Any] | None
    error: str
    created_at: datetime
    finished_at: datetime | None


def show_fields(schema: type[Schema], row: Model, **others: Any) -> dict[str, Any]:
    """The fields of a schema as they stand on a row, but for those given."""
    return {f: others[f] if f in others else getattr(row, f) for f in schema.model_fields}
