"""Members' roles and access, organisations, people's own details."""

from __future__ import annotations

import pytest
from tests.accounts.factories import make_actor, make_member, make_organisation, make_user

from openbeian.accounts.acting import actor_of
from openbeian.accounts.actions.change_member import change_member
from openbeian.accounts.actions.change_organisation import change_organisation
from openbeian.accounts.actions.change_password import change_password
from openbeian.accounts.actions.change_profile import change_profile
from openbeian.accounts.actions.create_organisation import create_organisation
from openbeian.accounts.actions.end_other_sessions import end_other_sessions
from openbeian.accounts.actions.issue_token import issue_token
from openbeian.accounts.errors import LastAdministrator, NameTaken, NotFound, OrganisationUnfit, RolesUnfit
from openbeian.accounts.models import Membership, Organisation, User
from openbeian.accounts.queries import find_token_membership
from openbeian.journal.models import Entry
from openbeian.kernel.actor import Actor, NotPermitted
from openbeian.kernel.errors import ValueRefused

pytestmark = pytest.mark.django_db


def make_operator() -> Actor:
    membership = make_member(make_organisation("operator"), "administrator", user=make_user(is_superuser=True))
    return actor_of(membership, "web")


def test_roles_change_with_before_and_after_in_the_journal() -> None:
    organisation = make_organisation("access_provider")
    member = make_member(organisation, "agent")
    change_member(
        make_actor(organisation, "administrator"), organisation.pk, member.pk, roles=["first_reviewer"], is_active=True
    )
    member.refresh_from_db()
    assert member.roles == ["first_reviewer"]
    entry = Entry.objects.get()
    assert (entry.before["roles"], entry.after["roles"]) == (["agent"], ["first_reviewer"])


def test_the_last_administrator_keeps_role_and_access() -> None:
    organisation = make_organisation()
    administrator = make_actor(organisation, "administrator")
    own = Membership.objects.get(user_id=administrator.user_id)
    for roles, is_active in ((["auditor"], True), (["administrator"], False)):
        with pytest.raises(LastAdministrator):
            change_member(administrator, organisation.pk, own.pk, roles=roles, is_active=is_active)
    own.refresh_from_db()
    assert (own.roles, own.is_active) == (["administrator"], True)
    assert not Entry.objects.exists()


def test_who_loses_access_loses_their_tokens() -> None:
    organisation = make_organisation()
    member = make_member(organisation, "auditor")
    _, secret = issue_token(actor_of(member, "web"), "同步", 30)
    assert find_token_membership(secret) is not None
    administrator = make_actor(organisation, "administrator")
    change_member(administrator, organisation.pk, member.pk, roles=["auditor"], is_active=False)
    assert find_token_membership(secret) is None
    change_member(administrator, organisation.pk, member.pk, roles=["auditor"], is_active=True)
    assert find_token_membership(secret) is None


def test_members_of_others_and_unfit_roles_are_refused_without_trace() -> None:
    organisation, other = make_organisation(), make_organisation()
    member = make_member(organisation, "applicant")
    with pytest.raises(NotFound):
        change_member(make_actor(other, "administrator"), organisation.pk, member.pk, roles=["auditor"], is_active=True)
    with pytest.raises(NotFound):
        change_member(make_actor(other, "administrator"), other.pk, member.pk, roles=["auditor"], is_active=True)
    with pytest.raises(NotPermitted):
        change_member(
            make_actor(organisation, "auditor"), organisation.pk, member.pk, roles=["auditor"], is_active=True
        )
    for roles in ([], ["officer"]):
        with pytest.raises(RolesUnfit):
            change_member(
                make_actor(organisation, "administrator"), organisation.pk, member.pk, roles=roles, is_active=True
            )
    member.refresh_from_db()
    assert member.roles == ["applicant"]
    assert not Entry.objects.exists()


def test_the_operator_creates_organisations_and_only_the_operator() -> None:
    operator = make_operator()
    made = create_organisation(operator, "北京市通信管理局", "administration", "北京")
    assert (made.kind, made.province) == ("administration", "京")
    assert Entry.objects.get().after == {"name": "北京市通信管理局", "kind": "administration", "province": "京"}
    with pytest.raises(NotPermitted):
        create_organisation(make_actor(made, "administrator"), "某公司", "owner")
    assert not Organisation.objects.filter(name="某公司").exists()


def test_an_organisation_needs_a_known_kind_a_province_and_a_free_name() -> None:
    operator = make_operator()
    create_organisation(operator, "北京市通信管理局", "administration", "京")
    with pytest.raises(NameTaken):
        create_organisation(operator, "另一个北京局", "administration", "京")
    with pytest.raises(NameTaken):
        create_organisation(operator, "北京市通信管理局", "owner")
    for kind, province in (("administration", ""), ("ministry", "京")):
        with pytest.raises(OrganisationUnfit):
            create_organisation(operator, "某单位", kind, province)
    assert Entry.objects.count() == 1


def test_a_name_is_changed_by_its_own_administrator_only() -> None:
    organisation, other = make_organisation(), make_organisation(name="已有单位")
    administrator = make_actor(organisation, "administrator")
    change_organisation(administrator, organisation.pk, "  新 名称 ")
    organisation.refresh_from_db()
    assert organisation.name == "新 名称"
    with pytest.raises(NameTaken):
        change_organisation(administrator, organisation.pk, "已有单位")
    with pytest.raises(NotFound):
        change_organisation(administrator, other.pk, "改别人的")
    assert Entry.objects.count() == 1


def test_ones_own_details_password_and_sessions_are_journalled_without_secrets() -> None:
    actor = make_actor(make_organisation(), "applicant")
    change_profile(actor, "新名字", "en")
    user = User.objects.get(pk=actor.user_id)
    assert (user.name, user.language) == ("新名字", "en")
    before = user.get_session_auth_hash()
    change_password(user, "Kaoyan-9912-x")
    changed = user.get_session_auth_hash()
    ended = end_other_sessions(actor).get_session_auth_hash()
    assert len({before, changed, ended}) == 3
    events = list(Entry.objects.values_list("event", flat=True))
    assert events == ["person.changed", "person.password_changed", "person.sessions_ended"]
    assert "Kaoyan" not in str(list(Entry.objects.values()))


def test_a_mobile_is_kept_sealed_masked_in_the_journal_and_refused_where_it_is_none() -> None:
    actor = make_actor(make_organisation(), "applicant")
    assert change_profile(actor, "新名字", "zh", "138 0013 8000").mobile == "13800138000"
    assert change_profile(actor, "新名字", "en").mobile == "13800138000"
    with pytest.raises(ValueRefused) as refusal:
        change_profile(actor, "新名字", "en", "010-12345678")
    assert [fault.field for fault in refusal.value.faults] == ["mobile"]
    assert User.objects.get(pk=actor.user_id).mobile == "13800138000"
    assert "13800138000" not in str(list(Entry.objects.values()))
    assert change_profile(actor, "新名字", "en", "").mobile == ""
