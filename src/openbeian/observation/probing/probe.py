"""Probes one site: names, addresses, both doors, certificate, registration and what its home page says."""

from __future__ import annotations

from openbeian.observation.probing.record import ProbeRecord, ProbeTarget
from openbeian.observation.probing.settings import ProbeSettings


async def probe_site(target: ProbeTarget, settings: ProbeSettings) -> ProbeRecord:
    """Looks at one site once. Never raises for what the site or the network does; ends within `probe_timeout_s`."""
    raise NotImplementedError
