"""Issues the signed receipt of an annual report: that it was handed in, when, and the hash of what it said."""

from __future__ import annotations

from django.db import transaction

from openbeian.documents.actions.issue_paper import issue_paper
from openbeian.documents.extracts import Section, compute_digest
from openbeian.documents.models import Paper
from openbeian.documents.papers import PaperContent
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor
from openbeian.kernel.text import Text
from openbeian.registry.models import NumberResource
from openbeian.rules.code_tables import load_code_tables
from openbeian.supervision.reporting.errors import ReportNotHandedIn
from openbeian.supervision.reporting.models import AnnualReport
from openbeian.supervision.reporting.queries import get_report, get_state
from openbeian.supervision.reporting.subjects import name_holder


def issue_receipt(actor: Actor, report_id: int) -> Paper:
    """No figure stands on it: whoever has the code reads it. The hash proves the figures to those who hold them.

    Raises: NotPermitted, ReportNotYours, ReportNotHandedIn.
    """
    with transaction.atomic():
        report = get_report(actor, report_id)
        if report.submitted_at is None or get_state(report).is_editable:
            raise ReportNotHandedIn
        return issue_paper(
            actor,
            "report_receipt",
            ("annual_report", report.pk),
            _describe(report),
            organisation_id=report.organisation_id,
        )


def _describe(report: AnnualReport) -> PaperContent:
    submitted = report.submitted_at
    facts: tuple[tuple[Text, str | Text], ...] = (
        *_describe_subject(report),
        (Text("报告年度", "Year reported on"), str(report.year)),
        (Text("报送时间", "Handed in"), f"{submitted.astimezone(clock.CHINA):%Y-%m-%d %H:%M}" if submitted else "—"),
        (Text("状态", "State"), get_state(report).label),
        (Text("填报内容哈希", "Hash of the figures"), f"SHA-256 {compute_digest(report.figures)}"),
    )
    title = Text("码号年报", "Report on a number") if report.is_of_number else Text("年报", "Annual report")
    return PaperContent((Section(title, facts),))


def _describe_subject(report: AnnualReport) -> tuple[tuple[Text, str | Text], ...]:
    subject, holder = report.subject, name_holder(report.subject)
    if isinstance(subject, NumberResource):
        return (
            (Text("码号", "Number resource"), subject.number),
            (Text("核配日期", "Assigned on"), subject.assigned_on.isoformat()),
            (Text("使用者", "Holder"), holder),
        )
    businesses = load_code_tables().businesses
    named = [known.label.zh if (known := businesses.find(code)) else code for code in report.codes]
    return (
        (Text("许可证编号", "Licence number"), subject.number),
        (Text("持证人", "Holder"), holder),
        (Text("业务", "Businesses"), "、".join(named) or "—"),
    )
