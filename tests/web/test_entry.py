"""The ways in, as a browser sees them."""

from __future__ import annotations

import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core.cache import cache

from openbeian.accounts.acting import actor_of
from openbeian.accounts.actions.invite_person import invite_person
from openbeian.accounts.models import Invitation, User
from openbeian.journal.models import Entry
from tests.accounts.factories import make_member, make_organisation, make_user
from tests.web.portal import browse, make_administrator, make_operator

pytestmark = pytest.mark.django_db
PASSWORD = "Kaoyan-9912-x"
FIRST = {
    "organisation": "华北备案中心",
    "name": "张晓明",
    "email": "admin@example.cn",
    "password": PASSWORD,
    "again": PASSWORD,
}


@pytest.fixture(autouse=True)
def forgotten_attempts() -> None:
    cache.clear()


@pytest.mark.parametrize("path", ["/", "/settings/", "/accounts/login/", "/no/such/page/", "/journal/"])
def test_without_anybody_every_address_leads_to_the_first_run(path: str) -> None:
    response = browse().get(path)
    assert (response.status_code, response.headers["Location"]) == (302, "/first-run/")


def test_the_first_run_makes_the_administrator_signs_them_in_and_closes() -> None:
    client = browse()
    assert client.get("/first-run/").status_code == 200
    assert client.post("/first-run/", FIRST).headers["Location"] == "/"
    assert client.get("/settings/installation/").status_code == 200
    again = browse().post("/first-run/", FIRST | {"email": "second@example.cn"})
    assert again.headers["Location"] == "/accounts/login/"
    assert User.objects.count() == 1


def test_the_first_run_names_each_fault_beside_its_field_and_keeps_what_was_typed() -> None:
    response = browse().post("/first-run/", FIRST | {"password": "password12", "again": "password12"})
    page = response.content.decode()
    assert response.status_code == 422
    assert 'value="华北备案中心"' in page
    assert re.search(r'name="password"[^>]*aria-invalid="true"', page)
    assert "password12" not in page
    assert not User.objects.exists()


def test_the_right_password_enters_and_is_journalled_with_address_and_browser() -> None:
    user = make_user(password=PASSWORD)
    client = browse(address="203.0.113.9")
    response = client.post("/accounts/login/", {"login": user.email, "password": PASSWORD}, HTTP_USER_AGENT="Firefox")
    assert response.headers["Location"] == "/"
    entry = Entry.objects.get()
    assert (entry.event, entry.address, entry.after) == ("person.signed_in", "203.0.113.9", {"browser": "Firefox"})


def test_after_too_many_wrong_passwords_signing_in_pauses_and_says_how_long() -> None:
    user = make_user(password=PASSWORD)
    client = browse()
    for _ in range(5):
        page = client.post("/accounts/login/", {"login": user.email, "password": "wrong"}).content.decode()
        assert "邮箱或密码不对" in page
    response = client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    assert "请在 5 分钟后再试" in response.content.decode()
    assert not client.get("/settings/account/").content.decode().count(user.email)
    client.cookies["language"] = "en"
    english = client.post("/accounts/login/", {"login": user.email, "password": PASSWORD}).content.decode()
    assert "try again in 5 minutes" in english


def test_nobody_signs_up_by_themselves() -> None:
    make_user()
    assert browse().get("/accounts/signup/").status_code == 404


def test_a_second_factor_is_turned_on_with_recovery_codes_and_then_asked_for(settings: object) -> None:
    settings.MFA_ADAPTER = "openbeian.entrypoints.web.second_factor.SealedSecondFactor"  # type: ignore[attr-defined]
    member = make_administrator()
    member.user.set_password(PASSWORD)
    member.user.save()
    client = browse()
    client.post("/accounts/login/", {"login": member.user.email, "password": PASSWORD})
    asked = client.get("/accounts/2fa/totp/activate/").headers["Location"]
    assert asked.startswith("/accounts/reauthenticate/")
    assert "密码不对" in client.post(asked, {"password": "wrong"}).content.decode()
    assert client.post(asked, {"password": PASSWORD}).headers["Location"] == "/accounts/2fa/totp/activate/"
    assert client.get("/accounts/2fa/totp/activate/").status_code == 200
    secret = client.session["mfa.totp.secret"]
    code = format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))
    response = client.post("/accounts/2fa/totp/activate/", {"code": code})
    assert response.headers["Location"] == "/accounts/2fa/recovery-codes/"
    codes = re.findall(r"\b[0-9a-f]{8}\b", client.get("/accounts/2fa/recovery-codes/").content.decode())
    assert len(codes) >= 8
    assert secret not in str(list(Authenticator.objects.values()))
    fresh = browse()
    first = fresh.post("/accounts/login/", {"login": member.user.email, "password": PASSWORD})
    assert first.headers["Location"].startswith("/accounts/2fa/authenticate/")
    assert fresh.get("/settings/account/").status_code == 302
    assert "验证码不对" in fresh.post("/accounts/2fa/authenticate/", {"code": "000000"}).content.decode()
    assert fresh.post("/accounts/2fa/authenticate/", {"code": codes[0]}).status_code == 302
    assert fresh.get("/settings/account/").status_code == 200
    off = "/accounts/2fa/totp/deactivate/"
    assert fresh.post(fresh.get(off).headers["Location"], {"password": PASSWORD}).headers["Location"] == off
    assert fresh.post(off).headers["Location"] == "/accounts/2fa/"
    assert not Authenticator.objects.exists()


def test_changing_the_password_needs_the_old_one_and_ends_other_sessions() -> None:
    member = make_administrator()
    member.user.set_password(PASSWORD)
    member.user.save()
    here, there = browse(), browse()
    for client in (here, there):
        client.post("/accounts/login/", {"login": member.user.email, "password": PASSWORD})
    new = {"oldpassword": "wrong", "password1": "Qiufen-2218-y", "password2": "Qiufen-2218-y"}
    assert "当前密码不对" in here.post("/accounts/password/change/", new).content.decode()
    assert here.post("/accounts/password/change/", new | {"oldpassword": PASSWORD}).status_code == 302
    assert here.get("/settings/account/").status_code == 200
    assert there.get("/settings/account/").status_code == 302
    assert Entry.objects.filter(event="person.password_changed").count() == 1


def test_who_has_no_password_is_told_so_instead_of_changing_it() -> None:
    member = make_member(make_organisation(), "applicant", user=make_user(password=None))
    client = browse(member)
    assert "没有设置密码" in client.get("/settings/account/").content.decode()
    answer = client.get("/accounts/password/change/")
    assert answer.status_code == 409
    assert "没有密码" in answer.content.decode()


def test_signing_out_others_keeps_the_present_browser() -> None:
    member = make_administrator()
    here, there = browse(member), browse(member)
    assert here.post("/settings/account/sessions/end/").status_code == 302
    assert here.get("/settings/account/").status_code == 200
    assert there.get("/settings/account/").status_code == 302


def make_demo_member() -> int:
    member = make_member(make_organisation(), "applicant", user=make_user("演示申请人", is_demo=True))
    return member.pk


def test_the_demonstration_offers_one_click_per_person_on_this_machine_only(settings: object) -> None:
    settings.DEMO = True  # type: ignore[attr-defined]
    pk = make_demo_member()
    assert "演示申请人" in browse().get("/accounts/login/").content.decode()
    assert browse().post("/demo/sign-in/", {"membership": pk}).headers["Location"] == "/"
    for far in (browse(address="203.0.113.9"), browse(address="::ffff:203.0.113.9")):
        assert "演示申请人" not in far.get("/accounts/login/").content.decode()
        assert far.post("/demo/sign-in/", {"membership": pk}).status_code == 404
    behind_proxy = browse().post("/demo/sign-in/", {"membership": pk}, HTTP_X_FORWARDED_FOR="203.0.113.9")
    assert behind_proxy.status_code == 404


@pytest.mark.parametrize("wanted", ["", "x", "0", "9" * 30, "²"])
def test_the_demonstration_enters_nobody_else(settings: object, wanted: str) -> None:
    settings.DEMO = True  # type: ignore[attr-defined]
    real = make_administrator()
    assert browse().post("/demo/sign-in/", {"membership": wanted}).status_code == 404
    assert browse().post("/demo/sign-in/", {"membership": real.pk}).status_code == 404


def test_outside_demo_mode_there_is_no_one_click() -> None:
    pk = make_demo_member()
    assert "演示申请人" not in browse().get("/accounts/login/").content.decode()
    assert browse().post("/demo/sign-in/", {"membership": pk}).status_code == 404


def test_an_invitation_page_makes_the_account_and_enters() -> None:
    administrator = make_administrator()
    actor = actor_of(administrator, "web")
    _, secret = invite_person(actor, administrator.organisation_id, "new@example.cn", ["applicant"])
    client = browse()
    page = client.get(f"/invitation/{secret}/")
    assert administrator.organisation.name in page.content.decode()
    assert page.headers["Referrer-Policy"] == "no-referrer"
    response = client.post(f"/invitation/{secret}/", {"name": "王芳", "password": PASSWORD, "again": PASSWORD})
    assert response.headers["Location"] == "/"
    assert client.get("/settings/account/").status_code == 200
    assert browse().get(f"/invitation/{secret}/").status_code == 410


def test_an_invitation_for_somebody_with_an_account_asks_them_to_sign_in() -> None:
    administrator = make_operator()
    user = make_user()
    actor = actor_of(administrator, "web")
    _, secret = invite_person(actor, administrator.organisation_id, user.email, ["auditor"])
    page = browse().post(f"/invitation/{secret}/", {"name": "x", "password": PASSWORD, "again": PASSWORD})
    assert "/accounts/login/?next=/invitation/" in page.content.decode()
    assert Invitation.objects.get().accepted_at is None
    assert browse(administrator).post(f"/invitation/{secret}/").status_code == 403
    own = browse()
    own.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert own.post(f"/invitation/{secret}/").status_code == 302
