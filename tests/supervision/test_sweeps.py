"""Sweeps: begun once, shared among workers, cut off and taken up again, and void when the trouble is ours."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from tests.registry.factories import make_actor, make_provider, make_service, make_sponsor
from tests.supervision.records import InventedProber, make_record, make_site, see

from openbeian.jobs.models import Job
from openbeian.journal.models import Entry
from openbeian.kernel import clock
from openbeian.kernel.answers import Answer
from openbeian.observation.probing.record import CheckKind, ProbeRecord, ProbeTarget
from openbeian.registry.actions.cancel_service import cancel_service
from openbeian.supervision.actions import sweep_sites as sweep_module
from openbeian.supervision.actions.begin_sweep import begin_sweep
from openbeian.supervision.actions.follow_services import follow_services
from openbeian.supervision.actions.forget_watch import PACKS_KEPT, forget_watch
from openbeian.supervision.actions.lease_sites import LEASE, Place, lease_sites
from openbeian.supervision.actions.probe_again import probe_again
from openbeian.supervision.actions.recheck_site import recheck_site
from openbeian.supervision.actions.record_probes import record_probes
from openbeian.supervision.actions.settle_sweep import settle_sweep
from openbeian.supervision.actions.sweep_sites import sweep_sites
from openbeian.supervision.evidence import get_evidence_storage
from openbeian.supervision.models import EvidencePack, Finding, StoredProbe, Sweep, WatchedSite
from openbeian.supervision.targets import make_targets
from openbeian.supervision.verdict import reach_verdict

pytestmark = pytest.mark.django_db
# Two in the morning in China.
NIGHT = datetime(2026, 3, 4, 18, 5, tzinfo=UTC)
DOWN = {CheckKind.HTTP: "timeout"}


@pytest.fixture(autouse=True)
def _evening() -> Iterator[None]:
    with clock.hold(NIGHT - timedelta(hours=6)):
        yield


def begin() -> Sweep:
    sweep = begin_sweep([2], shares=2, jitter_s=0)
    assert sweep is not None
    return sweep


def failing(*domains: str) -> InventedProber:
    def answer(target: ProbeTarget) -> ProbeRecord:
        return make_record(target, DOWN if target.domain in domains or not domains else {})

    return InventedProber(answer)


def test_a_sweep_begins_in_its_hour_once_with_a_job_for_each_share() -> None:
    make_site()
    with clock.hold(NIGHT - timedelta(hours=1)):
        assert begin_sweep([2]) is None
    with clock.hold(NIGHT):
        sweep = begin()
        assert begin_sweep([2]) is None
    assert Job.objects.filter(kind="supervision.sweep").count() == 2
    assert sweep.site_count == 1


def test_the_jobs_of_a_sweep_start_spread_over_the_jitter() -> None:
    make_site()
    with clock.hold(NIGHT):
        begin_sweep([2], shares=40, jitter_s=600)
    starts = list(Job.objects.filter(kind="supervision.sweep").values_list("run_at", flat=True))
    assert all(NIGHT <= at <= NIGHT + timedelta(seconds=600) for at in starts)
    assert len(set(starts)) > 10


def test_every_site_is_probed_once_and_the_sweep_settles() -> None:
    sites = [make_site() for _ in range(7)]
    with clock.hold(NIGHT):
        sweep = begin()
        prober = failing(sites[0].domain)
        assert sweep_sites(sweep.pk, prober) == {"visited": 7}
        assert sorted(prober.asked) == sorted(s.domain for s in sites)
        assert Job.objects.get(kind="supervision.settle_sweep").arguments == {"sweep": sweep.pk}
        assert settle_sweep(sweep.pk)["probes"] == 7
        assert settle_sweep(sweep.pk) == {}
    sweep.refresh_from_db()
    assert sweep.state == Sweep.State.SETTLED
    assert StoredProbe.objects.filter(settled_at__isnull=True).count() == 0
    assert Finding.objects.count() == 0
    assert Job.objects.get(kind="supervision.probe_again").arguments == {"sites": [sites[0].pk]}
    assert Entry.objects.filter(event="sweep.settled").count() == 1


def test_a_sweep_in_which_most_sites_fail_is_ours_and_raises_nothing() -> None:
    sites = [make_site() for _ in range(6)]
    for site in sites:
        see(site, at=NIGHT - timedelta(hours=3))
    with clock.hold(NIGHT):
        sweep = begin()
        sweep_sites(sweep.pk, failing())
        settle_sweep(sweep.pk)
    sweep.refresh_from_db()
    assert (sweep.state, sweep.is_ours) == (Sweep.State.OURS, True)
    assert Job.objects.filter(kind="supervision.probe_again").count() == 0
    assert set(WatchedSite.objects.values_list("answer", flat=True)) == {Answer.MET}
    assert Entry.objects.filter(event="sweep.voided").count() == 1


def test_two_workers_never_hold_the_same_site_and_a_dead_ones_sites_come_free() -> None:
    for _ in range(5):
        make_site()
    with clock.hold(NIGHT):
        sweep = begin()
        first = lease_sites(sweep, "a", 3)
        second = lease_sites(sweep, "b", 3)
        assert (len(first), len(second)) == (3, 2)
        assert not {s.pk for s in first} & {s.pk for s in second}
    with clock.hold(NIGHT + LEASE + timedelta(seconds=1)):
        assert len(lease_sites(sweep, "c", 9)) == 5


def test_what_was_in_trouble_the_last_time_is_visited_first() -> None:
    """A site that hangs until its time is out must not be the one that all wait for in the end."""
    well, hung = make_site(), make_site()
    WatchedSite.objects.filter(pk=well.pk).update(answer=Answer.MET)
    WatchedSite.objects.filter(pk=hung.pk).update(answer=Answer.NOT_MET)
    with clock.hold(NIGHT):
        assert [site.pk for site in lease_sites(begin(), "a", 2)] == [hung.pk, well.pk]


def test_leases_go_on_where_they_were_and_find_again_what_came_free_behind() -> None:
    sites = [make_site() for _ in range(5)]
    WatchedSite.objects.filter(pk__in=[s.pk for s in sites[:4]]).update(answer=Answer.MET)
    place = Place()
    with clock.hold(NIGHT):
        sweep = begin()
        assert [s.pk for s in lease_sites(sweep, "a", 2, place)] == [sites[4].pk, sites[0].pk]
        assert [s.pk for s in lease_sites(sweep, "a", 2, place)] == [sites[1].pk, sites[2].pk]
        WatchedSite.objects.filter(pk=sites[4].pk).update(lease_until=None)
        assert [s.pk for s in lease_sites(sweep, "a", 2, place)] == [sites[3].pk]
        assert [s.pk for s in lease_sites(sweep, "a", 2, place)] == [sites[4].pk]
        assert lease_sites(sweep, "a", 2, place) == []


def seen_in(sweep: Sweep, sites: list[WatchedSite], *, failing: bool) -> None:
    faults = DOWN if failing else {}
    record_probes([(s.pk, make_record(faults=faults)) for s in sites], StoredProbe.Occasion.SWEEP, sweep=sweep)


def test_the_verdict_is_told_early_only_when_no_further_site_can_change_it() -> None:
    sites = [make_site() for _ in range(11)]
    see(sites[10], DOWN, at=NIGHT - timedelta(hours=2))
    see(sites[10], DOWN, at=NIGHT - timedelta(hours=1))  # known to be down: counts for nothing
    with clock.hold(NIGHT):
        sweep = begin()
        seen_in(sweep, sites[:4], failing=False)
        assert reach_verdict(sweep, is_over=False) is None
        seen_in(sweep, [sites[10]], failing=False)
        assert reach_verdict(sweep, is_over=False) is None
        seen_in(sweep, [sites[4]], failing=False)
        assert reach_verdict(sweep, is_over=False) is False
        # The worst that could come would not have made it ours at the end either.
        Sweep.objects.filter(pk=sweep.pk).update(is_ours=None)
        sweep.refresh_from_db()
        seen_in(sweep, sites[5:10], failing=True)
        assert reach_verdict(sweep, is_over=True) is False


@pytest.mark.parametrize("is_ours", [False, True])
def test_what_was_seen_is_settled_on_the_way_only_where_the_sweep_cannot_be_ours(
    is_ours: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep_module, "_SETTLED_AT_ONCE", 2)
    monkeypatch.setattr(sweep_module, "_BATCH", 2)
    sites = [make_site() for _ in range(10)]
    down = [s.domain for s in (sites[2:] if is_ours else sites[8:])]
    with clock.hold(NIGHT):
        sweep = begin()
        counts = sweep_sites(sweep.pk, InventedProber(failing(*down)._answer, most=2))
        assert counts["visited"] == 10
        early = StoredProbe.objects.exclude(settled_at=None).count()
        assert (early == 0) if is_ours else (early >= 2 and counts["nothing"] == early * len(CheckKind))
        assert settle_sweep(sweep.pk)["probes"] == 10 - early
    assert StoredProbe.objects.filter(settled_at=None).count() == 0
    assert Sweep.objects.get().is_ours is is_ours
    assert Job.objects.filter(kind="supervision.probe_again").exists() is not is_ours


def test_what_a_worker_that_lost_its_lease_brings_is_not_taken() -> None:
    site = make_site()
    with clock.hold(NIGHT):
        sweep = begin()
        lease_sites(sweep, "dead", 1)
    with clock.hold(NIGHT + LEASE + timedelta(seconds=1)):
        lease_sites(sweep, "alive", 1)
        late = record_probes([(site.pk, make_record())], StoredProbe.Occasion.SWEEP, sweep=sweep, worker="dead")
        mine = record_probes([(site.pk, make_record())], StoredProbe.Occasion.SWEEP, sweep=sweep, worker="alive")
    assert (len(late), len(mine)) == (0, 1)
    assert StoredProbe.objects.count() == 1


def test_a_sweep_cut_off_goes_on_with_the_sites_that_are_left() -> None:
    for _ in range(4):
        make_site()
    with clock.hold(NIGHT):
        sweep = begin()
        done = lease_sites(sweep, "first", 2)
        targets = make_targets(done)
        record_probes(
            [(s.pk, make_record(targets[s.pk].target)) for s in done],
            StoredProbe.Occasion.SWEEP,
            sweep=sweep,
            worker="first",
        )
        prober = InventedProber()
        assert sweep_sites(sweep.pk, prober) == {"visited": 2}
    assert not set(prober.asked) & {s.domain for s in done}


def test_a_cancelled_service_is_no_longer_visited_and_keeps_its_history() -> None:
    site = make_site()
    see(site)
    cancel_service(make_actor(site.service.sponsor.organisation), site.service_id, NIGHT.date())
    assert follow_services() == {"added": 0, "ended": 1}
    site.refresh_from_db()
    assert not site.is_active
    assert site.probes.count() == 1


def test_a_target_says_what_the_record_expects() -> None:
    site = make_site()
    site.service.accesses.update(ip_ranges=["8.140.1.1-8.140.1.9", "no range at all"])
    target = make_targets([site])[site.pk].target
    service = site.service
    assert target.expected_numbers == (service.number,)
    assert (target.domain, target.home_path) == (site.domain, "/")
    assert site.domain.startswith("www.")
    assert target.declared_addresses == ("8.140.1.1-8.140.1.9",)
    assert (target.filed_name, target.province, target.holder) == (service.name, "京", service.sponsor.name)


def test_a_second_look_confirms_and_well_known_sites_tell_our_trouble_apart() -> None:
    sites = [make_site() for _ in range(7)]
    now = clock.now()
    for site in sites[1:]:
        see(site, at=now - timedelta(hours=1))
    see(sites[0], DOWN, at=now - timedelta(minutes=20))
    counts = probe_again([sites[0].pk], failing())
    assert counts["ours"] == 1
    assert Finding.objects.count() == 0
    counts = probe_again([sites[0].pk], failing(sites[0].domain))
    assert counts["ours"] == 0
    assert Finding.objects.get().check_kind == "http"


def test_a_recheck_closes_what_is_gone_in_one_go_and_stops_at_what_is_not() -> None:
    site = make_site()
    now = clock.now()
    for minutes in (30, 20):
        see(site, DOWN, at=now - timedelta(minutes=minutes))
    still = failing(site.domain)
    recheck_site(site.pk, still, pause_s=0)
    assert len(still.asked) == 1
    well = InventedProber()
    recheck_site(site.pk, well, pause_s=0)
    assert len(well.asked) == 2
    assert Finding.objects.get().state == "closed"


def test_packs_of_faults_never_confirmed_go_and_evidence_stays() -> None:
    site, other = make_site(), make_site()
    now = clock.now()
    see(other, DOWN, at=now)
    for minutes in (0, 10):
        see(site, DOWN, at=now + timedelta(minutes=minutes))
    assert EvidencePack.objects.count() == 3
    with clock.hold(now + PACKS_KEPT + timedelta(days=1)):
        assert forget_watch()["packs"] == 1
        assert forget_watch()["packs"] == 0
    with clock.hold(datetime(2036, 1, 1, tzinfo=UTC)):
        assert forget_watch()["files"] == 1
    assert {p.site_id for p in EvidencePack.objects.all()} == {site.pk}
    names = set(get_evidence_storage().list_older_than(datetime.max.replace(tzinfo=UTC)))
    assert names == set(EvidencePack.objects.values_list("stored_name", flat=True))


def test_only_websites_on_record_are_watched() -> None:
    make_service(make_sponsor(), kind="app", domains=(), home_url="", provider=make_provider())
    assert follow_services() == {"added": 0, "ended": 0}
