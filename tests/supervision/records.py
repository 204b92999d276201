"""Invented probes and probers for the tests of supervision: no network, sensible values."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from tests.registry.factories import make_organisation, make_provider, make_service, make_sponsor

from openbeian.kernel import clock
from openbeian.kernel.answers import Answer
from openbeian.kernel.text import Text
from openbeian.observation.probing.record import (
    CheckKind,
    CheckResult,
    Exchange,
    Hop,
    ProbeRecord,
    ProbeTarget,
    Whose,
    WordSeen,
)
from openbeian.supervision.actions.follow_services import follow_services
from openbeian.supervision.actions.record_probes import record_probes
from openbeian.supervision.actions.settle_probes import settle_probes
from openbeian.supervision.models import StoredProbe, WatchedSite

PAGE = "<title>示例之家</title><p>欢迎光临</p>".encode()
GOOD = Exchange((Hop("http://x.cn/", "8.8.8.8", 200),), 200, (("Server", "nginx"),), 10, 10, "", 5)
Faults = Mapping[CheckKind, str]
NUMBER_FAULT: Faults = {CheckKind.FOOTER_NUMBER: "number_missing"}


def make_record(
    target: ProbeTarget | None = None,
    faults: Faults | None = None,
    *,
    at: datetime | None = None,
    whose: Whose = Whose.SITE,
    page: bytes = PAGE,
    words: tuple[WordSeen, ...] = (),
) -> ProbeRecord:
    """A probe that found everything in order, but for the kinds named with their reasons. A site whose HTTP fails
    was not reached."""
    at, faults = at or clock.now(), faults or {}
    checks = tuple(
        CheckResult(kind, Answer.NOT_MET, faults[kind], whose, Text(f"缺陷 {faults[kind]}", f"fault {faults[kind]}"))
        if kind in faults
        else CheckResult(kind, Answer.MET)
        for kind in CheckKind
    )
    is_reached = CheckKind.HTTP not in faults
    return ProbeRecord(
        target or ProbeTarget(1, "x.cn"),
        at,
        at + timedelta(milliseconds=120),
        checks,
        http=GOOD if is_reached else Exchange(trouble="timeout", whose=whose),
        page=page if is_reached else b"",
        charset="utf-8",
        words=words,
    )


def make_site(organisation: Any = None, **changes: Any) -> WatchedSite:
    """The watched site of a new website with an access."""
    sponsor = make_sponsor(organisation or make_organisation())
    service = make_service(sponsor, provider=changes.pop("provider", None) or make_provider(), **changes)
    follow_services(service.pk)
    return WatchedSite.objects.select_related("service__sponsor").get(service=service)


def see(
    site: WatchedSite,
    faults: Faults | None = None,
    *,
    occasion: str = "again",
    is_ours: bool = False,
    **more: Any,
) -> dict[str, int]:
    """One probe of a site, stored and settled."""
    record = make_record(faults=faults, **more)
    probes = record_probes([(site.pk, record)], StoredProbe.Occasion(occasion))
    return settle_probes(probes, is_ours=is_ours)


class InventedProber:
    """A `Prober` whose answers are invented; `asked` counts the visits by domain."""

    def __init__(self, answer: Callable[[ProbeTarget], ProbeRecord] | None = None, most: int = 4) -> None:
        self._answer, self._most = answer or make_record, most
        self._ready: list[tuple[int, ProbeRecord]] = []
        self.asked: list[str] = []

    @property
    def free(self) -> int:
        return self._most - len(self._ready)

    def submit(self, number: int, target: ProbeTarget) -> None:
        assert self.free > 0
        self.asked.append(target.domain)
        self._ready.append((number, self._answer(target)))

    def collect(self, wait_s: float) -> Iterator[tuple[int, ProbeRecord]]:
        ready, self._ready = self._ready, []
        return iter(ready)

    def close(self) -> None:
        """Nothing to end."""
