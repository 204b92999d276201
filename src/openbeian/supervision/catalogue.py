"""What the watch may find, from `rulebook/watch/findings.yaml`, with the fine and the due day by today's rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from openbeian.kernel.errors import OpenBeianError
from openbeian.kernel.text import Text
from openbeian.observation.probing.judgement import Policy
from openbeian.observation.probing.record import CheckKind
from openbeian.rules.deadlines import Deadline, compute_deadline
from openbeian.rules.penalties import compute_penalties
from openbeian.rules.rulebook import current_rulebook
from openbeian.rules.yaml_source import Reader, read_file
from openbeian.supervision.decisions import SEVERITIES

_NOTHING = Text("", "")


@dataclass(frozen=True, slots=True)
class FaultKind:
    """One kind of check, what it is called and what its fault is called: `duty` is a rule id whose penalties give the fine, empty where no law asks for it; `limit`
    the rule that counts the days to put it right."""

    kind: CheckKind
    label: Text
    title: Text
    severity: str
    duty: str
    limit: str
    fix: Text


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All kinds, and how many probes confirm a fault or a recovery."""

    kinds: Mapping[str, FaultKind]
    policy: Policy
    again_after: timedelta


@dataclass(frozen=True, slots=True)
class Stake:
    """What is at stake, in yuan, with the citation; None and empty where no rule threatens a fine."""

    fine_min_yuan: int | None = None
    fine_max_yuan: int | None = None
    citation: Text = _NOTHING


def get_catalogue() -> Catalogue:
    """The catalogue of the rulebook in use. Raises: RulebookInvalid."""
    return _load(Path(settings.RULEBOOK_FOLDER) / "watch" / "findings.yaml")


@lru_cache(maxsize=4)
def _load(path: Path) -> Catalogue:
    return read_file(path, _read)


def _read(reader: Reader) -> Catalogue:
    reader.word("version", required=True)
    reader.day("observed_on", required=True)
    kinds = {}
    for section in reader.sections("checks", required=True):
        item = Reader(section, reader.findings)
        kind = item.choice("id", CheckKind, required=True)
        label, title, fix = (item.text(key, required=True) for key in ("label", "title", "fix"))
        severity = item.one_of("severity", list(SEVERITIES), required=True)
        duty, limit = item.word("duty"), item.word("limit", required=True)
        item.done()
        if kind and label and title and fix:
            kinds[str(kind)] = FaultKind(kind, label, title, severity, duty, limit, fix)
    for missing in set(CheckKind) - {kind.kind for kind in kinds.values()}:
        zh, en = f"缺少检查项“{missing}”。", f"The check “{missing}” is missing."
        reader.fault("rulebook.check_missing", Text(zh, en), Text("请补上。", "Add it."), key="checks")
    confirmation = reader.section("confirmation", required=True)
    if confirmation is None:
        return Catalogue(kinds, Policy(), timedelta())
    rule = Reader(confirmation, reader.findings)
    policy = Policy(rule.number("failures"), rule.number("window"), rule.number("recoveries"))
    again = timedelta(minutes=rule.number("again_after_minutes"))
    rule.done()
    return Catalogue(kinds, policy, again)


def find_stake(kind: FaultKind, on: date, province: str) -> Stake:
    """The fine that a fault of this kind may bring, by the law of the day; nothing where that cannot be told."""
    if not kind.duty:
        return Stake()
    try:
        penalties = compute_penalties(current_rulebook(), kind.duty, on, {}, province=province or None)
    except OpenBeianError:
        return Stake()
    for penalty in penalties:
        sanctions = penalty.applies or penalty.possible
        least = [s.fine_min_yuan for s in sanctions if s.fine_min_yuan is not None]
        most = [s.fine_max_yuan for s in sanctions if s.fine_max_yuan is not None]
        if most:
            return Stake(min(least, default=None), max(most), penalty.resolution.version.citation)
    return Stake()


def compute_due(kind: FaultKind, opened_on: date, province: str) -> Deadline:
    """By when it is put right, counted from the day it was confirmed.

    Raises: NoRuleInForce, RuleHasNoLimit.
    """
    return compute_deadline(kind.limit, opened_on, province=province or None)
