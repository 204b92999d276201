"""The simulated bureau's HTTP door: bounded, and deaf to what is not a call."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from lxml import etree
from tests.authority.bureau import make_bureau, serve

from openbeian.authority.soap.calls import write_call

UP = "/ISPWebService/upDownLoad"


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    with serve(make_bureau(tmp_path)) as address:
        yield address


@pytest.mark.parametrize("path", [UP, "/BeianStatusWebService/queryBeianStatus", "/BeianStatusWebService/verifyBamm"])
def test_a_wsdl_stands_at_each_of_the_three_paths(url: str, path: str) -> None:
    answer = httpx.get(f"{url}{path}?wsdl")
    root = etree.fromstring(answer.content)
    assert root.get("targetNamespace") == "http://www.miibeian.gov.cn"
    assert f'location="{url}{path}"' in answer.text


@pytest.mark.parametrize(("path", "status"), [("/", 404), (UP, 404), (f"{UP}?wsdl=1", 404), ("/../etc/passwd", 404)])
def test_other_addresses_are_not_found(url: str, path: str, status: int) -> None:
    assert httpx.get(url + path).status_code == status


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<a/>",
        b"<!DOCTYPE a><a/>",
        write_call(
            "isp_download", dict.fromkeys(["ispId", "userName", "randVal", "pwdHash", "hashAlgorithm"], "x")
        ).replace(b"isp_download", b"isp_other"),
    ],
)
def test_what_is_no_call_is_answered_with_a_fault(url: str, body: bytes) -> None:
    answer = httpx.post(url + UP, content=body)
    assert answer.status_code == 500
    assert b"faultstring" in answer.content


def test_a_method_asked_at_another_services_address_is_a_fault(url: str) -> None:
    parameters = dict.fromkeys(["ispId", "userName", "randVal", "pwdHash", "hashAlgorithm"], "x")
    answer = httpx.post(f"{url}/BeianStatusWebService/verifyBamm", content=write_call("isp_download", parameters))
    assert answer.status_code == 500


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ("Content-Length: 999999999", b"413"),
        ("Content-Length: -1", b"411"),
        ("X: y", b"411"),
        ("Content-Length: 9e9", b"411"),
    ],
)
def test_bodies_without_a_sane_length_are_refused_before_they_are_read(url: str, header: str, status: bytes) -> None:
    address = urlsplit(url)
    with socket.create_connection((str(address.hostname), address.port or 0), timeout=5) as connection:
        connection.sendall(f"POST {UP} HTTP/1.1\r\nHost: x\r\n{header}\r\n\r\n".encode())
        assert status in connection.recv(200).splitlines()[0]


def test_the_state_page_names_numbers_and_sequence_for_this_machine(url: str) -> None:
    state = httpx.get(f"{url}/simulator/state").json()
    assert (state["sequence"], state["filings"], len(state["pending"])) == (0, [], 1)
