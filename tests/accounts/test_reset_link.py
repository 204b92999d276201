"""A person without their password comes back by a link made on the server."""

from __future__ import annotations

import json

import pytest
from django.core.cache import cache
from tests.accounts.factories import make_user
from tests.web.portal import browse

from openbeian.entrypoints.cli import main
from openbeian.journal.models import Entry

pytestmark = pytest.mark.django_db
NEW = "Qiufen-2218-y"


def test_the_link_sets_a_new_password_once_and_both_steps_are_journalled(capsys: pytest.CaptureFixture[str]) -> None:
    cache.clear()
    user = make_user()
    assert main(["accounts", "reset-link", user.email.upper(), "--json"]) == 0
    link = json.loads(capsys.readouterr().out)["link"]
    client = browse()
    form = client.get(link, follow=True)
    weak = client.post(form.request["PATH_INFO"], {"password1": "password12", "password2": "password12"})
    assert "这个密码太常见" in weak.content.decode()
    client.post(form.request["PATH_INFO"], {"password1": NEW, "password2": NEW})
    user.refresh_from_db()
    assert user.check_password(NEW)
    assert "链接已失效" in browse().get(link, follow=True).content.decode()
    assert list(Entry.objects.order_by("sequence").values_list("event", flat=True)) == [
        "person.reset_link_made",
        "person.password_changed",
    ]


def test_an_unknown_address_is_refused_with_exit_code_2() -> None:
    make_user()
    assert main(["accounts", "reset-link", "nobody@example.cn"]) == 2
    assert not Entry.objects.exists()


def test_without_mail_the_portal_says_whom_to_ask_and_with_mail_it_sends_a_link(
    settings: object, mailoutbox: list[object]
) -> None:
    cache.clear()
    user = make_user()
    assert "请联系系统管理员" in browse().get("/accounts/password/reset/").content.decode()
    settings.OPENBEIAN_MAIL = "smtp.example.cn"  # type: ignore[attr-defined]
    browse().post("/accounts/password/reset/", {"email": user.email})
    assert [m.to for m in mailoutbox] == [[user.email]]  # type: ignore[attr-defined]
