"""What is settled together comes to the same as what is settled row by row."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.supervision.records import make_record, make_site, see

from openbeian.kernel import clock
from openbeian.kernel.answers import Answer
from openbeian.observation.probing.judgement import Policy
from openbeian.observation.probing.record import CheckKind, CheckResult, Whose
from openbeian.supervision import settling
from openbeian.supervision.actions.record_probes import record_probes
from openbeian.supervision.actions.settle_probes import settle_probes
from openbeian.supervision.models import CheckState, Finding, SiteDay, StoredProbe, WatchedSite

pytestmark = pytest.mark.django_db
START = datetime(2026, 3, 1, 18, tzinfo=UTC)

STORIES = {
    "always well": "mmmmmmmm",
    "two failures, then well": "mmnnmmmmmm",
    "failures far apart": "mnmmmmnmmmm",
    "failures close together": "mmnmnmmmmm",
    "one failure between": "mmmmnmnmmm",
    "untold in between": "mccmcmmnm",
    "never told": "cccc",
    "untold at first": "ccmmmnnmm",
    "wrong at first": "nmnmmmm",
}


def tell(story: str) -> list[Any]:
    """What stands in the tables after the probes of a story, all about one check; a day lies between them."""
    site = make_site()
    with clock.hold(START):
        for day, letter in enumerate(story):
            at = START + timedelta(days=day)
            record = make_record(at=at, faults={CheckKind.TITLE: "title_differs"} if letter == "n" else None)
            if letter == "c":
                untold = CheckResult(CheckKind.TITLE, Answer.CANNOT_TELL, "timeout", Whose.OURS)
                others = (check for check in record.checks if check.kind is not CheckKind.TITLE)
                record = replace(record, checks=(*others, untold))
            probes = record_probes([(site.pk, record)], StoredProbe.Occasion.AGAIN)
            settle_probes(probes)
    states = CheckState.objects.filter(site=site).order_by("check_kind")
    fields = "check_kind", "answer", "since", "met_at", "is_confirmed", "in_a_row", "reason", "detail_zh", "seen_at"
    return [
        list(states.values_list(*fields)),
        list(WatchedSite.objects.filter(pk=site.pk).values_list("answer", "answer_since", "met_at")),
        list(SiteDay.objects.filter(site=site).order_by("day").values_list("day", "up", "down", "untold")),
        list(Finding.objects.filter(site=site).order_by("pk").values_list("check_kind", "state", "began_at")),
        site.probes.filter(settled_at=None).count(),
    ]


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
def test_settled_together_or_row_by_row_the_outcome_is_the_same(story: str, monkeypatch: pytest.MonkeyPatch) -> None:
    together = tell(story)
    monkeypatch.setattr(settling, "settle_quiet", lambda probes, policy, now: [])
    assert tell(story) == together


def test_a_site_that_is_as_it_was_is_settled_without_remembering_each_night() -> None:
    site = make_site()
    for day in range(6):
        see(site, at=START + timedelta(days=day))
    state = CheckState.objects.get(site=site, check_kind="title")
    assert len(state.recent) < 6
    assert (state.in_a_row, state.seen_at) == (6, START + timedelta(days=5))
    assert Policy().window <= 3


def test_a_batch_of_several_sites_moves_only_those_that_changed() -> None:
    sites = [make_site() for _ in range(3)]
    for day in range(3):
        at = START + timedelta(days=day)
        faults = {CheckKind.TITLE: "title_differs"} if day else None
        seen = [(s.pk, make_record(at=at, faults=faults if s is sites[1] else None)) for s in sites]
        counts = settle_probes(record_probes(seen, StoredProbe.Occasion.AGAIN))
    assert counts == {"nothing": 3 * len(CheckKind) - 1, "open": 1}
    assert [s.answer for s in WatchedSite.objects.order_by("pk")] == ["met", "not_met", "met"]
    assert set(SiteDay.objects.values_list("up", flat=True)) == {1}
