"""Gives an open invitation a new link and a new week; the old link stops working."""

from __future__ import annotations

from django.db import transaction

from openbeian.accounts.actions.invite_person import VALID_FOR
from openbeian.accounts.errors import NotFound
from openbeian.accounts.events import InvitationResent
from openbeian.accounts.letters import hash_secret, make_secret
from openbeian.accounts.models import Invitation
from openbeian.accounts.queries import get_manageable_organisation
from openbeian.journal.actions.record_event import record_event
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor
from openbeian.privacy.masking import mask_email


def resend_invitation(actor: Actor, organisation_id: int, invitation_id: int) -> tuple[Invitation, str]:
    """The invitation and its new secret. Raises: NotPermitted, NotFound (also for one already answered)."""
    get_manageable_organisation(actor, organisation_id)
    secret = make_secret()
    with transaction.atomic():
        invitation = (
            Invitation.objects.select_for_update(of=("self",))
            .select_related("organisation")
            .filter(pk=invitation_id, organisation_id=organisation_id, accepted_at=None, revoked_at=None)
            .first()
        )
        if invitation is None:
            raise NotFound
        invitation.secret_hash = hash_secret(secret)
        invitation.expires_at = clock.now() + VALID_FOR
        invitation.save(update_fields=["secret_hash", "expires_at"])
        record_event(
            InvitationResent,
            actor,
            ("invitation", invitation.pk),
            concerns=(organisation_id,),
            after={"email": mask_email(invitation.email)},
        )
    return invitation, secret
