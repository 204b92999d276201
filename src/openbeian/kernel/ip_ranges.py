"""Address ranges of an access: IPv4 and IPv6, ordered, of one family, public; with overlap, containment and size."""

from __future__ import annotations

import re
from bisect import bisect
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
    summarize_address_range,
)

from openbeian.kernel.errors import Problem, ValueRefused
from openbeian.kernel.text import Text
from openbeian.kernel.writing import EXCERPT, squeeze

Address = IPv4Address | IPv6Address

# What can never be the public address of a server; IANA special-purpose registries (RFC 6890) and multicast.
_SPECIAL = tuple(
    map(
        IPv4Network,
        [
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.88.99.0/24",
            "192.168.0.0/16",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/4",
            "240.0.0.0/4",
        ],
    )
)
_GLOBAL_V6 = IPv6Network("2000::/3")
_SPECIAL_V6 = tuple(IPv6Network(n) for n in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"))
_PLAIN_V4 = re.compile(r"(?:(?:0|[1-9]\d{0,2})(?:\.(?!\Z)|\Z)){4}", re.ASCII)
_BETWEEN = re.compile("[-~〜至到]")


@dataclass(frozen=True, slots=True)
class IpRange:
    """All addresses from `first` to `last`, both included, of one family."""

    first: Address
    last: Address

    @property
    def version(self) -> int:
        return self.first.version

    @property
    def size(self) -> int:
        """How many addresses."""
        return int(self.last) - int(self.first) + 1

    @property
    def normal(self) -> str:
        """`a` for one address, else `a-b`, both in their shortest form."""
        return str(self.first) if self.first == self.last else f"{self.first}-{self.last}"

    @property
    def networks(self) -> tuple[str, ...]:
        """The same range as the fewest CIDR blocks (at most 254)."""
        blocks = summarize_address_range(self.first, self.last)
        return tuple(map(str, blocks))

    def overlaps(self, other: IpRange) -> bool:
        return (
            self.version == other.version and int(self.first) <= int(other.last) and int(other.first) <= int(self.last)
        )

    def contains(self, other: IpRange) -> bool:
        """Whether all of another range lies within this one."""
        return (
            self.version == other.version and int(self.first) <= int(other.first) and int(other.last) <= int(self.last)
        )


def parse_ip_range(text: str) -> IpRange:
    """A range of public addresses written as one address, `a-b` (also ~, 至) or CIDR.

    Raises: ValueRefused when it is no range, runs backwards, mixes families, or touches an address that is not
    public (private, loopback, documentation, multicast, …).
    """
    squeezed = squeeze(text, limit=120)
    found = _read_cidr(squeezed) if "/" in squeezed else _read_ends(squeezed)
    if special := _find_special(found):
        zh, en = "{special} 不是公网地址段。", "{special} is not public address space."
        raise _refusal("not_public", zh, en, _PUBLIC, text, special=special)
    return found


def normalise_ip_range(text: str) -> str:
    """The normal form of a range, by a short way for one IPv4 address. Raises: ValueRefused as `parse_ip_range`."""
    if _PLAIN_V4.fullmatch(text):
        a, b, c, d = map(int, text.split("."))
        value = (a << 24) + (b << 16) + (c << 8) + d
        at = bisect(_BLOCK_ENDS, value - 1)
        if max(a, b, c, d) < 256 and not (at < len(_BLOCKS) and _BLOCKS[at][0] <= value):
            return text
    return parse_ip_range(text).normal


_WRITE = Text(
    "请写成 8.8.8.8、8.8.8.0-8.8.8.15、8.8.8.0/28 或 IPv6 的同样形式。",
    "Write 8.8.8.8, 8.8.8.0-8.8.8.15, 8.8.8.0/28, or the same in IPv6.",
)
_PUBLIC = Text("请填写接入商分配的公网 IP 地址。", "Give the public addresses that the access provider assigned.")


def _read_ends(text: str) -> IpRange:
    parts = _BETWEEN.split(text)
    if len(parts) > 2:
        raise _refusal("grammar", "这不是 IP 地址段。", "This is no range of IP addresses.", _WRITE, text)
    first = _address(parts[0], text)
    if len(parts) == 1:
        return IpRange(first, first)
    last = _address(parts[1], text)
    if first.version != last.version:
        zh, en = "起止地址一个是 IPv4，一个是 IPv6。", "One end is IPv4, the other IPv6."
        fix = Text("请分成两段填写。", "Give them as two ranges.")
        raise _refusal("families", zh, en, fix, text)
    if int(first) > int(last):
        fix = Text("请改为 {a}-{b}。", "Write {a}-{b}.").format(a=last, b=first)
        raise _refusal("order", "起始地址大于终止地址。", "The range runs backwards.", fix, text)
    return IpRange(first, last)


def _read_cidr(text: str) -> IpRange:
    try:
        network = ip_network(text, strict=False)
    except ValueError as wrong:
        raise _refusal("grammar", "这不是 IP 地址段。", "This is no range of IP addresses.", _WRITE, text) from wrong
    written = text.partition("/")[0]
    if ip_address(written) != network.network_address:
        fix = Text("整段请写 {n}，单个地址请写 {a}。", "For the block write {n}, for one address {a}.").format(
            n=network, a=written
        )
        raise _refusal("host_bits", "地址与掩码长度不符。", "The address does not begin the block.", fix, text)
    return IpRange(network[0], network[-1])


def _address(part: str, text: str) -> Address:
    try:
        address = ip_address(part)
    except ValueError as wrong:
        raise _refusal("grammar", "“{p}”不是 IP 地址。", "“{p}” is no IP address.", _WRITE, text, p=part) from wrong
    if isinstance(address, IPv6Address) and address.scope_id:
        raise _refusal("scope", "IPv6 地址不能带区域标识。", "An IPv6 address here has no zone.", _WRITE, text)
    return address


_BLOCKS = [(int(n[0]), int(n[-1]), str(n)) for n in _SPECIAL]
_BLOCK_ENDS = [end for _, end, _ in _BLOCKS]


def _find_special(found: IpRange) -> str | None:
    """The first block of address space within the range that no public server can have."""
    if isinstance(found.first, IPv4Address):
        first, last = int(found.first), int(found.last)
        at = bisect(_BLOCK_ENDS, first - 1)  # the blocks are in order and apart: the first that does not end before
        return _BLOCKS[at][2] if at < len(_BLOCKS) and _BLOCKS[at][0] <= last else None
    if not IpRange(_GLOBAL_V6[0], _GLOBAL_V6[-1]).contains(found):
        return found.normal
    return next((str(n) for n in _SPECIAL_V6 if found.overlaps(IpRange(n[0], n[-1]))), None)


def _refusal(reason: str, zh: str, en: str, fix: Text, value: str, **places: object) -> ValueRefused:
    return ValueRefused(Problem(Text(zh, en).format(**places), fix, f"ip_range.{reason}"), value[:EXCERPT])
