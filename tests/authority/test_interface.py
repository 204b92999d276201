"""The rulebook of the interface: complete, in both languages, and honest about what is not known."""

from __future__ import annotations

import pytest

from openbeian.authority.interface import (
    explain_processing,
    explain_result,
    get_code_table,
    get_interface,
    judge_processing,
    list_code_tables,
    read_rulebook,
)
from openbeian.rules.code_tables import load_code_tables

RESULTS = [*range(23), 901, 902, 999]
PROCESSING = [
    *range(1001, 1069),
    1999,
    *range(2001, 2057),
    2998,
    2999,
    *range(3001, 3038),
    3998,
    3999,
    *range(5001, 5012),
    5999,
]


def test_every_result_code_of_the_specification_has_a_sentence_and_a_fix_in_both_languages() -> None:
    assert sorted(read_rulebook("result-codes.yaml")["codes"]) == RESULTS
    for number in RESULTS:
        code = explain_result(number)
        assert all((code.meaning.zh, code.meaning.en, code.fix.zh, code.fix.en))


def test_every_processing_code_of_the_specification_has_a_sentence_and_a_fix_in_both_languages() -> None:
    assert sorted(read_rulebook("processing-codes.yaml")["codes"]) == PROCESSING
    for number in PROCESSING:
        code = explain_processing(number)
        assert code.number == number
        assert all((code.meaning.zh, code.meaning.en, code.fix.zh, code.fix.en))


def test_codes_nobody_published_read_as_another_error_and_never_as_success() -> None:
    assert explain_result(777).kind == "unclear"
    assert explain_processing(4242).meaning == explain_processing(5999).meaning
    assert judge_processing(4242) == "refused"


def test_only_the_codes_of_success_accept_a_record() -> None:
    assert [number for number in PROCESSING if judge_processing(number) == "accepted"] == [1001, 2998, 3998]
    assert [number for number in PROCESSING if judge_processing(number) == "noted"] == [1060, 1062]


def test_the_first_parameter_is_spelled_per_method_as_working_clients_do() -> None:
    spelled = {name: method.spell("ispId") for name, method in get_interface().methods.items()}
    assert {name for name, spelling in spelled.items() if spelling == "ispId"} == {"isp_querypreviousupload"}
    assert set(spelled.values()) == {"ispID", "ispId"}


def test_the_method_v31_added_is_a_gap_and_not_an_invention() -> None:
    assert len(get_interface().methods) == 6
    assert [gap.id for gap in get_interface().gaps] == ["v31-verification-material-codes"]


@pytest.mark.parametrize("name", sorted(list_code_tables()))
def test_every_code_of_every_table_has_both_languages(name: str) -> None:
    assert all(text.zh and text.en for text in get_code_table(name).values())


def test_tables_without_published_values_are_absent_rather_than_empty() -> None:
    with pytest.raises(KeyError):
        get_code_table("cancellation_reasons")


def test_a_code_that_forms_and_messages_share_has_one_number_in_one_place() -> None:
    shipped = read_rulebook("code-tables.yaml")["tables"]
    assert not {"natures", "contents", "languages", "access_modes"} & shipped.keys()
    natures = load_code_tables().natures
    assert get_code_table("natures")[4] == natures.get("enterprise").label
    assert get_code_table("natures")[9] == natures.get("private_non_enterprise").label
