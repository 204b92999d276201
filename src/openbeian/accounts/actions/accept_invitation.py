"""Lets an invited person in: a new account with their own password, or one more membership of the one they have."""

from __future__ import annotations

from django.db import transaction

from openbeian.accounts.acting import actor_of
from openbeian.accounts.errors import InvitationForAnother, InvitationUnusable, SignInFirst
from openbeian.accounts.events import PersonJoined
from openbeian.accounts.models import Invitation, Membership, User
from openbeian.accounts.passwords import check_password
from openbeian.accounts.queries import get_usable_invitation
from openbeian.accounts.values import check_name
from openbeian.journal.actions.record_event import record_event
from openbeian.kernel import clock


def accept_invitation(
    secret: str, *, user: User | None = None, name: str = "", password: str = "", address: str = ""
) -> Membership:
    """`user` is the person signed in, if any; without one, name and password make the account.

    Holding the link proves the mailbox only where no account exists: an existing one must be signed in.
    Raises: InvitationUnusable, SignInFirst, InvitationForAnother, PasswordWeak, ValueMissing.
    """
    invitation = get_usable_invitation(secret)
    if user is not None and user.email.lower() != invitation.email.lower():
        raise InvitationForAnother(email=invitation.email)
    if user is None:
        name = check_name(name, "name")
        check_password(password, User(email=invitation.email, name=name))
    with transaction.atomic():
        # Read again under lock: of two clicks at once only one may join.
        invitation = (
            Invitation.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=invitation.pk)
        )
        if invitation.accepted_at or invitation.revoked_at:
            raise InvitationUnusable
        now = clock.now()
        if user is None:
            if User.objects.filter(email__iexact=invitation.email).exists():
                raise SignInFirst(email=invitation.email)
            user = User.objects.create_user(invitation.email, password, name=name, created_at=now)
        membership, _ = Membership.objects.update_or_create(
            user=user, organisation=invitation.organisation, defaults={"roles": invitation.roles, "is_active": True}
        )
        invitation.accepted_at = now
        invitation.save(update_fields=["accepted_at"])
        record_event(
            PersonJoined,
            actor_of(membership, "web", address),
            ("membership", membership.pk),
            concerns=(invitation.organisation_id,),
            after={"name": user.name, "roles": membership.roles, "organisation": invitation.organisation.name},
        )
    return membership
