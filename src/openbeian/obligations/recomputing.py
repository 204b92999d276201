"""Computing what records owe and writing only what differs, in chunks; shared by the nightly run and the follower."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from openbeian.jobs.decisions import Progress
from openbeian.kernel import clock
from openbeian.obligations.decisions import SETTLED, Facts, Reckoner, Stage
from openbeian.obligations.models import LeadTime
from openbeian.obligations.storing import Row, Writer, list_stored
from openbeian.obligations.subjects import list_facts
from openbeian.policies.queries import list_policies
from openbeian.rules.obligation_kinds import ObligationKinds, load_obligation_kinds
from openbeian.rules.resolver import Policy
from openbeian.rules.rulebook import current_rulebook

_MOST_VARIANTS = 50


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
    reckoners, writer = _Reckoners(only), Writer(clock.today())
    counts = {"owed": 0, "written": 0, "removed": 0}
    for wanted, chunk in list_facts(subject_kind, clock.today(), ids):
        add_counts(counts, _write_chunk(subject_kind, chunk, wanted, reckoners, writer, only))
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
    writer: Writer,
    only: frozenset[str] | None,
) -> dict[str, int]:
    with transaction.atomic():
        stored = list_stored(subject_kind, wanted, only)
        owed_count = 0
        for facts in chunk:
            mine = stored.get(facts.subject_id)
            found = reckoners.of(facts.organisation_id).list_owed(_with_history(facts, mine) if mine else facts)
            owed_count += len(found)
            if mine is None:
                for owed in found:
                    writer.add(owed)
                continue
            organisation_id, sponsor_id = facts.organisation_id, facts.sponsor_id
            for owed in found:
                reckoning = owed.reckoning
                row = mine.pop((reckoning.kind.id, reckoning.cycle), None)
                if row is None:
                    writer.add(owed)
                elif row[1] != reckoning.basis or row[2] != organisation_id or row[3] != sponsor_id:
                    writer.change(row, owed)
                elif row[4] != owed.stage:
                    writer.restage(row, owed)
        for rows in stored.values():
            if rows:
                writer.remove(row for row in rows.values() if row[4] not in SETTLED)
        return {"owed": owed_count, **writer.write()}


def _with_history(facts: Facts, rows: Mapping[tuple[str, str], Row]) -> Facts:
    """Facts with what is settled, and since when the record is known."""
    known = min(facts.known_since, date.fromisoformat(min([row[5] for row in rows.values()])))
    settled = {key: Stage(row[4]) for key, row in rows.items() if row[4] in SETTLED}
    if not settled and known == facts.known_since:
        return facts
    return facts._replace(settled=settled, known_since=known)


def add_counts(counts: dict[str, int], more: dict[str, int]) -> None:
    for key, count in more.items():
        counts[key] += count
