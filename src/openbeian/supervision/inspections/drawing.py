"""Who is in the urn of a draw, with which weight, and whom the inspectors must keep away from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Q

from openbeian.accounts.models import Membership
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor
from openbeian.privacy.masking import mask_name
from openbeian.registry.decisions import PERSONAL_NATURE
from openbeian.registry.models import Licence, Sponsor, Standing
from openbeian.supervision.decisions import State as FindingState
from openbeian.supervision.inspections.checklist import Scheme
from openbeian.supervision.inspections.decisions import Candidate, draw
from openbeian.supervision.inspections.models import Conflict, Draw, Fault, Inspection
from openbeian.supervision.models import Finding


@dataclass(frozen=True, slots=True)
class InUrn:
    """Somebody who may be drawn: the record, and what an inspection of it needs."""

    key: str
    organisation_id: int
    licence_id: int | None
    sponsor_id: int | None
    title: str
    number: str
    province: str


def list_urn(actor: Actor, scheme: Scheme) -> dict[str, InUrn]:
    """By key: the live records of the administration's area, those inspected within the rest left out."""
    rows = _list_licences(actor) if scheme.population == "licences" else _list_sponsors(actor)
    since = clock.now() - timedelta(days=scheme.rest_days)
    # Even without a rest nobody has two inspections before them at once.
    recent = Inspection.objects.filter(administration_id=actor.organisation_id).filter(
        Q(planned_at__gt=since) | ~Q(state="closed")
    )
    resting = {_key(licence, sponsor) for licence, sponsor in recent.values_list("licence_id", "sponsor_id")}
    return {one.key: one for one in rows if one.key not in resting}


def _key(licence_id: int | None, sponsor_id: int | None) -> str:
    return f"licence:{licence_id}" if licence_id is not None else f"sponsor:{sponsor_id}"


def _list_licences(actor: Actor) -> Iterable[InUrn]:
    rows = Licence.objects.filter(authority=actor.province).exclude(standing=Standing.CANCELLED)
    for row in rows.order_by("pk").iterator(chunk_size=2000):
        yield _of_licence(row, actor.province)


def _list_sponsors(actor: Actor) -> Iterable[InUrn]:
    rows = Sponsor.objects.filter(province=actor.province).exclude(standing=Standing.CANCELLED)
    for row in rows.order_by("pk").iterator(chunk_size=2000):
        yield _of_sponsor(row, actor.province)


def _of_licence(row: Licence, province: str) -> InUrn:
    return InUrn(_key(row.pk, None), row.organisation_id, row.pk, row.sponsor_id, row.holder, row.number, province)


def _of_sponsor(row: Sponsor, province: str) -> InUrn:
    name = mask_name(row.name) if row.nature == PERSONAL_NATURE else row.name
    return InUrn(_key(None, row.pk), row.organisation_id, None, row.pk, name, row.number, province)


def find_by_number(actor: Actor, number: str) -> InUrn | None:
    """The live record of the administration's area with this licence or filing number; a service's means its sponsor."""
    if not number:
        return None
    licences = Licence.objects.filter(authority=actor.province, number=number).exclude(standing=Standing.CANCELLED)
    if (licence := licences.first()) is not None:
        return _of_licence(licence, actor.province)
    named = Q(number=number) | Q(services__number=number)
    sponsors = Sponsor.objects.filter(named, province=actor.province).exclude(standing=Standing.CANCELLED)
    sponsor = sponsors.order_by("pk").first()
    return _of_sponsor(sponsor, actor.province) if sponsor is not None else None


def find_open_inspection(actor: Actor, one: InUrn) -> Inspection | None:
    """An inspection of the same record by the same administration that is not closed yet."""
    rows = Inspection.objects.filter(administration_id=actor.organisation_id)
    if one.licence_id is not None:
        rows = rows.filter(licence_id=one.licence_id)
    else:
        rows = rows.filter(licence__isnull=True, sponsor_id=one.sponsor_id or 0)
    return rows.exclude(state="closed").order_by("pk").first()


def weigh(urn: Mapping[str, InUrn], scheme: Scheme) -> list[Candidate]:
    """Everybody in the urn with their weight, by key."""
    organisations = {one.organisation_id for one in urn.values()}
    owing = set(Fault.objects.exclude(state=FindingState.CLOSED).values_list("organisation_id", flat=True))
    owing |= set(Finding.objects.exclude(state=FindingState.CLOSED).values_list("organisation_id", flat=True))
    known = set(Inspection.objects.values_list("organisation_id", flat=True)) & organisations
    factors = scheme.weights
    return [
        Candidate(
            key,
            (factors["open_findings"] if urn[key].organisation_id in owing else 1)
            * (factors["never_inspected"] if urn[key].organisation_id not in known else 1),
        )
        for key in sorted(urn)
    ]


def digest_population(population: list[list[Any]]) -> str:
    """SHA-256 of everybody in the urn with their weights."""
    return hashlib.sha256(json.dumps(population, separators=(",", ":")).encode()).hexdigest()


def is_reproducible(held: Draw) -> bool:
    """Whether the seed and the urn on record draw the same again: nobody changed either, or the outcome."""
    if digest_population(held.population) != held.population_sha256:
        return False
    candidates = [Candidate(key, weight) for key, weight in held.population]
    return draw(candidates, len(held.drawn), held.seed) == held.drawn


def list_inspectors(actor: Actor) -> dict[int, str]:
    """The administration's inspectors by user id, with their names."""
    members = Membership.objects.filter(
        organisation_id=actor.organisation_id or 0, is_active=True, user__is_active=True
    ).select_related("user")
    return {m.user_id: m.user.name for m in members.order_by("user_id") if "inspector" in m.roles}


def find_barred(urn: Mapping[str, InUrn], keys: Iterable[str], inspectors: Iterable[int]) -> dict[str, frozenset[int]]:
    """For each key the inspectors who belong to the inspected, or declared a conflict."""
    by_organisation: dict[int, set[int]] = {}
    for rows in (
        Membership.objects.filter(user_id__in=list(inspectors)).values_list("organisation_id", "user_id"),
        Conflict.objects.filter(inspector_id__in=list(inspectors)).values_list("organisation_id", "inspector_id"),
    ):
        for organisation_id, user_id in rows:
            by_organisation.setdefault(organisation_id, set()).add(user_id)
    return {key: frozenset(by_organisation.get(urn[key].organisation_id, ())) for key in keys}
