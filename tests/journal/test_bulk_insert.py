"""Rows inserted many at once are the rows that Django would have saved, and entries the ones it would have hashed."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st
from tests.registry.factories import make_actor, make_organisation

from openbeian.journal.actions.record_events import Fact, record_events
from openbeian.journal.bulk_insert import insert_rows, reserve_keys, room_for_many, update_rows
from openbeian.journal.decisions import Canonical, Written, canonise, canonise_list, canonise_view
from openbeian.journal.models import Concern, Entry
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


@given(st.dictionaries(st.text(max_size=6), st.text(max_size=12) | st.lists(st.text(max_size=6), max_size=3)))
def test_what_is_written_by_its_form_is_canonical(view: dict[str, Any]) -> None:
    told = {k: canonise_list(v) if isinstance(v, list) else v for k, v in view.items()}
    assert canonise_view(told) == canonise(view)
    assert canonise_view({"inner": canonise_view(told), "%": "%s"}) == canonise({"inner": view, "%": "%s"})


def test_a_form_takes_texts_only() -> None:
    with pytest.raises(TypeError):
        canonise_view({"a": 1})  # type: ignore[dict-item]


@pytest.mark.django_db
@pytest.mark.parametrize("count", [49, 50, 151])
def test_rows_of_few_columns_are_all_written_in_their_order(count: int) -> None:
    organisation = make_organisation()
    with transaction.atomic():
        record_events(make_actor(organisation), [Fact(SponsorTakenOver, ("sponsor", n)) for n in range(count)])
    found = Concern.objects.order_by("pk").values_list("entry_id", "organisation_id")
    assert list(found) == [(n + 1, organisation.pk) for n in range(count)]


@pytest.mark.django_db
def test_the_room_for_many_rows_is_given_back() -> None:
    if connection.vendor != "sqlite":  # one buffer for all there
        with connection.execute_wrapper(_refuse), room_for_many():
            return
    with connection.cursor() as cursor:
        before = cursor.execute("PRAGMA cache_size").fetchone()
        with room_for_many():
            assert cursor.execute("PRAGMA cache_size").fetchone() != before
        assert cursor.execute("PRAGMA cache_size").fetchone() == before


def _refuse(*_: Any) -> None:
    raise AssertionError("a statement")
