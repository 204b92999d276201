"""Fetches one page with its redirects, bounded in time, size and hops, and only ever from addresses that were checked.

The name is resolved by us, every address checked, and the connection made to a checked address while the request
still names the host; so a name cannot change its address between check and use (DNS rebinding). The last gate is
where the socket is made: whatever led there, an address outside public space gets no socket.
"""

from __future__ import annotations

import asyncio
import errno
import hashlib
import re
import socket
import ssl
import time
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self
from urllib.parse import urljoin, urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from openbeian.kernel.public_addresses import is_plain_address, is_public_address, is_public_name
from openbeian.observation.probing.pace import Pace
from openbeian.observation.probing.record import Exchange, Hop, Whose
from openbeian.observation.probing.settings import ProbeSettings
from openbeian.observation.probing.unpacking import PackedBadly, TooMuch, Unpacking

_LONGEST_URL = 2000
_MOST_COOKIES = 20
_MOST_HEADERS = 100
_LONGEST_HEADER = 2000
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_ALLOWED_PORTS = frozenset({80, 443, 8000, 8008, 8080, 8081, 8088, 8443, 8888, 9443})
_REFRESH = re.compile(
    rb"""<meta\s[^>]{0,80}?http-equiv\s{0,4}=\s{0,4}["']?refresh["']?[^>]{0,80}?content\s{0,4}=\s{0,4}["']?\s{0,4}"""
    rb"""([0-5])(?:\.\d{1,3})?\s{0,4}[;,]\s{0,4}url\s{0,4}=\s{0,4}["']?([^"'>\s]{1,1000})""",
    re.IGNORECASE,
)
_REFRESH_PAGE_BYTES = 4096
_OURS = frozenset(
    {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EADDRNOTAVAIL, errno.EMFILE, errno.ENFILE}
)
_RESET = frozenset({errno.ECONNRESET, errno.EPIPE, errno.ECONNABORTED})

Resolve = Callable[[str], Awaitable[tuple[str, ...]]]

# Which addresses the request that runs now may use. aiohttp resolves in tasks of its own, which inherit it.
_pinned: ContextVar[tuple[str, ...]] = ContextVar("pinned_addresses", default=())


class AddressForbidden(OSError):
    """A socket was asked for an address that must not be contacted."""


class Trouble(Exception):
    """What ended a fetch: a reason code, and whose fault it is."""

    def __init__(self, reason: str, whose: Whose = Whose.SITE) -> None:
        self.reason, self.whose = reason, whose
        super().__init__(reason)


@dataclass
class _Fetch:
    """What one fetch has seen so far; survives whatever ends it."""

    started: float
    hops: list[Hop] = field(default_factory=list)
    status: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    wire_bytes: int = 0
    cookies: dict[str, dict[str, str]] = field(default_factory=dict)
    body: bytes = b""


class _PinnedNames(AbstractResolver):
    """Answers with the addresses checked for the running request, whatever is asked."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=socket.IPPROTO_TCP,
                flags=socket.AI_NUMERICHOST,
            )
            for address in _pinned.get()
        ]

    async def close(self) -> None:
        """Nothing is held."""


class Doors:
    """The way to sites; one for many probes. Use as an asynchronous context."""

    def __init__(self, settings: ProbeSettings, resolve: Resolve) -> None:
        self._settings = settings
        self._resolve = resolve
        self._pace = Pace(pause_s=settings.host_pause_s, per_address=settings.address_concurrency)
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        # The page is read whatever the certificate; `certificates.py` judges that by a handshake of its own.
        unverified = ssl.create_default_context()
        unverified.check_hostname = False
        unverified.verify_mode = ssl.CERT_NONE
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                resolver=_PinnedNames(),
                use_dns_cache=False,
                limit=0,
                force_close=True,
                ssl=unverified,
                socket_factory=self._make_socket,
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            timeout=aiohttp.ClientTimeout(
                total=None, sock_connect=self._settings.connect_timeout_s, sock_read=self._settings.read_timeout_s
            ),
            headers={
                "User-Agent": self._settings.user_agent,
                "Accept-Language": "zh-CN,zh;q=0.9,en;q=0.5",
                "Accept-Encoding": "gzip, deflate",
            },
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    def is_allowed(self, address: str) -> bool:
        """Whether an address may be contacted at all."""
        return self._settings.allows_private or is_public_address(address)

    def _make_socket(self, target: Any) -> socket.socket:
        family, kind, protocol, _, place = target
        if not self.is_allowed(str(place[0])):
            raise AddressForbidden(errno.EACCES, "not a public address")
        return socket.socket(family, kind, protocol)

    async def fetch(
        self, url: str, addresses: tuple[str, ...] = (), *, accept: str = "text/html,application/xhtml+xml,*/*;q=0.5"
    ) -> tuple[Exchange, bytes]:
        """Fetches a page; `addresses` are those already known for its host. Never raises for what the site does.

        The body is empty unless it came whole and within the limits.
        """
        seen = _Fetch(time.monotonic())
        trouble, whose = "", Whose.SITE
        try:
            async with asyncio.timeout(self._settings.fetch_timeout_s):
                await self._follow(seen, url, addresses, accept)
        except TimeoutError:
            trouble, whose = "timeout", Whose.UNKNOWN
        except Trouble as found:
            trouble, whose = found.reason, found.whose
        except (aiohttp.ClientError, OSError, ssl.SSLError, ValueError) as fault:
            trouble, whose = _name_trouble(fault)
        body = b"" if trouble else seen.body
        return (
            Exchange(
                hops=tuple(seen.hops),
                status=seen.status,
                headers=seen.headers,
                wire_bytes=seen.wire_bytes,
                page_bytes=len(body),
                page_sha256=hashlib.sha256(body).hexdigest() if body else "",
                elapsed_ms=int((time.monotonic() - seen.started) * 1000),
                trouble=trouble,
                whose=whose,
            ),
            body,
        )

    async def _follow(self, seen: _Fetch, url: str, addresses: tuple[str, ...], accept: str) -> None:
        known = {urlsplit(url).hostname or "": addresses}
        visited: set[tuple[str, str]] = set()
        for _ in range(self._settings.most_redirects + 1):
            place = self._read_url(url)
            host = place.raw_host or ""
            state = (str(place), repr(sorted(seen.cookies.get(host, {}).items())))
            if state in visited:
                raise Trouble("redirect_loop")
            visited.add(state)
            pinned = await self._check_host(host, known)
            seen.hops.append(Hop(str(place)[:_LONGEST_URL], pinned[0]))
            target = await self._get(seen, place, pinned, accept)
            if not target:
                return
            try:
                url = urljoin(str(place), target)
            except ValueError:
                raise Trouble("bad_redirect") from None
        raise Trouble("too_many_redirects")

    def _read_url(self, url: str) -> URL:
        try:
            place = URL(url) if len(url) <= _LONGEST_URL else URL("")
            port = place.port
        except (ValueError, UnicodeError):
            raise Trouble("bad_redirect") from None
        ports = _ALLOWED_PORTS | {self._settings.http_port, self._settings.https_port}
        if place.scheme not in {"http", "https"} or not place.raw_host or port not in ports:
            raise Trouble("bad_redirect")
        return place.with_user(None).with_fragment(None)

    async def _check_host(self, host: str, known: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
        """The addresses of a host that may be contacted. Raises: Trouble when there are none."""
        if is_plain_address(host):
            found: tuple[str, ...] = (host,)
        elif not is_public_name(host) and not self._settings.allows_private:
            raise Trouble("address_not_public")
        else:
            if not known.get(host):
                known[host] = await self._resolve(host)
            found = known[host]
        if not found:
            raise Trouble("no_resolution")
        allowed = tuple(address for address in found if self.is_allowed(address))
        if not allowed:
            raise Trouble("address_not_public")
        return allowed

    async def _get(self, seen: _Fetch, place: URL, pinned: tuple[str, ...], accept: str) -> str:
        """One request; returns where it redirects to, or nothing once the body is read."""
        if self._session is None:
            raise RuntimeError("the doors are not open")
        host = place.raw_host or ""
        headers = {"Accept": accept}
        if cookies := seen.cookies.get(host):
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
        token = _pinned.set(pinned)
        try:
            async with (
                self._pace.visit(host, pinned[0]),
                self._session.get(place, headers=headers, allow_redirects=False) as answer,
            ):
                seen.status = answer.status
                seen.hops[-1] = Hop(seen.hops[-1].url, seen.hops[-1].address, answer.status)
                seen.headers = tuple(
                    (name[:_LONGEST_HEADER], value[:_LONGEST_HEADER])
                    for name, value in list(answer.headers.items())[:_MOST_HEADERS]
                )
                _keep_cookies(seen, host, answer)
                if answer.status in _REDIRECTS and (target := answer.headers.get("Location", "").strip()):
                    return target
                seen.body = await self._read(seen, answer)
        finally:
            _pinned.reset(token)
        return _refresh_target(seen.body) if seen.status == 200 else ""

    async def _read(self, seen: _Fetch, answer: aiohttp.ClientResponse) -> bytes:
        encoding = answer.headers.get("Content-Encoding", "").strip().lower()
        pieces = []
        try:
            unpacking = Unpacking(encoding, self._settings.most_page_bytes)
        except PackedBadly:
            raise Trouble("unknown_encoding") from None
        try:
            async for piece in answer.content.iter_any():
                seen.wire_bytes += len(piece)
                if seen.wire_bytes > self._settings.most_wire_bytes:
                    raise Trouble("too_large")
                pieces.append(unpacking.add(piece))
        except PackedBadly:
            raise Trouble("bad_encoding") from None
        except TooMuch:
            raise Trouble("too_large") from None
        if not unpacking.is_complete():
            raise Trouble("cut_short", Whose.UNKNOWN)
        return b"".join(pieces)


def _keep_cookies(seen: _Fetch, host: str, answer: aiohttp.ClientResponse) -> None:
    """Some sites set a cookie and send the visitor to where he is; without it that would look like a loop."""
    kept = seen.cookies.setdefault(host, {})
    for name, morsel in answer.cookies.items():
        value = morsel.value
        if len(kept) < _MOST_COOKIES and len(value) < _LONGEST_HEADER and value.isascii() and value.isprintable():
            kept[name] = value


def _refresh_target(body: bytes) -> str:
    if len(body) > _REFRESH_PAGE_BYTES or not (found := _REFRESH.search(body)):
        return ""
    return found[2].decode("utf-8", "replace")


def _name_trouble(fault: BaseException) -> tuple[str, Whose]:
    """The reason code of what the client raised, and whose fault that is."""
    number = getattr(fault, "errno", None) or getattr(getattr(fault, "os_error", None), "errno", None)
    if isinstance(fault, AddressForbidden) or number == errno.EACCES:
        return "address_not_public", Whose.SITE
    if isinstance(fault, ssl.SSLError | aiohttp.ClientSSLError):
        return "tls_failed", Whose.SITE
    if isinstance(fault, TimeoutError) or number == errno.ETIMEDOUT:
        return "timeout", Whose.UNKNOWN
    if number == errno.ECONNREFUSED or "Connect call failed" in str(fault):
        return "refused", Whose.SITE
    if number in _OURS:
        return "network_unreachable", Whose.OURS
    # Within a body the client keeps the connection's own fault only in its words.
    is_reset = isinstance(fault, aiohttp.ServerDisconnectedError) or "ConnectionResetError" in str(fault)
    if number in _RESET or is_reset:
        return "reset", Whose.UNKNOWN
    if isinstance(fault, aiohttp.ClientPayloadError):
        return "cut_short", Whose.UNKNOWN
    return "bad_answer", Whose.SITE
