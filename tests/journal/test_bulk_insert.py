"""Rows inserted many at once are the rows that Django would have saved, and entries the ones it would have hashed."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime

import pytest
from django.db import transaction
from tests.registry.factories import make_actor, make_organisation

from openbeian.journal.actions.record_events import Fact, record_events
from openbeian.journal.bulk_insert import insert_many, make_object
from openbeian.journal.decisions import Written
from openbeian.journal.models import Entry
from openbeian.journal.queries import verify_journal
from openbeian.registry.events import SponsorTakenOver
from openbeian.registry.models import Person, Provider


@pytest.mark.django_db
def test_objects_come_back_as_if_saved_one_by_one() -> None:
    values = {"name": "示例云", "kind": "agency", "provinces": ["京"], "contact": "“电话”"}
    one = make_object(Provider, values)
    with transaction.atomic():
        insert_many([one, make_object(Provider, {"name": "另一家", "kind": "agency"})])
    (found,) = Provider.objects.filter(pk=one.pk)
    saved = Provider(**values)
    assert {f.attname: getattr(found, f.attname) for f in Provider._meta.concrete_fields} == {
        f.attname: getattr(saved, f.attname) for f in Provider._meta.concrete_fields
    } | {"id": one.pk}
    assert Provider.objects.get(name="另一家").licences == []


@pytest.mark.django_db
def test_personal_values_are_sealed_and_every_object_gets_its_own_lists() -> None:
    people = [make_object(Person, {"name": "张示例", "mobile": "13800000001", "certificate_type": "x"}) for _ in "ab"]
    with transaction.atomic():
        insert_many(people)
    assert [p.name for p in Person.objects.all()] == ["张示例"] * 2
    assert not Person.objects.extra(where=["name LIKE %s"], params=["%张%"]).exists()
    first, second = (make_object(Provider, {"name": n}) for n in "ab")
    assert first.licences is not second.licences


@pytest.mark.django_db
def test_entries_with_values_of_every_shape_verify() -> None:
    actor = make_actor(make_organisation())
    shapes = [None, {}, [], "文字", {"b": [1, 2.5, None], "a": {"“": "\u2028"}}]
    with transaction.atomic():
        record_events(actor, [Fact(SponsorTakenOver, ("sponsor", n), before=v, after=v) for n, v in enumerate(shapes)])
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
