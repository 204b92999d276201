"""A connection reaches the addresses that were checked and no others, whatever its name means a moment later."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.authority.bureau import make_bureau, serve
from tests.authority.connections import make_connection, make_interface_world

from openbeian.authority.connecting import open_client
from openbeian.authority.errors import NotAnswered
from openbeian.authority.reaching import PinnedTransport, find_obstacle, look_up


class Resolver:
    """Answers a name with one list of addresses after another; plain addresses are left to the real one."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []
        self._real = socket.getaddrinfo
        monkeypatch.setattr(socket, "getaddrinfo", self)

    def __call__(self, host: Any, port: Any, *arguments: Any, **named: Any) -> Any:
        if not str(host).endswith(".example.cn"):
            return self._real(host, port, *arguments, **named)
        self.asked.append(host)
        addresses = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [(socket.AF_INET6 if ":" in a else socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, port)) for a in addresses]  # fmt: skip


@pytest.mark.parametrize(
    "addresses",
    [
        ["10.1.2.3"], ["192.168.0.9"], ["169.254.169.254"], ["100.64.0.1"], ["0.0.0.0"], ["224.0.0.1"], ["::1", "fd00::1"],
        ["::ffff:10.0.0.1"], ["64:ff9b::a00:1"], ["2002:0a00:0001::1"],
        ["8.8.8.8", "10.1.2.3"],
    ],
)  # fmt: skip
def test_a_name_with_any_address_inside_is_refused(monkeypatch: pytest.MonkeyPatch, addresses: list[str]) -> None:
    Resolver(monkeypatch, addresses)
    obstacle = find_obstacle("http://bureau.example.cn")
    assert obstacle is not None
    assert "OPENBEIAN_AUTHORITY_HOSTS" in obstacle.en


def test_public_addresses_may_be_used_and_private_ones_where_the_operator_names_the_host(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Resolver(monkeypatch, ["8.8.8.8", "2400:3200::1"])
    assert look_up("http://bureau.example.cn").addresses == ("8.8.8.8", "2400:3200::1")
    Resolver(monkeypatch, ["10.1.2.3"])
    monkeypatch.setenv("OPENBEIAN_AUTHORITY_HOSTS", "other.example.cn, bureau.example.cn:8080")
    assert look_up("http://bureau.example.cn:8080").addresses == ("10.1.2.3",)
    assert find_obstacle("http://bureau.example.cn:9090") is not None


@pytest.mark.django_db
def test_a_name_that_changes_its_address_after_the_check_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serve(make_bureau(tmp_path)) as url:
        port = url.rpartition(":")[2]
        resolver = Resolver(monkeypatch, ["127.0.0.1"], ["169.254.169.254"])
        connection = make_connection(make_interface_world(), f"http://bureau.example.cn:{port}")
        with open_client(connection) as client:
            assert client.query_previous().sequence == 0
            assert client.download() is not None
        assert resolver.asked == ["bureau.example.cn"]
        with pytest.raises(NotAnswered):  # the next client looks anew and finds the address inside
            open_client(connection)


def test_the_name_stays_in_the_host_header_and_in_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[httpx.Request] = []

    def answer(self: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        seen.append(request)
        if request.url.host == "8.8.8.8":
            raise httpx.ConnectError("nobody there")
        return httpx.Response(200)

    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", answer)
    with httpx.Client(transport=PinnedTransport(("8.8.8.8", "2400:3200::1"))) as client:
        assert client.get("https://bureau.example.cn/x").status_code == 200
    assert seen[-1].url.host == "2400:3200::1"
    assert {request.headers["Host"] for request in seen} == {"bureau.example.cn"}
    assert {request.extensions["sni_hostname"] for request in seen} == {"bureau.example.cn"}
