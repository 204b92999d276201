"""Renews a licence for another term; businesses that were never opened drop out."""

from __future__ import annotations

from datetime import date

from openbeian.journal.actions.record_event import record_event
from openbeian.kernel.actor import Actor
from openbeian.registry.errors import NothingToRenew
from openbeian.registry.events import LicenceDeemedRenewed, LicenceRenewed
from openbeian.registry.journal_view import view_licence
from openbeian.registry.models import Licence
from openbeian.rules.deadlines import compute_deadline


def renew_licence(
    actor: Actor, licence_id: int, on: date, *, is_deemed: bool = False, concerns: tuple[int | None, ...] = ()
) -> Licence:
    """The new term follows on the old one, so that no day is lost, and a paper is to be obtained.

    Raises: NothingToRenew when no business was opened, NoRuleInForce.
    Source: Licence Measures art. 27; Licensing Law art. 50 (`is_deemed`: the authority was silent).
    """
    licence = Licence.objects.select_for_update(of=("self",)).select_related("sponsor").get(pk=licence_id)
    before = view_licence(licence)
    opened = [b for b in licence.businesses if b["opened"]]
    if not opened:
        raise NothingToRenew(number=licence.number)
    licence.businesses = opened
    licence.valid_until = compute_deadline("licence.validity", licence.valid_until, as_of=on).raw_on
    licence.is_end_printed = False
    licence.is_deemed, licence.paper_awaited_from = is_deemed, on
    licence.save()
    record_event(
        LicenceDeemedRenewed if is_deemed else LicenceRenewed,
        actor,
        ("licence", licence.pk),
        concerns=(licence.organisation_id, *concerns),
        before=before,
        after=view_licence(licence),
    )
    return licence
