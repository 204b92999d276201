"""A fault's way from the first failing probe to the closed finding, through the public actions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db.models import Q
from tests.accounts.factories import make_actor as make_person
from tests.accounts.factories import make_organisation
from tests.registry.factories import make_provider
from tests.supervision.records import make_record, make_site, see

from openbeian.jobs.models import Job
from openbeian.journal.models import Entry
from openbeian.journal.queries import verify_journal
from openbeian.kernel import clock
from openbeian.kernel.actor import NotPermitted
from openbeian.kernel.answers import Answer
from openbeian.observation.probing.record import CheckKind, Whose
from openbeian.supervision.actions.announce_maintenance import announce_maintenance
from openbeian.supervision.actions.appeal_finding import appeal_finding
from openbeian.supervision.actions.ask_extension import ask_extension
from openbeian.supervision.actions.assign_finding import assign_finding
from openbeian.supervision.actions.close_finding import close_finding
from openbeian.supervision.actions.decide_petition import decide_petition
from openbeian.supervision.actions.record_probes import record_probes
from openbeian.supervision.actions.report_fixed import report_fixed
from openbeian.supervision.actions.settle_probes import settle_probes
from openbeian.supervision.actions.start_finding import start_finding
from openbeian.supervision.decisions import State
from openbeian.supervision.errors import (
    DayUnfit,
    DeciderAsked,
    FindingNotYours,
    ReasonMissing,
    TurnNotOpen,
    WindowUnfit,
)
from openbeian.supervision.models import CheckState, EvidencePack, Finding, SiteDay, StoredProbe, WatchedSite

pytestmark = pytest.mark.django_db
NUMBER = {CheckKind.FOOTER_NUMBER: "number_missing"}
TODAY = date(2026, 3, 5)
NOON = datetime(2026, 3, 5, 4, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _held() -> Iterator[None]:
    with clock.hold(NOON):
        yield


@pytest.fixture
def site() -> WatchedSite:
    return make_site(make_organisation())


def test_many_faults_of_one_settling_are_opened_together_each_with_its_evidence_in_the_chain() -> None:
    sites = [make_site() for _ in range(4)]
    faults = {CheckKind.FOOTER_NUMBER: "number_missing", CheckKind.TITLE: "title_differs"}
    for minutes in (0, 10):
        record = make_record(faults=faults, at=NOON + timedelta(minutes=minutes))
        probes = record_probes([(s.pk, record) for s in sites], StoredProbe.Occasion.AGAIN)
        counts = settle_probes(probes)
    assert counts == {"open": 8, "nothing": 4 * (len(CheckKind) - 2)}
    for finding in Finding.objects.all():
        told = Entry.objects.filter(subject_kind="finding", subject_id=str(finding.pk)).order_by("sequence")
        assert [e.event for e in told] == ["finding.opened", "evidence.kept", "evidence.kept"]
        assert {e.after["pack"] for e in told[1:]} == set(finding.packs.values_list("pk", flat=True))
        assert all(finding.organisation_id in e.concerns for e in told)
        assert {p.site_id for p in finding.packs.all()} == {finding.site_id}
    assert verify_journal() == Entry.objects.count()
    record = make_record(at=NOON + timedelta(minutes=20))
    assert settle_probes(record_probes([(s.pk, record) for s in sites], StoredProbe.Occasion.AGAIN))["recovering"] == 8
    again = make_record(at=NOON + timedelta(minutes=30))
    assert settle_probes(record_probes([(s.pk, again) for s in sites], StoredProbe.Occasion.AGAIN))["close"] == 8
    assert set(Finding.objects.values_list("state", flat=True)) == {State.CLOSED}
    assert verify_journal() == Entry.objects.count()


def opened(site: WatchedSite) -> Finding:
    see(site, NUMBER, at=NOON)
    see(site, NUMBER, at=NOON + timedelta(minutes=10))
    return Finding.objects.get()


def test_one_failed_probe_raises_nothing_and_asks_for_a_second_look(site: WatchedSite) -> None:
    see(site, NUMBER)
    assert Finding.objects.count() == 0
    job = Job.objects.get(kind="supervision.probe_again")
    assert job.arguments == {"sites": [site.pk]}
    assert job.run_at == NOON + timedelta(minutes=10)
    site.refresh_from_db()
    assert site.met_at is None
    state = CheckState.objects.get(site=site, check_kind="footer_number")
    assert (state.answer, state.in_a_row) == (Answer.CANNOT_TELL, 1)


def test_a_confirmed_fault_is_one_finding_with_the_rulebooks_fine_and_due_day(site: WatchedSite) -> None:
    finding = opened(site)
    for minutes in (20, 30, 40):
        see(site, NUMBER, at=NOON + timedelta(minutes=minutes))
    assert Finding.objects.get().pk == finding.pk
    assert (finding.state, finding.severity) == (State.TO_RECTIFY, "grave")
    assert (finding.fine_min_yuan, finding.fine_max_yuan) == (5_000, 50_000)
    assert finding.due_on == date(2026, 3, 10)
    assert finding.began_at == NOON
    assert Entry.objects.filter(event="finding.opened", subject_id=str(finding.pk)).count() == 1


def test_what_no_law_asks_for_threatens_no_fine(site: WatchedSite) -> None:
    for minutes in (0, 10):
        see(site, {CheckKind.HTTPS: "refused"}, at=NOON + timedelta(minutes=minutes))
    finding = Finding.objects.get()
    assert (finding.severity, finding.fine_min_yuan, finding.fine_max_yuan, finding.duty) == ("minor", None, None, "")


def test_every_digest_of_the_evidence_stands_in_the_journal(site: WatchedSite) -> None:
    finding = opened(site)
    packs = list(finding.packs.order_by("pk"))
    assert len(packs) == 2
    for pack in packs:
        entry = Entry.objects.get(event="evidence.kept", after__pack=pack.pk)
        assert entry.after["sha256"] == pack.sha256
        assert [f["sha256"] for f in entry.after["files"]] == [i["sha256"] for i in pack.items]
    assert verify_journal() > 2


def test_a_known_fault_does_not_pile_up_evidence(site: WatchedSite) -> None:
    opened(site)
    see(site, NUMBER, at=NOON + timedelta(days=1))
    assert EvidencePack.objects.count() == 2


@pytest.mark.parametrize("whose", [Whose.OURS])
def test_our_own_trouble_is_no_fault_of_the_site(site: WatchedSite, whose: Whose) -> None:
    for minutes in range(5):
        see(
            site,
            {CheckKind.DNS: "timeout", CheckKind.HTTP: "timeout"},
            at=NOON + timedelta(minutes=minutes),
            whose=whose,
        )
    assert Finding.objects.count() == 0
    assert Job.objects.filter(kind="supervision.probe_again").count() == 0
    assert SiteDay.objects.get().untold == 5


def test_a_round_that_failed_on_our_side_counts_for_nothing(site: WatchedSite) -> None:
    see(site, at=NOON - timedelta(hours=1))
    for minutes in range(4):
        see(site, {CheckKind.HTTP: "timeout"}, at=NOON + timedelta(minutes=minutes), is_ours=True)
    assert Finding.objects.count() == 0
    assert CheckState.objects.get(check_kind="http").answer == Answer.MET
    day = SiteDay.objects.get()
    assert (day.up, day.down, day.untold) == (1, 0, 4)


def test_a_recovery_is_looked_at_twice_before_the_finding_closes(site: WatchedSite) -> None:
    finding = opened(site)
    see(site, at=NOON + timedelta(hours=1))
    finding.refresh_from_db()
    assert finding.state == State.TO_RECHECK
    assert finding.recovered_at == NOON + timedelta(hours=1)
    see(site, at=NOON + timedelta(hours=2), occasion="recheck")
    finding.refresh_from_db()
    assert (finding.state, finding.closed_how) == (State.CLOSED, "recovered")
    site.refresh_from_db()
    assert site.answer == Answer.MET
    assert finding.packs.filter(shows_fault=False).count() == 1


def test_a_fault_that_comes_back_before_it_is_closed_is_the_same_finding(site: WatchedSite) -> None:
    finding = opened(site)
    see(site, at=NOON + timedelta(hours=1))
    see(site, NUMBER, at=NOON + timedelta(hours=2))
    finding.refresh_from_db()
    assert finding.state == State.RECTIFYING
    assert finding.recovered_at is None


def test_maintenance_excuses_failures_and_does_not_count_as_down(site: WatchedSite) -> None:
    owner = make_person(site.service.sponsor.organisation, "applicant")
    announce_maintenance(owner, site.service_id, NOON, NOON + timedelta(hours=2), "更换服务器")
    for minutes in (5, 15, 25):
        see(site, {CheckKind.HTTP: "timeout"}, at=NOON + timedelta(minutes=minutes))
    assert Finding.objects.count() == 0
    day = SiteDay.objects.get()
    assert (day.maintained, day.down) == (3, 0)
    assert Job.objects.filter(kind="supervision.probe_again").count() == 0


@pytest.mark.parametrize(("start", "end"), [(-3, 5), (2, 1), (0, 24 * 31), (1, 1)])
def test_a_window_that_makes_no_sense_is_refused(site: WatchedSite, start: int, end: int) -> None:
    owner = make_person(site.service.sponsor.organisation, "applicant")
    with pytest.raises(WindowUnfit):
        announce_maintenance(
            owner, site.service_id, NOON + timedelta(hours=start), NOON + timedelta(hours=end), "更换服务器"
        )


def test_an_extension_is_asked_for_by_one_and_granted_by_another(site: WatchedSite) -> None:
    finding = opened(site)
    organisation = site.service.sponsor.organisation
    applicant, administrator = make_person(organisation, "applicant"), make_person(organisation, "administrator")
    start_finding(applicant, finding.pk)
    ask_extension(applicant, finding.pk, date(2026, 3, 20), "服务器采购需要时间")
    assert Finding.objects.get().state == State.EXTENSION_ASKED
    assert Finding.objects.get().due_on == date(2026, 3, 10)
    with pytest.raises(NotPermitted):
        decide_petition(applicant, finding.pk, "同意", grants=True)
    finding = decide_petition(administrator, finding.pk, "同意延期", grants=True)
    assert (finding.state, finding.due_on, finding.owner_id) == (State.RECTIFYING, date(2026, 3, 20), applicant.user_id)


def test_nobody_decides_what_they_asked_for(site: WatchedSite) -> None:
    finding = opened(site)
    both = make_person(site.service.sponsor.organisation, "applicant", "administrator")
    appeal_finding(both, finding.pk, "页脚确有备案号")
    with pytest.raises(DeciderAsked):
        decide_petition(both, finding.pk, "成立", grants=True)
    assert Finding.objects.get().state == State.APPEALED


def test_a_granted_appeal_closes_and_a_refused_one_goes_back_to_work(site: WatchedSite) -> None:
    finding = opened(site)
    officer = make_person(make_organisation("administration", province="京"), "officer")
    owner = make_person(site.service.sponsor.organisation, "applicant")
    appeal_finding(owner, finding.pk, "页脚确有备案号")
    assert decide_petition(officer, finding.pk, "未见备案号", grants=False).state == State.RECTIFYING
    appeal_finding(owner, finding.pk, "号码在图片中")
    closed = decide_petition(officer, finding.pk, "人工核对属实", grants=True)
    assert (closed.state, closed.closed_how) == (State.CLOSED, "appeal_granted")


def test_under_appeal_a_recovery_closes_nothing_until_it_is_decided(site: WatchedSite) -> None:
    finding = opened(site)
    owner = make_person(site.service.sponsor.organisation, "applicant")
    officer = make_person(make_organisation("administration", province="京"), "officer")
    appeal_finding(owner, finding.pk, "页脚确有备案号")
    for hour in (1, 2, 3):
        see(site, at=NOON + timedelta(hours=hour))
    assert Finding.objects.get().state == State.APPEALED
    assert decide_petition(officer, finding.pk, "当时确实没有", grants=False).state == State.CLOSED


def test_a_report_that_it_is_fixed_asks_for_a_look_at_once(site: WatchedSite) -> None:
    finding = opened(site)
    report_fixed(make_person(site.service.sponsor.organisation, "applicant"), finding.pk)
    assert Finding.objects.get().state == State.TO_RECHECK
    assert Job.objects.get(kind="supervision.recheck").arguments == {"site": site.pk}
    see(site, NUMBER, at=NOON + timedelta(hours=1), occasion="recheck")
    assert Finding.objects.get().state == State.RECTIFYING
    assert Entry.objects.filter(event="finding.seen_again").count() == 1


@pytest.mark.parametrize("why", ["", " ", "a", "x" * 501, "有\u202e控制符"])
def test_a_reason_is_needed_and_nothing_is_written_without(site: WatchedSite, why: str) -> None:
    finding = opened(site)
    entries = Entry.objects.count()
    with pytest.raises(ReasonMissing):
        appeal_finding(make_person(site.service.sponsor.organisation, "applicant"), finding.pk, why)
    assert (Finding.objects.get().state, Entry.objects.count()) == (State.TO_RECTIFY, entries)


@pytest.mark.parametrize("day", [date(2026, 3, 10), date(2026, 3, 1), date(2028, 1, 1)])
def test_an_extension_lies_after_the_due_day_and_within_a_year(site: WatchedSite, day: date) -> None:
    finding = opened(site)
    with pytest.raises(DayUnfit):
        ask_extension(make_person(site.service.sponsor.organisation, "applicant"), finding.pk, day, "需要时间")


def test_strangers_neither_see_nor_move_a_finding(site: WatchedSite) -> None:
    finding = opened(site)
    for stranger in (
        make_person(make_organisation(), "applicant", "administrator"),
        make_person(make_organisation("administration", province="沪"), "officer"),
    ):
        with pytest.raises((FindingNotYours, NotPermitted)):
            start_finding(stranger, finding.pk)
        with pytest.raises((FindingNotYours, NotPermitted)):
            close_finding(stranger, finding.pk, "不是我的")


def test_the_access_provider_decides_but_does_not_rectify() -> None:
    cloud = make_organisation("access_provider")
    site = make_site(make_organisation(), provider=make_provider(cloud))
    finding = opened(site)
    reviewer = make_person(cloud, "first_reviewer")
    with pytest.raises(NotPermitted):
        start_finding(reviewer, finding.pk)
    assert close_finding(reviewer, finding.pk, "测试站点，已知会").state == State.CLOSED
    with pytest.raises(TurnNotOpen):
        close_finding(reviewer, finding.pk, "再关一次")


def test_a_finding_is_given_only_to_a_member(site: WatchedSite) -> None:
    finding = opened(site)
    owner = make_person(site.service.sponsor.organisation, "applicant")
    assert assign_finding(owner, finding.pk, owner.user_id).owner_id == owner.user_id
    with pytest.raises(Exception, match="member"):
        assign_finding(owner, finding.pk, make_person(make_organisation(), "applicant").user_id)
    assert Finding.objects.filter(~Q(owner_id=owner.user_id)).count() == 0
