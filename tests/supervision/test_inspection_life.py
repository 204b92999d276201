"""What follows an inspection: due days by the rules, evidence, extension, appeal, re-check, and the signed record."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta

import pytest
from pypdf import PdfReader
from tests.accounts.factories import make_actor
from tests.documents.hostile_files import pdf, pdf_with_javascript, picture
from tests.documents.test_extracts import text_of
from tests.supervision.inspection_factories import (
    NOON,
    Office,
    fill_in,
    make_inspection,
    make_office,
    photograph,
    told_of,
)

from openbeian.documents.errors import UploadRefused
from openbeian.documents.lookup import verify_paper
from openbeian.documents.models import Document, Paper
from openbeian.documents.paper import get_signing_keys, render_paper
from openbeian.documents.verification import verify_file
from openbeian.journal.models import Entry as JournalEntry
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor, NotPermitted
from openbeian.rules.deadlines import compute_deadline
from openbeian.supervision.errors import DayUnfit, ReasonMissing, TurnNotOpen
from openbeian.supervision.inspections.actions.appeal_fault import appeal_fault
from openbeian.supervision.inspections.actions.ask_fault_extension import ask_fault_extension
from openbeian.supervision.inspections.actions.conclude_inspection import conclude_inspection
from openbeian.supervision.inspections.actions.decide_fault_petition import decide_fault_petition
from openbeian.supervision.inspections.actions.keep_photo import keep_photo
from openbeian.supervision.inspections.actions.recheck_fault import recheck_fault
from openbeian.supervision.inspections.actions.report_fault_fixed import report_fault_fixed
from openbeian.supervision.inspections.actions.start_fault import start_fault
from openbeian.supervision.inspections.errors import InspectionNotYours
from openbeian.supervision.inspections.models import Fault, Inspection

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def held() -> Iterator[None]:
    with clock.hold(NOON):
        yield


@pytest.fixture
def office() -> Office:
    return make_office()


def conclude(office: Office, **wrong: str) -> tuple[Inspection, Actor, Actor]:
    """A concluded inspection, its inspector, and somebody of the inspected."""
    inspection = make_inspection(office)
    inspector = office.inspector_of(inspection)
    fill_in(inspector, inspection, **wrong)
    done = conclude_inspection(inspector, inspection.pk, summary="例行抽查")
    return done, inspector, make_actor(inspection.organisation, "applicant")


def test_what_is_not_in_order_becomes_a_finding_due_by_its_rule(office: Office) -> None:
    inspection, _, _ = conclude(office, logs__retention="只留存 30 天", footers__link="没有链接")
    assert inspection.state == "rectifying"
    faults = {f.item: f for f in inspection.faults.all()}
    assert set(faults) == {"logs.retention", "footers.link"}
    for fault in faults.values():
        assert fault.due_on == compute_deadline(fault.limit_rule, clock.today()).due_on
    assert faults["logs.retention"].citation_zh
    assert JournalEntry.objects.filter(event="inspection.concluded").count() == 1


def test_with_everything_in_order_it_is_closed_at_once(office: Office) -> None:
    inspection, _, _ = conclude(office)
    assert inspection.state == "closed"
    assert not inspection.faults.exists()


def test_the_record_is_signed_shows_photographs_and_names_nobody_in_full_to_the_public(office: Office) -> None:
    inspection, _, _ = conclude(office, logs__retention="只留存 30 天")
    paper = Paper.objects.get(code=inspection.paper_code)
    record = render_paper(paper, "https://beian.example.cn")
    assert verify_file(io.BytesIO(record), get_signing_keys()).verdict == "genuine"
    said = text_of(record)
    for words in (
        inspection.reference,
        inspection.title,
        "只留存30天",
        "2026320",
        "例行抽查",
        "签名：检查员一",
        "不是官方证书",
    ):
        assert words in said, words
    images = [i for p in PdfReader(io.BytesIO(record)).pages for i in p.images]
    assert len(images) >= 4  # a photograph and three signatures
    public = str(verify_paper(paper.code).as_json())  # type: ignore[union-attr]
    assert "王示例" not in public
    assert "测试人员" not in public
    # What the record rests on can never be taken away again.
    of_inspection = Document.objects.filter(subject_kind="inspection", subject_id=str(inspection.pk))
    assert not of_inspection.filter(kept_at__isnull=True).exists()


def test_rectified_with_evidence_found_again_and_then_in_order_it_closes_the_inspection(office: Office) -> None:
    inspection, inspector, holder = conclude(office, logs__retention="只留存 30 天")
    fault = inspection.faults.get()
    start_fault(holder, fault.pk)
    report_fault_fixed(holder, fault.pk, "已改配置", [("配置.png", picture()), ("说明.pdf", pdf())])
    assert Fault.objects.get().state == "to_recheck"
    assert Document.objects.filter(subject_kind="inspection_fault", kept_at__isnull=False).count() == 2
    recheck_fault(inspector, fault.pk, "备份仍只有 60 天", is_in_order=False)
    assert Fault.objects.get().state == "rectifying"
    report_fault_fixed(holder, fault.pk, "备份也改了")
    recheck_fault(inspector, fault.pk, "已核实", is_in_order=True)
    inspection.refresh_from_db()
    assert (Fault.objects.get().closed_how, inspection.state) == ("recovered", "closed")
    assert JournalEntry.objects.filter(event="inspection.closed").count() == 1
    with pytest.raises(TurnNotOpen):
        recheck_fault(inspector, fault.pk, "再来一次", is_in_order=True)


def test_an_extension_moves_the_day_only_when_granted_and_only_forward(office: Office) -> None:
    inspection, inspector, holder = conclude(office, logs__retention="只留存 30 天")
    fault = inspection.faults.get()
    for day in (fault.due_on, fault.due_on + timedelta(days=366)):
        with pytest.raises(DayUnfit):
            ask_fault_extension(holder, fault.pk, day, "采购需要时间")
    later = fault.due_on + timedelta(days=20)
    ask_fault_extension(holder, fault.pk, later, "采购需要时间")
    with pytest.raises(NotPermitted):
        decide_fault_petition(holder, fault.pk, "自己同意", grants=True)
    decide_fault_petition(inspector, fault.pk, "理由不足", grants=False)
    assert Fault.objects.get().due_on == fault.due_on
    ask_fault_extension(holder, fault.pk, later, "补充了采购合同")
    decide_fault_petition(inspector, fault.pk, "同意", grants=True)
    assert (Fault.objects.get().due_on, Fault.objects.get().state) == (later, "rectifying")


def test_a_granted_appeal_ends_it_and_a_refused_one_sends_it_back_to_work(office: Office) -> None:
    inspection, inspector, holder = conclude(office, logs__retention="只留存 30 天", footers__link="没有链接")
    first, second = inspection.faults.order_by("pk")
    appeal_fault(holder, first.pk, "检查的是备用机", [("证明.pdf", pdf())])
    decide_fault_petition(inspector, first.pk, "属实", grants=True)
    appeal_fault(holder, second.pk, "链接在第二屏")
    decide_fault_petition(inspector, second.pk, "首页底部没有", grants=False)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, first.closed_how, second.state) == ("closed", "appeal_granted", "rectifying")
    inspection.refresh_from_db()
    assert inspection.state == "rectifying"


def test_a_refused_file_or_a_missing_reason_leaves_no_trace(office: Office) -> None:
    inspection, _, holder = conclude(office, logs__retention="只留存 30 天")
    fault, journal = inspection.faults.get(), JournalEntry.objects.count()
    with pytest.raises(UploadRefused):
        report_fault_fixed(holder, fault.pk, "见附件", [("a.pdf", pdf_with_javascript())])
    with pytest.raises(ReasonMissing):
        report_fault_fixed(holder, fault.pk, " ")
    assert Fault.objects.get().state == "to_rectify"
    assert JournalEntry.objects.count() == journal
    assert not fault.steps.exists()


def test_strangers_and_the_wrong_side_do_nothing(office: Office) -> None:
    inspection, inspector, holder = conclude(office, logs__retention="只留存 30 天")
    fault = inspection.faults.get()
    elsewhere = make_office(province="沪")
    for actor in (elsewhere.inspectors[0], make_actor(elsewhere.licences[0].organisation, "applicant")):
        with pytest.raises((InspectionNotYours, NotPermitted)):
            start_fault(actor, fault.pk)
        with pytest.raises((InspectionNotYours, NotPermitted)):
            recheck_fault(actor, fault.pk, "别人的", is_in_order=True)
    with pytest.raises(NotPermitted):
        report_fault_fixed(inspector, fault.pk, "替对方报告")
    with pytest.raises(NotPermitted):
        recheck_fault(holder, fault.pk, "自己复查", is_in_order=True)
    assert Fault.objects.get().state == "to_rectify"


def test_the_record_shows_photographs_in_the_order_of_the_checklist_and_signatures_last(office: Office) -> None:
    inspection = make_inspection(office)
    inspector = office.inspector_of(inspection)
    # fill_in photographs an item of the middle and signs; what is photographed later stands before it in the checklist.
    fill_in(inspector, inspection, logs__retention="只留存 30 天")
    later = photograph(colour="blue")
    keep_photo(inspector, inspection.pk, told_of(later, "environment.premises"), later)
    done = conclude_inspection(inspector, inspection.pk)
    said = text_of(render_paper(Paper.objects.get(code=done.paper_code), "https://beian.example.cn"))
    captions = said[said.index("限期整改", said.index("经营行为")) :]
    places = [captions.index(words) for words in ("场地、设施", "留存不少于六个月·", "签名：检查员一")]
    assert places == sorted(places)
    assert said.count("只留存30天") == 1
