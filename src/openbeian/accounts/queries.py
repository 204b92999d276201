"""Reads about organisations and people; an administrator sees the own organisation, the operator all of them."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import QuerySet

from openbeian.accounts.errors import InvitationUnusable, NotFound
from openbeian.accounts.letters import hash_secret
from openbeian.accounts.models import ApiToken, Invitation, Membership, Organisation, User
from openbeian.journal.models import Entry
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor, NotPermitted


def is_installed() -> bool:
    """Whether anybody can sign in at all."""
    return User.objects.exists()


def list_organisations_visible_to(actor: Actor) -> QuerySet[Organisation]:
    organisations = Organisation.objects.order_by("name")
    return organisations if actor.may("installation.manage") else organisations.filter(pk=actor.organisation_id or 0)


def get_manageable_organisation(actor: Actor, organisation_id: int) -> Organisation:
    """An organisation whose members this actor manages: their own, or any for who runs the installation.

    Raises: NotPermitted, NotFound.
    """
    if not actor.may("installation.manage"):
        if not actor.may("organisation.manage"):
            raise NotPermitted(permission="organisation.manage")
        if organisation_id != actor.organisation_id:
            raise NotFound
    organisation = Organisation.objects.filter(pk=organisation_id).first()
    if organisation is None:
        raise NotFound
    return organisation


def list_members(organisation: Organisation) -> QuerySet[Membership]:
    """Active members first, by name."""
    return organisation.memberships.select_related("user").order_by("-is_active", "user__name", "pk")


def list_open_invitations(organisation: Organisation) -> QuerySet[Invitation]:
    """Neither accepted nor withdrawn, newest first; some may have expired and wait to be sent again."""
    return organisation.invitations.filter(accepted_at=None, revoked_at=None).order_by("-created_at", "-pk")


def find_usable_invitation(secret: str) -> Invitation | None:
    return (
        Invitation.objects.select_related("organisation")
        .filter(secret_hash=hash_secret(secret), accepted_at=None, revoked_at=None, expires_at__gt=clock.now())
        .first()
    )


def get_usable_invitation(secret: str) -> Invitation:
    """Raises: InvitationUnusable."""
    invitation = find_usable_invitation(secret)
    if invitation is None:
        raise InvitationUnusable
    return invitation


def list_tokens_visible_to(actor: Actor) -> QuerySet[ApiToken]:
    """A person's own tokens in this organisation; an administrator's, all of the organisation."""
    tokens = ApiToken.objects.select_related("membership__user").order_by("revoked_at", "expires_at", "pk")
    tokens = tokens.filter(membership__organisation_id=actor.organisation_id or 0)
    return tokens if actor.may("organisation.manage") else tokens.filter(membership__user_id=actor.user_id or 0)


def find_token_membership(secret: str) -> tuple[ApiToken, Membership] | None:
    """The token and membership behind a secret that may be used right now; None for every other case alike."""
    now = clock.now()
    token = (
        ApiToken.objects.select_related("membership__user", "membership__organisation")
        .filter(secret_hash=hash_secret(secret), revoked_at=None, expires_at__gt=now)
        .filter(membership__is_active=True, membership__user__is_active=True)
        .first()
    )
    return (token, token.membership) if token else None


def list_recent_sign_ins(user: User, within: timedelta) -> list[Entry]:
    """Where this person signed in within that time and since they last signed out everywhere else, newest first."""
    since: datetime = clock.now() - within
    entries = Entry.objects.filter(subject_kind="person", subject_id=str(user.pk)).order_by("-sequence")
    ended = entries.filter(event="person.sessions_ended").first()
    sign_ins = entries.filter(event="person.signed_in", at__gte=since)
    if ended is not None:
        sign_ins = sign_ins.filter(sequence__gt=ended.sequence)
    return list(sign_ins[:20])


def list_demo_memberships() -> QuerySet[Membership]:
    """The people a demonstration can be entered as."""
    return (
        Membership.objects.filter(user__is_demo=True, user__is_active=True, is_active=True)
        .select_related("user", "organisation")
        .order_by("organisation__kind", "organisation__name", "pk")
    )
