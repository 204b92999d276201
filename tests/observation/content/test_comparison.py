"""A reading against the record: three values, the province's form, the rules of the day."""

from __future__ import annotations

from datetime import date

from openbeian.kernel.answers import Answer
from openbeian.observation.content.comparison import compare_with_record, form_of_province
from openbeian.observation.content.footer import FooterReading, LinkState, read_footer

TODAY = date(2026, 11, 21)
LINKED = '<a href="https://beian.miit.gov.cn">{}</a>'


def test_guangdong_wants_the_sponsors_number_and_others_the_services() -> None:
    assert (form_of_province("粤"), form_of_province("京")) == ("sponsor", "service")


def test_the_right_number_in_the_wrong_form_is_told_apart_from_a_wrong_number() -> None:
    shown = read_footer(LINKED.format("京ICP备16020626号"))
    record = ["京ICP备16020626号-1"]
    judged = compare_with_record(shown, record, "service", TODAY)
    assert (judged.number, judged.form, judged.link) == (Answer.MET, Answer.NOT_MET, Answer.MET)
    assert compare_with_record(shown, record, "sponsor", TODAY).form is Answer.MET


def test_another_sponsors_number_is_a_breach() -> None:
    shown = read_footer(LINKED.format("京ICP备17030303号-1"))
    assert compare_with_record(shown, ["京ICP备16020626号-1"], "service", TODAY).number is Answer.NOT_MET


def test_a_page_we_could_not_read_is_never_a_breach() -> None:
    judged = compare_with_record(FooterReading(certain=False), ["京ICP备16020626号-1"], "service", TODAY)
    assert {judged.number, judged.form, judged.link} == {Answer.CANNOT_TELL}


def test_without_a_record_the_number_cannot_be_told() -> None:
    assert compare_with_record(FooterReading(), [], "service", TODAY).number is Answer.CANNOT_TELL


def test_the_verification_mark_is_asked_for_only_on_days_that_had_it() -> None:
    shown = FooterReading(icp_filing=("京ICP备16020626号-1",), link=LinkState.RIGHT)
    record = ["京ICP备16020626号-1"]
    assert compare_with_record(shown, record, "service", TODAY).verification_mark is None
    assert compare_with_record(shown, record, "service", date(2023, 12, 31)).verification_mark is Answer.CANNOT_TELL
