"""What a large portfolio owes, stored: the first computing, a night in which little changed, and a rule that changed.

`./openbeian bench stored-obligations [--services 1000000] [--licences 50000]`; on SQLite in a folder of its own, or
on the empty PostgreSQL database that OPENBEIAN_DATABASE_URL names.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from bench.world import generate_world, open_home

GOAL_PER_S = 30_000
_NIGHT = datetime(2026, 11, 20, 18, 30, tzinfo=UTC)


def run(arguments: Sequence[str]) -> int:
    """Prints obligations per second of one core and the growth of memory for each of the three runs, as JSON."""
    parser = argparse.ArgumentParser(prog="openbeian bench stored-obligations", description=__doc__)
    parser.add_argument("--services", type=int, default=1_000_000)
    parser.add_argument("--licences", type=int, default=50_000)
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="openbeian-bench-") as home:
        open_home(Path(home))
        from django.core.management import call_command
        from django.db import connection

        call_command("migrate", verbosity=0)
        generate_world(chosen.services, max(1, chosen.services * 2 // 5))
        _add_licences(chosen.licences)
        figures = {"database": connection.vendor, "services": chosen.services, "licences": chosen.licences}
        figures |= _measure_runs()
    print(json.dumps(figures))
    return 0 if figures["night"]["per_s_per_core"] >= GOAL_PER_S else 1


def _measure_runs() -> dict[str, Any]:
    from openbeian.kernel import clock
    from openbeian.obligations.actions.recompute_obligations import recompute_obligations
    from openbeian.obligations.models import KindMark

    with clock.hold(_NIGHT):
        first = _measure(recompute_obligations)
    with clock.hold(_NIGHT + timedelta(days=1)):
        night = _measure(recompute_obligations)
        KindMark.objects.filter(kind="service.police_filing").update(digest="older")
        rule = _measure(recompute_obligations)
    return {"first": first, "night": night, "one_rule": rule}


def _measure(compute: Callable[[], dict[str, int]]) -> dict[str, Any]:
    start, busy = time.perf_counter(), time.process_time()
    with Memory() as memory:
        counts = compute()
    seconds, busy_s = time.perf_counter() - start, time.process_time() - busy
    return {
        **counts,
        "seconds": round(seconds, 1),
        "busy_s": round(busy_s, 1),
        "per_s": round(counts["owed"] / seconds),
        # Of this process's own time: on SQLite all the work, on PostgreSQL without the server's share.
        "per_s_per_core": round(counts["owed"] / busy_s),
        # What the program holds, and what the kernel shows it of the database file (mmap_size: 256 MB at most), which
        # is no more than a cache and goes when somebody else needs the room.
        "held_growth_kb": memory.held_growth_kb,
        "held_growth_later_kb": memory.held_growth_later_kb,
        "mapped_growth_kb": memory.mapped_growth_kb,
    }


def _add_licences(count: int) -> None:
    from openbeian.accounts.models import Organisation
    from openbeian.registry.models import Licence

    random, organisation = Random(20261121), Organisation.objects.earliest("pk")
    licences = []
    for number in range(count):
        issued = date(2017, 10, 1) + timedelta(days=random.randrange(3_300))
        licences.append(
            Licence(
                organisation=organisation,
                number=f"京B2-{issued.year}{number:06}",
                holder="示例公司",
                certificate_fingerprint=f"{number:032x}",
                issued_on=issued,
                valid_until=issued + timedelta(days=1_826),
                businesses=[{"code": "B25", "opened": True}],
                areas=["京"],
                authority="京",
                recorded_on=issued,
            )
        )
    Licence.objects.bulk_create(licences, batch_size=1_000)


class Memory:
    """Looks at this process ten times a second: how far its own memory and the mapped files grew, in kB.

    `held_growth_later_kb` is the growth after the first quarter of the looks, when caches are full: nought if flat.
    """

    def __init__(self) -> None:
        self._looks: list[tuple[int, int]] = []
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._look_on, daemon=True)

    def __enter__(self) -> Memory:
        self._looks.append(_read_memory())
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.set()
        self._thread.join()
        self._looks.append(_read_memory())
        held, mapped = (list(column) for column in zip(*self._looks, strict=True))
        quarter = max(1, len(held) // 4)
        self.held_growth_kb = max(held) - held[0]
        self.held_growth_later_kb = max(0, max(held[quarter:]) - max(held[:quarter]))
        self.mapped_growth_kb = max(mapped) - mapped[0]

    def _look_on(self) -> None:
        while not self._ends.wait(0.1):
            self._looks.append(_read_memory())


def _read_memory() -> tuple[int, int]:
    """The process's own pages and those that files lie behind, in kB, as Linux tells."""
    lines = Path("/proc/self/status").read_text().splitlines()
    told = {name: value.split()[0] for name, _, value in (line.partition(":") for line in lines) if value.split()}
    return int(told["RssAnon"]), int(told["RssFile"])
