"""What a large portfolio owes, computed in full, against a plain loop over the same rules.

`./openbeian bench obligations [--services 1000000] [--licences 50000]`. Facts are made in memory as they are asked for.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import chain, islice
from pathlib import Path
from random import Random

GOAL_PER_S = 30_000
_NOW = datetime(2026, 11, 21, 4, tzinfo=UTC)
_PROVINCES = "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝蜀黔滇藏陕陇青宁新"


def run(arguments: Sequence[str]) -> int:
    """Prints obligations per second of one core, the ratio to the plain loop, and how memory grew, as JSON."""
    parser = argparse.ArgumentParser(prog="openbeian bench obligations", description=__doc__)
    parser.add_argument("--services", type=int, default=1_000_000)
    parser.add_argument("--licences", type=int, default=50_000)
    parser.add_argument("--plain", type=int, default=1_000, help="how many records the plain loop computes")
    chosen = parser.parse_args(arguments)
    from openbeian.obligations.decisions import Reckoner
    from openbeian.rules.obligation_kinds import load_obligation_kinds
    from openbeian.rules.rulebook import current_rulebook, rulebook_path

    rulebook, kinds = current_rulebook(), load_obligation_kinds(Path(rulebook_path()) / "obligations")
    reckoner = Reckoner(rulebook, kinds, _NOW)
    warm = sum(len(reckoner.list_owed(facts)) for facts in islice(make_facts(50_000, 5_000), 50_000))
    before_kb = _peak_kb()
    start = time.process_time()
    owed = sum(len(reckoner.list_owed(facts)) for facts in make_facts(chosen.services, chosen.licences))
    seconds = time.process_time() - start
    per_s = owed / seconds
    plain_per_s = measure_plain(make_facts(chosen.plain, chosen.plain // 20))
    figures = {
        "services": chosen.services,
        "licences": chosen.licences,
        "obligations": owed,
        "seconds": round(seconds, 1),
        "per_s_per_core": round(per_s),
        "goal_per_s": GOAL_PER_S,
        "plain_per_s": round(plain_per_s),
        "ratio": round(per_s / plain_per_s, 1),
        "peak_growth_kb": _peak_kb() - before_kb,
        "warmed_up_with": warm,
    }
    print(json.dumps(figures))
    return 0 if per_s >= GOAL_PER_S else 1


def make_facts(services: int, licences: int) -> Iterator[object]:
    """Services and licences with days spread over years, one at a time; the same each time."""
    from openbeian.obligations.decisions import Facts

    random = Random(20261121)
    first, standing = date(2012, 1, 1), {"standing": "active"}

    def service(number: int) -> Facts:
        granted = first + timedelta(days=random.randrange(5_400))
        days = {"granted_on": granted, "person_certificate_until": granted + timedelta(days=random.randrange(7_300))}
        province = _PROVINCES[number % len(_PROVINCES)]
        return Facts("service", number, number % 400, number % 400_000, province, days, standing, granted)

    def licence(number: int) -> Facts:
        issued = first + timedelta(days=random.randrange(2_100, 5_400))
        days = {"issued_on": issued, "valid_until": issued + timedelta(days=1_826)}
        return Facts("licence", number, number % 400, None, "", days, standing, issued)

    return chain(map(service, range(services)), map(licence, range(licences)))


def measure_plain(facts: Iterable[object]) -> float:
    """Obligations per second of a loop without memory: each is resolved, counted and told its harm on its own."""
    from openbeian.obligations.decisions import Reckoner
    from openbeian.rules.obligation_kinds import load_obligation_kinds
    from openbeian.rules.rulebook import current_rulebook, rulebook_path

    rulebook, kinds = current_rulebook(), load_obligation_kinds(Path(rulebook_path()) / "obligations")
    reckoner = Reckoner(rulebook, kinds, _NOW)
    owed = 0
    start = time.process_time()
    for each in facts:
        reckoner.forget()
        owed += len(reckoner.list_owed(each))  # type: ignore[arg-type]
    return owed / (time.process_time() - start)


def _peak_kb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
