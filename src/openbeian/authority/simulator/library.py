"""The simulated bureau's filing library: published filings with their numbers and passwords, found by any of their keys."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from openbeian.authority.messages.download import Download, FilingNews
from openbeian.authority.messages.filing import Access, Domain, Filing, Range, Site
from openbeian.authority.messages.reader import read_download
from openbeian.authority.messages.writer import write
from openbeian.authority.simulator.store import Store
from openbeian.kernel import clock


@dataclass(frozen=True, slots=True)
class Held:
    """A filing on record with its filing password (kept in the clear: this is a demo's bureau)."""

    subject_id: int
    number: str
    password: str
    filing: Filing

    def accepts(self, digest: str | None) -> bool:
        """Whether a reported password digest (hex MD5, either case) belongs to this filing; none given is accepted."""
        if digest is None:
            return True
        expected = hashlib.md5(self.password.encode("gbk"), usedforsecurity=False).hexdigest()
        return secrets.compare_digest(digest.lower().encode(), expected.encode())


class Library:
    """Filings by key; runs inside the caller's transaction."""

    def __init__(self, store: Store, province: str, provider_id: int, numbers: Callable[[], str] | None = None) -> None:
        """`numbers` gives the next filing number; without it the bureau counts for itself."""
        self.numbers = numbers or self._count_number
        self.store = store
        self.province = province
        self.provider_id = provider_id

    def find(self, kind: str, value: object) -> Held | None:
        """A filing by `subject_id`, `subject_number`, `site_id`, `site_number`, `access_id`, `domain`, `certificate`,
        `own_subject`, `own_site` or `own_access`."""
        row = self.store.connection.execute(
            "SELECT subject_id, number, password, xml FROM filing JOIN filing_key USING (subject_id) WHERE kind = ? AND value = ?",
            (kind, str(value)),
        ).fetchone()
        if row is None:
            return None
        news = read_download(row[3]).document.icp
        assert news is not None
        return Held(row[0], row[1], row[2], news.filings[0])

    def is_domain_taken(self, name: str, subject_id: int | None = None) -> bool:
        held = self.find("domain", name.lower())
        return held is not None and held.subject_id != subject_id

    def enter(self, filing: Filing) -> Held:
        """Puts a new filing on record: allots ids, number and password. Raises: DocumentNotSendable."""
        assert filing.subject is not None
        subject_id = self.store.allot("subject")
        number = self.numbers()
        now = format_now()
        subject = replace(
            filing.subject,
            authority_id=subject_id,
            number=number,
            reported_by_provider=bool(filing.subject.reported_by_provider),
            first_reported_at=now,
            last_changed_at=now,
            reviewed_at=now,
        )
        sites = tuple(self.number_site(site, subject_id, number) for site in filing.sites)
        held = Held(subject_id, number, f"{secrets.randbelow(10**8):08d}", Filing(subject=subject, sites=sites))
        self.save(held)
        return held

    def _count_number(self) -> str:
        return f"{self.province}ICP备{clock.today().year}{self.store.allot('number'):06d}号"

    def number_site(self, site: Site, subject_id: int, number: str) -> Site:
        """A reported site as published: with the bureau's ids, the next number `…-n`, and its accesses' owner."""
        now = format_now()
        return replace(
            site,
            authority_id=site.authority_id or self.store.allot("site"),
            number=f"{number}-{self.store.allot(f'sites of {subject_id}')}",
            domains=tuple(self.identify_domain(domain) for domain in site.domains),
            accesses=tuple(self.identify_access(access) for access in site.accesses),
            first_reported_at=now,
            last_changed_at=now,
        )

    def identify_access(self, access: Access) -> Access:
        return replace(
            access,
            authority_id=access.authority_id or self.store.allot("access"),
            provider_id=access.provider_id or self.provider_id,
            ranges=tuple(self._identify_range(r) for r in access.ranges),
        )

    def identify_domain(self, domain: Domain) -> Domain:
        return domain if domain.authority_id else replace(domain, authority_id=self.store.allot("domain"))

    def _identify_range(self, held: Range) -> Range:
        return held if held.authority_id else replace(held, authority_id=self.store.allot("range"))

    def save(self, held: Held) -> None:
        """Writes a filing and renews its keys. Raises: DocumentNotSendable when it could not be published."""
        xml = write(Download(icp=FilingNews(filings=(held.filing,))))
        subject = held.filing.subject
        own_id = subject.own_id if subject else None
        self.store.connection.execute(
            "INSERT INTO filing VALUES (?, ?, ?, ?, ?) ON CONFLICT (subject_id) DO UPDATE SET xml = excluded.xml",
            (held.subject_id, held.number, own_id, held.password, xml),
        )
        self.store.connection.execute("DELETE FROM filing_key WHERE subject_id = ?", (held.subject_id,))
        self.store.connection.executemany(
            "INSERT OR IGNORE INTO filing_key VALUES (?, ?, ?)",
            [(kind, str(value), held.subject_id) for kind, value in _list_keys(held)],
        )

    def strike(self, held: Held) -> None:
        """Takes a filing off the record."""
        self.store.connection.execute("DELETE FROM filing WHERE subject_id = ?", (held.subject_id,))


def format_now() -> str:
    """The present moment as messages write it: China time, to the second."""
    return clock.now().astimezone(clock.CHINA).strftime("%Y-%m-%d %H:%M:%S")


def _list_keys(held: Held) -> Iterator[tuple[str, object]]:
    yield "subject_id", held.subject_id
    yield "subject_number", held.number
    subject = held.filing.subject
    if subject and subject.certificate:
        yield "certificate", f"{subject.certificate.kind}:{subject.certificate.number}"
    if subject and subject.own_id:
        yield "own_subject", subject.own_id
    for site in held.filing.sites:
        yield "site_id", site.authority_id
        yield "site_number", site.number
        if site.own_id:
            yield "own_site", site.own_id
        for domain in site.domains:
            yield "domain", (domain.name or "").lower()
        for access in site.accesses:
            yield "access_id", access.authority_id
            if access.own_id:
                yield "own_access", access.own_id
