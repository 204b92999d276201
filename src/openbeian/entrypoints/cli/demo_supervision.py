"""The demo's licences, complaints, annual report, inspection, watch and access log, all of it fictional."""

from __future__ import annotations

import tempfile
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random

from django.db.models import Q

from openbeian.entrypoints.cli.demo_values import Invention
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor
from openbeian.observation.traffic.queries import organisation_folder
from openbeian.observation.traffic.store import save_traffic
from openbeian.registry.actions.record_licence import record_licence
from openbeian.registry.actions.record_number_resource import record_number_resource
from openbeian.registry.models import Licence, Service, Sponsor, Standing
from openbeian.supervision.actions.follow_services import follow_services
from openbeian.supervision.actions.record_probes import record_probes
from openbeian.supervision.actions.settle_probes import settle_probes
from openbeian.supervision.inspections.actions.draw_inspections import draw_inspections
from openbeian.supervision.invented.prober import InventedProber
from openbeian.supervision.models import StoredProbe, Sweep, WatchedSite
from openbeian.supervision.reporting.actions.receive_complaint import receive_complaint
from openbeian.supervision.reporting.actions.start_report import start_report
from openbeian.supervision.targets import make_targets

SWEEP_DAYS = 4
LOG_DAYS = 25
_REQUESTS_A_DAY = 160
_AGENTS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)",
)
_PAGES = ("/", "/about.html", "/goods/1.html", "/goods/2.html", "/news/", "/contact.html", "/style.css", "/logo.png")


def create_demo_supervision(invention: Invention, owner: Actor, officer: Actor, now: datetime) -> None:
    """Goes through the actions that people use, with the clock held at the day it is meant to have happened."""
    licences = _record_licences(invention, owner, now)
    _begin_report(owner, licences[0], now)
    _record_number(owner, licences[0], now)
    _receive_complaints(owner, licences[0], now)
    _watch(now)
    _count_log(owner, invention.random, now)
    with clock.hold(now - timedelta(days=2)):
        draw_inspections(officer, "licences_special", "20261120")


def _record_licences(invention: Invention, owner: Actor, now: datetime) -> list[Licence]:
    """One in its window of renewal, one with years to go, one that ended."""
    assert owner.organisation_id is not None
    sponsors = Sponsor.objects.filter(~Q(nature="individual"), organisation_id=owner.organisation_id)
    licences = []
    lives = (("B25", 100, "京"), ("B21,B25:未开通", 1100, "京"), ("B24", -20, "京"))
    with clock.hold(now - timedelta(days=390)):
        for number, ((businesses, days_left, areas), sponsor) in enumerate(
            zip(lives, sponsors.filter(standing=Standing.ACTIVE).order_by("pk"), strict=False), 1
        ):
            until = clock.legal_day(now) + timedelta(days=days_left)
            raw = {
                "number": f"京B2-{until.year - 5}{number:04}",
                "holder": sponsor.name,
                "certificate_number": invention.credit_code("91"),
                "issued_on": _five_years_before(until).isoformat(),
                "valid_until": until.isoformat(),
                "businesses": businesses,
                "areas": areas,
                "legal_representative": "王演示",
                "capital_yuan": "10000000",
                "shareholders": "演示控股有限公司:70%;李演示:30%",
            }
            if sponsor.number:
                raw["sponsor_number"] = sponsor.number
            licences.append(record_licence(owner, raw))
    return licences


def _five_years_before(day: date) -> date:
    return day.replace(year=day.year - 5, day=min(day.day, 28))


def _begin_report(owner: Actor, licence: Licence, now: datetime) -> None:
    year = clock.legal_day(now).year - 1
    opened = datetime(year + 1, 3, 10, 10, tzinfo=clock.CHINA)
    with clock.hold(min(opened, now)):
        start_report(owner, licence.pk, year)


def _record_number(owner: Actor, licence: Licence, now: datetime) -> None:
    """A provincial number, whose report of last year is still to be written."""
    assigned = clock.legal_day(now) - timedelta(days=395)
    raw = {"number": "10621357", "kind": "1062", "assigned_on": assigned.isoformat(), "licence_number": licence.number}
    with clock.hold(now - timedelta(days=380)):
        record_number_resource(owner, raw)


def _receive_complaints(owner: Actor, licence: Licence, now: datetime) -> None:
    for days, subject in ((40, "会员到期前没有提醒就扣费"), (3, "订单页面打不开")):
        with clock.hold(now - timedelta(days=days)):
            raw = {
                "received_on": clock.today().isoformat(),
                "channel": "online",
                "subject": subject,
                "content": "演示数据，内容虚构。",
                "licence_number": licence.number,
                "business": "B25",
            }
            receive_complaint(owner, raw)


def _watch(now: datetime) -> None:
    """A sweep in each of the last nights; what was found twice has become a finding."""
    today = now.astimezone(clock.CHINA).replace(hour=2, minute=7, second=0, microsecond=0)
    for days in range(SWEEP_DAYS, 0, -1):
        with clock.hold(today - timedelta(days=days)):
            follow_services()
            sites = list(WatchedSite.objects.filter(is_active=True))
            sweep = Sweep.objects.create(
                day=clock.today(), hour=2, site_count=len(sites), started_at=clock.now(), is_ours=False
            )
            prober = InventedProber(is_past=True)
            for number, aim in make_targets(sites).items():
                prober.submit(number, aim.target)
            probes = record_probes(list(prober.collect(0)), StoredProbe.Occasion.SWEEP, sweep=sweep)
            settle_probes(probes, looks_again=False)
            Sweep.objects.filter(pk=sweep.pk).update(state=Sweep.State.SETTLED, settled_at=clock.now())


def _count_log(owner: Actor, random: Random, now: datetime) -> None:
    """An access log of one site over some weeks, counted as an uploaded one would be."""
    assert owner.organisation_id is not None
    own = Service.objects.filter(
        sponsor__organisation_id=owner.organisation_id, kind=Service.Kind.WEBSITE, standing=Standing.ACTIVE
    )
    service = own.order_by("pk").first()
    if service is None:
        return
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "access.log")
        log.write_text("".join(_write_lines(random, now)))
        save_traffic([str(log)], folder=organisation_folder(owner.organisation_id), service=service.number)


def _write_lines(random: Random, now: datetime) -> list[str]:
    first = now.astimezone(clock.CHINA).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=LOG_DAYS)
    lines = []
    for day in range(LOG_DAYS):
        moments = sorted(random.randrange(86_400) for _ in range(_REQUESTS_A_DAY + random.randrange(120)))
        for second in moments:
            at = first + timedelta(days=day, seconds=second)
            address = f"203.0.113.{random.randrange(1, 90)}"
            agent, page = random.choices(_AGENTS, (6, 8, 5, 2))[0], random.choice(_PAGES)
            status = random.choices((200, 304, 404), (18, 3, 1))[0]
            size = 0 if status == 304 else random.randrange(800, 42_000)
            lines.append(
                f'{address} - - [{at:%d/%b/%Y:%H:%M:%S %z}] "GET {page} HTTP/1.1" {status} {size} "-" "{agent}"\n'
            )
    return lines
