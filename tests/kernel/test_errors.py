"""Problems with values: found without knowing the form, placed in it by the caller."""

import pytest

from openbeian.kernel.errors import Problem, ValueRefused, problem_with
from openbeian.kernel.text import Text

PROBLEM = Problem(
    Text("太小。", "Too small."), Text("请填大于 1 的数。", "Give more than 1."), "size.small", certain=False
)


def test_a_problem_is_placed_in_a_form_with_its_value_and_certainty() -> None:
    fault = PROBLEM.at("services.0.domain", "0")
    assert (fault.field, fault.value, fault.rule, fault.certain) == ("services.0.domain", "0", "size.small", False)
    assert (fault.message, fault.fix) == (PROBLEM.message, PROBLEM.fix)


def test_a_refused_value_speaks_the_sentence_of_its_problem() -> None:
    refusal = ValueRefused(PROBLEM, "0", field="size")
    assert refusal.text == PROBLEM.message
    assert refusal.as_json()["faults"][0]["field"] == "size"
    assert refusal.as_json()["error"] == "value_refused"


def test_a_reading_function_tells_its_problem_and_lets_bugs_through() -> None:
    def read(value: str) -> int:
        if int(value) < 2:
            raise ValueRefused(PROBLEM, value)
        return int(value)

    assert problem_with(read, "1") is PROBLEM
    assert problem_with(read, "2") is None
    with pytest.raises(ValueError, match="invalid literal"):
        problem_with(read, "two")
