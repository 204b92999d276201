"""Puts a member in charge of what records owe, or takes the charge back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from openbeian.journal.actions.record_event import record_event
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor, NotPermitted
from openbeian.obligations.errors import PersonUnfit, RecordUnassignable
from openbeian.obligations.events import PersonPutInCharge
from openbeian.obligations.in_charge import list_active_members
from openbeian.obligations.models import Assignment
from openbeian.registry.models import Licence, Service, Sponsor

MOST = 200
_RECORDS: dict[str, Callable[[int], QuerySet[Any]]] = {
    "sponsor": lambda organisation_id: Sponsor.objects.filter(organisation_id=organisation_id),
    "service": lambda organisation_id: Service.objects.filter(sponsor__organisation_id=organisation_id),
    "licence": lambda organisation_id: Licence.objects.filter(organisation_id=organisation_id),
}


def put_in_charge(actor: Actor, subjects: Sequence[tuple[str, int]], user_id: int | None) -> int:
    """All of these records or none, 200 at most; a subject is its kind and key. Returns how many changed hands.

    `organisation` with the organisation's own key is the default for what nobody is named for; only its administrators
    set it. `user_id` None takes the charge back. Reminders follow at once, for who is in charge is never stored twice.
    Raises: NotPermitted, RecordUnassignable, PersonUnfit.
    """
    _check_permitted(actor, subjects)
    organisation_id = actor.organisation_id or 0
    if user_id is not None and not list_active_members(organisation_id).filter(user_id=user_id).exists():
        raise PersonUnfit
    changed = 0
    with transaction.atomic():
        _check_own(organisation_id, subjects)
        for kind, subject_id in sorted(set(subjects)):
            own = Assignment.objects.filter(organisation_id=organisation_id, subject_kind=kind, subject_id=subject_id)
            before = own.select_for_update().values_list("person_id", flat=True).first()
            if before == user_id:
                continue
            if user_id is None:
                own.delete()
            else:
                own.update_or_create(
                    organisation_id=organisation_id,
                    subject_kind=kind,
                    subject_id=subject_id,
                    defaults={"person_id": user_id, "assigned_at": clock.now()},
                )
            changed += 1
            record_event(
                PersonPutInCharge,
                actor,
                # Not under the record, whose history others read too.
                ("charge", f"{kind}:{subject_id}"),
                concerns=(organisation_id,),
                before={"person": before},
                after={"person": user_id},
            )
    return changed


def _check_permitted(actor: Actor, subjects: Sequence[tuple[str, int]]) -> None:
    needs_administrator = any(kind == "organisation" for kind, _ in subjects)
    if not actor.may("organisation.manage") and (needs_administrator or not actor.may("case.write")):
        raise NotPermitted(permission="organisation.manage" if needs_administrator else "case.write")


def _check_own(organisation_id: int, subjects: Sequence[tuple[str, int]]) -> None:
    if not subjects or len(subjects) > MOST:
        raise RecordUnassignable
    by_kind: dict[str, set[int]] = {}
    for kind, subject_id in subjects:
        by_kind.setdefault(kind, set()).add(subject_id)
    for kind, ids in by_kind.items():
        if kind == "organisation":
            is_own = ids == {organisation_id}
        else:
            is_own = kind in _RECORDS and _RECORDS[kind](organisation_id).filter(pk__in=ids).count() == len(ids)
        if not is_own:
            raise RecordUnassignable
