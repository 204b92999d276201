"""Certificates: check characters and dates decide where a grammar is published; elsewhere nothing is certain."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric, uscc

from openbeian.kernel.certificates import Grammar, parse_certificate, parse_credit_code, parse_resident_id
from openbeian.kernel.errors import ValueRefused

ON = date(2026, 11, 21)


def identity(region: str, born: str, sequence: str = "007") -> str:
    """A made-up number with a right check character."""
    head = region + born + sequence
    return head + str(ric.calc_check_digit(head + "0"))


def credit_code(head: str) -> str:
    body = head.ljust(17, "0")
    return body + str(uscc.calc_check_digit(body))


def refusal_of(grammar: Grammar | str, number: str) -> ValueRefused:
    with pytest.raises(ValueRefused) as refusal:
        parse_certificate(grammar, number, on=ON)
    return refusal.value


def test_a_credit_code_is_tidied_and_tells_its_region() -> None:
    found = parse_credit_code(" 9111 0000 6000 37341l ")
    assert (found.normal, found.region, found.certain) == ("91110000600037341L", "110000", True)


@pytest.mark.parametrize("head", ["Y1110101", "N2110101", "A1110000", "12100000"])
def test_credit_codes_of_every_registering_body_are_read(head: str) -> None:
    assert parse_credit_code(credit_code(head)).normal == credit_code(head)


@pytest.mark.parametrize(
    ("number", "rule"),
    [
        ("91110000600037341M", "certificate.check"),
        ("9111000060003734", "certificate.length"),
        ("9111000060003734IL", "certificate.characters"),
        ("91110A00600037341L", "certificate.characters"),
        ("", "certificate.empty"),
    ],
)
def test_a_wrong_credit_code_says_what_is_wrong(number: str, rule: str) -> None:
    assert refusal_of(Grammar.CREDIT_CODE, number).problem.rule == rule


def test_an_old_registration_number_is_pointed_to_the_credit_code_without_certainty() -> None:
    problem = refusal_of(Grammar.BUSINESS_LICENCE, "110000012345678").problem
    assert (problem.rule, problem.certain) == ("certificate.superseded", False)


def test_a_resident_id_tells_birth_date_and_age() -> None:
    found = parse_resident_id(identity("110105", "20081122"), on=ON)
    assert found.born_on == date(2008, 11, 22)
    assert found.age_on(date(2026, 11, 21)) == 17
    assert found.age_on(date(2026, 11, 22)) == 18


def test_someone_born_on_the_29th_of_february_comes_of_age_on_the_1st_of_march() -> None:
    found = parse_resident_id(identity("110105", "20080229"), on=ON)
    assert found.age_on(date(2026, 2, 28)) == 17
    assert found.age_on(date(2026, 3, 1)) == 18


def test_a_card_may_name_a_county_that_is_gone_or_younger_than_its_holder() -> None:
    assert parse_resident_id(identity("110103", "19990101"), on=ON).certain
    assert parse_resident_id(identity("110111", "19601001"), on=ON).certain


@pytest.mark.parametrize(
    ("number", "rule", "certain"),
    [
        (identity("110105", "20080101")[:17] + "Y", "certificate.grammar", True),
        (identity("110105", "20080230"), "certificate.birth", True),
        (identity("110105", "20261122"), "certificate.birth", True),
        (identity("110105", "18000101"), "certificate.birth", True),
        (identity("110199", "19900101"), "certificate.region", False),
        (identity("990199", "19900101"), "certificate.region", True),
        (identity("810000", "19900101"), "certificate.other_certificate", True),
        ("110105900101001", "certificate.superseded", True),
    ],
)
def test_a_wrong_resident_id_says_what_is_wrong(number: str, rule: str, certain: bool) -> None:
    problem = refusal_of(Grammar.RESIDENT_ID, number).problem
    assert (problem.rule, problem.certain) == (rule, certain)


@given(st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_never_passes(place: int, shift: int) -> None:
    right = identity("110105", "19900101")
    wrong = right[:place] + str((int(right[place]) + shift) % 10) + right[place + 1 :]
    refusal_of(Grammar.RESIDENT_ID, wrong)


@pytest.mark.parametrize(
    ("grammar", "written", "normal"),
    [
        (Grammar.ORGANISATION_CODE, "600037341", "60003734-1"),
        (Grammar.ORGANISATION_CODE, "d2143569-x", "D2143569-X"),
        (Grammar.ORGANISATION_CODE, credit_code("12100000"), credit_code("12100000")),
        (Grammar.HONG_KONG_RESIDENCE_PERMIT, identity("810000", "19900101"), identity("810000", "19900101")),
        (Grammar.TAIWAN_RESIDENCE_PERMIT, identity("830000", "19900101"), identity("830000", "19900101")),
        (Grammar.HONG_KONG_MACAO_TRAVEL_PERMIT, "h12345678", "H12345678"),
        (Grammar.TAIWAN_TRAVEL_PERMIT, "12345678", "12345678"),
        (Grammar.FOREIGN_PERMANENT_RESIDENT, "USA110090010101", "USA110090010101"),
        (Grammar.FOREIGN_PERMANENT_RESIDENT, identity("911840", "19900101"), identity("911840", "19900101")),
        (Grammar.PASSPORT, "e12345678", "E12345678"),
        (Grammar.CREDIT_CODE_OR_OLDER, credit_code("52110000"), credit_code("52110000")),
        (Grammar.CREDIT_CODE_OR_OLDER, "事证第110000001234号", "事证第110000001234号"),
        (Grammar.FREE, "军字第（123）号", "军字第(123)号"),
    ],
)
def test_each_grammar_reads_its_numbers(grammar: Grammar, written: str, normal: str) -> None:
    assert parse_certificate(grammar, written, on=ON).normal == normal


@pytest.mark.parametrize(
    ("grammar", "written", "certain"),
    [
        (Grammar.ORGANISATION_CODE, "60003734-2", True),
        (Grammar.ORGANISATION_CODE, "6000", True),
        (Grammar.HONG_KONG_RESIDENCE_PERMIT, identity("830000", "19900101"), True),
        (Grammar.TAIWAN_RESIDENCE_PERMIT, identity("810000", "19900101"), True),
        (Grammar.HONG_KONG_MACAO_TRAVEL_PERMIT, "A12345678", True),
        (Grammar.TAIWAN_TRAVEL_PERMIT, "1234567", True),
        (Grammar.FOREIGN_PERMANENT_RESIDENT, identity("110105", "19900101"), True),
        (Grammar.PASSPORT, "E1", False),
        (Grammar.FREE, "<script>", False),
    ],
)
def test_each_grammar_refuses_others_and_owns_to_what_it_cannot_know(
    grammar: Grammar, written: str, certain: bool
) -> None:
    assert refusal_of(grammar, written).problem.certain is certain


def test_a_number_whose_grammar_nobody_published_is_accepted_without_certainty() -> None:
    assert parse_certificate("free", "军字第123号", on=ON).certain is False
    assert parse_certificate("resident_id", identity("110105", "19900101"), on=ON).certain is True


def test_neither_a_refusal_nor_a_printed_value_repeats_a_personal_number() -> None:
    number = identity("110105", "20080230")
    refusal = refusal_of(Grammar.RESIDENT_ID, number)
    assert number not in repr(refusal.as_json())
    assert "19900101" not in repr(parse_resident_id(identity("110105", "19900101"), on=ON))


@given(st.sampled_from(list(Grammar)), st.text(max_size=120) | st.from_regex(r"[0-9A-Z]{8,18}", fullmatch=True))
def test_any_text_is_a_stable_number_or_is_refused(grammar: Grammar, text: str) -> None:
    try:
        found = parse_certificate(grammar, text, on=ON)
    except ValueRefused:
        return
    assert parse_certificate(grammar, found.normal, on=ON) == found
