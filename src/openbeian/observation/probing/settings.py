"""How this installation probes: whom it asks, how long it waits, how much it reads, and what it may contact."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Self

from openbeian.observation.probing.errors import ProbePortsInvalid
from openbeian.observation.probing.record import CheckKind

USER_AGENT = "Mozilla/5.0 (compatible; OpenBeian-Watch/1; compliance check of a filed site; one page a visit)"
_LONGEST_CONTACT = 200


def name_agent(contact: str) -> str:
    """The user agent with an address at which the watch's owner explains it; without one it names only itself."""
    plain = "".join(c for c in contact if c.isascii() and c.isprintable() and c not in " ();")[:_LONGEST_CONTACT]
    return USER_AGENT.replace(")", f"; +{plain})") if plain else USER_AGENT


@dataclass(frozen=True, slots=True)
class ProbeSettings:
    """Bounds of one probe. Times in seconds, sizes in bytes after decompression unless said otherwise.

    `resolvers` are `address` or `address#port`; empty means those of the system. `allows_private` lets tests and
    closed networks be probed; without it nothing outside public address space is contacted, resolvers excepted.
    `registration_url` answers for every suffix instead of the rulebook's services. `keeps_page` puts the body into
    the record.
    `kinds` leaves checks out. `trust_file` replaces the system's certificate authorities.
    """

    resolvers: tuple[str, ...] = ()
    allows_private: bool = False
    kinds: frozenset[CheckKind] = field(default_factory=lambda: frozenset(CheckKind))
    user_agent: str = USER_AGENT
    dns_timeout_s: float = 3.0
    connect_timeout_s: float = 5.0
    read_timeout_s: float = 8.0
    fetch_timeout_s: float = 20.0
    probe_timeout_s: float = 60.0
    most_page_bytes: int = 4 * 1024 * 1024
    most_wire_bytes: int = 4 * 1024 * 1024
    most_redirects: int = 5
    expiry_warning_days: int = 30
    host_pause_s: float = 1.0
    address_concurrency: int = 4
    http_port: int = 80
    https_port: int = 443
    trust_file: str = ""
    registration_url: str = ""
    keeps_page: bool = True

    @classmethod
    def from_environment(cls) -> Self:
        """What the operator set: OPENBEIAN_RESOLVERS, OPENBEIAN_PROBE_PRIVATE, OPENBEIAN_PROBE_PORTS (two, for
        closed networks), OPENBEIAN_REGISTRATION_URL, OPENBEIAN_PROBE_CONTACT (else OPENBEIAN_PUBLIC_URL).

        Raises: ProbePortsInvalid.
        """
        contact = os.environ.get("OPENBEIAN_PROBE_CONTACT") or os.environ.get("OPENBEIAN_PUBLIC_URL", "")
        resolvers = os.environ.get("OPENBEIAN_RESOLVERS", "")
        written = os.environ.get("OPENBEIAN_PROBE_PORTS") or "80,443"
        try:
            http_port, https_port = map(int, written.split(","))
        except ValueError:
            raise ProbePortsInvalid(value=written[:40]) from None
        return cls(
            resolvers=tuple(each for each in resolvers.replace(" ", "").split(",") if each),
            allows_private=os.environ.get("OPENBEIAN_PROBE_PRIVATE") == "1",
            user_agent=name_agent(contact),
            http_port=http_port,
            https_port=https_port,
            registration_url=os.environ.get("OPENBEIAN_REGISTRATION_URL", ""),
        )
