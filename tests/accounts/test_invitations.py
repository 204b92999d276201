"""Invitations: one address, one organisation, once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.accounts.factories import make_actor, make_organisation, make_user

from openbeian.accounts.actions.accept_invitation import accept_invitation
from openbeian.accounts.actions.invite_person import invite_person
from openbeian.accounts.actions.resend_invitation import resend_invitation
from openbeian.accounts.actions.revoke_invitation import revoke_invitation
from openbeian.accounts.errors import (
    AlreadyInvited,
    AlreadyMember,
    InvitationForAnother,
    InvitationUnusable,
    NotFound,
    PasswordWeak,
    RolesUnfit,
    SignInFirst,
)
from openbeian.accounts.models import Invitation, Membership, User
from openbeian.journal.models import Entry
from openbeian.kernel import clock
from openbeian.kernel.actor import NotPermitted

pytestmark = pytest.mark.django_db
PASSWORD = "Kaoyan-9912-x"


def test_an_invited_person_makes_an_account_with_their_own_password_and_joins() -> None:
    organisation = make_organisation("agency")
    administrator = make_actor(organisation, "administrator")
    invitation, secret = invite_person(administrator, organisation.pk, "New@Example.cn", ["agent"])
    assert secret not in Invitation.objects.get().secret_hash
    membership = accept_invitation(secret, name="王芳", password=PASSWORD)
    assert (membership.user.email, membership.roles) == ("new@example.cn", ["agent"])
    assert list(Entry.objects.values_list("event", flat=True)) == ["invitation.sent", "member.joined"]
    invitation.refresh_from_db()
    assert invitation.accepted_at is not None


def test_the_journal_holds_neither_the_secret_nor_the_whole_address() -> None:
    organisation = make_organisation()
    _, secret = invite_person(
        make_actor(organisation, "administrator"), organisation.pk, "wang@example.cn", ["auditor"]
    )
    entry = Entry.objects.get()
    assert secret not in str(entry.after)
    assert "wang@example.cn" not in str(entry.after)


@pytest.mark.parametrize("role", ["applicant", "auditor"])
def test_only_administrators_invite(role: str) -> None:
    organisation = make_organisation()
    with pytest.raises(NotPermitted):
        invite_person(make_actor(organisation, role), organisation.pk, "x@example.cn", ["applicant"])
    assert not Invitation.objects.exists()
    assert not Entry.objects.exists()


def test_another_organisations_administrator_finds_nothing_to_manage() -> None:
    organisation, other = make_organisation(), make_organisation()
    outsider = make_actor(other, "administrator")
    with pytest.raises(NotFound):
        invite_person(outsider, organisation.pk, "x@example.cn", ["applicant"])
    invitation, _ = invite_person(
        make_actor(organisation, "administrator"), organisation.pk, "x@example.cn", ["auditor"]
    )
    with pytest.raises(NotFound):
        revoke_invitation(outsider, organisation.pk, invitation.pk)
    with pytest.raises(NotFound):
        resend_invitation(outsider, other.pk, invitation.pk)
    invitation.refresh_from_db()
    assert invitation.revoked_at is None


def test_roles_of_another_kind_of_organisation_are_refused() -> None:
    organisation = make_organisation("owner")
    with pytest.raises(RolesUnfit):
        invite_person(make_actor(organisation, "administrator"), organisation.pk, "x@example.cn", ["officer"])
    assert not Invitation.objects.exists()


def test_members_and_people_already_invited_are_not_invited_again() -> None:
    organisation = make_organisation()
    administrator = make_actor(organisation, "administrator")
    email = User.objects.get(pk=administrator.user_id).email
    with pytest.raises(AlreadyMember):
        invite_person(administrator, organisation.pk, email.upper(), ["auditor"])
    invite_person(administrator, organisation.pk, "x@example.cn", ["auditor"])
    with pytest.raises(AlreadyInvited):
        invite_person(administrator, organisation.pk, "X@example.cn", ["auditor"])


def test_sending_again_voids_the_old_link() -> None:
    organisation = make_organisation()
    administrator = make_actor(organisation, "administrator")
    invitation, old = invite_person(administrator, organisation.pk, "x@example.cn", ["auditor"])
    _, new = resend_invitation(administrator, organisation.pk, invitation.pk)
    with pytest.raises(InvitationUnusable):
        accept_invitation(old, name="王芳", password=PASSWORD)
    assert accept_invitation(new, name="王芳", password=PASSWORD).is_active


def test_a_withdrawn_an_expired_and_a_used_link_all_stop_working() -> None:
    organisation = make_organisation()
    administrator = make_actor(organisation, "administrator")
    withdrawn, first = invite_person(administrator, organisation.pk, "a@example.cn", ["auditor"])
    revoke_invitation(administrator, organisation.pk, withdrawn.pk)
    _, second = invite_person(administrator, organisation.pk, "b@example.cn", ["auditor"])
    _, third = invite_person(administrator, organisation.pk, "c@example.cn", ["auditor"])
    accept_invitation(third, name="王芳", password=PASSWORD)
    with clock.hold(clock.now() + timedelta(days=8)):
        for secret in (first, second, third, "guess"):
            with pytest.raises(InvitationUnusable):
                accept_invitation(secret, name="王芳", password=PASSWORD)
    assert Membership.objects.filter(organisation=organisation).count() == 2


def test_an_existing_account_must_be_signed_in_to_join() -> None:
    organisation = make_organisation()
    user = make_user()
    _, secret = invite_person(make_actor(organisation, "administrator"), organisation.pk, user.email, ["auditor"])
    with pytest.raises(SignInFirst):
        accept_invitation(secret, name="冒名者", password=PASSWORD)
    with pytest.raises(InvitationForAnother):
        accept_invitation(secret, user=make_user())
    assert accept_invitation(secret, user=user).organisation_id == organisation.pk


def test_a_weak_password_leaves_the_invitation_open() -> None:
    organisation = make_organisation()
    _, secret = invite_person(make_actor(organisation, "administrator"), organisation.pk, "x@example.cn", ["auditor"])
    with pytest.raises(PasswordWeak):
        accept_invitation(secret, name="王芳", password="password12")
    assert not User.objects.filter(email="x@example.cn").exists()
    assert Invitation.objects.get().accepted_at is None
