"""How long the public look-up takes to find a Chinese name: one character, two, many, at any place in the name.

`./openbeian bench search --home FOLDER`, on a world made by `./openbeian bench world`.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import Any

from bench.world import open_home


def run(arguments: Sequence[str]) -> int:
    """Prints p50, p99 and the worst for each kind of question, in milliseconds, as JSON."""
    parser = argparse.ArgumentParser(prog="openbeian bench search", description=__doc__)
    parser.add_argument("--home", type=Path, required=True, help="the folder a world was made in")
    parser.add_argument("--questions", type=int, default=300, help="how many of each kind")
    chosen = parser.parse_args(arguments)
    open_home(chosen.home)
    print(json.dumps(measure_search(chosen.questions), ensure_ascii=False))
    return 0


def measure_search(count: int, seed: int = 1) -> dict[str, Any]:
    """`{kind: {p50_ms, p99_ms, worst_ms, worst, found}}` over questions drawn from the names on record."""
    from openbeian.registry.lookup import look_up

    random = Random(seed)
    names = _draw_names(random, count)
    figures: dict[str, Any] = {}
    for kind, cut in _CUTS.items():
        timed = []
        found = 0
        for name in names:
            part = cut(random, name)
            start = time.perf_counter()
            found += bool(look_up(part).records)
            timed.append((1000 * (time.perf_counter() - start), part))
        timed.sort()
        figures[kind] = {
            "p50_ms": round(timed[len(timed) // 2][0], 2),
            "p99_ms": round(timed[int(len(timed) * 0.99)][0], 2),
            "worst_ms": round(timed[-1][0], 2),
            "worst": timed[-1][1],
            "found": found,
            "asked": len(names),
        }
    return figures


def _inside(length: int) -> Callable[[Random, str], str]:
    def cut(random: Random, name: str) -> str:
        start = random.randrange(max(1, len(name) - length + 1))
        return name[start : start + length]

    return cut


_CUTS: dict[str, Callable[[Random, str], str]] = {
    "one character, any place": _inside(1),
    "two characters, any place": _inside(2),
    "three characters, any place": _inside(3),
    "five characters, any place": _inside(5),
    "whole name": lambda _, name: name,
    "the beginning": lambda _, name: name[:3],
    "the end": lambda _, name: name[-4:],
    "two characters found nowhere": lambda random, name: name[0] + random.choice("龘靐齉爩鱻"),
    "common pairs that never stand together": lambda random, name: random.choice(
        ("有限公司科技", "科技北京", "公司有限", "网络科技信息", "限公有限", "有限责任有限")
    ),
}


def _draw_names(random: Random, count: int) -> list[str]:
    """Half names of companies, half names of services, from all over the record."""
    from openbeian.registry.models import Service, Sponsor

    names: list[str] = []
    for records in (Sponsor.objects.exclude(nature="individual"), Service.objects.all()):
        last = records.order_by("-pk").values_list("pk", flat=True).first() or 1
        ids = [random.randint(1, last) for _ in range(count)]
        names += list(records.filter(pk__in=ids).values_list("name", flat=True))[: (count + 1) // 2]
    return names
