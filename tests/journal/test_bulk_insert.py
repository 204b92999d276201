"""Rows inserted many at once are the rows that Django would have saved, and entries the ones it would have hashed."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import transaction
from tests.registry.factories import make_actor, make_organisation

from openbeian.journal.actions.record_events import Canonical, Fact, record_events
from openbeian.journal.bulk_insert import insert_rows, reserve_keys, update_rows
from openbeian.journal.decisions import Written
from openbeian.journal.models import Entry
from openbeian.journal.queries import verify_journal
from openbeian.registry.events import SponsorTakenOver
from openbeian.registry.models import Provider


@pytest.mark.django_db
def test_rows_come_back_as_if_saved_one_by_one() -> None:
    with transaction.atomic():
        first, second = reserve_keys(Provider, 2)
        columns = ("id", "name", "kind", "provinces", "contact")
        insert_rows(
            Provider,
            columns,
            [(first, "示例云", "agency", '["京"]', "“电话”\t\\N"), (second, "另一家", "agency", "[]", "")],
        )
    found = Provider.objects.get(pk=first)
    saved = Provider(id=first, name="示例云", kind="agency", provinces=["京"], contact="“电话”\t\\N")
    assert {f.attname: getattr(found, f.attname) for f in Provider._meta.concrete_fields} == {
        f.attname: getattr(saved, f.attname) for f in Provider._meta.concrete_fields
    }
    assert Provider.objects.create(name="第三家", kind="agency").pk > second


@pytest.mark.django_db
def test_rows_that_stand_there_are_changed_by_their_keys_and_no_others() -> None:
    one, two = (Provider.objects.create(name=name, kind="agency", provinces=[]) for name in ("甲", "乙"))
    with transaction.atomic():
        update_rows(Provider, ("provinces", "contact"), [('["京"]', "电话 %s", one.pk), ("[]", "x", two.pk + 100)])
    one.refresh_from_db()
    two.refresh_from_db()
    assert (one.provinces, one.contact, one.name) == (["京"], "电话 %s", "甲")
    assert (two.provinces, two.contact) == ([], "")


@pytest.mark.django_db
@pytest.mark.parametrize("columns", [("name", "kind", "colour"), ("kind",)])
def test_a_column_too_many_or_too_few_is_refused(columns: tuple[str, ...]) -> None:
    with transaction.atomic(), pytest.raises(ValueError, match=r"colour|name"):
        insert_rows(Provider, columns, [("x",) * len(columns)])
    assert not Provider.objects.exists()


@pytest.mark.django_db
def test_entries_with_values_of_every_shape_verify() -> None:
    actor = make_actor(make_organisation())
    shapes: list[Any] = [None, {}, [], "文字", Canonical('{"a":"文"}'), {"b": [1, 2.5, None], "a": {"“": "\u2028"}}]
    with transaction.atomic():
        record_events(actor, [Fact(SponsorTakenOver, ("sponsor", n), before=v, after=v) for n, v in enumerate(shapes)])
    shapes[4] = {"a": "文"}
    assert [e.after for e in Entry.objects.order_by("sequence")] == shapes
    assert verify_journal() == len(shapes)


def test_the_hash_is_over_one_json_array() -> None:
    written = Written(
        1, datetime(2026, 1, 2, tzinfo=UTC), "e", 2, "名", 3, "cli", "", "s", "4", [3], None, {"b": "“"}, "0" * 64
    )
    parts = [
        1,
        "2026-01-02T00:00:00.000000+00:00",
        "e",
        2,
        "名",
        3,
        "cli",
        "",
        "s",
        "4",
        [3],
        None,
        {"b": "“"},
        "0" * 64,
    ]
    canonical = json.dumps(parts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert written.compute_hash() == hashlib.sha256(canonical.encode()).hexdigest()
