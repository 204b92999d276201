"""From the facts of a record to what it owes: which duty, on which ground, by when, how near. Pure.

A `Reckoner` is made once for a rulebook, a moment and a set of policies and lead times. It resolves a rule once per
anchor day and remembers the answer, so that a million services of a few thousand days cost a few thousand counts.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime, timedelta
from enum import Enum, StrEnum
from functools import lru_cache
from typing import Any, NamedTuple

from openbeian.kernel.clock import legal_day
from openbeian.kernel.deadlines import settle
from openbeian.kernel.text import Text
from openbeian.kernel.working_days import CountTooLong, WorkingDayCalendar
from openbeian.obligations.harm import Harm, find_harm
from openbeian.rules.deadlines import Deadline, count_deadline
from openbeian.rules.errors import (
    ClaimUnknown,
    DayBeforeAnyLaw,
    NoRuleInForce,
    PolicyRefused,
    RuleHasNoLimit,
    RuleUnknown,
)
from openbeian.rules.obligation_kinds import ObligationKind, ObligationKinds
from openbeian.rules.resolver import Policy, Resolution, find_policy, resolve
from openbeian.rules.rulebook import Rulebook

MOST_REMEMBERED = 40_000
"""Answers kept per kind: about a century of anchor days. Beyond it the memory starts anew, so that it stays flat."""

MOST_CYCLES = 10


class Stage(StrEnum):
    """How near an obligation is. `UNCONFIRMED` was due before we knew the record: we cannot tell, so we ask."""

    OVERDUE = "overdue"
    DUE_SOON = "due_soon"
    WINDOW_OPEN = "window_open"
    UNCONFIRMED = "unconfirmed"
    FAR = "far"
    STANDING = "standing"
    DONE = "done"
    WAIVED = "waived"


SETTLED = frozenset({Stage.DONE, Stage.WAIVED})
URGENT = (Stage.OVERDUE, Stage.DUE_SOON)

STAGES: dict[str, Text] = {
    Stage.OVERDUE: Text("已逾期", "Overdue"),
    Stage.DUE_SOON: Text("即将到期", "Due soon"),
    Stage.WINDOW_OPEN: Text("可以办理", "Window open"),
    Stage.UNCONFIRMED: Text("待确认", "To be confirmed"),
    Stage.FAR: Text("未到时间", "Far off"),
    Stage.STANDING: Text("持续义务", "Standing duty"),
    Stage.DONE: Text("已完成", "Done"),
    Stage.WAIVED: Text("已豁免", "Waived"),
}


class Facts(NamedTuple):
    """What is known of one record: its days and words by name, and which cycles of which kinds are settled."""

    subject_kind: str
    subject_id: int
    organisation_id: int
    sponsor_id: int | None
    province: str
    days: Mapping[str, date | None]
    words: Mapping[str, str]
    known_since: date
    settled: Mapping[tuple[str, str], Stage] = {}


@dataclass(frozen=True, slots=True)
class Reckoning:
    """One duty from one anchor: days in China time, None where there is none; the same for every record that shares it.

    `soon_on` is the last warning before the due day. `policy` is set where a claim followed by choice caused the day.
    `basis` changes when anything that made it does.
    """

    kind: ObligationKind
    cycle: str
    anchor_on: date | None
    due_on: date | None
    advised_on: date | None
    window_opens_on: date | None
    soon_on: date | None
    stage: Stage
    provisional: bool
    is_certain: bool
    policy: Policy | None
    harm: Harm
    rule_digest: str
    basis: str


class Owed(NamedTuple):
    """One obligation of one record."""

    facts: Facts
    reckoning: Reckoning
    stage: Stage


class Reckoner:
    """Answers for any number of records, at one moment. Not shared between threads."""

    def __init__(
        self,
        rulebook: Rulebook,
        kinds: ObligationKinds,
        now: datetime,
        *,
        policies: Iterable[Policy] = (),
        leads: Mapping[str, tuple[int, ...]] | None = None,
        only: frozenset[str] | None = None,
    ) -> None:
        """`leads` replaces lead days by kind; `only` limits the answer to some kinds."""
        self.rulebook, self.kinds = rulebook, kinds
        self.today = legal_day(now)
        # A policy that names a claim the rulebook no longer has must not stop everything else.
        self.policies = tuple(policy for policy in policies if _is_fit(rulebook, policy))
        self.leads = dict(leads or {})
        self._digests: dict[str, str] = {}
        self._of_subject: dict[str, list[_Memory]] = {}
        self._memories = {kind.id: _Memory(kind, _is_local(rulebook, kind)) for kind in kinds.kinds.values()}
        for memory in self._memories.values():
            if only is None or memory.kind.id in only:
                self._of_subject.setdefault(memory.kind.subject, []).append(memory)

    def list_owed(self, facts: Facts) -> list[Owed]:
        """Everything the record owes, settled or not. A rule that says nothing on the day owes nothing."""
        found = []
        for memory in self._of_subject.get(facts.subject_kind, ()):
            kind = memory.kind
            if memory.when is not None and not memory.applies(facts.words):
                continue
            if kind.due == "yearly":
                found += self._yearly(memory, facts)
                continue
            anchor = facts.days.get(kind.anchor) if kind.anchor else self.today
            if anchor is None:
                continue
            province = facts.province if memory.is_local else ""
            reckoning = memory.known.get((anchor, province), _UNASKED)
            if reckoning is _UNASKED:
                reckoning = self._remember(memory, anchor, province)
            if reckoning is not None:
                found.append(_owed(facts, reckoning))
        return found

    def forget(self) -> None:
        """Drops every remembered answer."""
        for memory in self._memories.values():
            memory.known.clear()

    def _yearly(self, memory: _Memory, facts: Facts) -> list[Owed]:
        kind = memory.kind
        since = facts.days.get(kind.anchor)
        if since is None:
            return []
        first = max(since.year, facts.known_since.year - 1, self.today.year - MOST_CYCLES)
        found = []
        for year in range(first, self.today.year + 1):
            if kind.follows and not self._is_missed(kind.follows, year, facts):
                continue
            anchor = date(year, 12, 31)
            province = facts.province if memory.is_local else ""
            reckoning = memory.known.get((anchor, province), _UNASKED)
            if reckoning is _UNASKED:
                reckoning = self._remember(memory, anchor, province)
            if reckoning is not None:
                found.append(_owed(facts, reckoning))
        return found

    def _is_missed(self, kind_id: str, year: int, facts: Facts) -> bool:
        if (kind_id, str(year)) in facts.settled:
            return False
        memory = self._memories[kind_id]
        province = facts.province if memory.is_local else ""
        main = self._remember(memory, date(year, 12, 31), province)
        return main is not None and main.stage is Stage.OVERDUE

    def _remember(self, memory: _Memory, anchor: date, province: str) -> Reckoning | None:
        key = (anchor, province)
        if key not in memory.known:
            if len(memory.known) >= MOST_REMEMBERED:
                memory.known.clear()
            memory.known[key] = self._reckon(memory.kind, anchor, province or None)
        return memory.known[key]

    def _reckon(self, kind: ObligationKind, anchor: date, province: str | None) -> Reckoning | None:
        on = self.today if kind.due in {"standing", "field"} or self._follows_policy(kind) else anchor
        try:
            resolution = resolve(self.rulebook, kind.rule, on, province, self.policies)
            days = self._days(kind, resolution, anchor)
        except (NoRuleInForce, DayBeforeAnyLaw, RuleHasNoLimit, CountTooLong):
            return None
        stage = Stage.STANDING if days.due_on is None else self._stage(days)
        cycle = "" if kind.due == "standing" else str(anchor.year) if kind.due == "yearly" else anchor.isoformat()
        harm = find_harm(self.rulebook, kind, self.kinds, self.today, province)
        policy = resolution.policy if kind.due != "field" else None
        digest = self._digest(kind)
        made_of = [digest, cycle, *map(str, days), str(policy.as_json() if policy else ""), harm.rank, harm.text.zh]
        return Reckoning(
            kind=kind,
            cycle=cycle,
            anchor_on=anchor if kind.anchor else None,
            due_on=days.due_on,
            advised_on=days.advised_on,
            window_opens_on=days.window_opens_on,
            soon_on=days.soon_on,
            stage=stage,
            provisional=days.provisional,
            is_certain=resolution.is_certain,
            policy=policy,
            harm=harm,
            rule_digest=digest,
            basis=_hash(made_of),
        )

    def _digest(self, kind: ObligationKind) -> str:
        if kind.id not in self._digests:
            self._digests[kind.id] = compute_rule_digest(self.rulebook, kind)
        return self._digests[kind.id]

    def _follows_policy(self, kind: ObligationKind) -> bool:
        """A policy in force today governs what was counted from before it was set, too."""
        return any(policy.rule_id == kind.rule and policy.since <= self.today for policy in self.policies)

    def _days(self, kind: ObligationKind, resolution: Resolution, anchor: date) -> _Days:
        if kind.due == "standing":
            return _Days(None, None, None, None, False)
        if kind.due == "field":
            end = settle(anchor, self.rulebook.calendar, rolls=False)
            return self._with_leads(kind, anchor, end.due_on, end.advised_on, None, end.provisional)
        deadline: Deadline = count_deadline(resolution, anchor, self.rulebook)
        opens = deadline.window_opens_on
        return self._with_leads(kind, anchor, deadline.due_on, deadline.advised_on, opens, deadline.provisional)

    def _with_leads(
        self, kind: ObligationKind, anchor: date, due_on: date, advised_on: date, opens: date | None, provisional: bool
    ) -> _Days:
        start = anchor if kind.lead_from == "anchor" else due_on
        told = sorted(start - timedelta(days=lead) for lead in self.leads.get(kind.id, kind.lead_days))
        before = [day for day in told if day < due_on]
        soon_on = max(before, default=due_on)
        # A window the law sets cannot be opened by a reminder; where it sets none, the first reminder opens it.
        window = opens or min(before, default=due_on)
        return _Days(due_on, advised_on, window, max(soon_on, window), provisional)

    def _stage(self, days: _Days) -> Stage:
        assert days.due_on is not None
        assert days.soon_on is not None
        assert days.window_opens_on is not None
        if self.today > days.due_on:
            return Stage.OVERDUE
        if self.today >= days.soon_on:
            return Stage.DUE_SOON
        return Stage.WINDOW_OPEN if self.today >= days.window_opens_on else Stage.FAR


def compute_digest(rulebook: Rulebook, kind: ObligationKind) -> str:
    """What a kind's answers rest on, as 16 hex digits: its rule text and the calendar."""
    return _hash([compute_rule_digest(rulebook, kind), _digest_calendar(rulebook.calendar)])


def compute_rule_digest(rulebook: Rulebook, kind: ObligationKind) -> str:
    """A kind's definition, its rule and the penalties, as 16 hex digits.

    Where a statement stands in a file is no part of it, so that an edit elsewhere touches nothing; nor is the
    calendar, so that a new year's holidays rewrite only the days that they move.
    """
    rule = rulebook.get_rule(kind.rule)
    names = [kind.consequence] if kind.consequence else rule.consequence
    return _hash([_plain(kind), _plain(rule), *(_plain(rulebook.get_rule(name)) for name in names)])


@lru_cache(maxsize=4)
def _digest_calendar(calendar: WorkingDayCalendar) -> str:
    return _hash([_plain(arrangement) for arrangement in calendar.arrangements])


class _Days(NamedTuple):
    due_on: date | None
    advised_on: date | None
    window_opens_on: date | None
    soon_on: date | None
    provisional: bool


class _Memory:
    """A kind and its answers so far. Provinces are told apart only where the rule does."""

    __slots__ = ("is_local", "kind", "known", "when")

    def __init__(self, kind: ObligationKind, is_local: bool) -> None:
        self.kind, self.is_local = kind, is_local
        self.when = tuple(kind.when.items()) if kind.when else None
        self.known: dict[tuple[date, str], Reckoning | None] = {}

    def applies(self, words: Mapping[str, str]) -> bool:
        """Whether each word asked for is one of those that the kind is about."""
        for name, wanted in self.when or ():  # noqa: SIM110  asked for each of millions of records: a loop is faster
            if words.get(name) not in wanted:
                return False
        return True


_UNASKED: Any = object()


def _owed(facts: Facts, reckoning: Reckoning) -> Owed:
    stage = reckoning.stage
    if facts.settled and (settled := facts.settled.get((reckoning.kind.id, reckoning.cycle))):
        stage = settled
    elif stage is Stage.OVERDUE and reckoning.kind.asks_when_past and _was_past(facts, reckoning):
        stage = Stage.UNCONFIRMED
    return Owed(facts, reckoning, stage)


def _was_past(facts: Facts, reckoning: Reckoning) -> bool:
    return reckoning.due_on is not None and reckoning.due_on < facts.known_since


def _is_fit(rulebook: Rulebook, policy: Policy) -> bool:
    try:
        return find_policy(rulebook.get_rule(policy.rule_id), policy.since, [policy]) is not None
    except (RuleUnknown, ClaimUnknown, PolicyRefused):
        return False


def _is_local(rulebook: Rulebook, kind: ObligationKind) -> bool:
    rule = rulebook.get_rule(kind.rule)
    names = [kind.consequence] if kind.consequence else rule.consequence
    return any(v.provinces is not None for r in (rule, *map(rulebook.get_rule, names)) for v in r.statements)


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value) if f.name not in {"file", "line"}}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, set | frozenset):
        return sorted(map(str, value))
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value if value is None or isinstance(value, bool | int | str) else str(value)


def _hash(parts: list[Any]) -> str:
    text = json.dumps(parts, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
