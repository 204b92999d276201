"""The name index: every part of a name finds it, on whichever database, and it stays in step with the record."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.registry.factories import make_service, make_sponsor

from openbeian.registry.decisions import PERSONAL_NATURE
from openbeian.registry.models import Service
from openbeian.registry.name_grams import compute_grams, compute_phrase, squeeze_name
from openbeian.registry.name_index import filter_by_name
from openbeian.rules.code_tables import load_code_tables

_NAMES = st.text(alphabet="京东书屋科技有限公司云上䶮𠮷ab1 ·-", min_size=1, max_size=12)


def test_grams_are_characters_and_pairs() -> None:
    assert compute_grams("字节 跳动") == "字 节 跳 动 字节 节跳 跳动"
    assert compute_grams("Ｂ站·") == "b 站 b站"
    assert compute_phrase("节跳动") == "节跳 跳动"
    assert compute_phrase("动") == "动"
    assert compute_phrase('·* "') == ""


@given(_NAMES, _NAMES)
def test_a_phrase_stands_in_the_grams_of_exactly_the_names_that_hold_it(name: str, part: str) -> None:
    phrase = compute_phrase(part)
    if not phrase:
        return
    grams = f" {compute_grams(name)} "
    assert (f" {phrase} " in grams) == (squeeze_name(part) in squeeze_name(name))


@pytest.mark.django_db
@given(st.lists(_NAMES, min_size=1, max_size=6), _NAMES)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_database_finds_exactly_the_names_that_hold_a_part(names: list[str], part: str) -> None:
    Service.objects.all().delete()
    sponsor = make_sponsor()
    for name in names:
        make_service(sponsor, name=name, domains=())
    found = set(filter_by_name(Service.objects.all(), part).values_list("name", flat=True))
    wanted = squeeze_name(part)
    assert found == ({n for n in names if wanted in squeeze_name(n)} if wanted else set())


@pytest.mark.django_db
def test_the_index_follows_changes_and_deletions() -> None:
    service = make_service(name="旧时书屋")
    Service.objects.filter(pk=service.pk).update(name="新晴书屋", name_grams=compute_grams("新晴书屋"))
    assert not filter_by_name(Service.objects.all(), "旧时").exists()
    assert filter_by_name(Service.objects.all(), "晴书").exists()
    service.delete()
    assert not filter_by_name(Service.objects.all(), "晴书").exists()


def test_the_one_personal_nature_is_the_one_of_the_code_table() -> None:
    assert {n.id for n in load_code_tables().natures if n.group == "person"} == {PERSONAL_NATURE}
