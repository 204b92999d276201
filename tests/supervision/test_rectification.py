"""Findings of the watch and of inspections stand in one list, on Today, in the calendar, and are told of alike."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client
from tests.accounts.factories import make_actor
from tests.supervision.inspection_factories import NOON, Office, fill_in, make_inspection, make_office
from tests.supervision.records import NUMBER_FAULT, make_site, see
from tests.web.pages import sign_in, text_of

from openbeian.kernel import clock
from openbeian.kernel.actor import Actor
from openbeian.notifications.actions.follow_journal import follow_journal
from openbeian.notifications.actions.remind import remind
from openbeian.notifications.models import Notice
from openbeian.notifications.obligation_dates import ObligationDates
from openbeian.obligations.actions.follow_record import follow_record
from openbeian.obligations.actions.recompute_obligations import recompute_obligations
from openbeian.obligations.models import Obligation
from openbeian.supervision.errors import OwnerUnfit
from openbeian.supervision.inspections.actions.ask_fault_extension import ask_fault_extension
from openbeian.supervision.inspections.actions.assign_fault import assign_fault
from openbeian.supervision.inspections.actions.conclude_inspection import conclude_inspection
from openbeian.supervision.inspections.actions.decide_fault_petition import decide_fault_petition
from openbeian.supervision.inspections.actions.recheck_fault import recheck_fault
from openbeian.supervision.inspections.actions.report_fault_fixed import report_fault_fixed
from openbeian.supervision.inspections.errors import InspectionNotYours
from openbeian.supervision.inspections.models import Fault
from openbeian.supervision.models import Finding
from openbeian.supervision.rectification import SOURCES, Wanted, list_to_rectify, load_rows

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def held() -> Iterator[None]:
    with clock.hold(NOON):
        yield


@pytest.fixture
def office() -> Office:
    return make_office()


@pytest.fixture
def holder(office: Office) -> Actor:
    return make_actor(office.licences[0].organisation, "applicant")


@pytest.fixture
def fault(office: Office) -> Fault:
    """A grave fault that an inspection found."""
    inspection = make_inspection(office)
    inspector = office.inspector_of(inspection)
    fill_in(inspector, inspection, logs__retention="只留存 30 天")
    return conclude_inspection(inspector, inspection.pk).faults.get()


@pytest.fixture
def finding(office: Office) -> Finding:
    """A grave fault that the watch confirmed at the same organisation."""
    site = make_site(office.licences[0].organisation, name="示例书店")
    for minutes in (20, 10):
        see(site, NUMBER_FAULT, at=NOON - timedelta(minutes=minutes))
    return Finding.objects.get()


def keys_of(actor: Actor, order: str = "gravity", **wanted: object) -> list[tuple[str, int]]:
    rows = list_to_rectify(actor, Wanted(**wanted), order)  # type: ignore[arg-type]
    return [(row["source"], row["key"]) for row in rows]


def test_both_sources_stand_in_one_order(holder: Actor, fault: Fault, finding: Finding) -> None:
    both = {("inspection", fault.pk), ("watch", finding.pk)}
    assert set(keys_of(holder)) == both
    Fault.objects.update(due_on=finding.due_on - timedelta(days=1))
    assert keys_of(holder)[0] == ("inspection", fault.pk)
    Fault.objects.update(due_on=finding.due_on + timedelta(days=1))
    assert keys_of(holder, "due_on")[0] == ("watch", finding.pk)
    Finding.objects.update(severity="minor")
    assert keys_of(holder)[0] == ("inspection", fault.pk)
    loaded = load_rows(list_to_rectify(holder, Wanted()))
    assert [type(row).__name__ for row in loaded] == ["Fault", "Finding"]


def test_the_list_is_narrowed_by_source_state_severity_person_and_words(
    holder: Actor, fault: Fault, finding: Finding
) -> None:
    ours, theirs = ("inspection", fault.pk), ("watch", finding.pk)
    assert keys_of(holder, source="inspection") == [ours]
    assert keys_of(holder, source="watch") == [theirs]
    assert keys_of(holder, severity="minor") == []
    assert keys_of(holder, words=fault.inspection.number) == [ours]
    assert keys_of(holder, words="示例书店") == [theirs]
    assert keys_of(holder, words=fault.reference) == [ours]
    assert keys_of(holder, words=finding.reference) == [theirs]
    assign_fault(holder, fault.pk, holder.user_id)
    assert keys_of(holder, owner_id=holder.user_id) == [ours]
    Fault.objects.update(state="closed")
    assert keys_of(holder) == [theirs]
    assert keys_of(holder, state="closed") == [ours]
    assert set(keys_of(holder, state="all")) == {ours, theirs}


def test_a_stranger_sees_neither_and_the_officer_those_of_their_inspections(
    office: Office, fault: Fault, finding: Finding
) -> None:
    assert keys_of(make_actor(make_office(province="沪").administration, "officer")) == []
    assert ("inspection", fault.pk) in keys_of(office.officer)


def test_only_a_colleague_can_be_put_in_charge(office: Office, holder: Actor, fault: Fault) -> None:
    with pytest.raises(OwnerUnfit):
        assign_fault(holder, fault.pk, office.officer.user_id)
    with pytest.raises(InspectionNotYours):
        assign_fault(make_actor(make_office(province="沪").licences[0].organisation, "applicant"), fault.pk, None)
    assert Fault.objects.get().owner_id is None


def test_it_is_owed_stands_on_today_and_in_the_calendar_and_goes_when_closed(
    office: Office, holder: Actor, fault: Fault
) -> None:
    follow_record()
    owed = Obligation.objects.get(subject_kind="inspection_fault")
    assert (owed.kind, owed.due_on, owed.organisation_id) == (
        "inspection_fault.grave",
        fault.due_on,
        holder.organisation_id,
    )
    browser = sign_in(holder)
    for address in ("/", "/obligations/?on=inspection_fault"):
        page = browser.get(address).content.decode()
        assert "整改：检查发现的严重问题" in page, address
        assert f"/inspections/faults/{fault.pk}/" in page, address
    assert fault.reference in browser.get(f"/calendar/?month={fault.due_on:%Y-%m}").content.decode()
    report_fault_fixed(holder, fault.pk, "已改")
    recheck_fault(office.inspector_of(fault.inspection), fault.pk, "已核实", is_in_order=True)
    follow_record()
    assert not Obligation.objects.filter(subject_kind="inspection_fault").exists()


def test_faults_found_before_this_version_are_owed_after_the_nightly_run(fault: Fault) -> None:
    assert not Obligation.objects.filter(subject_kind="inspection_fault").exists()
    recompute_obligations()
    assert Obligation.objects.get(subject_kind="inspection_fault").subject_id == fault.pk


def test_an_extension_granted_moves_the_day_that_is_owed(office: Office, holder: Actor, fault: Fault) -> None:
    follow_record()
    later = fault.due_on + timedelta(days=20)
    ask_fault_extension(holder, fault.pk, later, "采购需要时间")
    decide_fault_petition(office.inspector_of(fault.inspection), fault.pk, "同意", grants=True)
    follow_record()
    assert Obligation.objects.get(subject_kind="inspection_fault").due_on == later


def told(kind: str) -> list[int]:
    """The organisations that were told."""
    return sorted({n.channel.organisation_id for n in Notice.objects.filter(kind=kind).select_related("channel")})


def test_each_side_is_told_what_concerns_it_once(office: Office, holder: Actor, fault: Fault) -> None:
    inspector = office.inspector_of(fault.inspection)
    own, theirs = holder.organisation_id, office.administration.pk
    follow_journal()
    assert told("inspection_fault.opened") == [own]
    notice = Notice.objects.filter(kind="inspection_fault.opened")[0]
    assert notice.path == f"/inspections/faults/{fault.pk}/"
    assert (notice.due_on, notice.detail_zh) == (fault.due_on, "只留存 30 天")
    ask_fault_extension(holder, fault.pk, fault.due_on + timedelta(days=9), "采购需要时间")
    follow_journal()
    assert told("inspection_fault.extension_asked") == [theirs]
    decide_fault_petition(inspector, fault.pk, "理由不足", grants=False)
    report_fault_fixed(holder, fault.pk, "已改")
    follow_journal()
    assert told("inspection_fault.extension_refused") == [own]
    assert told("inspection_fault.reported_fixed") == [theirs]
    recheck_fault(inspector, fault.pk, "已核实", is_in_order=True)
    follow_journal()
    assert told("inspection_fault.closed") == [own]
    before = Notice.objects.count()
    follow_journal()
    assert Notice.objects.count() == before


def test_it_is_reminded_of_before_the_day_and_once_it_has_passed(holder: Actor, fault: Fault) -> None:
    follow_record()
    for days, stage in ((-1, "before1"), (1, "overdue")):
        with clock.hold(NOON + (fault.due_on + timedelta(days=days) - clock.legal_day(NOON))):
            recompute_obligations()
            remind([ObligationDates()])
        reminded = Notice.objects.filter(kind="reminder.obligation", subject_kind="inspection_fault")
        assert reminded.filter(occurrence__endswith=stage).exists(), [n.occurrence for n in reminded]


def test_the_page_lists_both_and_its_sheet_holds_the_same(holder: Actor, fault: Fault, finding: Finding) -> None:
    browser = sign_in(holder)
    said = text_of(browser.get("/findings/"))
    for words in (fault.reference, finding.reference, *(text.zh for text in SOURCES.values()), "查看说明，开始整改"):
        assert words in said, words
    sheet = b"".join(browser.get("/findings/?export=csv").streaming_content).decode()  # type: ignore[attr-defined]
    assert fault.reference in sheet
    assert finding.reference in sheet
    assert finding.reference not in text_of(browser.get("/findings/?source=inspection"))


def test_the_page_of_one_is_for_both_sides_and_for_nobody_else(office: Office, holder: Actor, fault: Fault) -> None:
    address = f"/inspections/faults/{fault.pk}/"
    own = sign_in(holder)
    said = text_of(own.get(address))
    for words in (fault.reference, "只留存 30 天", "报告已整改", "申请延期", "申诉"):
        assert words in said, words
    own.post(f"{address}turn/", {"verb": "assign", "owner": str(holder.user_id)})
    assert Fault.objects.get().owner_id == holder.user_id
    assert own.post(f"{address}turn/", {"verb": "assign", "owner": "x"}).status_code == 422
    assert 'name="alone"' in own.get(address).content.decode()
    assert own.post(f"{address}turn/", {"verb": "start", "alone": "1"}).headers["Location"] == address
    done = own.post(f"{address}turn/", {"verb": "fixed", "note": "已改"})
    assert done.headers["Location"] == f"/inspections/{fault.inspection_id}/"
    assert "申请延期" not in text_of(sign_in(office.officer).get(address))
    stranger: Client = sign_in(make_actor(make_office(province="沪").licences[0].organisation, "applicant"))
    assert stranger.get(address).status_code == 404
