"""Makes access logs whose every figure is known: events with all oddities, their lines in each format, and the truth.

The truth is counted here a second time, slowly and without SQL, straight from the events.
"""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

CHINA = timezone(timedelta(hours=8))
START = int(datetime(2025, 12, 30, 16, 0, tzinfo=UTC).timestamp())  # midnight before 2025-12-31 in China

AGENTS = {
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36": False,
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 MicroMessenger/8.0": False,
    'Mozilla/5.0 (X11; "quoted\\" name) Firefox/120.0': False,
    "Mozilla/5.0 <script>alert(1)</script> Firefox/121.0": False,
    "=HYPERLINK(A1) Firefox/122.0": False,
    "Mozilla/5.0 (浏览器; 中文) Firefox/123.0": False,
    "Mozilla/5.0 ends in a backslash \\": False,
    'ends in a quote Firefox/124.0"': False,
    "Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)": True,
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)": True,
    "curl/8.5.0": True,
    "": True,
}
PATHS = {  # path → is it a page?
    "/": True,
    "/article/1.html": True,
    "/article/2.html": True,
    "/新闻/首页": True,
    "/a;b=c/d.php": True,
    "/no-suffix": True,
    "/static/app.js": False,
    "/LOGO.PNG": False,
    "/favicon.ico": False,
    "/feed.xml": False,
}
QUERIES = ("", "", "?id=1", "?from=list&x=/a.png", "?q=%22%3Cb%3E")
REFERRERS = {  # referrer → its host, if it names one
    "": None,
    "https://www.example.cn/article/1.html": "www.example.cn",
    "http://WWW.Baidu.com/link?url=x": "www.baidu.com",
    "javascript:alert(1)": None,
    "android-app://com.tencent.mm/": None,
}
INTERNAL = ("10.1.2.3", "192.168.0.9", "172.31.255.1", "127.0.0.1", "::1", "fd12:3456::1", "FE80::1")
PUBLIC = (
    "203.0.113.7",
    "198.51.100.23",
    "2001:db8::5",
    "172.32.0.1",
    "11.0.0.1",
    "1.2.3.4",
    "::ffff:8.8.8.8",
    "fc.example",
)
ZONES = (UTC, CHINA, timezone(timedelta(hours=-5, minutes=-30)))
STATUSES = (200, 200, 200, 200, 206, 301, 304, 403, 404, 499, 500)


@dataclass(frozen=True)
class Event:
    """One request as it happened."""

    moment: int
    address: str
    agent: str
    method: str
    path: str
    query: str
    status: int
    size: int | None
    referrer: str
    host: str = "www.example.cn"
    zone: timezone = CHINA

    @property
    def target(self) -> str:
        return self.path + self.query


def make_events(seed: int, visits: int = 60) -> list[Event]:
    """Visits over four days around a new year, with pauses on both sides of thirty minutes, robots, scanners, late lines."""
    rng = random.Random(seed)
    events: list[Event] = []
    for _ in range(visits):
        address = rng.choice(PUBLIC if rng.random() > 0.1 else INTERNAL)
        agent = rng.choice(list(AGENTS))
        moment = START + rng.randrange(4 * 86_400)
        for _ in range(rng.randrange(1, 12)):
            events.append(_event(rng, moment, address, agent))
            moment += rng.choice((0, 1, 5, 60, 1799, 1800, 1801, 7200))
    human = next(iter(AGENTS))
    events += [
        _event(rng, START + 50_000 + i, "203.0.113.99", human, path=f"/probe/{i}", status=404) for i in range(60)
    ]
    events += [_event(rng, START + 90_000 + i * 40, "203.0.113.98", human) for i in range(5)]
    events.append(_event(rng, START + 91_000, "203.0.113.98", human, path="/robots.txt", status=404))
    events += [
        _event(rng, START + 2 * 86_400 + i * 20, "203.0.113.97", human, path="/", status=200) for i in range(2001)
    ]
    events += [_event(rng, START + 86_400 - 60 + i * 60, "203.0.113.96", human, path="/", status=200) for i in range(4)]
    events.sort(key=lambda event: event.moment)
    late = [events.pop(rng.randrange(len(events))) for _ in range(10)]
    return events + late


def _event(rng: random.Random, moment: int, address: str, agent: str, *, path: str = "", status: int = 0) -> Event:
    return Event(
        moment=moment,
        address=address,
        agent=agent,
        method="GET" if path else rng.choice(("GET", "GET", "GET", "GET", "POST", "HEAD", "BREW")),
        path=path or rng.choice(list(PATHS)),
        query="" if path else rng.choice(QUERIES),
        status=status or rng.choice(STATUSES),
        size=rng.choice((None, 0, 1, 512, 70_000, 3_000_000_000)),
        referrer=rng.choice(list(REFERRERS)),
        zone=rng.choice(ZONES),
    )


def _nginx(text: str) -> str:
    return "".join(f"\\x{ord(c):02X}" if c in '"\\' or ord(c) < 32 else c for c in text) or "-"


def _apache(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"') or "-"


def _clock(event: Event) -> str:
    return datetime.fromtimestamp(event.moment, UTC).astimezone(event.zone).strftime("%d/%b/%Y:%H:%M:%S %z")


def _size(event: Event) -> str:
    return "-" if event.size is None else str(event.size)


def nginx_combined(event: Event) -> str:
    return (
        f'{event.address} - - [{_clock(event)}] "{event.method} {event.target} HTTP/1.1" {event.status} {_size(event)} '
        f'"{_nginx(event.referrer)}" "{_nginx(event.agent)}"'
    )


def apache_combined(event: Event) -> str:
    return (
        f'{event.address} - user[x {"["}{_clock(event)}] "{event.method} {event.target} HTTP/1.1" {event.status} {_size(event)} '
        f'"{_apache(event.referrer)}" "{_apache(event.agent)}"'
    )


def nginx_extended(event: Event) -> str:
    return nginx_combined(event) + ' "10.9.8.7, 1.1.1.1" rt=0.004 "-"'


def vhost_combined(event: Event) -> str:
    return f"{event.host}:443 {apache_combined(event)}"


def common(event: Event) -> str:
    return nginx_combined(event).rsplit(' "', 2)[0]


def nginx_json(event: Event) -> str:
    return json.dumps(
        {
            "time_iso8601": datetime.fromtimestamp(event.moment, UTC).astimezone(event.zone).isoformat(),
            "remote_addr": event.address,
            "request": f"{event.method} {event.target} HTTP/1.1",
            "status": event.status,
            "body_bytes_sent": "-" if event.size is None else event.size,
            "http_referer": event.referrer,
            "http_user_agent": event.agent,
            "host": event.host,
        },
        ensure_ascii=False,
    )


def nginx_json_unescaped(event: Event) -> str:
    """Without `escape=json` nginx writes `\\x22` into the JSON, which is then none."""
    return (
        f'{{"msec": "{event.moment}.123", "remote_addr": "{event.address}", "request_method": "{event.method}", '
        f'"request_uri": "{event.target}", "status": "{event.status}", "bytes_sent": "{_size(event)}", '
        f'"http_referer": "{_nginx(event.referrer)}", "http_user_agent": "{_nginx(event.agent)}", "server_name": "{event.host}"}}'
    )


def caddy_json(event: Event) -> str:
    headers = {"User-Agent": [event.agent]} if event.agent else {}
    headers |= {"Referer": [event.referrer]} if event.referrer else {}
    request = {"remote_ip": "10.0.0.1", "client_ip": event.address, "method": event.method, "host": event.host}
    request |= {"uri": event.target, "headers": headers}
    return json.dumps(
        {
            "level": "info",
            "ts": event.moment + 0.25,
            "msg": "handled request",
            "request": request,
            "size": event.size or 0,
            "status": event.status,
        }
    )


IIS_HEAD = "#Software: Microsoft Internet Information Services 10.0\n#Version: 1.0\n#Date: 2025-12-31 00:00:00\n"
IIS_FIELDS = "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query c-ip cs(User-Agent) cs(Referer) sc-status sc-bytes cs-host"


def iis(event: Event) -> str:
    moment = datetime.fromtimestamp(event.moment, UTC).strftime("%Y-%m-%d %H:%M:%S")
    agent = event.agent.replace(" ", "+") or "-"
    return (
        f"{moment} 10.0.0.1 {event.method} {event.path} {event.query[1:] or '-'} {event.address} {agent} "
        f"{event.referrer or '-'} {event.status} {_size(event)} {event.host}"
    )


def aliyun_cdn(event: Event) -> str:
    clock = _clock(replace(event, zone=CHINA))
    clock = clock.removeprefix("0")
    return (
        f'[{clock}] {event.address} - 1542 "{_nginx(event.referrer)}" "{event.method} http://{event.host}{event.target}" '
        f'{event.status} 191 {_size(event)} MISS "{_nginx(event.agent)}" "text/html"'
    )


def tencent_cdn(event: Event) -> str:
    moment = datetime.fromtimestamp(event.moment, CHINA).strftime("%Y%m%d%H%M%S")
    return (
        f"{moment} {event.address} {event.host} {event.target} {_size(event)} 22 2 {event.status} {event.referrer or 'NULL'} 10 "
        f'"{_nginx(event.agent)}" "(null)" {event.method} HTTPS hit 5000'
    )


FORMATS: dict[str, tuple[str, Callable[[Event], str]]] = {
    "nginx combined": ("combined", nginx_combined),
    "apache combined": ("combined", apache_combined),
    "combined with more fields": ("combined", nginx_extended),
    "apache with virtual host": ("vhost_combined", vhost_combined),
    "common": ("common", common),
    "nginx json": ("nginx_json", nginx_json),
    "nginx json unescaped": ("nginx_json", nginx_json_unescaped),
    "caddy": ("caddy_json", caddy_json),
    "iis": ("iis_w3c", iis),
    "aliyun": ("aliyun_cdn", aliyun_cdn),
    "tencent": ("tencent_cdn", tencent_cdn),
}
WITHOUT_HOST = {"combined", "common"}

RUBBISH = {  # line → why a combined log rejects it
    "": "empty",
    "x" * 70_000: "too_long",
    "hello \x1b]0;owned\x07 <script>": "shape",
    '1.2.3.4 - - [30/Feb/2025:00:00:00 +0800] "GET / HTTP/1.1" 200 1 "-" "x"': "time",
    '1.2.3.4 - - [01/Jan/1970:00:00:00 +0000] "GET / HTTP/1.1" 200 1 "-" "x"': "time",
    '1.2.3.4 - - [01/Jan/9999:00:00:00 +0000] "GET / HTTP/1.1" 200 1 "-" "x"': "time",
    '1.2.3.4 - - [31/Dec/2025:23:59:59 +0800] "GET / HTTP/1.1" abc 1 "-" "x"': "status",
    '1.2.3.4 - - [31/Dec/2025:23:59:59 +0800] "GET / HTTP/1.1" 200 many "-" "x"': "bytes",
    '1.2.3.4 - - [31/Dec/2025:23:59:59 +0800] "GET / HTTP/1.1" 200 1 "-" "cut off': "shape",
}


def log_text(format_name: str, events: Iterable[Event]) -> str:
    """A whole log in one format."""
    grammar, line = FORMATS[format_name]
    head = f"{IIS_HEAD}{IIS_FIELDS}\n" if grammar == "iis_w3c" else ""
    return head + "".join(line(event) + "\n" for event in events)


class Truth:
    """The figures of some events, counted the slow way."""

    def __init__(self, events: Iterable[Event], *, year: int | None = None, with_agent: bool = True) -> None:
        everything = [event if with_agent else replace(event, agent="", referrer="") for event in events]
        self.internal = sum(event.address in INTERNAL for event in everything)
        kept = [event for event in everything if event.address not in INTERNAL]
        self.all_kept = kept
        self.events = [event for event in kept if year is None or self.day(event.moment)[:4] == str(year)]
        self.outside = len(kept) - len(self.events)
        self.robot_days = self._robots()

    @staticmethod
    def day(moment: int) -> str:
        return datetime.fromtimestamp(moment, CHINA).date().isoformat()

    @staticmethod
    def is_view(event: Event) -> bool:
        good = 200 <= event.status <= 299 or event.status == 304
        return event.method == "GET" and good and PATHS.get(event.path, event.path != "/robots.txt")

    def _robots(self) -> set[tuple[str, str, str]]:
        days: dict[tuple[str, str, str], list[Event]] = defaultdict(list)
        for event in self.events:
            days[self.day(event.moment), event.address, event.agent].append(event)
        return {
            key
            for key, events in days.items()
            if AGENTS[key[2]]
            or any(event.path == "/robots.txt" for event in events)
            or sum(map(self.is_view, events)) >= 2000
            or (len(events) >= 50 and sum(400 <= e.status <= 499 for e in events) * 100 >= 90 * len(events))
        }

    def side(self, moment: int, address: str, agent: str) -> str:
        return "robots" if (self.day(moment), address, agent) in self.robot_days else "people"

    def _visits(self) -> list[tuple[int, str, str]]:
        views: dict[tuple[str, str], list[int]] = defaultdict(list)
        for event in self.all_kept:
            if self.is_view(event):
                views[event.address, event.agent].append(event.moment)
        found = []
        for (address, agent), moments in views.items():
            before = None
            for moment in sorted(moments):
                if before is None or moment - before > 1800:
                    found.append((moment, address, agent))
                before = moment
        kept_days = {self.day(event.moment) for event in self.events}
        return [visit for visit in found if self.day(visit[0]) in kept_days]

    def measures(self, prefix: str) -> dict[str, dict[str, int]]:
        """All measures of the days that begin with `prefix`."""
        rows = [event for event in self.events if self.day(event.moment).startswith(prefix)]
        answer: dict[str, dict[str, Any]] = {
            name: {"people": 0, "robots": 0} for name in ("requests", "page_views", "visits", "bytes")
        }
        clients: dict[str, set[tuple[str, str]]] = {"people": set(), "robots": set()}
        visitors: dict[str, set[tuple[str, str]]] = {"people": set(), "robots": set()}
        for event in rows:
            side = self.side(event.moment, event.address, event.agent)
            answer["requests"][side] += 1
            answer["bytes"][side] += event.size or 0
            clients[side].add((event.address, event.agent))
            if self.is_view(event):
                answer["page_views"][side] += 1
                visitors[side].add((event.address, event.agent))
        for moment, address, agent in self._visits():
            if self.day(moment).startswith(prefix):
                answer["visits"][self.side(moment, address, agent)] += 1
        answer["clients"] = {side: len(found) for side, found in clients.items()}
        answer["unique_visitors"] = {side: len(found) for side, found in visitors.items()}
        return answer

    def breakdown(self, key: Callable[[Event], str | None], *, views_only: bool = False) -> dict[str, dict[str, int]]:
        """Requests, or page views, by some property of the event."""
        answer: dict[str, dict[str, int]] = defaultdict(lambda: {"people": 0, "robots": 0})
        for event in self.events:
            name = key(event)
            if name is not None and (not views_only or self.is_view(event)):
                answer[name][self.side(event.moment, event.address, event.agent)] += 1
        return dict(answer)

    def service(self, name: str) -> dict[str, Any]:
        """What `ServiceFigures.as_json` must say."""
        days = sorted({self.day(event.moment) for event in self.events})
        pages = self.breakdown(lambda e: e.path, views_only=True)
        referrers = self.breakdown(lambda e: REFERRERS[e.referrer], views_only=True)

        def top(rows: dict[str, dict[str, int]], label: str) -> list[dict[str, Any]]:
            ordered = sorted(rows.items(), key=lambda row: (-row[1]["people"], -row[1]["robots"], row[0].encode()))
            return [{label: text, "page_views": pair} for text, pair in ordered[:20]]

        minutes: dict[int, list[int]] = defaultdict(lambda: [0, 0])
        for event in self.events:
            minutes[event.moment // 60][0] += 1
            minutes[event.moment // 60][1] += event.size or 0
        peak = max(minutes, key=lambda minute: (minutes[minute][0], -minute))
        methods = {"GET", "POST", "HEAD"}
        return {
            "service": name,
            "total": self.measures(""),
            "years": {year: self.measures(year) for year in sorted({day[:4] for day in days})},
            "months": {month: self.measures(month) for month in sorted({day[:7] for day in days})},
            "days": {day: self.measures(day) for day in days},
            "statuses": self.breakdown(lambda e: str(e.status)),
            "methods": self.breakdown(lambda e: e.method if e.method in methods else "other"),
            "pages": top(pages, "path"),
            "referrers": top(referrers, "host"),
            "regions": [],
            "estimated": [],
            "peak": {
                "minute": datetime.fromtimestamp(peak * 60, CHINA).isoformat(timespec="minutes"),
                "requests": minutes[peak][0],
                "bytes_per_minute": minutes[peak][1],
            },
        }
