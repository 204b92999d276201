"""How long a portfolio takes to import against reading its sheet alone: `./openbeian bench portfolio --rows 100000`.

“Reading alone” is what the import itself begins with: the product's own reader, in its process with limits, every row
taken over as text. Beside it stands the bare library (calamine, or Python's csv) reading the same bytes. The import is the
whole action: rows read and checked, personal values sealed and fingerprinted, records, search index and journal written
to an empty database in a new folder. Reading and import take turns, three times unless told otherwise, as both swing
with what else the machine does. Measured figures: docs/decisions/0602-importing-portfolios.md.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import os
import resource
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from multiprocessing import get_context
from pathlib import Path
from random import Random
from statistics import median
from typing import TYPE_CHECKING, Any, TypeVar

from bench.fictional_names import NameMaker
from bench.world import open_home

if TYPE_CHECKING:
    from openbeian.registry.portfolio_report import ImportReport

T = TypeVar("T")
SERVICES_OF_A_SPONSOR = 2.5
"""As in `bench world`."""


def run(arguments: Sequence[str]) -> int:
    """Prints one JSON line: seconds, ratios to the reading, rows per second, peak memory in megabytes."""
    parser = argparse.ArgumentParser(prog="openbeian bench portfolio", description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--times", type=int, default=3, help="how often to read and import; the medians count")
    parser.add_argument("--csv", action="store_true", help="a CSV instead of an xlsx file")
    parser.add_argument("--whole", action="store_true", help="import as without --partial: check all rows, then write")
    parser.add_argument("--again", action="store_true", help="import the same sheet a second time as well")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="openbeian-bench-") as folder:
        sheet = Path(folder, "portfolio")
        # In processes of their own: the peak of memory is the import's, and every one has a new database.
        beside(write_sheet, sheet, chosen.rows, chosen.csv)
        rounds = [beside(measure, sheet, Path(folder, str(n)), chosen) for n in range(chosen.times)]
    print(json.dumps(sum_up(rounds, chosen)))
    return 0


def beside(work: Callable[..., T], *arguments: Any) -> T:
    """What a function gives in a process of its own."""
    context = get_context("fork")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=lambda: there.send(work(*arguments)))
    process.start()
    there.close()
    try:
        result: T = here.recv()
    except EOFError as end:
        raise SystemExit("a part of the bench ended with nothing to tell") from end
    process.join()
    return result


def write_sheet(path: Path, rows: int, as_csv: bool) -> None:
    path.write_bytes(write_csv(rows) if as_csv else write_xlsx(rows))


def measure(sheet: Path, home: Path, chosen: argparse.Namespace) -> dict[str, Any]:
    """One round: the reading, the import into an empty record, the reading again, and the bare library."""
    home.mkdir()
    open_home(home)
    from django.core.management import call_command

    from openbeian.journal.models import Entry
    from openbeian.registry.actions.import_portfolio import import_portfolio
    from openbeian.registry.sheets.reading import read_sheet, reading_sheet

    call_command("migrate", verbosity=0)
    actor, content = make_actor(), sheet.read_bytes()

    def take_over() -> ImportReport:
        with reading_sheet(content) as arriving:
            return import_portfolio(actor, arriving, partial=not chosen.whole)

    def read() -> int:
        return sum(1 for _ in read_sheet(content).iterate())

    readings = [spend(read)[0]]
    first, report = spend(take_over)
    if report.created != chosen.rows:
        raise SystemExit(f"first: {report.as_json()}")
    peak, largest = (
        resource.getrusage(who).ru_maxrss // 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    readings.append(spend(read)[0])
    bare, cells = spend(lambda: read_bare(content, as_csv=chosen.csv))
    times = {"import": first}
    if chosen.again:
        times["again"], report = spend(take_over)
        if report.unchanged != chosen.rows:
            raise SystemExit(f"again: {report.as_json()}")
    return {
        "times": times,
        "readings": readings,
        "bare": bare,
        "cells": cells,
        "bytes": len(content),
        "entries": Entry.objects.count(),
        "peak": peak,
        "largest": largest,
        "load": round(os.getloadavg()[0], 1),
    }


def sum_up(rounds: Sequence[dict[str, Any]], chosen: argparse.Namespace) -> dict[str, Any]:
    """Medians over the rounds; beside the ratio of the medians stands the one to the fastest reading of all."""
    readings = [spent for r in rounds for spent in r["readings"]]
    reading, bare = middle(readings), middle([r["bare"] for r in rounds])
    first = middle([r["times"]["import"] for r in rounds])
    names = rounds[0]["times"]
    return {
        "rows": chosen.rows,
        "cells": rounds[0]["cells"],
        "megabytes": round(rounds[0]["bytes"] / 1e6, 1),
        "reading_s": round(reading[0], 2),
        "reading_cpu_s": round(reading[1], 2),
        "bare_s": round(bare[0], 2),
        "bare_cpu_s": round(bare[1], 2),
        **{
            key: value
            for name in names
            for key, value in compare(name, middle([r["times"][name] for r in rounds]), reading, bare).items()
        },
        "import_ratio_to_fastest_reading": round(first[0] / min(spent[0] for spent in readings), 2),
        "all_readings_s": [round(spent[0], 2) for spent in readings],
        "all_imports_s": [round(r["times"]["import"][0], 2) for r in rounds],
        "rows_per_s": round(chosen.rows / first[0]),
        "journal_entries": max(r["entries"] for r in rounds),
        "peak_megabytes": max(r["peak"] for r in rounds),
        "largest_process_beside_megabytes": max(r["largest"] for r in rounds),
        "load": [r["load"] for r in rounds],
        "aim_ratio": 4,
    }


def middle(spent: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """The medians by the clock and on processors."""
    return median(s[0] for s in spent), median(s[1] for s in spent)


def compare(
    name: str, spent: tuple[float, float], reading: tuple[float, float], bare: tuple[float, float]
) -> dict[str, float]:
    """Seconds by the clock and on processors, and both in times of the reading."""
    return {
        f"{name}_s": round(spent[0], 2),
        f"{name}_cpu_s": round(spent[1], 2),
        f"{name}_ratio": round(spent[0] / reading[0], 2),
        f"{name}_cpu_ratio": round(spent[1] / reading[1], 2),
        f"{name}_ratio_to_bare": round(spent[0] / bare[0], 2),
        f"{name}_cpu_ratio_to_bare": round(spent[1] / bare[1], 2),
    }


def read_bare(content: bytes, *, as_csv: bool) -> int:
    """How many cells the bare library finds."""
    if as_csv:
        return sum(map(len, csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))))
    from python_calamine import CalamineWorkbook

    return sum(map(len, CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()))


def spend(work: Callable[[], T]) -> tuple[tuple[float, float], T]:
    """Seconds by the clock and on processors that the work took, and what came of it."""
    began, cpu_began = time.perf_counter(), cpu_seconds()
    result = work()
    return (time.perf_counter() - began, cpu_seconds() - cpu_began), result


def cpu_seconds() -> float:
    """Time on a processor, of this process and of the ended ones that it started: others on the machine do not count."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def make_actor() -> Any:
    from openbeian.accounts.acting import actor_of
    from openbeian.accounts.models import Membership, Organisation, User
    from openbeian.kernel import clock
    from openbeian.registry.models import Provider

    organisation = Organisation.objects.create(name="基准测试集团", kind="owner", created_at=clock.now())
    user = User.objects.create_user("bench@example.cn", None, name="基准", created_at=clock.now())
    Provider.objects.bulk_create(Provider(name=f"示例云{n}", kind="access_provider") for n in range(20))
    return actor_of(Membership.objects.create(user=user, organisation=organisation, roles=["applicant"]), "cli")


def write_csv(rows: int) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(make_table(rows))
    return out.getvalue().encode("utf-8-sig")


def write_xlsx(rows: int) -> bytes:
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("备案清单")
    for row in make_table(rows):
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def make_table(rows: int, seed: int = 20261121) -> Iterator[list[str]]:
    """The heading and then a service in each row, all columns of the template filled but the service's own person."""
    from stdnum.cn import ric, uscc

    from openbeian.kernel.provinces import PROVINCES
    from openbeian.registry.portfolio_columns import COLUMNS

    random, sponsor, sequence, index = Random(seed), dict[str, str](), 0, 0
    names = NameMaker(random)
    yield [c.heading.zh for c in COLUMNS]
    for n in range(rows):
        if not sponsor or int(n / SERVICES_OF_A_SPONSOR) != int((n - 1) / SERVICES_OF_A_SPONSOR):
            index, sequence = index + 1, 0
            province = PROVINCES[index % 31]
            code = f"91110000MA{index:07}"
            body = f"110101{1960 + index % 40}{1 + index % 12:02}{1 + index % 28:02}{index % 1000:03}"
            person = names.person().text
            sponsor = {
                "sponsor.number": f"{province.abbreviation}ICP备2019{index:06}号",
                "sponsor.name": names.company().text,
                "sponsor.nature": "企业",
                "sponsor.certificate_type": "营业执照",
                "sponsor.certificate_number": code + uscc.calc_check_digit(code),
                "sponsor.region": "北京市东城区",
                "sponsor.address": f"北京市东城区示例路{index}号",
                "sponsor.certificate_address": f"北京市东城区示例路{index}号",
                "sponsor.certificate_until": "长期",
                "sponsor.legal_representative": person,
                "sponsor.person.name": person,
                "sponsor.person.certificate_type": "居民身份证",
                "sponsor.person.certificate_number": body + ric.calc_check_digit(body + "0"),
                "sponsor.person.mobile": f"138{index:08}",
                "sponsor.person.emergency_phone": f"139{index:08}",
                "sponsor.person.email": f"person{index}@example.cn",
                "sponsor.granted_on": f"2019/{1 + index % 12}/{1 + index % 28}",
            }
        sequence += 1
        domain = names.domain(n)
        service = {
            "service.number": f"{sponsor['sponsor.number']}-{sequence}",
            "service.kind": "网站",
            "service.name": names.site().text,
            "service.domains": domain,
            "service.home_url": f"www.{domain}",
            "service.contents": "单位门户网站",
            "service.languages": "中文简体",
            "access.provider": f"示例云{n % 20}",
            "access.mode": "云接入",
            "access.place": "北京市",
            "access.ip_ranges": f"8.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}",
            "service.granted_on": f"{2010 + n % 15}年{1 + n % 12}月{1 + n % 28}日",
        }
        yield [(sponsor | service).get(c.key, "") for c in COLUMNS]
