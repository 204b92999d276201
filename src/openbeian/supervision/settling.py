"""From probes as they came to what may be said: check states, availability, and what that means for findings."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from openbeian.journal.bulk_insert import insert_rows, prepare_value, update_rows
from openbeian.kernel import clock
from openbeian.kernel.answers import Answer
from openbeian.observation.probing.judgement import Judgement, Observed, Policy, Window, judge
from openbeian.observation.probing.record import CheckResult, Whose
from openbeian.supervision.catalogue import Catalogue
from openbeian.supervision.decisions import State, summarise, wants_second_look
from openbeian.supervision.models import CheckState, Finding, MaintenanceWindow, StoredProbe, WatchedSite
from openbeian.supervision.probe_rows import KINDS, as_observed, from_observed, read_checks
from openbeian.supervision.quiet import add_to_days, settle_quiet

KEPT = 30
"""How many telling answers a state remembers: far more than a confirmation looks at."""

_Key = tuple[int, str]

_STATE_FIELDS = (
    "answer", "since", "met_at", "is_confirmed", "in_a_row", "reason", "detail_zh", "detail_en", "recent", "seen_at",
)  # fmt: skip
_SITE_FIELDS = ("answer", "answer_since", "met_at")


@dataclass(frozen=True, slots=True)
class Judged:
    """One check of one site after the newest probe: what may be said, what that probe said, and its row."""

    site: WatchedSite
    check: CheckResult
    judgement: Judgement
    probe: StoredProbe
    second_look: bool


@dataclass
class Batch:
    """Everything that settling some probes reads and changes, loaded in a fixed number of queries. `quiet` is how many
    checks were found as they were, and are settled already."""

    probes: list[StoredProbe]
    sites: dict[int, WatchedSite]
    states: dict[_Key, CheckState]
    windows: dict[int, list[Window]]
    findings: dict[_Key, Finding]
    at: datetime
    days: Counter[tuple[int, date, str]] = field(default_factory=Counter)
    quiet: int = 0
    judged: dict[_Key, Judged] = field(default_factory=dict)


def load_batch(probe_ids: Iterable[int], policy: Policy) -> Batch:
    """The probes that nobody settled yet, locked, oldest first; those that change nothing are settled on the way.
    Call it in the transaction of the settling."""
    rows = StoredProbe.objects.select_for_update(of=("self",)).filter(pk__in=list(probe_ids), settled_at__isnull=True)
    waiting = list(rows.order_by("started_at", "pk"))
    ids = sorted({p.site_id for p in waiting})
    # Sites are locked in the order of their keys, so that two settlings never wait for each other.
    locked = WatchedSite.objects.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk")
    list(locked.values_list("pk", flat=True))
    now = clock.now()
    quiet = settle_quiet(waiting, policy, now)
    passed = {p.pk for p in quiet}
    probes = [p for p in waiting if p.pk not in passed]
    ids = sorted({p.site_id for p in probes})
    sites = WatchedSite.objects.select_related("service__sponsor").in_bulk(ids)
    states = {(s.site_id, s.check_kind): s for s in CheckState.objects.filter(site_id__in=ids)}
    open_ones = Finding.objects.filter(site_id__in=ids).exclude(state=State.CLOSED).select_related("service")
    findings = {(f.site_id, f.check_kind): f for f in open_ones}
    batch = Batch(probes, sites, states, _load_windows(sites.values()), findings, now)
    for probe in quiet:
        batch.quiet += len(KINDS.intersection(probe.answers))
        _count_day(batch, probe, (), is_ours=False)
    return batch


def _load_windows(sites: Iterable[WatchedSite]) -> dict[int, list[Window]]:
    services = {s.service_id for s in sites}
    # Old windows matter as long as an answer from within them is remembered.
    since = clock.now() - timedelta(days=400)
    rows = MaintenanceWindow.objects.filter(service_id__in=services, cancelled_at__isnull=True, ends_at__gte=since)
    found: dict[int, list[Window]] = {}
    for row in rows:
        found.setdefault(row.service_id, []).append(Window(row.starts_at, row.ends_at))
    return found


def judge_batch(batch: Batch, catalogue: Catalogue, *, is_ours: bool = False) -> None:
    """Moves states, availability and sites; fills `judged`. With `is_ours` no failure counts."""
    for probe in batch.probes:
        site = batch.sites[probe.site_id]
        windows = batch.windows.get(site.service_id, [])
        _count_day(batch, probe, windows, is_ours=is_ours)
        for check in read_checks(probe):
            seen = _as_not_told(check) if is_ours else check
            state = _state_of(batch, site, check)
            judgement, looks = _move_state(state, seen, probe.started_at, catalogue, windows)
            batch.judged[site.pk, str(check.kind)] = Judged(site, seen, judgement, probe, looks)
    failed = {owner for (owner, _), j in batch.judged.items() if j.check.outcome is Answer.NOT_MET}
    states: dict[int, list[CheckState]] = {}
    for (owner, _), state in batch.states.items():
        states.setdefault(owner, []).append(state)
    for site in batch.sites.values():
        _move_site(site, states.get(site.pk, []), has_failed=site.pk in failed)


def _as_not_told(check: CheckResult) -> CheckResult:
    if check.outcome is not Answer.NOT_MET:
        return check
    return CheckResult(check.kind, Answer.CANNOT_TELL, check.reason, Whose.OURS, check.detail)


def _state_of(batch: Batch, site: WatchedSite, check: CheckResult) -> CheckState:
    key = site.pk, str(check.kind)
    if key not in batch.states:
        batch.states[key] = CheckState(site=site, check_kind=str(check.kind))
    return batch.states[key]


def _move_state(
    state: CheckState, check: CheckResult, at: datetime, catalogue: Catalogue, windows: Sequence[Window]
) -> tuple[Judgement, bool]:
    seen = Observed.of(at, check)
    recent = [as_observed(cells) for cells in state.recent]
    is_telling = seen.outcome is not Answer.CANNOT_TELL and not (
        seen.outcome is Answer.NOT_MET and seen.whose is Whose.OURS
    )
    if is_telling:
        is_same = bool(recent) and recent[-1].outcome is seen.outcome
        state.in_a_row = state.in_a_row + 1 if is_same else 1
        recent = sorted([*recent, seen], key=lambda each: each.at)[-KEPT:]
        state.recent = [from_observed(each) for each in recent]
    judgement = judge(recent, catalogue.policy, windows)
    if judgement.state != state.answer or state.since is None:
        state.answer, state.since = judgement.state, judgement.since
    state.met_at = judgement.last_known_good or state.met_at
    state.is_confirmed = judgement.confirmed
    # What could not be told says why, beside the last known answer; what is in order needs no words.
    state.reason = check.reason[:60] if check.outcome is not Answer.MET else ""
    state.detail_zh = check.detail.zh if check.outcome is not Answer.MET else ""
    state.detail_en = check.detail.en if check.outcome is not Answer.MET else ""
    state.seen_at = at
    excused = any(w.start <= at < w.until for w in windows) and seen.outcome is Answer.NOT_MET
    return judgement, is_telling and not excused and wants_second_look(judgement, seen)


def _move_site(site: WatchedSite, states: list[CheckState], *, has_failed: bool) -> None:
    """`has_failed`: the newest probe found something wrong, confirmed or not; then it was not good."""
    answer = summarise(s.answer for s in states)
    latest = max((s.seen_at for s in states if s.seen_at), default=None)
    if answer != site.answer or site.answer_since is None:
        site.answer, site.answer_since = answer, latest
    if answer is Answer.MET and not has_failed:
        site.met_at = latest


def _count_day(batch: Batch, probe: StoredProbe, windows: Sequence[Window], *, is_ours: bool) -> None:
    is_down = probe.is_up == Answer.NOT_MET
    if is_down and any(w.start <= probe.started_at < w.until for w in windows):
        counter = "maintained"
    elif probe.is_up == Answer.CANNOT_TELL or (is_down and is_ours):
        counter = "untold"
    else:
        counter = "down" if is_down else "up"
    batch.days[probe.site_id, clock.legal_day(probe.started_at), counter] += 1


def save_batch(batch: Batch) -> None:
    """Writes what moved; the findings are written by who moves them."""
    StoredProbe.objects.filter(pk__in=[p.pk for p in batch.probes]).update(settled_at=batch.at)
    known = [state for state in batch.states.values() if state.pk is not None]
    new = [state for state in batch.states.values() if state.pk is None]
    update_rows(CheckState, _STATE_FIELDS, [(*_prepare(state, _STATE_FIELDS), state.pk) for state in known])
    columns = ("site_id", "check_kind", *_STATE_FIELDS)
    insert_rows(CheckState, columns, [_prepare(state, columns) for state in new])
    update_rows(WatchedSite, _SITE_FIELDS, [(*_prepare(s, _SITE_FIELDS), s.pk) for s in batch.sites.values()])
    add_to_days(batch.days)


def _prepare(row: CheckState | WatchedSite, columns: Sequence[str]) -> tuple[Any, ...]:
    """The values of a row as the database takes them."""
    return tuple(_prepare_value(type(row), name, getattr(row, name)) for name in columns)


def _prepare_value(model: type[CheckState | WatchedSite], name: str, value: Any) -> Any:
    if isinstance(value, datetime):
        return prepare_value(model, name, value)
    if isinstance(value, list):
        return json.dumps(value)
    return str(value) if isinstance(value, str) else value  # an Answer is no plain text to psycopg
