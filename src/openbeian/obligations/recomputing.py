"""Computing what records owe and writing only what differs, in chunks; shared by the nightly run and the follower."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from openbeian.jobs.decisions import Progress
from openbeian.kernel import clock
from openbeian.obligations.decisions import SETTLED, Facts, Owed, Reckoner, Stage
from openbeian.obligations.models import LeadTime, Obligation
from openbeian.obligations.subjects import list_facts
from openbeian.policies.queries import list_policies
from openbeian.rules.obligation_kinds import ObligationKinds, load_obligation_kinds
from openbeian.rules.resolver import Policy
from openbeian.rules.rulebook import current_rulebook

_BATCH = 200
_MOST_VARIANTS = 50

_COMPUTED = (
    "organisation", "sponsor", "rule_id", "anchor_on", "due_on", "advised_on", "window_opens_on", "soon_on", "stage",
    "harm_rank", "provisional", "is_certain", "policy_claim", "policy_scope", "rule_digest", "basis",
)  # fmt: skip


def get_kinds() -> ObligationKinds:
    """The kinds of the rulebook in use. Raises: RulebookFileInvalid."""
    return load_obligation_kinds(Path(settings.RULEBOOK_FOLDER) / "obligations")


def refresh_subjects(
    subject_kind: str,
    ids: Sequence[int] | None = None,
    *,
    only: frozenset[str] | None = None,
    progress: Progress | None = None,
) -> dict[str, int]:
    """Computes the records of a kind (those with `ids`, or all) and writes what differs from what is stored."""
    reckoners = _Reckoners(only)
    counts = {"owed": 0, "written": 0, "removed": 0}
    for wanted, chunk in list_facts(subject_kind, clock.today(), ids):
        add_counts(counts, _write_chunk(subject_kind, chunk, wanted, reckoners, only))
        if progress:
            progress(counts["owed"], 0)
    return counts


class _Reckoners:
    """One reckoner for each set of policies and lead times; organisations that set none share one."""

    def __init__(self, only: frozenset[str] | None) -> None:
        self._only, self._now = only, clock.now()
        self._rulebook, self._kinds = current_rulebook(), get_kinds()
        leads: dict[int, dict[str, tuple[int, ...]]] = {}
        for lead in LeadTime.objects.all():
            leads.setdefault(lead.organisation_id, {})[lead.kind] = tuple(lead.days)
        self._leads = leads
        self._variant = lru_cache(maxsize=_MOST_VARIANTS)(self._make)
        self._of = lru_cache(maxsize=10_000)(self._key)

    def of(self, organisation_id: int) -> Reckoner:
        return self._variant(*self._of(organisation_id))

    def _key(self, organisation_id: int) -> tuple[Any, ...]:
        return tuple(list_policies(organisation_id)), tuple(sorted(self._leads.get(organisation_id, {}).items()))

    def _make(self, policies: tuple[Policy, ...], leads: tuple[tuple[str, tuple[int, ...]], ...]) -> Reckoner:
        return Reckoner(self._rulebook, self._kinds, self._now, policies=policies, leads=dict(leads), only=self._only)


def _write_chunk(
    subject_kind: str,
    chunk: Iterable[Facts],
    wanted: Sequence[int],
    reckoners: _Reckoners,
    only: frozenset[str] | None,
) -> dict[str, int]:
    with transaction.atomic():
        stored = _list_stored(subject_kind, wanted, only)
        new: list[Obligation] = []
        changed: list[Obligation] = []
        staged: dict[str, list[int]] = {}
        owed_count = 0
        for facts in _with_history(chunk, stored):
            mine = stored.get(facts.subject_id, {})
            for owed in reckoners.of(facts.organisation_id).list_owed(facts):
                owed_count += 1
                row = mine.pop((owed.reckoning.kind.id, owed.reckoning.cycle), None)
                if row is None:
                    new.append(_make_row(owed))
                elif _differs(row, owed):
                    changed.append(_fill(row, owed))
                elif row.stage != owed.stage:
                    staged.setdefault(owed.stage, []).append(row.pk)
        stale = [row.pk for rows in stored.values() for row in rows.values() if row.stage not in SETTLED]
        for pks in _batches(stale):
            Obligation.objects.filter(pk__in=pks).delete()
        Obligation.objects.bulk_create(new, batch_size=_BATCH)
        Obligation.objects.bulk_update(changed, _COMPUTED, batch_size=_BATCH)
        for stage, stage_pks in staged.items():
            for pks in _batches(stage_pks):
                Obligation.objects.filter(pk__in=pks).update(stage=stage)
    written = len(new) + len(changed) + sum(map(len, staged.values()))
    return {"owed": owed_count, "written": written, "removed": len(stale)}


Stored = dict[int, dict[tuple[str, str], Obligation]]


def _list_stored(subject_kind: str, wanted: Sequence[int], only: frozenset[str] | None) -> Stored:
    """What is stored about these records, locked, so that nobody settles it meanwhile."""
    rows = Obligation.objects.select_for_update().filter(subject_kind=subject_kind)
    if isinstance(wanted, range):
        rows = rows.filter(subject_id__gte=wanted.start, subject_id__lt=wanted.stop)
    else:
        rows = rows.filter(subject_id__in=list(wanted))
    if only is not None:
        rows = rows.filter(kind__in=only)
    stored: Stored = {}
    for row in rows:
        stored.setdefault(row.subject_id, {})[row.kind, row.cycle] = row
    return stored


def _with_history(chunk: Iterable[Facts], stored: Stored) -> Iterator[Facts]:
    """Facts with what is settled, and since when the record is known."""
    for facts in chunk:
        rows = stored.get(facts.subject_id)
        if not rows:
            yield facts
            continue
        settled = {key: Stage(row.stage) for key, row in rows.items() if row.stage in SETTLED}
        known = min(facts.known_since, *(row.first_seen_on for row in rows.values()))
        yield facts._replace(settled=settled, known_since=known)


def _values(owed: Owed) -> dict[str, Any]:
    r, policy = owed.reckoning, owed.reckoning.policy
    return {
        "organisation_id": owed.facts.organisation_id,
        "sponsor_id": owed.facts.sponsor_id,
        "rule_id": r.kind.rule,
        "anchor_on": r.anchor_on,
        "due_on": r.due_on,
        "advised_on": r.advised_on,
        "window_opens_on": r.window_opens_on,
        "soon_on": r.soon_on,
        "harm_rank": r.harm.rank,
        "provisional": r.provisional,
        "is_certain": r.is_certain,
        "policy_claim": policy.claim_id if policy else "",
        "policy_scope": policy.scope if policy else "",
        "rule_digest": r.rule_digest,
        "basis": r.basis,
    }


def _differs(row: Obligation, owed: Owed) -> bool:
    return (row.basis, row.organisation_id, row.sponsor_id) != (
        owed.reckoning.basis,
        owed.facts.organisation_id,
        owed.facts.sponsor_id,
    )


def _make_row(owed: Owed) -> Obligation:
    return Obligation(
        subject_kind=owed.facts.subject_kind,
        subject_id=owed.facts.subject_id,
        kind=owed.reckoning.kind.id,
        cycle=owed.reckoning.cycle,
        stage=owed.stage,
        first_seen_on=min(owed.facts.known_since, clock.today()),
        **_values(owed),
    )


def _fill(row: Obligation, owed: Owed) -> Obligation:
    for name, value in _values(owed).items():
        setattr(row, name, value)
    row.stage = owed.stage
    return row


def _batches(pks: list[int]) -> Iterator[list[int]]:
    return (pks[start : start + 500] for start in range(0, len(pks), 500))


def add_counts(counts: dict[str, int], more: dict[str, int]) -> None:
    for key, count in more.items():
        counts[key] += count
