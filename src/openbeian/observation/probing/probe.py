"""Probes sites over shared doors: names, addresses, certificate, registration and what the home page says."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import BrokenExecutor, Executor
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self

from openbeian.kernel.errors import OpenBeianError
from openbeian.observation.content.lexicon import load_lexicon
from openbeian.observation.content.page import PageReading, read_page
from openbeian.observation.probing.doors import Doors
from openbeian.observation.probing.knowledge import load_knowledge
from openbeian.observation.probing.names import DnsResolvers, NameSource
from openbeian.observation.probing.record import ProbeRecord, ProbeTarget, Whose
from openbeian.observation.probing.settings import ProbeSettings
from openbeian.observation.probing.visit import Tools, Visit

log = logging.getLogger(__name__)


async def probe_site(target: ProbeTarget, settings: ProbeSettings) -> ProbeRecord:
    """Looks at one site once. Never raises for what the site or the network does; ends within `probe_timeout_s`.

    Raises: ResolverInvalid, RulebookInvalid or MainlandRangesUnusable for settings that cannot be used.
    """
    async with Prober(settings) as prober:
        return await prober.probe(target)


class Prober:
    """Probes many sites. Use as an asynchronous context, in one event loop."""

    def __init__(
        self,
        settings: ProbeSettings,
        *,
        names: NameSource | None = None,
        executor: Executor | None = None,
        read: Callable[[bytes, str | None], PageReading] | None = None,
    ) -> None:
        """`read` reads a page (default: with the shipped lexicon), in `executor` if one is given, else in place.

        Raises: ResolverInvalid, RulebookInvalid or MainlandRangesUnusable for settings that cannot be used.
        """
        self._settings = settings
        self._executor = executor
        self._turn = asyncio.Lock()
        self._read_page = read or read_with_shipped_lexicon
        names = names or DnsResolvers(settings.resolvers, timeout_s=settings.dns_timeout_s)

        async def resolve(host: str) -> tuple[str, ...]:
            return (await names.look_up(host)).addresses

        doors = Doors(settings, resolve)
        self._tools = Tools(settings, names, doors, load_knowledge(), self._read)
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        await self._stack.enter_async_context(self._tools.doors)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def probe(self, target: ProbeTarget) -> ProbeRecord:
        """One look at one site; never raises for what the site, the network or a hostile page does."""
        return await self.read(await self.fetch(target))

    async def fetch(self, target: ProbeTarget) -> Visit:
        """The part of a probe that asks others, ended after `probe_timeout_s`; never raises for what they do."""
        visit = Visit(target, self._tools)
        await self._try(visit, visit.run)
        return visit

    async def read(self, visit: Visit, give_way: Callable[[], Awaitable[None]] | None = None) -> ProbeRecord:
        """The rest of a probe, which is work of this machine alone.

        Pages that are read in place take turns, one in each pass of the loop: whatever sites say meanwhile is heard
        before the next page, so that no time-out runs out late and connections are never kept waiting by reading.
        `give_way` is awaited before each of these turns.
        """
        if self._executor is None and visit.page_bytes:
            async with self._turn:
                await (give_way() if give_way else asyncio.sleep(0))
                await self._try(visit, visit.read)
        else:
            await self._try(visit, visit.read)
        return visit.record()

    async def _try(self, visit: Visit, step: Callable[[], Awaitable[None]]) -> None:
        try:
            async with asyncio.timeout(self._settings.probe_timeout_s):
                await step()
        except TimeoutError:
            visit.fail("timeout", Whose.UNKNOWN)
        except OpenBeianError:
            visit.fail("not_probed", Whose.OURS)
        except Exception:
            log.exception("probe failed", extra={"service_id": visit.target.service_id})
            visit.fail("not_probed", Whose.OURS)

    async def _read(self, page: bytes, charset: str | None) -> PageReading:
        if self._executor is not None:
            loop = asyncio.get_running_loop()
            try:
                return await loop.run_in_executor(self._executor, self._read_page, page, charset)
            except BrokenExecutor:
                log.warning("the processes that read pages are gone; pages are read in place from here on")
                self._executor = None
        return self._read_page(page, charset)


def read_with_shipped_lexicon(page: bytes, charset: str | None) -> PageReading:
    """`read_page` with the rulebook's lexicons; a function of its own so that a pool of processes can run it."""
    return read_page(page, load_lexicon(), declared=charset)
