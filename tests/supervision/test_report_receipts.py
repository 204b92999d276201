"""The receipt of an annual report: only after it was handed in, without its figures, and provable by their hash."""

from __future__ import annotations

import pytest
from tests.supervision.test_annual_reports import begin, fill, make_holder, make_licence, on

from openbeian.documents.extracts import compute_digest
from openbeian.documents.lookup import verify_paper
from openbeian.documents.models import Paper
from openbeian.supervision.reporting.actions.issue_receipt import issue_receipt
from openbeian.supervision.reporting.actions.submit_report import submit_report
from openbeian.supervision.reporting.errors import ReportNotHandedIn, ReportNotYours

pytestmark = pytest.mark.django_db


def test_a_receipt_is_issued_once_the_report_is_in_and_shows_no_figure() -> None:
    holder = make_holder()
    with on("2026-01-12"):
        report = fill(holder, begin(holder, make_licence(holder)))
        with pytest.raises(ReportNotHandedIn):
            issue_receipt(holder.applicant, report.pk)
        assert not Paper.objects.exists()
        report = submit_report(holder.applicant, report.pk)
        paper = issue_receipt(holder.applicant, report.pk)
        found = verify_paper(paper.code)
    assert found
    said = str(found.as_json())
    assert report.licence.number in said
    assert compute_digest(report.figures) in said
    assert "王示例" not in said
    assert "economy" not in said


def test_strangers_get_no_receipt() -> None:
    holder, stranger = make_holder(), make_holder(province="沪")
    with on("2026-01-12"):
        report = fill(holder, begin(holder, make_licence(holder)))
        submit_report(holder.applicant, report.pk)
        with pytest.raises(ReportNotYours):
            issue_receipt(stranger.applicant, report.pk)
