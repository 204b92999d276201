"""Every kind of misbehaving server ends within its time-out, with a reason, and never with an exception."""

from __future__ import annotations

import asyncio
import gzip
import socket
import struct
import time
import tracemalloc
import zlib
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import pytest
from tests.observation.probing.servers import PAGE, Handler, Table, answer, read_head, serve

from openbeian.observation.probing.doors import Doors
from openbeian.observation.probing.record import Exchange, Whose
from openbeian.observation.probing.settings import ProbeSettings

QUICK = ProbeSettings(
    allows_private=True,
    connect_timeout_s=0.5,
    read_timeout_s=0.5,
    fetch_timeout_s=1.0,
    most_page_bytes=1024 * 1024,
    most_wire_bytes=512 * 1024,
    host_pause_s=0.0,
)
HERE = ("127.0.0.1",)


def fetch(handler: Handler, settings: ProbeSettings = QUICK, host: str = "site.cn") -> tuple[Exchange, bytes]:
    """One fetch of a server that behaves like this."""

    async def run() -> tuple[Exchange, bytes]:
        async with serve(handler) as port:
            own = replace(settings, http_port=port)
            names = Table({host: HERE, "other.cn": HERE})
            async with Doors(own, lambda name: _addresses(names, name)) as doors:
                return await doors.fetch(f"http://{host}:{port}/", HERE)

    return asyncio.run(run())


async def _addresses(names: Table, host: str) -> tuple[str, ...]:
    return (await names.look_up(host)).addresses


async def slow_loris(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    for byte in b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 10_000:
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(0.05)


async def slow_body(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await read_head(reader)
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n")
    while True:
        writer.write(b"a")
        await writer.drain()
        await asyncio.sleep(0.1)


async def endless_body(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await read_head(reader)
    writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
    while True:
        writer.write(b"<p>" * 10_000)
        await writer.drain()


async def endless_chunks(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await read_head(reader)
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write((b"400\r\n" + b"a" * 1024 + b"\r\n") * 10)
        await writer.drain()


async def endless_headers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await read_head(reader)
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"X-Y: " + b"z" * 1000 + b"\r\n")
        await writer.drain()


async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)


async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await read_head(reader)


async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await read_head(reader)
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
    await writer.drain()
    await asyncio.sleep(0.05)
    line = writer.get_extra_info("socket")
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # closing sends RST
    writer.transport.abort()


async def not_http(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"SSH-2.0-OpenSSH_9.2\r\n")
    await writer.drain()
    await asyncio.sleep(0.2)


@cache
def bomb() -> bytes:
    """Sixty mebibytes of zeros in sixty kibibytes."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    return b"".join(packer.compress(b"\0" * (1 << 20)) for _ in range(60))


def redirect_to(place: str) -> Handler:
    return answer(b"", status="302 Found", headers=f"Location: {place}\r\n")


async def ever_further(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    head = await read_head(reader)
    number = int(head.split()[1].strip("/") or 0) + 1
    await _send(writer, f"HTTP/1.1 302 Found\r\nLocation: /{number}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


async def _send(writer: asyncio.StreamWriter, text: str) -> None:
    writer.write(text.encode("latin-1"))
    await writer.drain()
    writer.close()
    await writer.wait_closed()


FAULTS: list[tuple[str, Callable[[], Handler], str]] = [
    ("slow loris", lambda: slow_loris, "timeout"),
    ("slow body", lambda: slow_body, "timeout"),
    ("endless body", lambda: endless_body, "too_large"),
    ("endless chunks", lambda: endless_chunks, "too_large"),
    ("endless headers", lambda: endless_headers, "bad_answer"),
    ("hang", lambda: hang, "timeout"),
    ("hang up", lambda: hang_up, "reset"),
    ("reset half-way", lambda: reset, "reset"),
    ("not HTTP", lambda: not_http, "bad_answer"),
    ("length too long", lambda: answer(length=len(PAGE) + 50), "cut_short"),
    ("length no number", lambda: answer(headers="Content-Length: abc\r\n"), "bad_answer"),
    ("bad gzip", lambda: answer(b"this is no gzip", headers="Content-Encoding: gzip\r\n"), "bad_encoding"),
    ("gzip cut", lambda: answer(gzip.compress(PAGE)[:-20], headers="Content-Encoding: gzip\r\n"), "cut_short"),
    ("gzip bomb", lambda: answer(bomb(), headers="Content-Encoding: gzip\r\n"), "too_large"),
    ("encoding nobody asked for", lambda: answer(b"x", headers="Content-Encoding: br\r\n"), "unknown_encoding"),
    ("redirect to itself", lambda: redirect_to("/"), "redirect_loop"),
    ("redirect without end", lambda: ever_further, "too_many_redirects"),
    ("redirect to a script", lambda: redirect_to("javascript:alert(1)"), "bad_redirect"),
    ("redirect to a file", lambda: redirect_to("file:///etc/passwd"), "bad_redirect"),
    ("redirect to another service", lambda: redirect_to("http://127.0.0.1:25/"), "bad_redirect"),
    ("redirect to nonsense", lambda: redirect_to("http://[::1/"), "bad_redirect"),
    ("redirect to a name unknown", lambda: redirect_to("http://gone.example.cn/"), "no_resolution"),
]


@pytest.mark.parametrize(("name", "make", "reason"), FAULTS, ids=[fault[0] for fault in FAULTS])
def test_a_fault_has_its_reason_and_ends_in_time(name: str, make: Callable[[], Handler], reason: str) -> None:
    start = time.monotonic()
    exchange, body = fetch(make())
    assert (exchange.trouble, body) == (reason, b"")
    assert time.monotonic() - start < QUICK.fetch_timeout_s + 1.0


def test_a_bomb_does_not_fill_the_memory() -> None:
    packed = bomb()
    tracemalloc.start()
    exchange, _ = fetch(answer(packed, headers="Content-Encoding: gzip\r\n"))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert exchange.trouble == "too_large"
    assert peak < 12 * 1024 * 1024


def test_nobody_there_is_refused_and_the_fault_is_the_sites() -> None:
    async def run() -> Exchange:
        async with serve(hang) as port:
            pass
        async with Doors(replace(QUICK, http_port=port), lambda name: _addresses(Table(), name)) as doors:
            return (await doors.fetch(f"http://site.cn:{port}/", HERE))[0]

    exchange = asyncio.run(run())
    assert (exchange.trouble, exchange.whose) == ("refused", Whose.SITE)


def test_a_dead_node_is_passed_over_for_a_living_one() -> None:
    async def run() -> tuple[Exchange, bytes]:
        async with serve(answer()) as port:
            own = replace(QUICK, http_port=port)
            async with Doors(own, lambda name: _addresses(Table(), name)) as doors:
                return await doors.fetch(f"http://site.cn:{port}/", ("127.0.0.2", "127.0.0.1"))

    exchange, body = asyncio.run(run())
    assert (exchange.trouble, body) == ("", PAGE)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "bare deflate", "two members"])
def test_compressed_pages_are_read(encoding: str) -> None:
    bare = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    bodies = {
        "gzip": ("gzip", gzip.compress(PAGE)),
        "deflate": ("deflate", zlib.compress(PAGE)),
        "bare deflate": ("deflate", bare.compress(PAGE) + bare.flush()),
        "two members": ("gzip", gzip.compress(PAGE[:50]) + gzip.compress(PAGE[50:]) + b"\0\0padding"),
    }
    header, packed = bodies[encoding]
    exchange, body = fetch(answer(packed, headers=f"Content-Encoding: {header}\r\n"))
    assert (exchange.trouble, body, exchange.wire_bytes) == ("", PAGE, len(packed))


def test_a_cookie_set_on_the_way_is_shown_again() -> None:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if "Cookie: seen=1" in await read_head(reader):
            await _send(writer, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        else:
            await _send(writer, "HTTP/1.1 302 Found\r\nSet-Cookie: seen=1\r\nLocation: /\r\nContent-Length: 0\r\n\r\n")

    assert fetch(handler)[1] == b"ok"


def test_a_refresh_on_a_small_page_is_a_redirect() -> None:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await read_head(reader)
        page = '<meta http-equiv="refresh" content="0;url=/home">' if head.startswith("GET / ") else "home"
        await _send(writer, f"HTTP/1.1 200 OK\r\nContent-Length: {len(page)}\r\n\r\n{page}")

    exchange, body = fetch(handler)
    assert (body, len(exchange.hops)) == (b"home", 2)


def test_who_asks_says_so_and_goes_only_where_it_was_sent() -> None:
    heads = []

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await read_head(reader))
        await _send(writer, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    fetch(handler)
    assert "OpenBeian-Watch" in heads[0]
    assert heads[0].startswith("GET / HTTP/1.1\r\nHost: site.cn:")
