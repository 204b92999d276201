"""The nightly sweep of 5,000 sites against the bare HTTP client on the same pages: `./openbeian bench sweep` prints JSON
lines.

A server on loopback plays 5,000 virtual hosts: pages of 28 kB, half of them in GBK, 2 % faulty, 1 % hanging. The bare
client fetches every page once and throws it away; like the check it asks the sites that hang, with the same time-out and
as many connections, so both rates contain that wait. The check is the watch's own: as many workers as processors take
sites under a lease, fetch, decode, read the footer, audit with 20,000 terms, compare with the record and store each
probe with its evidence; the sweep is settled, which judges every check, counts the day and opens findings: partly by the
workers on the way, the rest at the end, both within the time that counts. Only
the resolver is a table, and no browser draws pictures. Before it stand the footer reader on one core and the audit beside
pyahocorasick, if that is installed. The figure that counts is the ratio of the two rates, in every night: the very first
of a fresh record, the one that confirms the faults and opens findings, and later ones. Server, clients and database share
the machine; where others use it too, the check loses more, since it uses all processors and the bare client one, so
processor time is told of both. With OPENBEIAN_DATABASE_URL an empty PostgreSQL database is used, else SQLite.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import multiprocessing
import os
import resource
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

import aiohttp

from bench.content import auditing, footer_reading, large_lexicon, made_page
from bench.world import generate_world, open_home
from openbeian.observation.content.page import PageReading, read_page
from openbeian.observation.probing.probe import Prober
from openbeian.observation.probing.reading_pool import end_with_parent
from openbeian.observation.probing.record import CheckKind, DnsAnswers, ResolverAnswer
from openbeian.observation.probing.settings import ProbeSettings

KINDS = frozenset(CheckKind) - {CheckKind.HTTPS, CheckKind.CERTIFICATE, CheckKind.DOMAIN_EXPIRY}
"""Without what would ask for a second connection or another server: the bare client makes one request a site."""
TIMEOUT_S = 3.0
_PLACEHOLDER = "京ICP备00000000号-1"
_TITLE = "样例"


def role_of(site: int) -> str:
    """2 % faulty, of five kinds; 1 % hanging; the others in turns UTF-8 and GBK."""
    if site % 100 == 99:
        return "hang"
    if site % 50 == 7:
        return ("reset", "cut", "gzip", "error", "loop")[site // 50 % 5]
    return "gbk" if site % 2 else "utf-8"


def pages() -> dict[str, bytes]:
    """One page of each encoding; number and title are put in by the server, so that every site has its own."""
    footer = f'<footer><a href="https://beian.miit.gov.cn/">{_PLACEHOLDER}</a></footer>'
    page = made_page(footer).decode()
    return {"utf-8": page.encode(), "gbk": page.replace("charset=utf-8", "charset=gbk").encode("gbk")}


def serve(port_pipe: Any) -> None:
    """Plays all sites; a process of its own, which is told first what each site's number and name are."""
    filed: list[tuple[str, str]] = port_pipe.recv()
    bodies = pages()

    class Site(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            self.transport: Any = transport
            self.seen = b""

        def data_received(self, received: bytes) -> None:
            self.seen += received
            if b"\r\n\r\n" not in self.seen:
                return
            host = self.seen.lower().partition(b"host: site")[2]
            self.answer(int(host.partition(b".")[0]))

        def answer(self, site: int) -> None:
            role, write = role_of(site), self.transport.write
            if role == "hang":
                return
            if role == "reset":
                self.transport.abort()
                return
            head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n"
            if role == "cut":
                write(head + b"Content-Length: 28000\r\n\r\n<html>")
            elif role == "gzip":
                write(head + b"Content-Encoding: gzip\r\nContent-Length: 8\r\n\r\nnot gzip")
            elif role == "error":
                write(b"HTTP/1.1 502 Bad Gateway\r\nConnection: close\r\nContent-Length: 5\r\n\r\nerror")
            elif role == "loop":
                write(b"HTTP/1.1 302 Found\r\nConnection: close\r\nLocation: /\r\nContent-Length: 0\r\n\r\n")
            else:
                # Sites say GBK and write GB18030 where a name needs it.
                number, name = (written.encode("gb18030" if role == "gbk" else role) for written in filed[site])
                body = bodies[role].replace(_PLACEHOLDER.encode(role), number)
                body = body.replace(_TITLE.encode(role), name, 1)
                write(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)
            self.transport.close()

    async def run() -> None:
        server = await asyncio.get_running_loop().create_server(Site, "127.0.0.1", 0, backlog=1024)
        port_pipe.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(run())


@contextlib.contextmanager
def open_server(filed: list[tuple[str, str]]) -> Iterator[int]:
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=serve, args=(there,), daemon=True)
    process.start()
    here.send(filed)
    try:
        yield here.recv()
    finally:
        process.kill()
        process.join()


class Loopback:
    """Every name is this machine, as a resolver's cache would say at once."""

    async def look_up(self, host: str) -> DnsAnswers:
        return DnsAnswers((ResolverAnswer("table", ("127.0.0.1",)),))

    async def look_up_zone(self, domain: str) -> tuple[tuple[str, ...], str]:
        return (), ""


def read_with_large_lexicon(page: bytes, charset: str | None) -> PageReading:
    return read_page(page, large_lexicon(), declared=charset)


async def fetch_bare(port: int, sites: int, concurrency: int) -> tuple[float, float]:
    """Pages a second of the client alone, and its processor time in seconds; what hangs or breaks is counted like the
    rest."""
    waiting = iter(range(sites))
    timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
    connector = aiohttp.TCPConnector(limit=0, force_close=True)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout, auto_decompress=False) as session:

        async def work() -> None:
            for site in waiting:
                headers = {"Host": f"site{site}.cn"}
                with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                    async with session.get(f"http://127.0.0.1:{port}/", headers=headers, max_redirects=5) as answer:
                        await answer.read()

        start, processor = time.perf_counter(), time.process_time()
        await asyncio.gather(*(work() for _ in range(concurrency)))
        return sites / (time.perf_counter() - start), time.process_time() - processor


def make_sites(count: int) -> list[tuple[str, str]]:
    """A record with so many websites, each watched at `site<n>.cn`; returns number and name of each."""
    from openbeian.kernel import clock
    from openbeian.registry.models import Service
    from openbeian.supervision.models import WatchedSite

    generate_world(count, count)
    services = list(Service.objects.order_by("pk").values_list("pk", "number", "name"))
    WatchedSite.objects.bulk_create(
        WatchedSite(service_id=pk, domain=f"site{place}.cn", added_at=clock.now())
        for place, (pk, _, _) in enumerate(services)
    )
    return [(number, name) for _, number, name in services]


def open_pool(port: int, concurrency: int) -> Any:
    """The watch's own pool of probes; its sites are on this machine, and its lexicon is the large one."""
    from openbeian.supervision.probing_pool import ProbingPool

    settings = ProbeSettings(
        allows_private=True,
        kinds=KINDS,
        connect_timeout_s=TIMEOUT_S,
        read_timeout_s=TIMEOUT_S,
        fetch_timeout_s=TIMEOUT_S,
        address_concurrency=10_000,
        host_pause_s=0.0,
        http_port=port,
    )
    return ProbingPool(
        lambda: Prober(settings, names=Loopback(), read=read_with_large_lexicon),
        concurrency=concurrency,
        timeout_s=settings.probe_timeout_s,
    )


def work(home: str, port: int, concurrency: int, parent: int, orders: Any) -> None:
    """One worker: visits its share of every sweep it is told of, until it is told none; a process of its own."""
    end_with_parent(parent)
    open_home(Path(home))
    from openbeian.supervision.actions.sweep_sites import sweep_sites
    from openbeian.wiring import connect_rulebook

    connect_rulebook()
    large_lexicon()
    pool = open_pool(port, concurrency)
    orders.send(0)
    while sweep := orders.recv():
        start = time.process_time()
        found = sweep_sites(sweep, pool)
        orders.send((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time() - start, found))
    pool.close()


@contextlib.contextmanager
def open_workers(count: int, home: Path, port: int, concurrency: int) -> Iterator[list[Any]]:
    context = multiprocessing.get_context("spawn")
    pipes = [context.Pipe() for _ in range(count)]
    arguments = (str(home), port, max(1, concurrency // count), os.getpid())
    processes = [context.Process(target=work, args=(*arguments, there), daemon=True) for _, there in pipes]
    for process, (_, there) in zip(processes, pipes, strict=True):
        process.start()
        # The worker's end is the worker's alone: when it dies, whoever waits for it hears the end instead of nothing.
        there.close()
    workers = [here for here, _ in pipes]
    try:
        for worker in workers:
            worker.recv()
        yield workers
    finally:
        for worker in workers:
            with contextlib.suppress(OSError):
                worker.send(0)
        for process in processes:
            process.join(10)


@dataclass(frozen=True, slots=True)
class Round:
    """How one sweep went: seconds until all were visited and until it was settled, processor time of all processes but
    the server and of the machine (more by the server and by strangers, who make the check slower), the largest worker,
    the longest probe, and what was done to findings, by workers and at the end."""

    visiting_s: float
    whole_s: float
    processor_s: float
    machine_s: float
    largest_mib: float
    longest_s: float
    found: Counter[str]


def read_machine_s() -> float:
    """Seconds that the machine's processors have worked since it was started; 0 where that is not told."""
    try:
        spent = [int(each) for each in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]]
    except OSError:
        return 0.0
    return (sum(spent[:8]) - spent[3] - spent[4]) / os.sysconf("SC_CLK_TCK")


def sweep_once(workers: list[Any]) -> Round:
    """One sweep of all sites by all workers, settled."""
    from django.db.models import Max

    from openbeian.kernel import clock
    from openbeian.supervision.actions.settle_sweep import settle_sweep
    from openbeian.supervision.models import Finding, Sweep, WatchedSite

    sweep = Sweep.objects.create(started_at=clock.now(), site_count=WatchedSite.objects.count())
    start, machine = time.perf_counter(), read_machine_s()
    for worker in workers:
        worker.send(sweep.pk)
    memories, processor, shares = zip(*(worker.recv() for worker in workers), strict=True)
    visiting = time.perf_counter() - start
    settling = time.process_time()
    shares = (*shares, settle_sweep(sweep.pk))
    whole, machine_s = time.perf_counter() - start, read_machine_s() - machine
    processor_s = sum(processor) + time.process_time() - settling
    longest = sweep.probes.aggregate(longest=Max("took_ms"))["longest"] / 1000
    probes = sweep.probes.count()
    if probes != sweep.site_count:
        raise RuntimeError(f"{probes} of {sweep.site_count} sites were stored")
    if sweep.probes.filter(settled_at=None).exists():
        raise RuntimeError("probes were left unsettled")
    found = Counter({"open findings": Finding.objects.count()})
    for share in shares:
        found.update(share)
    return Round(visiting, whole, processor_s, machine_s, max(memories) / 1024, longest, found)


def report(name: str, value: float, unit: str) -> None:
    print(json.dumps({"figure": name, "value": round(value, 3), "unit": unit}), flush=True)


def run(arguments: Sequence[str]) -> int:
    """`openbeian bench sweep [--sites N] [--rounds N] [--concurrency N] [--workers N]`; the very first sweep comes
    before the rounds."""
    parser = argparse.ArgumentParser(description=run.__doc__)
    parser.add_argument("--sites", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--concurrency", type=int, default=128, help="probes at a time, of all workers together")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes that sweep")
    chosen = parser.parse_args(arguments)
    report("load of the machine before", os.getloadavg()[0], "processes")
    footer_reading()
    auditing()
    ratios, memories = [], []
    with tempfile.TemporaryDirectory() as folder:
        open_home(Path(folder))
        from django.core.management import call_command

        from openbeian.wiring import connect_rulebook

        call_command("migrate", verbosity=0)
        connect_rulebook()
        filed = make_sites(chosen.sites)
        with (
            open_server(filed) as port,
            open_workers(chosen.workers, Path(folder), port, chosen.concurrency) as workers,
        ):
            # The first sweep of all makes a row for each check of each site; every later night finds them.
            for night in ["the very first sweep", *(f"round {number + 1}" for number in range(chosen.rounds))]:
                # Side by side, so that both meet the same load.
                bare, client_s = asyncio.run(fetch_bare(port, chosen.sites, chosen.concurrency))
                done = sweep_once(workers)
                checked = chosen.sites / done.whole_s
                ratios.append(checked / bare)
                memories.append(done.largest_mib)
                report("bare client", bare, "pages/s")
                report("whole check", checked, "sites/s")
                report("of that, until all were visited and stored", done.visiting_s / done.whole_s, "x")
                report(f"whole check beside the bare client, {night}", ratios[-1], "x")
                report("processor time of the bare client", 1000 * client_s / chosen.sites, "ms a page")
                report("processor time of the check", 1000 * done.processor_s / chosen.sites, "ms a site")
                report(
                    "processor time of the whole machine meanwhile", 1000 * done.machine_s / chosen.sites, "ms a site"
                )
                report("load of the machine", os.getloadavg()[0], "processes")
                report("longest probe", done.longest_s, "s")
                report("most memory of a worker so far", memories[-1], "MiB")
                print(json.dumps(done.found), flush=True)
    report("whole check beside the bare client, median", statistics.median(ratios), "x")
    report("whole check beside the bare client, slowest night", min(ratios), "x")
    report("memory after the last round beside the first", memories[-1] / memories[0], "x")
    report("load of the machine after", os.getloadavg()[0], "processes")
    return 0


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
