"""Figures for monitors: to this machine and the operator's token, to nobody else, and about nobody."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from tests.supervision.records import NUMBER_FAULT, make_site, see
from tests.web.portal import make_operator

pytestmark = pytest.mark.django_db
_LINE = re.compile(r'(?:# (?:HELP|TYPE) openbeian_\w+ .+|openbeian_\w+(?:\{(?:\w+="[^"]*",?)+\})? -?[\d.]+)')


@pytest.fixture(autouse=True)
def _installed() -> None:
    make_operator()


def ask(address: str = "127.0.0.1", **headers: str) -> tuple[int, str]:
    response = Client(REMOTE_ADDR=address).get("/metrics", headers=headers)
    return response.status_code, response.content.decode()


def test_this_machine_reads_figures_in_prometheus_form() -> None:
    site = make_site()
    for _ in range(2):
        see(site, NUMBER_FAULT)
    status, text = ask()
    assert status == 200
    assert [line for line in text.splitlines() if not _LINE.fullmatch(line)] == []
    assert 'openbeian_findings_open{check="footer_number",severity="grave",state="to_rectify"} 1' in text
    assert 'openbeian_watched_sites{answer="not_met"} 1' in text
    assert 'openbeian_probes_last_day{up="met"} 2' in text
    assert site.domain not in text
    assert site.service.name not in text


@pytest.mark.parametrize("address", ["203.0.113.7", "10.0.0.1", "2001:db8::1", ""])
def test_another_machine_is_refused_without_the_token(address: str) -> None:
    assert ask(address)[0] == 403


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
def test_what_came_through_a_proxy_is_not_this_machine(header: str) -> None:
    assert ask(**{header: "127.0.0.1"})[0] == 403


def test_the_operators_token_opens_it_from_anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBEIAN_METRICS_TOKEN", "s3cret")
    assert ask("203.0.113.7", Authorization="Bearer s3cret")[0] == 200
    assert ask("203.0.113.7", Authorization="Bearer wrong")[0] == 403
    assert ask("203.0.113.7", Authorization="Bearer 密")[0] == 403
