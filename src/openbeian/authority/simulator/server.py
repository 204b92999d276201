"""The simulated bureau's HTTP door: WSDLs and calls at the specified paths, bodies bounded, faults committed on purpose."""

from __future__ import annotations

import ipaddress
import json
import logging
import socket
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from openbeian.authority.errors import DocumentUnreadable
from openbeian.authority.interface import DOWNLOAD, get_interface
from openbeian.authority.simulator.bureau import Bureau
from openbeian.authority.simulator.faults import FaultRule, Faults, Kind
from openbeian.authority.soap.calls import CONTENT_TYPE, Call, read_call, write_answer, write_fault
from openbeian.authority.soap.returns import Return, write_return
from openbeian.authority.soap.wsdl import write_wsdl

log = logging.getLogger(__name__)

STATE_PATH = "/simulator/state"
"""Where the simulator shows its memory as JSON, to this machine only: sequence, pending files, numbers, passwords."""

_SOCKET_TIMEOUT_S = 30.0
_SLOW_PIECES = 20


class BureauServer(ThreadingHTTPServer):
    """Serves one bureau until `shutdown`."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], bureau: Bureau, faults: Faults | None = None) -> None:
        super().__init__(address, _Handler)
        self.bureau = bureau
        self.faults = faults or Faults()

    @property
    def url(self) -> str:
        host, port = self.server_address[:2]
        return f"http://{host!s}:{port}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that goes away is no event; anything else is a bug of ours."""
        if not isinstance(sys.exception(), OSError):
            log.exception("the simulated bureau failed")


class _Handler(BaseHTTPRequestHandler):
    server: BureauServer
    protocol_version = "HTTP/1.1"
    timeout = _SOCKET_TIMEOUT_S
    wbufsize = 1 << 16  # head and body leave together; apart they would wait for each other's acknowledgement
    disable_nagle_algorithm = True
    server_version = "OpenBeian-simulator"
    sys_version = ""

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path == STATE_PATH and ipaddress.ip_address(self.client_address[0]).is_loopback:
            self._send(json.dumps(describe(self.server.bureau), ensure_ascii=False).encode(), "application/json")
            return
        address = _find_address(parts.path)
        if address is None or parts.query.lower() != "wsdl":
            self._refuse(HTTPStatus.NOT_FOUND)
            return
        self._send(write_wsdl(address, self.server.url + parts.path), CONTENT_TYPE)

    def do_POST(self) -> None:
        address = _find_address(urlsplit(self.path).path)
        length = self.headers.get("Content-Length", "")
        if address is None:
            self._refuse(HTTPStatus.NOT_FOUND)
        elif not (length.isascii() and length.isdigit() and len(length) < 12):
            self._refuse(HTTPStatus.LENGTH_REQUIRED)
        elif int(length) > get_interface().limits.body_bytes:
            self.server.bureau.note_refusal("", "oversize")
            self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        else:
            raw = self.rfile.read(int(length))
            if len(raw) == int(length):  # else the caller hung up half-way: nothing was received
                self._answer_call(address, raw)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the standard library's name
        """Requests are not logged: they carry credentials' hashes."""

    def _answer_call(self, address: str, raw: bytes) -> None:
        try:
            call = read_call(raw)
            if get_interface().methods[call.method].address != address:
                raise DocumentUnreadable(DocumentUnreadable.message)
        except DocumentUnreadable as error:
            self.server.bureau.note_refusal("", "unreadable")
            self._send(write_fault(error.text.en), CONTENT_TYPE, HTTPStatus.INTERNAL_SERVER_ERROR)
            return
        self._answer_with_faults(call, self.server.faults.roll(call.method))

    def _answer_with_faults(self, call: Call, faults: Mapping[Kind, FaultRule]) -> None:
        if "delay" in faults:
            time.sleep(faults["delay"].seconds)
        if "drop_before" in faults:
            self._hang_up()
            return
        if "status" in faults:
            self._refuse(HTTPStatus(faults["status"].status))
            return
        answer = self._ask_bureau(call, faults)
        if "drop_after" in faults:
            self._hang_up()
            return
        body = write_answer(call.method, write_return(answer))
        if "truncate" in faults:
            self._send(body, CONTENT_TYPE, sent=len(body) // 2)
        elif "slow" in faults:
            self._send_slowly(body, faults["slow"].seconds)
        else:
            self._send(body, CONTENT_TYPE)

    def _ask_bureau(self, call: Call, faults: Mapping[Kind, FaultRule]) -> Return:
        skip = 1 if "reorder" in faults and call.method == DOWNLOAD else 0
        answer = self.server.bureau.answer(call, skip=skip)
        if "duplicate" in faults:
            answer = self.server.bureau.answer(call, skip=skip)
        if "wrong_hash" in faults and answer.file:
            sealed = replace(answer.file.sealed, digest="AAAAAAAAAAAAAAAAAAAAAA==")
            answer = replace(answer, file=replace(answer.file, sealed=sealed))
        return answer

    def _send(self, body: bytes, content_type: str, status: int = HTTPStatus.OK, sent: int | None = None) -> None:
        self._start(len(body), content_type, status)
        self.wfile.write(body[:sent])
        if sent is not None:
            self._hang_up()

    def _send_slowly(self, body: bytes, seconds: float) -> None:
        self._start(len(body), CONTENT_TYPE, HTTPStatus.OK)
        step = len(body) // _SLOW_PIECES + 1
        for start in range(0, len(body), step):
            self.wfile.write(body[start : start + step])
            self.wfile.flush()
            time.sleep(seconds / _SLOW_PIECES)

    def _start(self, length: int, content_type: str, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(length))
        self.end_headers()

    def _refuse(self, status: HTTPStatus) -> None:
        self.close_connection = True
        self._send(b"", "text/plain", status)

    def _hang_up(self) -> None:
        self.wfile.flush()
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)


def describe(bureau: Bureau) -> dict[str, Any]:
    """The bureau's memory as JSON: what both ends must agree on, and the demo's filing passwords."""
    with bureau.store.transaction():
        rows = bureau.store.connection.execute(
            "SELECT number, own_id, password FROM filing ORDER BY subject_id"
        ).fetchall()
        return {
            "sequence": bureau.store.get_last_sequence(),
            "unprocessed": bureau.store.count_unprocessed(),
            "refused": [list(line) for line in bureau.store.list_refusals(50)],
            "pending": [file.name for file in bureau.store.list_outgoing(1000)],
            "filings": [
                {"number": number, "own_id": own_id, "password": password} for number, own_id, password in rows
            ],
        }


def _find_address(path: str) -> str | None:
    return next((name for name, known in get_interface().addresses.items() if known == path), None)
