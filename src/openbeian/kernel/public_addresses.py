"""Which addresses may be contacted at all: public ones. The guard of everything that follows what others typed in.

Stricter than a registry of private ranges: an IPv6 address must be global unicast and must not carry an IPv4
address by translation or tunnel (mapped, NAT64, 6to4, Teredo, ISATAP), since what it leads to is then decided by
somebody else's gateway. Only the plain spelling of an address is read; octal, hexadecimal or shortened IPv4
addresses, which C libraries accept, are no addresses and no host names either.

Source: IANA special-purpose address registries (RFC 6890), RFC 6052, RFC 3056, RFC 4380, RFC 5214.
"""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address, ip_address

from openbeian.kernel.errors import ValueRefused
from openbeian.kernel.ip_ranges import parse_ip_range

_ISATAP = {0x0000_5EFE, 0x0200_5EFE}
_NUMERIC_END = re.compile(r"(?:^|\.)(?:0x[0-9a-f]*|[0-9]+)\.?$", re.IGNORECASE)
_NAME = re.compile(
    r"(?=.{1,253}\.?\Z)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]\.?", re.I
)
_NEVER_PUBLIC = (
    "localhost",
    "local",
    "internal",
    "intranet",
    "lan",
    "home",
    "corp",
    "test",
    "invalid",
    "onion",
    "arpa",
)


def is_public_address(address: str) -> bool:
    """Whether an address in its plain spelling lies in public address space; False also for what is no address."""
    try:
        plain = ip_address(address)
    except ValueError:
        return False
    if isinstance(plain, IPv6Address):
        if plain.scope_id:
            return False
        if plain.ipv4_mapped:
            return _is_public(plain.ipv4_mapped)
        if (int(plain) >> 32) & 0xFFFF_FFFF in _ISATAP:
            return False
    return _is_public(plain)


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    try:
        parse_ip_range(str(address))
    except ValueRefused:
        return False
    return True


def is_public_name(host: str) -> bool:
    """Whether a host can be looked up in public: a dotted name in ASCII form whose last label is no number and is
    not reserved for local use. What it resolves to must still be checked."""
    if _NUMERIC_END.search(host) or not _NAME.fullmatch(host):
        return False
    return host.rstrip(".").rpartition(".")[2].lower() not in _NEVER_PUBLIC


def is_plain_address(host: str) -> bool:
    """Whether a host is an address in its plain spelling, public or not."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
