"""Puts an access on record, or changes the one at the same provider."""

from __future__ import annotations

from datetime import date

from openbeian.journal.actions.record_event import record_event
from openbeian.kernel.actor import Actor
from openbeian.registry.decisions import AccessValues
from openbeian.registry.events import AccessChanged, AccessRecorded
from openbeian.registry.journal_view import view_access
from openbeian.registry.models import Access, Service
from openbeian.registry.recording import save_access
from openbeian.registry.standing import settle_standing


def record_access(
    actor: Actor, service_id: int, values: AccessValues, on: date, *, concerns: tuple[int | None, ...] = ()
) -> Access:
    """One live access per provider: a second one at the same provider changes the first. A shell becomes active."""
    service = Service.objects.select_for_update().select_related("sponsor").get(pk=service_id)
    old = service.accesses.filter(provider_id=values.provider_id, cancelled_on__isnull=True).first()
    before = view_access(old) if old else None
    access, is_new = save_access(service, values, on)
    record_event(
        AccessRecorded if is_new else AccessChanged,
        actor,
        ("service", service.pk),
        concerns=(service.sponsor.organisation_id, *concerns),
        before=before,
        after=view_access(access),
    )
    settle_standing(actor, service, (service.sponsor.organisation_id, *concerns))
    return access
