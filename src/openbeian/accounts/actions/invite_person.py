"""Invites one address to join an organisation with some roles; the link is shown once and never kept."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from openbeian.accounts.decisions import check_roles_fit
from openbeian.accounts.errors import AlreadyInvited, AlreadyMember
from openbeian.accounts.events import PersonInvited
from openbeian.accounts.letters import hash_secret, make_secret
from openbeian.accounts.models import Invitation, Organisation
from openbeian.accounts.queries import get_manageable_organisation, list_open_invitations
from openbeian.accounts.values import check_email
from openbeian.journal.actions.record_event import record_event
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor, NotPermitted
from openbeian.privacy.masking import mask_email

VALID_FOR = timedelta(days=7)


def invite_person(actor: Actor, organisation_id: int, email: str, roles: list[str]) -> tuple[Invitation, str]:
    """The invitation and its secret, which nobody can read again.

    Raises: NotPermitted, NotFound, RolesUnfit, ValueRefused, AlreadyMember, AlreadyInvited.
    """
    get_manageable_organisation(actor, organisation_id)
    if actor.user_id is None:
        raise NotPermitted(permission="organisation.manage")
    email = check_email(email)
    secret = make_secret()
    with transaction.atomic():
        organisation = Organisation.objects.select_for_update().get(pk=organisation_id)
        check_roles_fit(organisation.kind, roles)
        if organisation.memberships.filter(user__email__iexact=email).exists():
            raise AlreadyMember(email=email, organisation=organisation.name)
        if list_open_invitations(organisation).filter(email__iexact=email).exists():
            raise AlreadyInvited(email=email)
        now = clock.now()
        invitation = Invitation.objects.create(
            organisation=organisation,
            email=email,
            roles=sorted(set(roles)),
            secret_hash=hash_secret(secret),
            invited_by_id=actor.user_id,
            created_at=now,
            expires_at=now + VALID_FOR,
        )
        record_event(
            PersonInvited,
            actor,
            ("invitation", invitation.pk),
            concerns=(organisation.pk,),
            after={"email": mask_email(email), "roles": invitation.roles, "organisation": organisation.name},
        )
    return invitation, secret
