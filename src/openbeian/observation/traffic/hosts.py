"""Which host names are served without a filing? For access providers: names in the logs, by registrable domain."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from publicsuffixlist import PublicSuffixList

from openbeian.kernel.clock import CHINA
from openbeian.kernel.text import Text
from openbeian.kernel.writing import inert
from openbeian.observation.traffic.archives import unreadable
from openbeian.observation.traffic.counting import Counter, Tally
from openbeian.observation.traffic.engine import Engine, engine
from openbeian.observation.traffic.errors import LogUnreadable, ResourcesExhausted, StoreFailed
from openbeian.observation.traffic.manifest import read_manifest
from openbeian.observation.traffic.reading import LogRead, choose_grammar, read_log
from openbeian.observation.traffic.report import Progress, Steps, latest_believable
from openbeian.observation.traffic.rules import CountingRules, load_rules
from openbeian.observation.traffic.sources import find_logs
from openbeian.observation.traffic.store import load_counts

LONGEST_LIST = 64 << 20


FindFiled = Callable[[frozenset[str]], frozenset[str]]
"""Which of some registrable domains (in ASCII, lower case) a filing covers: a list, or the record."""


@dataclass(frozen=True, slots=True)
class ServedHost:
    """One host name in the logs; the times are the minutes of its first and last counted request."""

    host: str
    requests: int
    first_at: datetime
    last_at: datetime

    def as_json(self) -> dict[str, Any]:
        return {
            "host": inert(self.host),
            "requests": self.requests,
            "first_at": self.first_at.astimezone(CHINA).isoformat(),
            "last_at": self.last_at.astimezone(CHINA).isoformat(),
        }


@dataclass(slots=True)
class ServedDomain:
    """A registrable domain and its hosts; `filed` is None when no list of filings was given."""

    domain: str
    filed: bool | None
    hosts: list[ServedHost] = field(default_factory=list)

    @property
    def requests(self) -> int:
        return sum(host.requests for host in self.hosts)

    @property
    def first_at(self) -> datetime:
        return min(host.first_at for host in self.hosts)

    @property
    def last_at(self) -> datetime:
        return max(host.last_at for host in self.hosts)

    def as_json(self) -> dict[str, Any]:
        return {
            "domain": inert(self.domain),
            "filed": self.filed,
            "requests": self.requests,
            "first_at": self.first_at.astimezone(CHINA).isoformat(),
            "last_at": self.last_at.astimezone(CHINA).isoformat(),
            "hosts": [host.as_json() for host in self.hosts],
        }


@dataclass(slots=True)
class HostsReport:
    """Domains without a filing, those with one, and requests whose host tells no domain (none, an address, rubbish)."""

    unfiled: list[ServedDomain]
    filed: list[ServedDomain]
    without_domain: list[ServedHost]
    logs: list[LogRead]
    lines: Tally

    def as_json(self) -> dict[str, Any]:
        return {
            "unfiled": [domain.as_json() for domain in self.unfiled],
            "filed": [domain.as_json() for domain in self.filed],
            "without_domain": [host.as_json() for host in self.without_domain],
            "lines": {
                "read": self.lines.read,
                "counted": self.lines.counted,
                "excluded": dict(sorted(self.lines.excluded.items())),
                "rejected": dict(sorted(self.lines.rejected.items())),
            },
            "logs": [log.as_json() for log in self.logs],
        }


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()


def registrable_domain(host: str) -> str | None:
    """`www.例子.com.cn` → `xn--fsqu00a.com.cn`; None for an address, a bare suffix or what is no name."""
    host = host.strip().strip(".").lower()
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        pass
    else:
        return None
    try:
        plain = host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError:
        return None
    found = _suffixes().privatesuffix(plain)
    return found if isinstance(found, str) and "." in found else None


def read_filed(path: Path) -> FindFiled:
    """A list of filed domains, one a line, `#` begins a comment; a host counts for its registrable domain.

    Raises: LogUnreadable when the file cannot be read, is no text or is larger than 64 MiB.
    """
    try:
        if path.stat().st_size > LONGEST_LIST:
            raise LogUnreadable(path=path, why=Text("文件超过 64 MiB", "it is larger than 64 MiB"))
        text = path.read_text(encoding="utf-8-sig")
    except OSError as fault:
        raise unreadable(path, fault) from fault
    except UnicodeDecodeError as fault:
        raise LogUnreadable(path=path, why=Text("不是 UTF-8 文本", "it is not UTF-8 text")) from fault
    names = (line.partition("#")[0].strip() for line in text.splitlines())
    return frozenset(domain for name in names if (domain := registrable_domain(name))).intersection


def list_hosts(
    names: Sequence[str],
    *,
    filed: FindFiled | None = None,
    log_format: str = "auto",
    rules: CountingRules | None = None,
    progress: Progress | None = None,
) -> HostsReport:
    """The host names served, most requested domain first; internal clients are left out.

    Raises: as `count_traffic`.
    """
    rules = rules or load_rules()
    grammar, paths = choose_grammar(log_format), find_logs(names)
    logs: list[LogRead] = []
    lines = Tally()
    with engine() as running:
        counter = Counter(running, rules, latest=latest_believable())
        steps = Steps(paths, progress)
        for path in paths:
            logs.append(read_log(counter, path, grammar, progress=steps.within(path)))
            lines.add(logs[-1].tally)
            steps.finish(path)
        counter.settle()
        hosts = _hosts_counted(running)
    return _sorted_out(hosts, filed(domains_of(hosts)) if filed else None, logs, lines)


def list_saved_hosts(folder: Path, *, filed: FindFiled) -> HostsReport:
    """The same from saved counts, without lines or logs. Raises: StoreFailed."""
    with engine() as running:
        try:
            load_counts(running, folder, read_manifest(folder), tables={"minutes"})
            hosts = _hosts_counted(running)
        except ResourcesExhausted as fault:
            raise StoreFailed(why=fault.text) from fault
    return _sorted_out(hosts, filed(domains_of(hosts)), [], Tally())


def domains_of(hosts: Iterable[ServedHost]) -> frozenset[str]:
    """The registrable domains of some hosts."""
    return frozenset(domain for host in hosts if (domain := registrable_domain(host.host)))


def _hosts_counted(running: Engine) -> list[ServedHost]:
    rows = running.rows(
        "SELECT service, sum(requests), min(minute) * 60, max(minute) * 60 FROM minutes GROUP BY service ORDER BY service"
    )
    return [
        ServedHost(n, int(r), datetime.fromtimestamp(f, UTC), datetime.fromtimestamp(t, UTC)) for n, r, f, t in rows
    ]


def _sorted_out(
    hosts: Iterable[ServedHost], filed: frozenset[str] | None, logs: list[LogRead], lines: Tally
) -> HostsReport:
    domains: dict[str, ServedDomain] = {}
    without: list[ServedHost] = []
    for host in hosts:
        domain = registrable_domain(host.host)
        if domain is None:
            without.append(host)
            continue
        known = domain in filed if filed is not None else None
        domains.setdefault(domain, ServedDomain(domain, known)).hosts.append(host)
    ordered = sorted(domains.values(), key=lambda d: (-d.requests, d.domain))
    return HostsReport([d for d in ordered if not d.filed], [d for d in ordered if d.filed], without, logs, lines)
