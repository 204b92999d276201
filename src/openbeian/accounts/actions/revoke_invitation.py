"""Withdraws an invitation that nobody has accepted yet."""

from __future__ import annotations

from django.db import transaction

from openbeian.accounts.errors import NotFound
from openbeian.accounts.events import InvitationRevoked
from openbeian.accounts.models import Invitation
from openbeian.accounts.queries import get_manageable_organisation
from openbeian.journal.actions.record_event import record_event
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor
from openbeian.privacy.masking import mask_email


def revoke_invitation(actor: Actor, organisation_id: int, invitation_id: int) -> None:
    """Raises: NotPermitted, NotFound (also for one already answered)."""
    get_manageable_organisation(actor, organisation_id)
    with transaction.atomic():
        invitation = (
            Invitation.objects.select_for_update()
            .filter(pk=invitation_id, organisation_id=organisation_id, accepted_at=None, revoked_at=None)
            .first()
        )
        if invitation is None:
            raise NotFound
        invitation.revoked_at = clock.now()
        invitation.save(update_fields=["revoked_at"])
        record_event(
            InvitationRevoked,
            actor,
            ("invitation", invitation.pk),
            concerns=(organisation_id,),
            before={"email": mask_email(invitation.email), "roles": invitation.roles},
        )
