"""From single probes to what may be said of a site: n-of-m confirmation, last known good, recovery, our own trouble."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from openbeian.kernel.answers import Answer
from openbeian.observation.probing.record import CheckKind, CheckResult, ProbeRecord, Whose

_FEWEST_SITES = 5
_MOST_FAIL_PERCENT = 60


@dataclass(frozen=True, slots=True)
class Policy:
    """A fault counts once `failures` of the last `window` telling probes failed; it is over after `recoveries` good
    ones in a row. After `stale_after` without a telling probe nothing is claimed any more (None: never)."""

    failures: int = 2
    window: int = 3
    recoveries: int = 2
    stale_after: timedelta | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.failures <= self.window or self.recoveries < 1:
            raise ValueError(f"no confirmation can come of {self}")


@dataclass(frozen=True, slots=True)
class Observed:
    """One probe's answer to one kind of check at an aware instant."""

    at: datetime
    outcome: Answer
    whose: Whose = Whose.SITE
    reason: str = ""

    @classmethod
    def of(cls, at: datetime, check: CheckResult) -> Observed:
        return cls(at, check.outcome, check.whose, check.reason)


@dataclass(frozen=True, slots=True)
class Window:
    """Announced maintenance: what fails within it says nothing. `until` is exclusive."""

    start: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Judgement:
    """`state` changes only when confirmed, so one failed probe raises nothing: open a finding when `is_fault`.

    `since`: the first probe of the run that made the state (a fault began when it was first seen, not when it was
    confirmed). `last_known_good`: the latest probe that was met. `confirmed`: the latest telling probe agrees with
    the state; False while a fault or a recovery waits for more probes. `reason`: of the latest failure that counts.
    """

    state: Answer
    since: datetime | None = None
    last_known_good: datetime | None = None
    confirmed: bool = False
    reason: str = ""

    @property
    def is_fault(self) -> bool:
        """A confirmed breach, also while its recovery waits for more probes."""
        return self.state is Answer.NOT_MET


def judge(
    history: Sequence[Observed],
    policy: Policy = Policy(),
    maintenance: Collection[Window] = (),
) -> Judgement:
    """What may be said after these probes, oldest first. Pure: the last probe's time is the present.

    Probes that could not tell, that failed for our own reasons or within maintenance neither accuse nor acquit.
    """
    state, since, good, reason = Answer.CANNOT_TELL, None, None, ""
    recent: list[Observed] = []
    run: list[Observed] = []
    for seen in history:
        if not _is_telling(seen, maintenance):
            continue
        recent = [*recent, seen][-policy.window :]
        run = [*run, seen] if run and run[-1].outcome is seen.outcome else [seen]
        failed = [each for each in recent if each.outcome is Answer.NOT_MET]
        if seen.outcome is Answer.MET:
            good = seen.at
            if state is Answer.CANNOT_TELL or (state is Answer.NOT_MET and len(run) >= policy.recoveries):
                if state is Answer.NOT_MET:
                    recent = []  # what was confirmed and recovered from does not count towards the next fault
                state, since, reason = Answer.MET, run[0].at, ""
        elif state is not Answer.NOT_MET and len(failed) >= policy.failures:
            state, since, reason = Answer.NOT_MET, failed[0].at, seen.reason
        elif state is Answer.NOT_MET:
            reason = seen.reason
    if not run:
        return Judgement(Answer.CANNOT_TELL)
    if policy.stale_after is not None and history[-1].at - run[-1].at > policy.stale_after:
        return Judgement(Answer.CANNOT_TELL, run[-1].at, good)
    return Judgement(state, since, good, run[-1].outcome is state, reason)


def _is_telling(seen: Observed, maintenance: Collection[Window]) -> bool:
    if seen.outcome is Answer.CANNOT_TELL:
        return False
    if seen.outcome is Answer.MET:
        return True
    return seen.whose is not Whose.OURS and not any(w.start <= seen.at < w.until for w in maintenance)


_REACH = (CheckKind.DNS, CheckKind.HTTP, CheckKind.HTTPS)


def is_sweep_ours(records: Iterable[ProbeRecord], known_down: Collection[str] = ()) -> bool:
    """Whether so many sites were out of reach that the trouble must be ours; then no failure of the sweep counts.

    `known_down` are the keys of targets that were already failing before: they say nothing new. Fewer than five
    other sites prove nothing either way.
    """
    asked = failed = 0
    for record in records:
        if record.target.key in known_down:
            continue
        asked += 1
        failed += not is_reached(record)
    return are_mostly_unreached(asked, failed)


def are_mostly_unreached(sites: int, unreached: int) -> bool:
    """The rule of `is_sweep_ours` for counts taken on the way."""
    return sites >= _FEWEST_SITES and unreached * 100 >= sites * _MOST_FAIL_PERCENT


def is_reached(record: ProbeRecord) -> bool:
    """Whether the site answered at all, by whatever door; an error page is an answer."""
    return any(exchange is not None and exchange.status > 0 for exchange in (record.http, record.https))


def as_ours(check: CheckResult) -> CheckResult:
    """A failure to reach within a sweep that `is_sweep_ours`: kept, but it cannot tell."""
    if check.outcome is not Answer.NOT_MET or check.kind not in _REACH:
        return check
    return CheckResult(check.kind, Answer.CANNOT_TELL, check.reason, Whose.OURS, check.detail)
