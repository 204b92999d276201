"""Who is in charge, as pages show it: of one record with a way to change it, of a page of records, of the rest."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from openbeian.accounts.models import User
from openbeian.kernel.actor import Actor
from openbeian.obligations.in_charge import find_assigned, list_candidates


@dataclass(frozen=True, slots=True)
class Charge:
    """`subject` is what a form sends; `person` who was put in charge of this very record; `candidates` for a choice."""

    subject: str
    person: User | None
    candidates: list[User]
    may_change: bool


def find_charge(actor: Actor, subject_kind: str, subject_id: int, *, is_own: bool) -> Charge | None:
    """None where the record is another organisation's: who works on what is its own business."""
    if not is_own or actor.organisation_id is None:
        return None
    person = find_assigned(actor.organisation_id, subject_kind, [subject_id]).get(subject_id)
    may_change = actor.may("organisation.manage") or (actor.may("case.write") and subject_kind != "organisation")
    candidates = list_candidates(actor) if may_change else []
    return Charge(f"{subject_kind}:{subject_id}", person, candidates, may_change)


def name_people(actor: Actor, subject_kind: str, subject_ids: Iterable[int]) -> dict[int, str]:
    """By record, of the actor's own organisation."""
    found = find_assigned(actor.organisation_id or 0, subject_kind, subject_ids)
    return {subject_id: person.name for subject_id, person in found.items()}


def may_put_in_charge(actor: Actor) -> bool:
    return actor.organisation_id is not None and (actor.may("organisation.manage") or actor.may("case.write"))
