"""Who is in charge of an obligation: its record's person, else the sponsor's, else the organisation's, else nobody.

A finding's or a fault's person is the one it was given to, a case's the one who opened it, a number's the licence's. Whoever left the
organisation is in charge of nothing: then the next in the chain is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, F, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce

from openbeian.accounts.models import Membership, User
from openbeian.cases.models import Case as Filing
from openbeian.kernel.actor import Actor
from openbeian.obligations.models import Assignment, Obligation
from openbeian.registry.models import NumberResource, Service, Sponsor
from openbeian.supervision.inspections.models import Fault
from openbeian.supervision.models import Finding

ASSIGNABLE = ("sponsor", "service", "licence")
_LEVELS = ("record", "sponsor", "organisation")


@dataclass(frozen=True, slots=True)
class InCharge:
    """`through` says what they were put in charge of: the `record` itself, its `sponsor`, or the `organisation`."""

    user_id: int
    name: str
    through: str


def find_in_charge(rows: Iterable[Obligation], reader: Actor) -> dict[int, InCharge]:
    """By the obligation's key; only of the reader's own organisation, for who works on what is nobody else's business."""
    own = [row.pk for row in rows if reader.is_system or row.organisation_id == reader.organisation_id]
    found = with_in_charge(Obligation.objects.filter(pk__in=own)).values_list(
        "pk", "record_person", "sponsor_person", "organisation_person"
    )
    chosen = {
        pk: next((pair for pair in zip(people, _LEVELS, strict=True) if pair[0] is not None), None)
        for pk, *people in found
    }
    ids = {pair[0] for pair in chosen.values() if pair}
    names = dict(User.objects.filter(pk__in=ids).values_list("pk", "name"))
    return {pk: InCharge(pair[0], names[pair[0]], pair[1]) for pk, pair in chosen.items() if pair}


def with_in_charge(rows: QuerySet[Obligation]) -> QuerySet[Any, Any]:
    """The rows with `in_charge`, a user's key or nothing, and what it comes from."""
    record = Case(
        When(
            subject_kind="finding", then=Coalesce(_holder(Finding, "owner_id"), _assigned("service", _FINDINGS_SERVICE))
        ),
        When(subject_kind="inspection_fault", then=_holder(Fault, "owner_id")),
        When(subject_kind="case", then=_holder(Filing, "created_by_id")),
        When(subject_kind="number", then=_assigned("licence", _NUMBERS_LICENCE)),
        default=_assigned(OuterRef("subject_kind"), OuterRef("subject_id")),
    )
    return rows.annotate(
        record_person=record,
        sponsor_person=_assigned("sponsor", OuterRef("sponsor_id")),
        organisation_person=_assigned("organisation", OuterRef("organisation_id")),
    ).annotate(in_charge=Coalesce("record_person", "sponsor_person", "organisation_person"))


def only_mine(rows: QuerySet[Obligation], actor: Actor) -> QuerySet[Any, Any]:
    """What the actor is in charge of, of their own organisation's."""
    mine = Assignment.objects.filter(organisation_id=actor.organisation_id or 0, person_id=actor.user_id or 0)
    own = rows.filter(organisation_id=actor.organisation_id or 0)
    if not mine.filter(subject_kind="organisation").exists():
        # Few records of many: so the chain is only followed where it can end at this person.
        keys = {kind: mine.filter(subject_kind=kind).values("subject_id") for kind in ASSIGNABLE}
        near = Q(sponsor_id__in=keys["sponsor"]) | Q(subject_kind__in=("finding", "inspection_fault", "case", "number"))
        for kind in ("service", "licence"):
            near |= Q(subject_kind=kind, subject_id__in=keys[kind])
        own = own.filter(near)
    return with_in_charge(own).filter(in_charge=actor.user_id or 0)


def name_for_records(reader: Actor, records: Iterable[tuple[str, int]]) -> dict[tuple[str, int], str]:
    """Who is in charge of sponsors, services and cases of the reader's own organisation, where somebody is."""
    organisation_id, wanted = reader.organisation_id or 0, set(records)
    ids = {kind: [pk for k, pk in wanted if k == kind] for kind in ("sponsor", "service", "case")}
    services = Service.objects.filter(pk__in=ids["service"], sponsor__organisation_id=organisation_id)
    sponsors = Sponsor.objects.filter(pk__in=ids["sponsor"], organisation_id=organisation_id)
    cases = Filing.objects.filter(pk__in=ids["case"], organisation_id=organisation_id)
    chains: dict[tuple[str, int], list[tuple[str, int]]] = {
        ("sponsor", pk): [] for pk in sponsors.values_list("pk", flat=True)
    }
    chains |= {("service", pk): [("sponsor", of)] for pk, of in services.values_list("pk", "sponsor_id")}
    given = _still_there(cases, "created_by").values_list("pk", "created_by__name")
    names: dict[tuple[str, int], str] = {("case", pk): name for pk, name in given}
    for pk, of in cases.values_list("pk", "sponsor_id"):
        chains["case", pk] = [("sponsor", of)] if of else []
    keys = {("organisation", organisation_id), *chains, *(above for chain in chains.values() for above in chain)}
    own = Assignment.objects.filter(organisation_id=organisation_id, subject_id__in={pk for _, pk in keys})
    for kind, pk, name in _still_there(own, "person").values_list("subject_kind", "subject_id", "person__name"):
        names.setdefault((kind, pk), name)
    found = {
        record: next((names[key] for key in (record, *chain, ("organisation", organisation_id)) if key in names), "")
        for record, chain in chains.items()
    }
    return {record: name for record, name in found.items() if name}


def find_assigned(organisation_id: int, subject_kind: str, subject_ids: Iterable[int]) -> dict[int, User]:
    """Whom each record was itself given to, whether or not they are still there."""
    rows = Assignment.objects.filter(
        organisation_id=organisation_id, subject_kind=subject_kind, subject_id__in=list(subject_ids)
    )
    return {row.subject_id: row.person for row in rows.select_related("person")}


def list_candidates(actor: Actor) -> list[User]:
    """Who can be put in charge: the active members of the actor's organisation who may read its records, by name."""
    members = list_active_members(actor.organisation_id or 0).select_related("user").order_by("user__name", "user_id")
    return [member.user for member in members]


def list_active_members(organisation_id: int) -> QuerySet[Membership]:
    return Membership.objects.filter(organisation_id=organisation_id, is_active=True, user__is_active=True)


_FINDINGS_SERVICE = Subquery(Finding.objects.filter(pk=OuterRef(OuterRef("subject_id"))).values("service_id")[:1])
_NUMBERS_LICENCE = Subquery(NumberResource.objects.filter(pk=OuterRef(OuterRef("subject_id"))).values("licence_id")[:1])


def _assigned(subject_kind: Any, subject_id: Any) -> Subquery:
    rows = Assignment.objects.filter(
        organisation_id=OuterRef("organisation_id"), subject_kind=subject_kind, subject_id=subject_id
    )
    return Subquery(_still_there(rows, "person").values("person_id")[:1])


def _holder(model: Any, key: str) -> Subquery:
    """The person a finding or case names itself."""
    rows = model.objects.filter(pk=OuterRef("subject_id"))
    return Subquery(_still_there(rows, key.removesuffix("_id")).values(key)[:1])


def _still_there(rows: QuerySet[Any], person: str) -> QuerySet[Any]:
    return rows.filter(
        **{
            f"{person}__is_active": True,
            f"{person}__memberships__organisation_id": F("organisation_id"),
            f"{person}__memberships__is_active": True,
        }
    )
