"""A whole check of 5,000 sites against the bare HTTP client on the same pages: `python bench/sweep.py` prints JSON lines.

A server on loopback plays 5,000 virtual hosts: pages of 28 kB, half of them in GBK, 2 % faulty, 1 % hanging. The bare
client fetches every page once and throws it away; the check fetches, decodes, reads the footer, audits with 20,000
terms, judges and stores. The figure that counts is the ratio of their rates; server and client share the machine.
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
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

import aiohttp

from bench.content import large_lexicon, made_page
from openbeian.observation.content.page import PageReading, read_page
from openbeian.observation.probing.figures import SweepFigures
from openbeian.observation.probing.judgement import Observed, judge
from openbeian.observation.probing.probe import Prober
from openbeian.observation.probing.reading_pool import end_with_parent
from openbeian.observation.probing.record import CheckKind, DnsAnswers, ProbeRecord, ProbeTarget, ResolverAnswer
from openbeian.observation.probing.settings import ProbeSettings
from openbeian.observation.probing.sweep import sweep_sites
from openbeian.observation.probing.sweep_log import open_sweep

KINDS = frozenset({CheckKind.HTTP, CheckKind.TITLE, CheckKind.FOOTER_NUMBER, CheckKind.FOOTER_LINK, CheckKind.CONTENT})
TIMEOUT_S = 3.0


def number_of(site: int) -> str:
    return f"京ICP备{16000000 + site}号-1"


def role_of(site: int) -> str:
    """2 % faulty, of five kinds; 1 % hanging; the others in turns UTF-8 and GBK."""
    if site % 100 == 99:
        return "hang"
    if site % 50 == 7:
        return ("reset", "cut", "gzip", "error", "loop")[site // 50 % 5]
    return "gbk" if site % 2 else "utf-8"


def pages() -> dict[str, bytes]:
    """One page of each encoding; the number is put in by the server, so that every site has its own."""
    footer = '<footer><a href="https://beian.miit.gov.cn/">京ICP备00000000号-1</a></footer>'
    page = made_page(footer).decode()
    return {"utf-8": page.encode(), "gbk": page.replace("charset=utf-8", "charset=gbk").encode("gbk")}


def serve(port_pipe: Any) -> None:
    """Plays all sites; a process of its own."""
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
                body = bodies[role].replace(b"00000000", str(16000000 + site).encode())
                write(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)
            self.transport.close()

    async def run() -> None:
        server = await asyncio.get_running_loop().create_server(Site, "127.0.0.1", 0, backlog=1024)
        port_pipe.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(run())


@contextlib.contextmanager
def open_server() -> Iterator[int]:
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=serve, args=(there,), daemon=True)
    process.start()
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


def prepare(parent: int) -> None:
    end_with_parent(parent)
    large_lexicon()


def read_with_large_lexicon(page: bytes, charset: str | None) -> PageReading:
    return read_page(page, large_lexicon(), declared=charset)


async def fetch_bare(port: int, sites: int, concurrency: int) -> float:
    """Pages a second of the client alone; what hangs or breaks is counted like the rest."""
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

        start = time.perf_counter()
        await asyncio.gather(*(work() for _ in range(concurrency)))
        return sites / (time.perf_counter() - start)


async def check_all(port: int, sites: int, concurrency: int, readers: int, folder: Path) -> tuple[float, SweepFigures]:
    """Sites a second of the whole check, with what it found."""
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
    targets = [
        ProbeTarget(None, f"site{n}.cn", filed_name="样例", province="京", expected_numbers=(number_of(n),))
        for n in range(sites)
    ]
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(max(1, readers), context, prepare, (os.getpid(),)) if readers else None
    if pool:
        list(pool.map(read_with_large_lexicon, [b"<p>warm</p>"] * readers * 4, [None] * readers * 4))

    def keep(record: ProbeRecord) -> None:
        log.append(record)
        for check in record.checks:
            judge([Observed.of(record.started_at, check)] * 3)

    with open_sweep(targets, folder) as log:
        async with Prober(settings, names=Loopback(), executor=pool, read=read_with_large_lexicon) as prober:
            start = time.perf_counter()
            outcome = await sweep_sites(targets, prober, concurrency=concurrency, keep=keep)
            seconds = time.perf_counter() - start
        log.end(outcome.as_json())
    if pool:
        pool.shutdown()
    return sites / seconds, outcome.figures


def report(name: str, value: float, unit: str) -> None:
    print(json.dumps({"figure": name, "value": round(value, 3), "unit": unit}), flush=True)


def run(arguments: Sequence[str]) -> int:
    """`openbeian bench sweep [--sites N] [--rounds N] [--concurrency N] [--readers N]`."""
    parser = argparse.ArgumentParser(description=run.__doc__)
    parser.add_argument("--sites", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--concurrency", type=int, default=128)
    parser.add_argument("--readers", type=int, default=1, help="processes that read pages; 0 reads in place")
    chosen = parser.parse_args(arguments)
    large_lexicon()
    ratios, memories = [], []
    with open_server() as port, tempfile.TemporaryDirectory() as folder:
        for _ in range(chosen.rounds):  # side by side, so that both meet the same load
            bare = asyncio.run(fetch_bare(port, chosen.sites, chosen.concurrency))
            checked, figures = asyncio.run(
                check_all(port, chosen.sites, chosen.concurrency, chosen.readers, Path(folder))
            )
            ratios.append(checked / bare)
            memories.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
            report("bare client", bare, "pages/s")
            report("whole check", checked, "sites/s")
            report("most memory so far", memories[-1], "MiB")
    report("whole check beside the bare client", statistics.median(ratios), "x")
    report("memory of the last round beside the first", memories[-1] / memories[0], "x")
    report("load of the machine", os.getloadavg()[0], "processes")
    print(json.dumps(figures.as_json(), ensure_ascii=False), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
