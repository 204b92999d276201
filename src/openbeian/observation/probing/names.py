"""Asks several resolvers for a site's addresses and aliases, and one for its zone; tells silence from absence."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import Protocol

import dns.asyncquery
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.resolver

from openbeian.kernel.public_addresses import is_plain_address
from openbeian.observation.probing.errors import ResolverInvalid
from openbeian.observation.probing.record import DnsAnswers, ResolverAnswer

_MOST_ALIASES = 12
_MOST_ADDRESSES = 64
_MOST_NAME_SERVERS = 20
_TRIES = 2
_TROUBLES = {dns.rcode.NXDOMAIN: "no_such_name", dns.rcode.REFUSED: "refused", dns.rcode.NOERROR: ""}


class NameSource(Protocol):
    """Who knows names: the resolvers, or a table in tests and benchmarks."""

    async def look_up(self, host: str) -> DnsAnswers:
        """Every resolver's addresses and aliases of a host."""
        ...

    async def look_up_zone(self, domain: str) -> tuple[tuple[str, ...], str]:
        """The name servers of a registrable domain and its SOA; empty when nobody says."""
        ...


@dataclass(frozen=True, slots=True)
class Resolver:
    """One resolver; `name` is what stands in records."""

    address: str
    port: int = 53

    @property
    def name(self) -> str:
        return self.address if self.port == 53 else f"{self.address}#{self.port}"

    @classmethod
    def read(cls, written: str) -> Resolver:
        """Reads `223.5.5.5` or `127.0.0.1#5353`. Raises: ResolverInvalid."""
        address, _, port = written.strip().partition("#")
        if not is_plain_address(address) or not (not port or (port.isascii() and port.isdigit() and int(port) < 65536)):
            raise ResolverInvalid(value=written[:60])
        return cls(address, int(port) if port else 53)


@dataclass(frozen=True, slots=True)
class _Reply:
    addresses: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    trouble: str = ""


class DnsResolvers:
    """Asks the resolvers given, or those of the system. Raises: ResolverInvalid on making."""

    def __init__(self, resolvers: tuple[str, ...] = (), *, timeout_s: float = 3.0) -> None:
        self._timeout_s = timeout_s
        self._resolvers = [Resolver.read(each) for each in resolvers] or _system_resolvers()

    async def look_up(self, host: str) -> DnsAnswers:
        """Asks all resolvers at once; never raises, ends within twice the time-out."""
        answers = await asyncio.gather(*(self._ask_both(resolver, host) for resolver in self._resolvers))
        return DnsAnswers(tuple(answers))

    async def look_up_zone(self, domain: str) -> tuple[tuple[str, ...], str]:
        for resolver in self._resolvers:
            servers, soa = await asyncio.gather(
                self._ask(resolver, domain, dns.rdatatype.NS), self._ask(resolver, domain, dns.rdatatype.SOA)
            )
            if servers.addresses or soa.addresses:
                return servers.addresses[:_MOST_NAME_SERVERS], next(iter(soa.addresses), "")
        return (), ""

    async def _ask_both(self, resolver: Resolver, host: str) -> ResolverAnswer:
        start = time.monotonic()
        four, six = await asyncio.gather(
            self._ask(resolver, host, dns.rdatatype.A), self._ask(resolver, host, dns.rdatatype.AAAA)
        )
        trouble = ""
        if not four.addresses and not six.addresses:
            # An empty answer of one kind beside silence of the other says nothing yet.
            troubles = [four.trouble, six.trouble]
            trouble = next((t for t in ("timeout", "broken", "refused", "no_such_name") if t in troubles), "no_answer")
        return ResolverAnswer(
            resolver.name,
            four.addresses[:_MOST_ADDRESSES],
            six.addresses[:_MOST_ADDRESSES],
            max(four.aliases, six.aliases, key=len),
            trouble,
            int((time.monotonic() - start) * 1000),
        )

    async def _ask(self, resolver: Resolver, host: str, kind: dns.rdatatype.RdataType) -> _Reply:
        """One question, with the aliases followed where the resolver left that to us."""
        aliases: list[str] = []
        name = host
        for _ in range(_MOST_ALIASES):
            response = await self._exchange(resolver, name, kind)
            if isinstance(response, str):
                return _Reply((), tuple(aliases), response)
            end = _follow(response, name, aliases)
            values = _values(response, end, kind)
            trouble = _TROUBLES.get(response.rcode(), "broken")
            if values or trouble or end == name.rstrip(".").lower() or len(aliases) >= _MOST_ALIASES:
                return _Reply(values, tuple(aliases), trouble)
            name = end
        return _Reply((), tuple(aliases), "broken")

    async def _exchange(
        self, resolver: Resolver, host: str, kind: dns.rdatatype.RdataType
    ) -> dns.message.Message | str:
        try:
            query = dns.message.make_query(host, kind, use_edns=0, payload=1232)
        except (dns.exception.DNSException, UnicodeError, ValueError):
            return "broken"
        for _ in range(_TRIES):
            try:
                async with asyncio.timeout(self._timeout_s / _TRIES):
                    response, _ = await dns.asyncquery.udp_with_fallback(
                        query, resolver.address, port=resolver.port, ignore_unexpected=True, ignore_errors=True
                    )
                    return response
            except TimeoutError:
                continue
            except (dns.exception.DNSException, OSError, EOFError, ValueError):
                return "broken"
        return "timeout"


def _system_resolvers() -> list[Resolver]:
    try:
        system = dns.resolver.Resolver()
    except (dns.exception.DNSException, OSError):
        return []
    return [Resolver(str(server), system.port) for server in system.nameservers][:3]


def _plain(name: dns.name.Name) -> str:
    return name.to_text(omit_final_dot=True).lower()


def _follow(response: dns.message.Message, name: str, aliases: list[str]) -> str:
    """Adds the aliases of an answer and returns the name at their end."""
    targets = {
        _plain(rrset.name): _plain(rrset[0].target) for rrset in response.answer if rrset.rdtype == dns.rdatatype.CNAME
    }
    end = name.rstrip(".").lower()
    while end in targets and len(aliases) < _MOST_ALIASES:
        end = targets[end]
        if end in aliases:
            break
        aliases.append(end)
    return end


def _values(response: dns.message.Message, name: str, kind: dns.rdatatype.RdataType) -> tuple[str, ...]:
    found: list[str] = []
    for rrset in response.answer:
        if rrset.rdtype == kind and _plain(rrset.name) == name:
            found += [str(record).rstrip(".").lower() for record in rrset]
    # Resolvers turn the order at every question; evidence should not change with it.
    return tuple(sorted(set(found)))
