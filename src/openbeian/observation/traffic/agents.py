"""Which user agents and client addresses are not people: decided once per distinct value, never per line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address

from crawlerdetect import CrawlerDetect
from crawlerdetect.providers.crawlers import data as crawler_patterns
from crawlerdetect.providers.exclusions import data as excluded_patterns

_LOOKAROUND = re.compile(r"\(\?<?[!=][^)]*\)")


@lru_cache(maxsize=1)
def _detector() -> CrawlerDetect:
    return CrawlerDetect()


def is_robot_agent(agent: str, *, nameless: bool) -> bool:
    """Whether a user agent is on the crawler list; an empty one is a robot if the rules say so (`nameless`)."""
    if agent.strip() in {"", "-"}:
        return nameless
    return bool(_detector().is_crawler(agent[:2048]))


def suspect_patterns() -> tuple[str, str]:
    """(exclusions, crawlers) as two RE2 patterns that find every agent `is_robot_agent` would find, and a few more.

    The engine tries a hundred thousand agents in the time the list takes for a thousand; only its suspects are asked
    here. RE2 knows no look-around, so those conditions are left to the exact list.
    """
    return "|".join(excluded_patterns), "|".join(_LOOKAROUND.sub("", p) for p in crawler_patterns)


def find_internal(addresses: Iterable[str], networks: Sequence[IPv4Network | IPv6Network]) -> list[str]:
    """Those addresses that lie in one of the networks; what is no address is never internal."""
    found = []
    for text in addresses:
        try:
            address = ip_address(text.strip("[]").partition("%")[0])
        except ValueError:
            continue
        plain = getattr(address, "ipv4_mapped", None) or address
        if any(plain.version == network.version and plain in network for network in networks):
            found.append(text)
    return found


def internal_candidates(networks: Sequence[IPv4Network | IPv6Network]) -> str:
    """A RE2 pattern that fits the text of every address in the networks (and of some others).

    IPv4 goes by its first number, IPv6 by its first character: a network's own, or 0 or a colon where zeros are left out.
    """
    numbers, letters = {"x"}, {"0", ":"}
    for network in networks:
        first, last = network.network_address.packed[0], network.broadcast_address.packed[0]
        if isinstance(network, IPv4Network):
            numbers |= {str(n) for n in range(first, last + 1)}
        else:
            letters |= {f"{n >> 4:x}" for n in range(first, last + 1)}
    return rf"^(?:(?:{'|'.join(sorted(numbers))})\.|\[?(?i:[{''.join(sorted(letters))}]))[0-9a-fA-F:.]*"
