"""Probes that need no judgement, because they say of a site what is known of it already, or nothing ill of one of which
nothing is known: taken into account together, without touching row by row.

In most nights this is nearly every site, so that a sweep costs little more than its visits.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import F

from openbeian.journal.bulk_insert import insert_rows, prepare_value, update_rows
from openbeian.kernel.answers import Answer
from openbeian.observation.probing.judgement import Observed, Policy
from openbeian.supervision.decisions import State
from openbeian.supervision.models import CheckState, Finding, SiteDay, StoredProbe, WatchedSite
from openbeian.supervision.probe_rows import KINDS, from_observed

_COUNTERS = ("up", "down", "untold", "maintained")
_CELLS = (
    "site_id", "check_kind", "answer", "is_confirmed", "in_a_row", "reason", "detail_zh", "detail_en", "recent", "seen_at",
)  # fmt: skip
_MET = "answer = 'met' AND reason = ''"
_FAILED = '"n"'
"""A failure as it stands in `recent`, which is not taken apart for this."""

_NEW_STATE = (
    "site_id", "check_kind", "answer", "since", "met_at", "is_confirmed", "in_a_row", "reason", "detail_zh", "detail_en",
    "recent", "seen_at",
)  # fmt: skip

_Row = tuple[Any, ...]


def settle_quiet(probes: Sequence[StoredProbe], policy: Policy, now: datetime) -> list[StoredProbe]:
    """Settles, at `now`, the probes that change nothing but when a site was seen, and the first ones of sites without
    a fault; returns them.

    A site is quiet when its one probe finds each check as its state has it: in order once more, or untold for the
    same reason; when no finding about it is open; and when a further good answer cannot matter to `policy`. Call it
    in the transaction of the settling, with the sites locked.
    """
    quiet, strangers = _choose(probes, policy)
    return _settle_quiet(quiet, now) + _settle_first(strangers, now)


def _settle_quiet(quiet: Sequence[StoredProbe], now: datetime) -> list[StoredProbe]:
    if not quiet:
        return []
    StoredProbe.objects.filter(pk__in=[p.pk for p in quiet]).update(settled_at=now)
    seen = [(prepare_value(CheckState, "seen_at", p.started_at), p.site_id) for p in quiet]
    states, sites = (connection.ops.quote_name(model._meta.db_table) for model in (CheckState, WatchedSite))
    with connection.cursor() as cursor:
        again = f"UPDATE {states} SET in_a_row = in_a_row + 1, met_at = %s, seen_at = %s WHERE site_id = %s AND {_MET}"  # noqa: S608
        cursor.executemany(again, [(at, at, site) for at, site in seen])
        cursor.executemany(f"UPDATE {states} SET seen_at = %s WHERE site_id = %s AND NOT ({_MET})", seen)  # noqa: S608
        cursor.executemany(f"UPDATE {sites} SET met_at = %s WHERE id = %s AND answer = 'met'", seen)  # noqa: S608
    return list(quiet)


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


def _choose(probes: Sequence[StoredProbe], policy: Policy) -> tuple[list[StoredProbe], list[StoredProbe]]:
    """The quiet probes, and the first ones of sites without a state."""
    visits = Counter(p.site_id for p in probes)
    hopeful = {p.site_id: p for p in probes if visits[p.site_id] == 1 and _is_without_fault(p)}
    findings = Finding.objects.filter(site_id__in=list(hopeful)).exclude(state=State.CLOSED)
    for site in findings.values_list("site_id", flat=True):
        hopeful.pop(site, None)
    rows: dict[int, dict[str, _Row]] = {}
    for row in _list_states(hopeful):
        rows.setdefault(row[0], {})[row[1]] = row
    strangers = [probe for site, probe in hopeful.items() if site not in rows]
    long_enough = max(policy.window, policy.recoveries)
    return [p for site, p in hopeful.items() if site in rows and _is_as_it_was(p, rows[site], long_enough)], strangers


def _list_states(site_ids: Iterable[int]) -> Iterable[_Row]:
    """The cells of all states of some sites as the database gives them: Django would turn over each of thousands."""
    rows = CheckState.objects.filter(site_id__in=list(site_ids)).order_by().values_list(*_CELLS)
    with connection.cursor() as cursor:
        try:
            cursor.execute(*rows.query.get_compiler(connection=connection).as_sql())
        except EmptyResultSet:
            return []
        return list(cursor.fetchall())


def _is_without_fault(probe: StoredProbe) -> bool:
    return probe.is_up != Answer.NOT_MET and all(
        cells[0] != "n" for kind, cells in probe.answers.items() if kind in KINDS
    )


def _is_as_it_was(probe: StoredProbe, known: dict[str, _Row], long_enough: int) -> bool:
    """Whether each check says what its state has already, and every state was asked for. A state met fewer than
    `long_enough` times in a row that remembers a failure is not as it was: how far that lies back matters."""
    answers = {kind: cells for kind, cells in probe.answers.items() if kind in KINDS}
    if answers.keys() != known.keys():
        return False
    for kind, cells in answers.items():
        _, _, answer, is_confirmed, in_a_row, reason, detail_zh, detail_en, recent, seen_at = known[kind]
        if seen_at is None or _as_instant(seen_at) > probe.started_at or answer == Answer.NOT_MET:
            return False
        is_met = answer == Answer.MET and reason == ""
        if cells[0] == "m":
            if not is_met or not is_confirmed or detail_zh or (in_a_row < long_enough and _FAILED in str(recent)):
                return False
        elif cells[0] != "c" or is_met or cells[2:5] != [reason, detail_zh, detail_en]:
            return False
    return True


def _as_instant(stored: datetime) -> datetime:
    """SQLite keeps instants in UTC without saying so."""
    return stored if stored.tzinfo else stored.replace(tzinfo=UTC)


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
