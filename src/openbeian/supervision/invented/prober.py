"""A `ports.Prober` of the demonstration: invents what each site shows and asks nobody.

The demonstration's domains are fictional, but a fictional name may be somebody's: nothing is ever sent there.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from html import escape

from openbeian.kernel import clock
from openbeian.kernel.answers import Answer
from openbeian.observation.content.lexicon import load_lexicon
from openbeian.observation.content.page import read_page
from openbeian.observation.probing.checks import (
    check_certificate,
    check_content,
    check_doors,
    check_footer,
    check_registration,
    check_title,
)
from openbeian.observation.probing.record import (
    Access,
    Certificate,
    CheckKind,
    CheckResult,
    DnsAnswers,
    DomainRegistration,
    Exchange,
    FooterSeen,
    Hop,
    ProbeRecord,
    ProbeTarget,
    ResolverAnswer,
    Whose,
)

_MANY = 10_000
_WARNING_DAYS = 30
_FAULTS = ("number", "link", "certificate", "server", "words")
_ONE_IN = 3
"""One site in so many has something wrong with it; of these every second one mends itself."""


class InventedProber:
    """Answers at once. In the `past` every faulty site shows its fault; now every second one has been put right."""

    def __init__(self, *, is_past: bool = False) -> None:
        self._is_past = is_past
        self._ready: list[tuple[int, ProbeRecord]] = []

    @property
    def free(self) -> int:
        return _MANY - len(self._ready)

    def submit(self, number: int, target: ProbeTarget) -> None:
        self._ready.append((number, invent_record(target, clock.now(), is_past=self._is_past)))

    def collect(self, wait_s: float) -> Iterator[tuple[int, ProbeRecord]]:
        ready, self._ready = self._ready, []
        return iter(ready)

    def close(self) -> None:
        """Nothing is under way."""


def invent_record(target: ProbeTarget, at: datetime, *, is_past: bool) -> ProbeRecord:
    """What a probe of this site sees: the same for the same domain, and in order for most."""
    mark = zlib.crc32(target.domain.encode())
    is_faulty = mark % _ONE_IN == 0 and (is_past or (mark >> 12) % 2 == 0)
    fault = _FAULTS[(mark >> 8) % len(_FAULTS)] if is_faulty else ""
    address = target.declared_addresses[0].split("-")[0].split("/")[0] if target.declared_addresses else "8.140.1.1"
    body = _invent_page(target, fault)
    status = 502 if fault == "server" else 200
    doors = [_invent_exchange(f"{scheme}://{target.domain}/", address, status, body) for scheme in ("http", "https")]
    certificate = Certificate(
        subject=target.domain,
        issuer="演示签发机构",
        names=(target.domain,),
        valid_from=at - timedelta(days=60),
        valid_until=at - timedelta(days=1) if fault == "certificate" else at + timedelta(days=240),
        matches_host=True,
        is_trusted=True,
        trouble="certificate_expired" if fault == "certificate" else "",
    )
    registration = DomainRegistration(
        domain=target.domain, expires_at=at + timedelta(days=200 + mark % 500), registrar="演示注册商"
    )
    page = read_page(body, load_lexicon(), declared="utf-8") if status == 200 else None
    checks = [
        CheckResult(CheckKind.DNS, Answer.MET),
        CheckResult(CheckKind.ACCESS, Answer.MET),
        *check_doors(target, *doors),
        check_certificate(certificate, at, _WARNING_DAYS),
        check_registration(target, registration, at, _WARNING_DAYS, resolves=True),
        check_title(target, page),
        *check_footer(target, page, clock.legal_day(at)),
        check_content(page),
    ]
    footer = page.footer if page else None
    return ProbeRecord(
        target,
        at,
        at + timedelta(milliseconds=80 + mark % 400),
        tuple(checks),
        dns=DnsAnswers((ResolverAnswer("demo", (address,), elapsed_ms=4),)),
        access=Access((address,)),
        http=doors[0],
        https=doors[1],
        certificate=certificate,
        registration=registration,
        title=page.title if page else "",
        language="zh",
        charset="utf-8",
        footer=FooterSeen(footer.icp_filing, link=str(footer.link)) if footer else None,
        page=body if page else b"",
    )


def _invent_exchange(url: str, address: str, status: int, body: bytes) -> Exchange:
    return Exchange(
        (Hop(url, address, status),),
        status,
        (("Server", "demo"), ("Content-Type", "text/html; charset=utf-8")),
        len(body),
        len(body),
        elapsed_ms=90,
        whose=Whose.SITE,
    )


def _invent_page(target: ProbeTarget, fault: str) -> bytes:
    name = escape(target.filed_name or target.domain)
    number = escape(next((n for n in target.expected_numbers if "备" in n), ""))
    href = "https://www.example.cn/" if fault == "link" else "https://beian.miit.gov.cn/"
    footer = "" if fault == "number" else f'<a href="{href}" target="_blank">{number}</a>'
    promise = (
        "<p>全网第一，国家级品质，绝对有效。</p>" if fault == "words" else "<p>欢迎光临，营业时间九点到十八点。</p>"
    )
    return (
        f'<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>{name}</title><h1>{name}</h1>{promise}'
        f"<footer>© 2026 {name} {footer}</footer></html>"
    ).encode()
