"""Moves a record between active and shell, each move with its entry in the journal."""

from __future__ import annotations

from openbeian.journal.actions.record_event import record_event
from openbeian.journal.events import Event
from openbeian.kernel.actor import Actor
from openbeian.registry.events import ServiceActiveAgain, ServiceBecameShell, SponsorActiveAgain, SponsorBecameShell
from openbeian.registry.models import Service, Sponsor, Standing

_EVENTS: dict[tuple[type, str], Event] = {
    (Sponsor, Standing.SHELL): SponsorBecameShell,
    (Sponsor, Standing.ACTIVE): SponsorActiveAgain,
    (Service, Standing.SHELL): ServiceBecameShell,
    (Service, Standing.ACTIVE): ServiceActiveAgain,
}


def settle_standing(actor: Actor, record: Sponsor | Service, concerns: tuple[int | None, ...]) -> None:
    """A sponsor without live services, or a service without live accesses, is a shell, and active again with one.

    Source: providers' practice (空壳主体, 空壳网站). A cancelled record stays cancelled.
    """
    if record.standing == Standing.CANCELLED:
        return
    if isinstance(record, Sponsor):
        is_held, kind = record.services.exclude(standing=Standing.CANCELLED).exists(), "sponsor"
    else:
        is_held, kind = record.accesses.filter(cancelled_on__isnull=True).exists(), "service"
    standing = Standing.ACTIVE if is_held else Standing.SHELL
    if record.standing == standing:
        return
    before, record.standing = record.standing, standing
    record.save(update_fields=["standing", "changed_at"])
    record_event(
        _EVENTS[type(record), standing],
        actor,
        (kind, record.pk),
        concerns=concerns,
        before={"standing": before},
        after={"standing": standing},
    )
