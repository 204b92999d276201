"""The public look-up against a bare view with the same SQL query, side by side under the same server.

`./openbeian bench lookup --home FOLDER`, on a world made by `./openbeian bench world`.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random
from urllib.parse import quote

from django.core.management import call_command

from bench.http_load import requests_per_second
from bench.world import open_home

GOAL = 0.6
_ROOT = Path(__file__).resolve().parents[1]


def run(arguments: Sequence[str]) -> int:
    """Prints requests per second of both and the ratio of their medians, by domain and by number, as JSON."""
    parser = argparse.ArgumentParser(prog="openbeian bench lookup", description=__doc__)
    parser.add_argument("--home", type=Path, required=True, help="the folder a world was made in")
    parser.add_argument("--rounds", type=int, default=5, help="how often the two are asked in turn")
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--workers", type=int, default=1)
    chosen = parser.parse_args(arguments)
    open_home(chosen.home)
    call_command("collectstatic", verbosity=0, interactive=False)
    asked = {"domain": draw_domains(20_000), "service_number": draw_numbers(20_000)}
    figures = {}
    with (
        serving("bench.bare_settings", chosen.home, chosen.workers) as bare,
        serving("bench.lookup_settings", chosen.home, chosen.workers) as product,
    ):
        for kind, values in asked.items():
            ways = {
                "bare": (bare, [f"/{kind}?q={quote(v)}" for v in values]),
                "json": (product, [f"/public/lookup.json?q={quote(v)}" for v in values]),
                "page": (product, [f"/public/?q={quote(v)}" for v in values]),
            }
            rates: dict[str, list[float]] = {way: [] for way in ways}
            for _ in range(chosen.rounds):
                for way, (port, paths) in ways.items():
                    rates[way].append(requests_per_second(port, paths, chosen.seconds))
            medians = {way: statistics.median(r) for way, r in rates.items()}
            figures[kind] = {f"{way}_per_s": round(m) for way, m in medians.items()} | {
                f"{way}_ratio": round(medians[way] / medians["bare"], 2) for way in ("json", "page")
            }
    print(json.dumps({"goal": GOAL, **figures}))
    return 0


def draw_domains(count: int) -> list[str]:
    from openbeian.registry.models import ServiceDomain

    return list(ServiceDomain.objects.filter(pk__in=_draw_ids(ServiceDomain, count)).values_list("domain", flat=True))


def draw_numbers(count: int) -> list[str]:
    from openbeian.registry.models import Service

    return list(Service.objects.filter(pk__in=_draw_ids(Service, count)).values_list("number", flat=True))


def _draw_ids(model: type, count: int) -> list[int]:
    last = model.objects.order_by("-pk").values_list("pk", flat=True).first() or 1  # type: ignore[attr-defined]
    return Random(7).choices(range(1, last + 1), k=count)


@contextmanager
def serving(settings: str, home: Path, workers: int) -> Iterator[int]:
    """A granian server of the product under these settings on a free port of loopback; gives the port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": settings,
        "OPENBEIAN_HOME": str(home.resolve()),
        "PYTHONPATH": os.pathsep.join([str(_ROOT / "src"), str(_ROOT)]),
    }
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--workers", str(workers), "--no-access-log", "--log-level", "error", "openbeian.wsgi:application"]
    server = subprocess.Popen(command, env=environment, cwd=_ROOT)
    try:
        _wait_for(port, server)
        yield port
    finally:
        server.terminate()
        server.wait(timeout=20)


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until and server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
            continue
        return
    raise RuntimeError(f"the server on port {port} did not start")
