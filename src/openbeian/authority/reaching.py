"""Which addresses a connection may name, and the way to exactly those: public ones, and those the operator lists.

A name is looked up once for each client; every address passes the check, and sockets are opened to these addresses
only, so that a name cannot lead elsewhere between check and use (the rule of decision 0203).
"""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

import httpx
from django.conf import settings

from openbeian.kernel.public_addresses import is_public_address
from openbeian.kernel.text import Text


@dataclass(frozen=True, slots=True)
class Reach:
    """Where a host's name leads now, and why it may not be used, if so."""

    addresses: tuple[str, ...] = ()
    obstacle: Text | None = None


def find_obstacle(url: str) -> Text | None:
    """Why the address may not be used, or None. Looks the name up; call it outside transactions."""
    return look_up(url).obstacle


def look_up(url: str) -> Reach:
    """The addresses behind a URL's host, all of them checked. Asks the resolver; call it outside transactions."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        return Reach(obstacle=Text("端口不对", "the port is wrong"))
    try:
        entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        found = tuple(dict.fromkeys(str(ip_address(str(entry[4][0]).partition("%")[0])) for entry in entries))
    except (OSError, ValueError):
        return Reach(obstacle=Text("找不到这个主机", "there is no such host"))
    if _is_listed(host, port) or all(is_public_address(address) for address in found):
        return Reach(found)
    if all(ip_address(address).is_loopback for address in found) and (settings.DEMO or settings.TESTING):
        return Reach(found)
    words = Text(
        "指向内网地址；确需使用的，请运维把主机写入 OPENBEIAN_AUTHORITY_HOSTS",
        "it leads to a private address; if that is right, the operator names the host in OPENBEIAN_AUTHORITY_HOSTS",
    )
    return Reach(obstacle=words)


def _is_listed(host: str, port: int) -> bool:
    listed = {h.strip().lower() for h in os.environ.get("OPENBEIAN_AUTHORITY_HOSTS", "").split(",") if h.strip()}
    return bool({host, f"{host}:{port}"} & listed)


class PinnedTransport(httpx.BaseTransport):
    """HTTP to the given addresses whatever the URL's name means by now; TLS still proves the name.

    The next address is tried where a connection cannot be made; a call that reached one address goes to no other.
    """

    def __init__(self, addresses: tuple[str, ...]) -> None:
        self._addresses = addresses
        self._inner = httpx.HTTPTransport(trust_env=False)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        name = request.url
        trouble: httpx.TransportError = httpx.ConnectError("no address")
        for address in self._addresses:
            request.url = name.copy_with(host=address)
            request.extensions = {**request.extensions, "sni_hostname": name.raw_host.decode("ascii")}
            try:
                return self._inner.handle_request(request)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                trouble = error
        raise trouble

    def close(self) -> None:
        self._inner.close()
