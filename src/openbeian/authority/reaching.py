"""Which addresses a connection may name: public ones, and those the operator lists, so that nobody inside is reached."""

from __future__ import annotations

import os
import socket
from ipaddress import ip_address
from urllib.parse import urlsplit

from django.conf import settings

from openbeian.kernel.text import Text


def find_obstacle(url: str) -> Text | None:
    """Why the address may not be used, or None. Looks the name up; call it outside transactions."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        return Text("端口不对", "the port is wrong")
    listed = {h.strip().lower() for h in os.environ.get("OPENBEIAN_AUTHORITY_HOSTS", "").split(",") if h.strip()}
    if {host, f"{host}:{port}"} & listed:
        return None
    try:
        found = {ip_address(str(entry[4][0]).partition("%")[0]) for entry in socket.getaddrinfo(host, port)}
    except (OSError, ValueError):
        return Text("找不到这个主机", "there is no such host")
    if all(address.is_global for address in found):
        return None
    if all(address.is_loopback for address in found) and (settings.DEMO or settings.TESTING):
        return None
    return Text(
        "指向内网地址；确需使用的，请运维把主机写入 OPENBEIAN_AUTHORITY_HOSTS",
        "it leads to a private address; if that is right, the operator names the host in OPENBEIAN_AUTHORITY_HOSTS",
    )
