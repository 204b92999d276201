"""Pages for what is not there, not allowed, too often or our own fault."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.test import RequestFactory

from openbeian.entrypoints.web.views.errors import fault
from tests.accounts.factories import make_organisation, make_user
from tests.web.portal import browse, make_administrator

pytestmark = pytest.mark.django_db


def test_a_page_that_is_not_there_says_so_in_the_portals_look_and_the_readers_language() -> None:
    client = browse(make_administrator())
    response = client.get("/no/such/page/")
    assert response.status_code == 404
    assert "没有这个页面" in response.content.decode()
    client.cookies["language"] = "en"
    assert "There is no such page" in client.get("/no/such/page/").content.decode()


def test_a_refusal_inside_htmx_goes_to_the_messages() -> None:
    client = browse(make_administrator())
    other = make_organisation()
    response = client.get(f"/settings/organisations/{other.pk}/", HTTP_HX_REQUEST="true")
    assert (response.status_code, response.headers["HX-Retarget"]) == (404, "#messages")
    assert "<html" not in response.content.decode()


def test_whoever_asks_too_often_is_told_to_wait() -> None:
    make_user()
    cache.clear()
    client = browse()
    codes = [client.post("/accounts/login/", {"login": f"u{i}@example.cn"}).status_code for i in range(31)]
    assert codes[-1] == 429
    assert "一分钟后" in client.post("/accounts/login/", {"login": "u@example.cn"}).content.decode()
    cache.clear()


def test_a_fault_of_ours_shows_the_number_under_which_it_is_logged() -> None:
    request = RequestFactory().get("/")
    request.fault_identifier = "0123456789ab"  # type: ignore[attr-defined]
    response = fault(request)
    assert response.status_code == 500
    assert "0123456789ab" in response.content.decode()
