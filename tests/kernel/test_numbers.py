"""Numbers: what is written in footers and sheets is read into one normal form, and every malformed one says why."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbeian.kernel import numbers
from openbeian.kernel.numbers import (
    NumberNotRecognised,
    PoliceNumber,
    ServiceKind,
    ServiceNumber,
    VatLicenceNumber,
    describe_number,
    find_numbers,
    format_filing_number,
    format_service_number,
    parse_number,
)
from openbeian.kernel.provinces import PROVINCES


@pytest.mark.parametrize(
    ("written", "normal", "kind"),
    [
        ("京ICP备16020626号", "京ICP备16020626号", "filing"),
        ("鄂ICP备2021001858号", "鄂ICP备2021001858号", "filing"),
        ("鄂ICP备2021001858号-1", "鄂ICP备2021001858号-1", "service"),
        ("京ICP证030173号", "京ICP证030173号", "icp_licence"),
        ("京ICP证030173号-1", "京ICP证030173号-1", "service"),
        ("粤B2-20090059", "粤B2-20090059", "vat_licence"),
        ("粤B2-20090059-5", "粤B2-20090059-5", "service"),
        ("粤B2-20090059-1626X", "粤B2-20090059-1626X", "service"),
        ("合字B1.B2-20180001", "合字B1.B2-20180001", "vat_licence"),
        ("A2.B1.B2-20180001", "A2.B1.B2-20180001", "vat_licence"),
        ("京公网安备11010802012345号", "京公网安备11010802012345号", "police"),
        ("京公网安备 11010802012345号", "京公网安备11010802012345号", "police"),
    ],
)
def test_every_kind_of_number_is_read_into_its_normal_form(written: str, normal: str, kind: str) -> None:
    number = parse_number(written)
    assert (number.normal, number.kind) == (normal, kind)


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        (" 京icp备 2026000123 号 - 1a ", "京ICP备2026000123号-1A"),
        ("京ＩＣＰ备２０２６０００１２３号－２Ａ", "京ICP备2026000123号-2A"),
        ("京ICP备2026000123-1号", "京ICP备2026000123号-1"),
        ("京ICP备2026000123-3x号", "京ICP备2026000123号-3X"),
        ("备案号：京ICP备2026000123号-4K | 版权所有", "京ICP备2026000123号-4K"),
        ("ICP备案号:京ICP备2026000123号", "京ICP备2026000123号"),
        ("京ICP备 2026 000123 号 Copyright 2026", "京ICP备2026000123号"),
        ("增值电信业务经营许可证粤B2-20090059", "粤B2-20090059"),
        ("经营许可证编号 合字B2、B1-20180001", "合字B2.B1-20180001"),
        ("川ICP备12345678号", "蜀ICP备12345678号"),
        ("贵ICP备12345678号", "黔ICP备12345678号"),
        ("云ICP备12345678号", "滇ICP备12345678号"),
        ("甘ICP备12345678号", "陇ICP备12345678号"),
        ("川B2-20200001", "川B2-20200001"),
        ("京ICP备2026000123号-1Copyright", "京ICP备2026000123号-1"),
        ("打印 A4-12 京ICP备2026000123号-1A版权所有", "京ICP备2026000123号-1A"),
    ],
)
def test_careless_writing_is_tidied(written: str, normal: str) -> None:
    assert parse_number(written).normal == normal


@pytest.mark.parametrize(
    ("written", "rule"),
    [
        ("港ICP备12345678号", "number.province"),
        ("澳ICP备12345678号", "number.province"),
        ("ICP备12345678号", "number.province"),
        ("港B2-20200001", "number.province"),
        ("京ICP备12345678号-0", "number.sequence"),
        ("京ICP备12345678号-01", "number.sequence"),
        ("京ICP备12345678号-2B", "number.suffix"),
        ("京ICP备12345678号-2AX", "number.suffix"),
        ("京ICP备12345678-1号-1", "number.suffix"),
        ("京ICP备1234567号", "number.digits"),
        ("京ICP备123456789号", "number.digits"),
        ("京ICP证12345号", "number.digits"),
        ("京ICP备12345678", "number.end"),
        ("京ICP备12345678-1", "number.end"),
        ("京ICP12345678号", "number.word"),
        ("粤B3-20090059", "number.business"),
        ("粤B2-2009005", "number.digits"),
        ("粤B2-30090059", "number.digits"),
        ("京公网安备44010802012345号", "number.area"),
        ("京公网安备11010803012345号", "number.digits"),
        ("京公网安备1101080201234号", "number.digits"),
        ("京公网安备11010802012345", "number.end"),
        ("京ICP备12345678号 沪ICP备12345678号", "number.several"),
        ("", "number.absent"),
        ("hello", "number.absent"),
        ("京ICP备号", "number.absent"),
        ("京" * 3000, "text.too_long"),
    ],
)
def test_a_malformed_number_is_refused_with_its_reason_and_a_right_example(written: str, rule: str) -> None:
    with pytest.raises(NumberNotRecognised) as refusal:
        parse_number(written)
    assert refusal.value.problem.rule == rule
    assert refusal.value.problem.fix.zh
    assert "{" not in refusal.value.problem.message.zh


def test_the_parts_of_a_service_number_are_told_apart() -> None:
    described = describe_number(parse_number("粤B2-20090059-1626X"))
    assert described["kind"] == "service"
    assert described["base"] == "粤B2-20090059"
    assert (described["province"], described["year"], described["serial"]) == ("粤", 2009, 59)
    assert (described["sequence"], described["service_kind"]) == (1626, "mini_program")


def test_a_licence_of_the_ministry_belongs_to_no_province() -> None:
    assert describe_number(parse_number("合字B2-20180001"))["province"] is None
    assert describe_number(parse_number("B1-20180001"))["province"] is None


def test_two_digits_of_year_are_read_as_this_century() -> None:
    assert describe_number(parse_number("京ICP备16020626号"))["year"] == 2016


def test_a_police_number_tells_its_district_and_an_unknown_one_is_not_held_against_it() -> None:
    known = parse_number("京公网安备11010802012345号")
    unknown = parse_number("京公网安备11999902012345号")
    assert isinstance(known, PoliceNumber)
    assert known.area_name == "海淀区"
    assert isinstance(unknown, PoliceNumber)
    assert unknown.area_name is None


def test_every_number_in_a_footer_is_found_once_and_malformed_ones_are_passed_over() -> None:
    footer = "京ICP备2026000123号-1 京公网安备11010802012345号 京ICP备2026000123号-1 京ICP备1号 粤B2-20090059"
    assert [n.normal for n in find_numbers(footer)] == [
        "京ICP备2026000123号-1",
        "京公网安备11010802012345号",
        "粤B2-20090059",
    ]


provinces = st.sampled_from(PROVINCES)
serials = st.integers(1, 999_999)
kinds = st.sampled_from(list(ServiceKind))


@given(provinces, st.integers(2000, 2099), serials)
def test_an_allotted_filing_number_reads_back_as_what_it_was_made_from(province, year, serial) -> None:  # type: ignore[no-untyped-def]
    number = parse_number(format_filing_number(province, year, serial))
    assert isinstance(number, numbers.FilingNumber)
    assert (number.province, number.year, number.serial) == (province, year, serial)


@given(provinces, st.integers(2000, 2099), serials, st.integers(1, 999_999), kinds)
def test_an_allotted_service_number_reads_back_as_what_it_was_made_from(province, year, serial, sequence, kind) -> None:  # type: ignore[no-untyped-def]
    base = format_filing_number(province, year, serial)
    number = parse_number(format_service_number(base, sequence, kind))
    assert isinstance(number, ServiceNumber)
    assert (number.base.normal, number.sequence, number.service_kind) == (base, sequence, kind)


@given(
    st.sampled_from(["", "合字", *"京粤川蜀"]),
    st.lists(st.sampled_from(["A1", "A2", "B1", "B2"]), min_size=1, max_size=3),
    st.integers(1900, 2099),
    st.integers(0, 9999),
)
def test_the_normal_form_of_a_licence_reads_back_as_itself(prefix, businesses, year, serial) -> None:  # type: ignore[no-untyped-def]
    number = VatLicenceNumber(prefix, tuple(businesses), year, serial)
    assert parse_number(number.normal) == number


@given(
    st.text(alphabet=st.sampled_from("京港合字ICP备证号公网安0123456789AXKB.-－ 、\n"), max_size=60)
    | st.text(max_size=200)
)
def test_any_text_is_either_read_into_a_stable_normal_form_or_refused(text: str) -> None:
    try:
        number = parse_number(text)
    except NumberNotRecognised:
        return
    assert parse_number(number.normal) == number
    assert describe_number(number)["valid"] is True


@pytest.mark.parametrize(("year", "serial"), [(26, 1), (2026, 0), (2026, 1_000_000)])
def test_a_serial_that_does_not_fit_is_a_fault_of_the_caller(year: int, serial: int) -> None:
    with pytest.raises(ValueError, match="no filing number"):
        format_filing_number("京", year, serial)


def test_no_service_stands_under_another_service_or_a_police_number() -> None:
    for base in ("京ICP备12345678号-1", "京公网安备11010802012345号"):
        with pytest.raises(ValueError, match="no service number"):
            format_service_number(base, 1, ServiceKind.APP)
    assert format_service_number("京ICP备2026000123号", 2, "app") == "京ICP备2026000123号-2A"
