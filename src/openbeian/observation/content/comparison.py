"""Compares the numbers a page shows with the record, by the province's form and the rules of the day."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Literal

from openbeian.kernel.answers import Answer
from openbeian.observation.content.footer import FOOTER_RULE_KEYS, FooterReading, LinkState
from openbeian.observation.content.numbers import sponsor_number
from openbeian.observation.content.rulebook import read_rules

NumberForm = Literal["sponsor", "service"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """`number`: the sponsor's number is shown; `form`: as the province wants it; `link`: it leads to the system;
    `verification_mark`: the former electronic mark, None on days that do not ask for it."""

    number: Answer
    form: Answer
    link: Answer
    verification_mark: Answer | None


def form_of_province(province: str) -> NumberForm:
    """Which number a province wants shown. Source: rulebook/content/footer.yaml, number_forms."""
    forms = read_rules("content/footer.yaml", keys=FOOTER_RULE_KEYS)["number_forms"]
    form: NumberForm = forms["provinces"].get(province, forms["default"])
    return form


def compare_with_record(
    found: FooterReading, record_numbers: Collection[str], province_form: NumberForm, on: date
) -> Comparison:
    """Judges a reading against the numbers on record for this service (normal form, with their `-n`).

    `on` is the legal day in China whose rules apply.
    """
    shown = {*found.icp_filing, *found.icp_licence, *found.telecom_licence}
    absent = Answer.NOT_MET if found.certain else Answer.CANNOT_TELL
    if not record_numbers:
        number = form = Answer.CANNOT_TELL
    else:
        sponsors = {sponsor_number(n) for n in record_numbers}
        number = Answer.MET if sponsors & {sponsor_number(n) for n in shown} else absent
        wanted = sponsors if province_form == "sponsor" else set(record_numbers)
        form = (Answer.MET if wanted & shown else Answer.NOT_MET) if number is Answer.MET else number
    return Comparison(number, form, _link_answer(found), _mark_answer(found, on))


def _link_answer(found: FooterReading) -> Answer:
    if found.link is LinkState.RIGHT:
        return Answer.MET
    # A screen dump shows the words of a screen, not what a touch opens.
    if found.is_screen or not found.certain:
        return Answer.CANNOT_TELL
    return Answer.NOT_MET


def _mark_answer(found: FooterReading, on: date) -> Answer | None:
    mark = read_rules("content/footer.yaml", keys=FOOTER_RULE_KEYS)["verification_mark"]
    if not mark["required_from"] <= on < mark["required_until"]:
        return None
    # The mark lies in a directory of the site; a page can show a link to it but not prove that it is absent.
    return Answer.MET if found.has_verification_mark else Answer.CANNOT_TELL
