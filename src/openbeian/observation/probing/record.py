"""What one probe was asked and what it found: the seam between the probe and those who keep and judge its findings."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from openbeian.kernel.answers import Answer
from openbeian.kernel.text import Text
from openbeian.observation.probing.json_form import from_json_form, to_json_form

PROBE_VERSION = "1"
"""Rises whenever the same site could be judged differently than before; stands in every record and evidence pack."""

NO_DETAIL = Text("", "")


class CheckKind(StrEnum):
    """What is checked, each with its own history and at most one finding a service."""

    DNS = "dns"
    ACCESS = "access"
    HTTP = "http"
    HTTPS = "https"
    CERTIFICATE = "certificate"
    DOMAIN_EXPIRY = "domain_expiry"
    TITLE = "title"
    FOOTER_NUMBER = "footer_number"
    FOOTER_LINK = "footer_link"
    CONTENT = "content"


class Whose(StrEnum):
    """Whose fault a failure is: the site's, ours (resolver down, network cut), or not to be told."""

    SITE = "site"
    OURS = "ours"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One answer of one probe. `reason` is a stable code of `rulebook/probing/reasons.yaml`, empty when there is
    nothing to say; something met may still have one (a certificate that expires soon)."""

    kind: CheckKind
    outcome: Answer
    reason: str = ""
    whose: Whose = Whose.SITE
    detail: Text = NO_DETAIL


@dataclass(frozen=True, slots=True)
class ProbeTarget:
    """One service to look at. `domain` in ASCII form, which may hold a sub-domain; `declared_addresses` ranges in the
    normal form of `kernel.ip_ranges`; `provider_addresses` all ranges of its access providers; `province` the
    abbreviation (粤); `expected_numbers` the service's numbers on record with their `-n`; `holder` the sponsor, whom
    the domain should belong to. Empty means: not known, so the check that needs it cannot tell."""

    service_id: int | None
    domain: str
    declared_addresses: tuple[str, ...] = ()
    filed_name: str = ""
    province: str = ""
    expected_numbers: tuple[str, ...] = ()
    home_path: str = "/"
    holder: str = ""
    provider_addresses: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Names the target in a sweep: the service, or where there is none the address."""
        return f"service:{self.service_id}" if self.service_id is not None else f"{self.domain}{self.home_path}"


@dataclass(frozen=True, slots=True)
class ResolverAnswer:
    """What one resolver said. `trouble` is empty, or `timeout`, `refused`, `no_such_name`, `no_answer`, `broken`."""

    resolver: str
    ipv4: tuple[str, ...] = ()
    ipv6: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    trouble: str = ""
    elapsed_ms: int = 0


@dataclass(frozen=True, slots=True)
class DnsAnswers:
    """All resolvers' answers, the zone's name servers and its SOA (primary, responsible mailbox, serial)."""

    resolvers: tuple[ResolverAnswer, ...] = ()
    name_servers: tuple[str, ...] = ()
    soa: str = ""

    @property
    def addresses(self) -> tuple[str, ...]:
        """Every address any resolver gave, once each, IPv4 first."""
        four = [address for answer in self.resolvers for address in answer.ipv4]
        six = [address for answer in self.resolvers for address in answer.ipv6]
        return tuple(dict.fromkeys(four + six))

    @property
    def aliases(self) -> tuple[str, ...]:
        """The names the domain is an alias of, in the order of the longest chain."""
        return max((answer.aliases for answer in self.resolvers), key=len, default=())


@dataclass(frozen=True, slots=True)
class Access:
    """The addresses against what was declared. `outside` are those in no declared range; `provider` the id in the
    rulebook of whoever they belong to; `cdn` its delivery network's id, if the chain or the addresses show one."""

    addresses: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()
    abroad: tuple[str, ...] = ()
    provider: str = ""
    cdn: str = ""


@dataclass(frozen=True, slots=True)
class Hop:
    """One request of a chain of redirects; `address` is the one connected to."""

    url: str
    address: str = ""
    status: int = 0


@dataclass(frozen=True, slots=True)
class Exchange:
    """One fetch of the home page with its redirects. `trouble` is empty or a reason code; `headers` those of the last
    answer, as received; `wire_bytes` before decompression; `page_sha256` of the decompressed body."""

    hops: tuple[Hop, ...] = ()
    status: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    wire_bytes: int = 0
    page_bytes: int = 0
    page_sha256: str = ""
    elapsed_ms: int = 0
    trouble: str = ""
    whose: Whose = Whose.SITE

    @property
    def final_url(self) -> str:
        return self.hops[-1].url if self.hops else ""


@dataclass(frozen=True, slots=True)
class Certificate:
    """The certificate shown. `trouble` is empty or a reason code; `chain` the subjects from the site's upwards;
    `der` the site's own certificate."""

    subject: str = ""
    issuer: str = ""
    names: tuple[str, ...] = ()
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    sha256: str = ""
    chain: tuple[str, ...] = ()
    matches_host: bool = False
    is_trusted: bool = False
    trouble: str = ""
    whose: Whose = Whose.SITE
    der: bytes = b""


@dataclass(frozen=True, slots=True)
class DomainRegistration:
    """What the registration service says. `trouble` is empty or a reason code; `holder` is empty where withheld."""

    domain: str = ""
    registered_at: datetime | None = None
    expires_at: datetime | None = None
    registrar: str = ""
    holder: str = ""
    states: tuple[str, ...] = ()
    source: str = ""
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class FooterSeen:
    """The numbers and the link's state as the footer reader saw them."""

    icp_filing: tuple[str, ...] = ()
    icp_licence: tuple[str, ...] = ()
    telecom_licence: tuple[str, ...] = ()
    public_security: tuple[str, ...] = ()
    link: str = "none"
    near_misses: tuple[str, ...] = ()
    is_certain: bool = True


@dataclass(frozen=True, slots=True)
class WordSeen:
    """One hit of the content audit; offsets count characters of the visible text."""

    term: str
    category: str
    law: str
    context: str
    start: int
    end: int
    matched: str = ""
    variant: str = ""
    is_hint: bool = False
    confidence: str = ""


@dataclass(frozen=True, slots=True)
class ProbeRecord:
    """Everything one probe saw, and its answers. Instants are aware, in UTC. `page` is the body as received after
    decompression (of HTTPS where it answered, else of HTTP), empty when there was none or it was not kept."""

    target: ProbeTarget
    started_at: datetime
    finished_at: datetime
    checks: tuple[CheckResult, ...]
    probe_version: str = PROBE_VERSION
    dns: DnsAnswers = DnsAnswers()
    access: Access = Access()
    http: Exchange | None = None
    https: Exchange | None = None
    certificate: Certificate | None = None
    registration: DomainRegistration | None = None
    title: str = ""
    language: str = ""
    charset: str = ""
    footer: FooterSeen | None = None
    words: tuple[WordSeen, ...] = ()
    page: bytes = b""

    def find_check(self, kind: CheckKind) -> CheckResult | None:
        """The answer of one kind, None when it was not asked."""
        return next((check for check in self.checks if check.kind is kind), None)

    @property
    def page_sha256(self) -> str:
        return hashlib.sha256(self.page).hexdigest() if self.page else ""

    def without_page(self) -> ProbeRecord:
        """The same without the body and the certificate's bytes, for lists and lines; their hashes stay."""
        shown = replace(self.certificate, der=b"") if self.certificate else None
        return replace(self, page=b"", certificate=shown)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON with everything; the page in base64."""
        form: dict[str, Any] = to_json_form(self)
        return form

    @classmethod
    def from_json(cls, source: Mapping[str, Any]) -> ProbeRecord:
        """Reads `to_json`. Raises: ValueError, KeyError or TypeError when it is none."""
        return from_json_form(cls, source)
