"""Shows one piece of personal data on record in the clear, to somebody with the right, and journals that."""

from __future__ import annotations

from django.db import transaction

from openbeian.journal.actions.record_event import record_event
from openbeian.kernel.actor import Actor, check_permitted
from openbeian.registry.errors import RecordNotYours
from openbeian.registry.events import RecordRevealed
from openbeian.registry.models import Service, Sponsor
from openbeian.registry.queries import get_service, get_sponsor

_OF_PERSON = frozenset({"name", "mobile", "emergency_phone", "email", "certificate_number"})
_OF_SPONSOR = frozenset({"name", "address", "certificate_number", "certificate_address", "legal_representative"})


def reveal_personal(actor: Actor, subject: tuple[str, int], field: str) -> str:
    """The value of a field of ("sponsor", id) or ("service", id): `person.mobile`, or `address` of a sponsor.

    Raises: NotPermitted, RecordNotYours (also for a field that holds nothing personal).
    """
    check_permitted(actor, "personal.reveal")
    kind, record_id = subject
    holder, _, name = field.rpartition(".")
    with transaction.atomic():
        record: Sponsor | Service = (
            get_sponsor(actor, record_id) if kind == "sponsor" else get_service(actor, record_id)
        )
        if holder == "person" and name in _OF_PERSON:
            value = getattr(record.person, name)
        elif kind == "sponsor" and not holder and name in _OF_SPONSOR:
            value = getattr(record, name)
        else:
            raise RecordNotYours
        sponsor = record if isinstance(record, Sponsor) else record.sponsor
        record_event(RecordRevealed, actor, subject, concerns=(sponsor.organisation_id,), after={"field": field})
    return str(value)
