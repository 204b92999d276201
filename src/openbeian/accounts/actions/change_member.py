"""Gives a member other roles, takes their access away or gives it back."""

from __future__ import annotations

from django.db import transaction

from openbeian.accounts.decisions import check_roles_fit
from openbeian.accounts.errors import LastAdministrator, NotFound
from openbeian.accounts.events import MemberChanged
from openbeian.accounts.models import ApiToken, Membership, Organisation
from openbeian.accounts.queries import get_manageable_organisation
from openbeian.journal.actions.record_event import record_event
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor


def change_member(
    actor: Actor, organisation_id: int, membership_id: int, *, roles: list[str], is_active: bool
) -> Membership:
    """An organisation keeps at least one active administrator; who loses access loses their tokens for good.

    Raises: NotPermitted, NotFound, RolesUnfit, LastAdministrator.
    """
    get_manageable_organisation(actor, organisation_id)
    with transaction.atomic():
        organisation = Organisation.objects.select_for_update().get(pk=organisation_id)
        members = list(organisation.memberships.select_related("user"))
        member = next((m for m in members if m.pk == membership_id), None)
        if member is None:
            raise NotFound
        check_roles_fit(organisation.kind, roles)
        was_administrator = member.is_active and "administrator" in member.roles
        stays_administrator = is_active and "administrator" in roles
        others = [m for m in members if m.pk != member.pk and m.is_active and "administrator" in m.roles]
        if was_administrator and not stays_administrator and not others:
            raise LastAdministrator
        before = {"name": member.user.name, "roles": member.roles, "is_active": member.is_active}
        member.roles, member.is_active = sorted(set(roles)), is_active
        after = {"name": member.user.name, "roles": member.roles, "is_active": member.is_active}
        if before == after:
            return member
        member.save(update_fields=["roles", "is_active"])
        if not is_active:
            ApiToken.objects.filter(membership=member, revoked_at=None).update(revoked_at=clock.now())
        record_event(
            MemberChanged,
            actor,
            ("membership", member.pk),
            concerns=(organisation.pk,),
            before=before,
            after=after,
        )
    return member
