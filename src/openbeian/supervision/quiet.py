"""Probes that need no judgement, because they say of a site what is known of it already, or nothing ill of one of which
nothing is known: taken into account together, without touching row by row.

In most nights this is nearly every site, so that a sweep costs little more than its visits.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import F, OuterRef, Subquery

from openbeian.journal.bulk_insert import insert_rows, prepare_value, update_rows
from openbeian.kernel.answers import Answer
from openbeian.observation.probing.judgement import Observed, Policy
from openbeian.supervision.decisions import State
from openbeian.supervision.models import CheckState, Finding, SiteDay, StoredProbe, WatchedSite
from openbeian.supervision.probe_rows import KINDS, from_observed

_COUNTERS = ("up", "down", "untold", "maintained")
_CELLS = ("site_id", "check_kind", "answer", "is_confirmed", "in_a_row", "reason", "detail_zh", "detail_en", "seen_at")

_NEW_STATE = (
    "site_id", "check_kind", "answer", "since", "met_at", "is_confirmed", "in_a_row", "reason", "detail_zh", "detail_en",
    "recent", "seen_at",
)  # fmt: skip

_Row = tuple[Any, ...]
_Sorted = tuple[StoredProbe, list[int], list[int]]


def settle_quiet(probes: Sequence[StoredProbe], policy: Policy, now: datetime) -> list[StoredProbe]:
    """Settles, at `now`, the probes that change nothing but when a site was seen, and the first ones of sites without
    a fault; returns them.

    A site is quiet when its one probe finds each check as its state has it: in order once more, or untold for the
    same reason; when no finding about it is open; and when a further good answer cannot matter to `policy`. Call it
    in the transaction of the settling, with the sites locked.
    """
    quiet, strangers = _choose(probes, policy)
    return _settle_quiet(quiet, now) + _settle_first(strangers, now)


def _settle_quiet(quiet: Sequence[_Sorted], now: datetime) -> list[StoredProbe]:
    if not quiet:
        return []
    chosen, met, untold = zip(*quiet, strict=True)
    StoredProbe.objects.filter(pk__in=[p.pk for p in chosen]).update(settled_at=now)
    mine = StoredProbe.objects.filter(settled_at=now).order_by("-started_at").values("started_at")
    at = Subquery(mine.filter(site=OuterRef("site"))[:1])
    states = CheckState.objects.order_by()
    states.filter(pk__in=[pk for ids in met for pk in ids]).update(in_a_row=F("in_a_row") + 1, met_at=at, seen_at=at)
    states.filter(pk__in=[pk for ids in untold for pk in ids]).update(seen_at=at)
    sites = WatchedSite.objects.filter(pk__in=[p.site_id for p in chosen], answer=Answer.MET)
    sites.update(met_at=Subquery(mine.filter(site=OuterRef("pk"))[:1]))
    return list(chosen)


def _settle_first(probes: Sequence[StoredProbe], now: datetime) -> list[StoredProbe]:
    """Writes the states of sites of which nothing was known, as judging the one probe would have them."""
    unjudged = WatchedSite.objects.filter(pk__in=[p.site_id for p in probes], answer_since=None, met_at=None)
    new = set(unjudged.filter(answer=Answer.CANNOT_TELL).values_list("pk", flat=True))
    chosen = [probe for probe in probes if probe.site_id in new]
    states, sites = [], []
    for probe in chosen:
        at = prepare_value(CheckState, "seen_at", probe.started_at)
        recent = json.dumps([from_observed(Observed(probe.started_at, Answer.MET))])
        kinds = [(kind, cells) for kind, cells in probe.answers.items() if kind in KINDS]
        for kind, cells in kinds:
            if cells[0] == "m":
                states.append((probe.site_id, kind, "met", at, at, True, 1, "", "", "", recent, at))
            else:
                told = (cells[2][:60], *cells[3:5]) if len(cells) >= 5 else ("", "", "")
                states.append((probe.site_id, kind, "cannot_tell", None, None, False, 0, *told, "[]", at))
        is_met = any(cells[0] == "m" for _, cells in kinds)
        sites.append(("met" if is_met else "cannot_tell", at if kinds else None, at if is_met else None, probe.site_id))
    StoredProbe.objects.filter(pk__in=[p.pk for p in chosen]).update(settled_at=now)
    insert_rows(CheckState, _NEW_STATE, states)
    update_rows(WatchedSite, ("answer", "answer_since", "met_at"), sites)
    return chosen


def _choose(probes: Sequence[StoredProbe], policy: Policy) -> tuple[list[_Sorted], list[StoredProbe]]:
    """Each quiet probe with its states that are met once more, and those untold once more; and the first probes of
    sites without a state."""
    visits = Counter(p.site_id for p in probes)
    hopeful = {p.site_id: p for p in probes if visits[p.site_id] == 1 and _is_without_fault(p)}
    findings = Finding.objects.filter(site_id__in=list(hopeful)).exclude(state=State.CLOSED)
    for site in findings.values_list("site_id", flat=True):
        hopeful.pop(site, None)
    rows: dict[int, dict[str, _Row]] = {}
    for row in CheckState.objects.filter(site_id__in=list(hopeful)).values_list("pk", *_CELLS):
        rows.setdefault(row[1], {})[row[2]] = row
    strangers = [probe for site, probe in hopeful.items() if site not in rows]
    found = []
    for site, probe in hopeful.items():
        if site in rows and (sorted_ids := _sort(probe, rows[site])):
            found.append((probe, *sorted_ids))
    long_enough = max(policy.window, policy.recoveries)
    young = {row[0] for known in rows.values() for row in known.values() if row[5] < long_enough}
    unsure = _list_with_failures(young.intersection(pk for _, met, _ in found for pk in met))
    return [each for each in found if unsure.isdisjoint(each[1])], strangers


def _is_without_fault(probe: StoredProbe) -> bool:
    return probe.is_up != Answer.NOT_MET and all(
        cells[0] != "n" for kind, cells in probe.answers.items() if kind in KINDS
    )


def _sort(probe: StoredProbe, known: dict[str, _Row]) -> tuple[list[int], list[int]] | None:
    """The ids of the states that are met and untold once more; None when any check says something else than before."""
    met, untold = [], []
    for kind, cells in probe.answers.items():
        if kind not in KINDS:
            continue
        if kind not in known:
            return None
        pk, _, _, answer, is_confirmed, _, reason, detail_zh, detail_en, seen_at = known[kind]
        if seen_at is None or seen_at > probe.started_at or answer == Answer.NOT_MET:
            return None
        if cells[0] == "m" and answer == Answer.MET and is_confirmed and not reason and not detail_zh:
            met.append(pk)
        elif cells[0] == "c" and cells[2:5] == [reason, detail_zh, detail_en]:
            untold.append(pk)
        else:
            return None
    return met, untold


def _list_with_failures(state_ids: Iterable[int]) -> set[int]:
    """Of states that were met only a few times in a row, those that remember a failure: how far it lies back matters."""
    rows = CheckState.objects.filter(pk__in=list(state_ids)).values_list("pk", "recent")
    return {pk for pk, recent in rows if any(cells[1] == "n" for cells in recent)}


def add_to_days(counts: Counter[tuple[int, date, str]]) -> None:
    """Adds to the days of sites; keys are site, day and the field that counts. Call it with the sites locked."""
    wanted = {(site, day) for site, day, _ in counts}
    there = SiteDay.objects.filter(site_id__in={site for site, _ in wanted}, day__in={day for _, day in wanted})
    known = set(there.values_list("site_id", "day"))
    new: dict[tuple[int, date], dict[str, int]] = {}
    steps: dict[tuple[date, str, int], list[int]] = {}
    for (site, day, field), count in counts.items():
        if (site, day) in known:
            steps.setdefault((day, field, count), []).append(site)
        else:
            new.setdefault((site, day), dict.fromkeys(_COUNTERS, 0))[field] += count
    days = {day: prepare_value(SiteDay, "day", day) for _, day in new}
    rows = [(site, days[day], *counted.values()) for (site, day), counted in new.items()]
    insert_rows(SiteDay, ("site_id", "day", *_COUNTERS), rows)
    for (day, field, count), sites in steps.items():
        SiteDay.objects.filter(site_id__in=sites, day=day).update(**{field: F(field) + count})
