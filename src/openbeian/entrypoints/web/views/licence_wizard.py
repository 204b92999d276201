"""我需要哪种许可: anybody says what a business does and learns which licence it needs, why, and on what ground."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_safe

from openbeian.entrypoints.web.gates import public
from openbeian.kernel import clock
from openbeian.kernel.provinces import PROVINCES, find_province
from openbeian.kernel.text import Text
from openbeian.rules.code_tables import find_rulebook, load_code_tables
from openbeian.rules.licence_advice import Answers, Area, Share, Verdict, YesNo, advise
from openbeian.rules.licence_catalogue import LicenceCatalogue, load_licence_catalogue
from openbeian.rules.rulebook import current_rulebook

SUMMARY: dict[Verdict, Text] = {
    "needed": Text("需要经营许可证", "A licence is needed"),
    "told": Text("按所选内容，不需要经营许可证", "By what was chosen no licence is needed"),
    "cannot_tell": Text("按所选内容判断不了", "It cannot be told from what was chosen"),
}
_MOST_DIGITS = 15


@public
@require_safe
def show_wizard(request: HttpRequest) -> HttpResponse:
    """Every answer stands in the address, so that it can be kept and sent; what the page does not offer is ignored."""
    catalogue = load_licence_catalogue(find_rulebook())
    answers = read_answers(request.GET, catalogue)
    advice = advise(answers, catalogue, current_rulebook(), clock.today()) if answers.activities else None
    labels = {row.id: row.label for row in load_code_tables().businesses}
    context = {
        "catalogue": catalogue,
        "answers": answers,
        "provinces": PROVINCES,
        "advice": advice,
        "summary": SUMMARY.get(advice.verdict) if advice else None,
        "businesses": [(one, labels[one.business.code]) for one in advice.businesses] if advice else [],
        "asked_at_all": bool(request.GET),
    }
    return render(request, "openbeian/licences/wizard.html", context)


def read_answers(given: QueryDict, catalogue: LicenceCatalogue) -> Answers:
    """What the address says, as far as the page offers it."""
    chosen = tuple(dict.fromkeys(a for a in given.getlist("does") if a in catalogue.activities))
    province = find_province(given.get("province", "")[:8])
    area = given.get("area", "")
    return Answers(
        activities=chosen,
        area=cast(Area, area) if area in {"one_province", "several"} else "",
        province=province.abbreviation if province and area == "one_province" else "",
        foreign=cast(Share, given["foreign"]) if given.get("foreign") in {"none", "some"} else "",
        foreign_percent=_read_number(given.get("percent", ""), most=100),
        pilot_area=given.get("pilot", "")[:20],
        capital_yuan=_read_number(given.get("capital", "")),
        is_company=_read_yes_no(given.get("company", "")),
        is_dishonest=_read_yes_no(given.get("dishonest", "")),
    )


def _read_yes_no(text: str) -> YesNo:
    return cast(YesNo, text) if text in {"yes", "no"} else ""


def _read_number(text: str, *, most: int | None = None) -> int | None:
    digits = text.strip().replace(",", "").replace("，", "")
    if not digits.isascii() or not digits.isdecimal() or len(digits) > _MOST_DIGITS:
        return None
    number = int(digits)
    return None if most is not None and number > most else number
