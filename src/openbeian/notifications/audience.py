"""Whom an occurrence is for: the organisation on a side of a case, and the people in it who can act."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from openbeian.accounts.decisions import permissions_of
from openbeian.accounts.models import Membership
from openbeian.cases.models import Case
from openbeian.privacy.masking import mask_name

SIDE_PERMISSIONS = {
    "applicant": "case.write",
    "provider": "case.review",
    "administration": "case.decide",
    "administrator": "organisation.manage",
}


@dataclass
class People:
    """Members by organisation and right, read once for a batch of occurrences."""

    _members: dict[int, list[tuple[int, frozenset[str]]]] = field(default_factory=dict)

    def list_holders(self, organisation_id: int, permission: str) -> frozenset[int]:
        """The active members of an organisation who hold a permission, by user id."""
        if organisation_id not in self._members:
            rows = Membership.objects.filter(organisation_id=organisation_id, is_active=True, user__is_active=True)
            self._members[organisation_id] = [
                (user_id, permissions_of(roles)) for user_id, roles in rows.values_list("user_id", "roles")
            ]
        return frozenset(user_id for user_id, held in self._members[organisation_id] if permission in held)

    def choose(self, organisation_id: int, permission: str, owner_id: int | None) -> tuple[frozenset[int], int | None]:
        """The owner alone while they are still there and may act, else everybody who may; and the owner, if so."""
        holders = self.list_holders(organisation_id, permission)
        if owner_id in holders and owner_id is not None:
            return frozenset({owner_id}), owner_id
        return holders, None


def find_organisation(case: Case, side: str) -> int | None:
    """The organisation on a side of a case; None while the side stands outside this installation."""
    if side == "applicant":
        return case.organisation_id
    if side == "provider":
        return case.provider.organisation_id if case.provider and case.submitted_at else None
    return case.administration_id if side == "administration" and case.forwarded_at else None


def find_owner(case: Case, side: str) -> int | None:
    """The person on a side who has the case in hand."""
    if side == "applicant":
        return case.created_by_id
    return case.first_reviewer_id if side == "provider" else None


def describe_case(case: Case) -> str:
    """The sponsor's name and the reference; a natural person's name masked, also while nobody said what it is."""
    if not case.title:
        return case.reference
    nature = case.sponsor.nature if case.sponsor else (case.form.get("sponsor") or {}).get("nature", "")
    name = case.title if nature not in {"", "individual"} else mask_name(case.title)
    return f"{name[:150]}（{case.reference}）"


def link_case(case: Case, side: str) -> str:
    """Where in the portal a side works on the case."""
    return f"/cases/{case.pk}/" if side == "applicant" else f"/desk/{case.pk}/"


def list_concerned(concerns: Iterable[int]) -> list[int]:
    """The organisations of a journal entry, each once, in a stable order."""
    return sorted(set(concerns))
