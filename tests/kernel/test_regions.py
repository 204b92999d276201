"""Regions: GB/T 2260 complete down to the county, choosable step by step, with abolished codes told apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbeian.kernel.errors import ValueRefused, problem_with
from openbeian.kernel.regions import (
    Level,
    check_address_region,
    find_region,
    get_full_name,
    get_region,
    is_deepest,
    list_children,
    list_past_and_present,
)


def names(code: str) -> list[str]:
    return [region.name for region in list_children(code)]


def test_choices_go_from_province_to_city_to_county() -> None:
    assert len(list_children()) == 34
    assert "广州市" in names("440000")
    assert "越秀区" in names("440100")
    assert list_children("440104") == ()


def test_a_municipality_is_chosen_through_its_heading_and_named_without_it() -> None:
    assert names("110000") == ["市辖区"]
    assert "东城区" in names("110100")
    assert get_full_name("110101") == "北京市东城区"
    assert names("500000") == ["市辖区", "县"]


def test_directly_administered_counties_are_chosen_and_named_under_their_province() -> None:
    assert "仙桃市" in names("429000")
    assert get_full_name("429004") == "湖北省仙桃市"
    assert get_region("429000").is_grouping


@pytest.mark.parametrize("code", ["441900", "442000", "460400", "620200"])
def test_a_city_without_counties_is_a_choice_of_its_own(code: str) -> None:
    assert is_deepest(code)
    assert check_address_region(code).level is Level.CITY


def test_an_address_may_not_stop_above_the_county() -> None:
    for code in ("440000", "440100"):
        with pytest.raises(ValueRefused) as refusal:
            check_address_region(code)
        assert refusal.value.problem.rule == "region.not_deepest"
    assert check_address_region("440104").name == "越秀区"


def test_the_heading_of_a_city_is_no_choice() -> None:
    assert "市辖区" not in names("440100")


def test_an_abolished_code_says_what_it_was_and_old_certificates_still_know_it() -> None:
    with pytest.raises(ValueRefused) as refusal:
        get_region("110103")
    assert refusal.value.problem.rule == "region.abolished"
    assert "崇文区" in refusal.value.problem.message.zh
    assert [r.name for r in list_past_and_present("110103")] == ["崇文区"]
    assert [r.name for r in list_past_and_present("130502")] == ["桥东区", "襄都区"]
    assert get_region("130502").name == "襄都区"
    assert get_region("130502").since == 2020


def test_the_changes_that_the_shipped_table_missed_are_put_right() -> None:
    assert {"临平区", "钱塘区"} <= set(names("330100"))
    assert find_region("429001") is None
    assert find_region("422921") is None
    assert find_region("429021") is not None
    assert find_region("421300") is not None


def test_every_level_is_as_full_as_the_standard() -> None:
    cities = [city for province in list_children() for city in list_children(province.code)]
    counties = [county for city in cities for county in list_children(city.code)]
    # 333 prefectures, the headings of 4 municipalities (two in 重庆) and of 4 provinces with direct counties
    assert len([c for c in cities if not c.is_grouping]) == 333
    assert 2840 <= len(counties) <= 2850
    assert all(find_region(c.parent_code or "") for c in counties)


def test_an_unknown_county_of_a_known_province_is_not_refused_with_certainty() -> None:
    for code, certain in (("440199", False), ("990101", True), ("44019", True), ("٤٤٠١٠٤", True)):
        problem = problem_with(get_region, code)
        assert problem is not None
        assert problem.certain is certain


@given(st.text(max_size=10) | st.from_regex(r"\d{6}", fullmatch=True))
def test_any_text_is_a_region_or_is_refused(code: str) -> None:
    region = find_region(code)
    problem = problem_with(get_full_name, code)
    assert (region is None) == (problem is not None)
