"""A report handed in and a renewal applied for settle what was owed, once, without anybody ticking it off."""

from __future__ import annotations

import pytest
from tests.cases.licence_factories import make_holder, make_licence, make_submitted, on
from tests.supervision.test_annual_reports import fill

from openbeian.journal.models import Entry
from openbeian.obligations.actions.follow_record import follow_record
from openbeian.obligations.actions.recompute_obligations import recompute_obligations
from openbeian.obligations.models import Obligation
from openbeian.supervision.reporting.actions.start_report import start_report
from openbeian.supervision.reporting.actions.submit_report import submit_report

pytestmark = pytest.mark.django_db


def find(kind: str, cycle: str) -> Obligation:
    return Obligation.objects.get(kind=kind, cycle=cycle)


def test_a_submitted_report_is_done_and_stays_done_when_all_is_computed_again() -> None:
    holder = make_holder()
    with on("2026-01-12"):
        licence = make_licence(holder, valid_until="2030-03-01")
        recompute_obligations(everything=True)
        assert find("licence.annual_report", "2025").stage != "done"
        submit_report(holder.applicant, fill(holder, start_report(holder.applicant, licence.pk, 2025)).pk)
        follow_record()
        recompute_obligations(everything=True)
        follow_record()
    done = find("licence.annual_report", "2025")
    assert (done.stage, done.settled_why) == ("done", "2025 年度年报已于 2026-01-12 报送")
    assert Entry.objects.filter(event="obligation.done").count() == 1


def test_a_renewal_applied_for_is_done_and_the_expiry_stays() -> None:
    holder = make_holder()
    with on("2025-11-20"):
        recompute_obligations(everything=True)
        case = make_submitted(holder, "licence_renewal", make_licence(holder))
        follow_record()
        follow_record()
    done = find("licence.renewal", "2026-03-01")
    assert (done.stage, case.reference in done.settled_why) == ("done", True)
    assert find("licence.expiry", "2026-03-01").stage != "done"
