"""Provinces: 31 areas, each with one administration, reached by any customary name."""

import pytest

from openbeian.kernel.errors import ValueRefused
from openbeian.kernel.provinces import ABBREVIATIONS, PROVINCES, find_province, find_province_of_region, get_province
from openbeian.kernel.regions import get_region


def test_there_are_31_areas_whose_abbreviations_and_codes_are_all_different() -> None:
    assert len(PROVINCES) == len({p.code for p in PROVINCES}) == 31
    assert len(set(ABBREVIATIONS)) == len(ABBREVIATIONS) == 35
    assert set(ABBREVIATIONS) == set("京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川蜀贵黔云滇藏陕甘陇青宁新")


def test_names_and_codes_agree_with_the_table_of_regions() -> None:
    assert [get_region(p.region_code).name for p in PROVINCES] == [p.name.zh for p in PROVINCES]


@pytest.mark.parametrize("alias", ["蜀", "川", "四川", "四川省", "51", "510000", "Sichuan", "sichuan"])
def test_every_way_to_name_a_province_leads_to_the_same_one(alias: str) -> None:
    assert get_province(alias).abbreviation == "蜀"
    assert get_province(alias).administration.zh == "四川省通信管理局"


@pytest.mark.parametrize("text", ["港", "澳", "台", "", "香港", "71", "京津"])
def test_what_is_no_mainland_province_is_refused(text: str) -> None:
    assert find_province(text) is None
    with pytest.raises(ValueRefused):
        get_province(text)


def test_a_county_lies_in_its_province() -> None:
    province = find_province_of_region("440106")
    assert province is not None
    assert province.abbreviation == "粤"
    assert find_province_of_region("44") is None
    assert find_province_of_region("810000") is None
