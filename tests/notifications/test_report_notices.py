"""What happens to an annual report is told to the side that has to know, once, without its figures."""

from __future__ import annotations

import pytest
from tests.cases.licence_factories import make_holder, make_licence, on
from tests.supervision.test_annual_reports import DOUBT, fill
from tests.supervision.test_number_reports import begin as begin_number
from tests.supervision.test_number_reports import fill as fill_number

from openbeian.notifications.actions.follow_journal import follow_journal
from openbeian.notifications.models import InboxItem
from openbeian.notifications.rendering import render_sentence
from openbeian.supervision.reporting.actions.start_report import start_report
from openbeian.supervision.reporting.actions.submit_report import submit_report
from openbeian.supervision.reporting.actions.turn_report import turn_report

pytestmark = pytest.mark.django_db


def told(person: int | None) -> list[str]:
    items = InboxItem.objects.filter(person_id=person, notice__kind__startswith="report.").order_by("pk")
    return [
        f"{i.notice.kind}: {render_sentence(i.notice, 'zh')} {i.notice.path}" for i in items.select_related("notice")
    ]


def test_the_officer_hears_of_a_report_and_its_holder_of_the_return() -> None:
    holder, stranger = make_holder(), make_holder(province="沪")
    with on("2026-01-12"):
        licence = make_licence(holder)
        report = submit_report(holder.applicant, fill(holder, start_report(holder.applicant, licence.pk, 2025)).pk)
        follow_journal()
        turn_report(holder.officer, report.pk, "return", reasons=DOUBT)
        follow_journal()
        assert follow_journal()["notices"] == 0
    path = f"/reports/{report.pk}/"
    name = f"「{licence.number} 2025 年报」"
    assert told(holder.officer.user_id) == [f"report.submitted: {name}已报送。 {path}"]
    assert told(holder.applicant.user_id) == [f"report.returned: {name}被退回，请按意见修改后重新报送。 {path}"]
    assert told(stranger.officer.user_id) == told(stranger.applicant.user_id) == []


def test_a_numbers_report_is_told_to_who_assigned_it() -> None:
    holder = make_holder()
    with on("2026-04-12"):
        report = submit_report(holder.applicant, fill_number(holder, begin_number(holder)).pk)
        follow_journal()
    assert told(holder.officer.user_id) == [
        f"report.submitted_late: 「10621234 2025 码号年报」已补报。 /reports/{report.pk}/"
    ]
