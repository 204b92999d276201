"""One visit to one site: asks in order, keeps what was seen whatever ends it, and answers every kind that was asked."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from openbeian.kernel.answers import Answer
from openbeian.kernel.clock import legal_day, now
from openbeian.kernel.domains import parse_domain
from openbeian.kernel.errors import ValueRefused
from openbeian.observation.content.page import PageReading
from openbeian.observation.probing import checks
from openbeian.observation.probing.access import check_access, check_dns, see_access
from openbeian.observation.probing.certificates import look_at_certificate
from openbeian.observation.probing.doors import Doors
from openbeian.observation.probing.knowledge import ProbeKnowledge, read_ranges
from openbeian.observation.probing.names import NameSource
from openbeian.observation.probing.record import (
    Access,
    Certificate,
    CheckKind,
    CheckResult,
    DnsAnswers,
    DomainRegistration,
    Exchange,
    FooterSeen,
    ProbeRecord,
    ProbeTarget,
    Whose,
    WordSeen,
)
from openbeian.observation.probing.registration import ask_registration
from openbeian.observation.probing.settings import ProbeSettings

_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{2,40})", re.IGNORECASE)
_ORDER = {kind: place for place, kind in enumerate(CheckKind)}
_DNS_KINDS = (CheckKind.DNS, CheckKind.ACCESS)
_PAGE_KINDS = (CheckKind.TITLE, CheckKind.FOOTER_NUMBER, CheckKind.FOOTER_LINK, CheckKind.CONTENT)


@dataclass(frozen=True, slots=True)
class Tools:
    """What a visit needs: the settings, who knows names, the way to sites, the rulebook, and who reads pages."""

    settings: ProbeSettings
    names: NameSource
    doors: Doors
    knowledge: ProbeKnowledge
    read: Callable[[bytes, str | None], Awaitable[PageReading]]


class Visit:
    """`run` once, then `read`; `fail` if either was ended; then `record`."""

    def __init__(self, target: ProbeTarget, tools: Tools) -> None:
        self.target = target
        self._tools = tools
        self._started_at = now()
        self._heard_at: datetime | None = None
        self._is_over = False
        self._host = target.domain
        self._answers: list[CheckResult] = []
        self._dns = DnsAnswers()
        self._access = Access()
        self._http: Exchange | None = None
        self._https: Exchange | None = None
        self._certificate: Certificate | None = None
        self._registration: DomainRegistration | None = None
        self._page: PageReading | None = None
        self._shown: Exchange | None = None
        self._body = b""

    @property
    def page_bytes(self) -> int:
        """How much there is to read."""
        return len(self._body)

    async def run(self) -> None:
        """Asks everything the settings ask for. Raises: what the tools raise; never for what the site does."""
        await self._see_names()
        if not self._dns.addresses:
            await self._see_registration()
        elif self._asks(CheckKind.DOMAIN_EXPIRY):
            _, seen = await asyncio.gather(self._see_registration(), self._see_doors())
            self._keep_page(*seen)
        else:
            self._keep_page(*await self._see_doors())
        self._heard_at = now()

    async def read(self) -> None:
        """Reads the page that came; the site is not asked again, so this may wait. Raises: what the reader raises."""
        if self._is_over or not self._asks(*_PAGE_KINDS):
            return
        if self._shown is not None:
            self._page = await self._tools.read(self._body, _charset(self._shown))
        self._answers += self._page_answers()

    def fail(self, reason: str, whose: Whose) -> None:
        """What was not answered yet cannot be told."""
        self._is_over = True
        self._heard_at = self._heard_at or now()
        unanswered = self._tools.settings.kinds - {answer.kind for answer in self._answers}
        self._answers += [CheckResult(kind, Answer.CANNOT_TELL, reason, whose) for kind in unanswered]

    def record(self) -> ProbeRecord:
        """Everything seen; kinds nobody answered for want of an address cannot be told. It was finished when the site
        had been heard: how long its page waited here to be read says nothing of the site."""
        self.fail("no_resolution", Whose.UNKNOWN)
        page = self._page
        return ProbeRecord(
            target=self.target,
            started_at=self._started_at,
            finished_at=self._heard_at or now(),
            checks=tuple(
                sorted(
                    (a for a in self._answers if a.kind in self._tools.settings.kinds),
                    key=lambda a: _ORDER[a.kind],
                )
            ),
            dns=self._dns,
            access=self._access,
            http=self._http,
            https=self._https,
            certificate=self._certificate,
            registration=self._registration,
            title=page.title if page else "",
            language=page.language if page else "",
            charset=page.encoding if page else "",
            footer=_footer_seen(page) if page else None,
            words=_words_seen(page) if page else (),
            page=self._body if self._tools.settings.keeps_page else b"",
        )

    def _asks(self, *kinds: CheckKind) -> bool:
        return any(kind in self._tools.settings.kinds for kind in kinds)

    async def _see_names(self) -> None:
        self._dns = await self._tools.names.look_up(self._host)
        if not self._dns.addresses and (domain := self._registrable()) == self._host:
            # Many sites live under www alone; the filing covers it.
            answers = await self._tools.names.look_up(f"www.{domain}")
            if answers.addresses:
                self._host, self._dns = f"www.{domain}", answers
        if self._asks(CheckKind.DNS) and (domain := self._registrable()):
            servers, soa = await self._tools.names.look_up_zone(domain)
            self._dns = DnsAnswers(self._dns.resolvers, servers, soa)
        declared = read_ranges(self.target.declared_addresses)
        self._access = see_access(self._dns, declared, self._tools.knowledge)
        provider = read_ranges(self.target.provider_addresses)
        self._answers += [
            check_dns(self._dns),
            check_access(self._access, declared, provider, self._tools.knowledge),
        ]

    def _registrable(self) -> str:
        try:
            return parse_domain(self.target.domain).registrable
        except ValueRefused:
            return ""

    async def _see_registration(self) -> None:
        if not self._asks(CheckKind.DOMAIN_EXPIRY):
            return
        domain, settings = self._registrable(), self._tools.settings
        service = settings.registration_url or self._tools.knowledge.registration_services.get(
            domain.rpartition(".")[2], ""
        )
        if not domain or not service:
            self._registration = DomainRegistration(domain, trouble="no_registration_service")
        else:
            self._registration = await ask_registration(domain, service, self._tools.doors)
        self._answers.append(
            checks.check_registration(
                self.target,
                self._registration,
                self._started_at,
                settings.expiry_warning_days,
                resolves=bool(self._dns.addresses),
            )
        )

    async def _see_doors(self) -> tuple[tuple[Exchange, bytes], ...]:
        """Both doors and the certificate; returns what was fetched, what a visitor gets first."""
        fetched = []
        settings, addresses = self._tools.settings, self._dns.addresses
        if self._asks(CheckKind.HTTP):
            fetched.append(await self._tools.doors.fetch(self._url("http", settings.http_port), addresses))
            self._http = fetched[0][0]
        if self._asks(CheckKind.HTTPS):
            if self._http and not self._http.trouble and self._http.final_url.startswith(f"https://{self._host}"):
                self._https = self._http  # the visitor was sent there; one page a visit is enough
            else:
                fetched.append(await self._tools.doors.fetch(self._url("https", settings.https_port), addresses))
                self._https = fetched[-1][0]
        self._answers += checks.check_doors(self.target, self._http, self._https)
        await self._see_certificate()
        return tuple(fetched)

    async def _see_certificate(self) -> None:
        if not self._asks(CheckKind.CERTIFICATE):
            return
        settings = self._tools.settings
        address = next((each for each in self._dns.addresses if self._tools.doors.is_allowed(each)), "")
        if not address:
            self._certificate = Certificate(trouble="address_not_public")
            reason = "address_not_public"
            self._answers.append(CheckResult(CheckKind.CERTIFICATE, Answer.CANNOT_TELL, reason))
            return
        self._certificate = await look_at_certificate(self._host, address, settings)
        self._answers.append(
            checks.check_certificate(self._certificate, self._started_at, settings.expiry_warning_days)
        )

    def _url(self, scheme: str, port: int) -> str:
        usual = {"http": 80, "https": 443}[scheme]
        path = self.target.home_path if self.target.home_path.startswith("/") else f"/{self.target.home_path}"
        return f"{scheme}://{self._host}{'' if port == usual else f':{port}'}{path}"

    def _keep_page(self, *fetched: tuple[Exchange, bytes]) -> None:
        """Keeps the first page that came whole to be read; an error page says nothing of the footer."""
        for exchange, body in fetched:
            if body and 200 <= exchange.status < 300:
                self._shown, self._body = exchange, body
                return
        self._body = next((body for _, body in fetched if body), b"")

    def _page_answers(self) -> list[CheckResult]:
        return [
            checks.check_title(self.target, self._page),
            *checks.check_footer(self.target, self._page, legal_day(self._started_at)),
            checks.check_content(self._page),
        ]


def _charset(exchange: Exchange) -> str | None:
    kind = next((value for name, value in exchange.headers if name.lower() == "content-type"), "")
    found = _CHARSET.search(kind)
    return found[1] if found else None


def _footer_seen(page: PageReading) -> FooterSeen:
    seen = page.footer
    return FooterSeen(
        icp_filing=seen.icp_filing,
        icp_licence=seen.icp_licence,
        telecom_licence=seen.telecom_licence,
        public_security=seen.public_security,
        link=seen.link.value,
        near_misses=seen.near_misses,
        is_certain=seen.certain,
    )


def _words_seen(page: PageReading) -> tuple[WordSeen, ...]:
    return tuple(
        WordSeen(
            term=hit.term.term,
            category=hit.term.category,
            law=hit.term.law,
            context=hit.context,
            start=hit.start,
            end=hit.end,
            matched=hit.matched,
            variant=hit.variant,
            is_hint=hit.term.hint,
            confidence=hit.term.confidence,
        )
        for hit in page.audit.hits
    )
