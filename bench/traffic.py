"""Measures the traffic figures against GoAccess and against a bare DuckDB scan, on a log made here and removed after.

    ./openbeian bench traffic [LINES] [--tenfold]

Prints one JSON object: seconds of each, ratios, peak memory. GoAccess 1.7 is used if it is installed. Each ratio stands
for the clock and, with `_cpu`, for the time of the processors, which a busy machine disturbs less.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import duckdb

ROOT = Path(__file__).resolve().parent.parent
PEOPLE = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{}.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_{} like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) MicroMessenger/8.0",
    "Mozilla/5.0 (Linux; Android 14; Pixel {}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Mobile Safari/537.36",
]
ROBOTS = [
    "Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "Sogou web spider/4.0(+http://www.sogou.com/docs/help/webmasters.htm#07)",
]


def write_log(path: Path, lines: int, days: int) -> None:
    """A combined log in the order of time: visits of twelve requests (a third of them pages), one visit in seven a robot's."""
    agents = [text.format(i) for text in PEOPLE for i in range(60)]
    agents += ROBOTS * (len(agents) // len(ROBOTS) // 6)
    connection = duckdb.connect(config={"memory_limit": "2GB", "temp_directory": str(path.parent / "spill")})
    connection.execute("CREATE TABLE agents AS SELECT unnest(?) AS agent", [agents])
    connection.execute(
        f"""COPY (
        WITH one AS (SELECT i, i // 12 AS visit, hash(i) AS h, hash(i * 7 + 1) AS g FROM range({lines}) t(i)),
        two AS (SELECT *, (hash(visit * 3 + 5) % {max(lines // 40, 1)})::BIGINT AS visitor,
            1735660800 + (hash(visit) % {days * 86400})::BIGINT + (i % 12) * 7 + (h % 5)::BIGINT AS moment FROM one),
        three AS (SELECT * FROM two ORDER BY moment)
        SELECT printf('%d.%d.%d.%d', 20 + visitor % 80, (visitor // 80) % 256, (visitor * 7) % 256, 1 + visitor % 250)
            || ' - - [' || strftime(make_timestamp((moment + 28800) * 1000000), '%d/%b/%Y:%H:%M:%S') || ' +0800] "'
            || CASE WHEN g % 40 = 0 THEN 'POST' WHEN g % 97 = 1 THEN 'HEAD' ELSE 'GET' END || ' '
            || CASE h % 6 WHEN 0 THEN '/article/' || ((h // 7) % 20000) || '.html' WHEN 1 THEN '/product/detail?id=' || ((h // 17) % 50000) || '&from=list'
               WHEN 2 THEN '/static/js/app.' || ((h // 11) % 50) || '.js' WHEN 3 THEN '/static/css/site.' || ((h // 11) % 20) || '.css'
               ELSE '/images/photo-' || ((h // 13) % 3000) || '.jpg?w=640' END
            || ' HTTP/1.1" ' || CASE WHEN g % 50 = 0 THEN 404 WHEN g % 60 = 1 THEN 302 WHEN g % 500 = 2 THEN 500 WHEN g % 12 = 3 THEN 304 ELSE 200 END
            || ' ' || (g // 31 % 60000) || ' "'
            || CASE WHEN g % 7 = 0 THEN '-' WHEN g % 7 < 5 THEN 'https://www.example.cn/article/' || (g % 1000) || '.html' ELSE 'https://www.baidu.com/link?url=' || (g % 5000) END
            || '" "' || (SELECT list(agent) FROM agents)[1 + (visitor * 31 % {len(agents)})::INTEGER] || '"'
        FROM three) TO '{path}' (HEADER false, QUOTE '', ESCAPE '', DELIMITER '\x01')"""
    )
    connection.close()


def measure(command: list[str], output: Path | None = None) -> dict[str, float]:
    """Runs a program, its output into a file if one is named: seconds on the wall, seconds of processor, peak memory in MiB. Raises: when it fails."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.monotonic()
    with (output or Path(os.devnull)).open("wb") as file:
        process = subprocess.Popen(command, stdout=file, stderr=subprocess.DEVNULL, env=ENVIRONMENT)
        _, status, used = os.wait4(process.pid, 0)
    wall = time.monotonic() - begun
    if status:
        raise RuntimeError(f"{command[0]} failed with status {status}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"wall_s": round(wall, 2), "cpu_s": round(cpu, 2), "peak_mib": used.ru_maxrss // 1024}


ENVIRONMENT = os.environ | {"PYTHONPATH": str(ROOT / "src"), "OPENBEIAN_ROOT": str(ROOT)}
SCAN = (
    "import duckdb, sys\n"
    "names = ['address', 'ident', 'person', 'clock', 'zone', 'request', 'status', 'bytes', 'referrer', 'agent']\n"
    "columns = {n: 'SMALLINT' if n == 'status' else 'VARCHAR' for n in names}\n"
    "duckdb.execute(f\"SELECT status, count(*) FROM read_csv('{sys.argv[1]}', delim=' ', quote='\\\"', header=false, "
    'auto_detect=false, columns={columns}) GROUP BY status").fetchall()'
)


def ratios(name: str, longer: dict[str, float], shorter: dict[str, float]) -> dict[str, float]:
    """How many times the one measurement is the other, by the clock and by the processors."""
    return {
        name: round(longer["wall_s"] / shorter["wall_s"], 2),
        f"{name}_cpu": round(longer["cpu_s"] / shorter["cpu_s"], 2),
    }


def figures(log: Path) -> list[str]:
    """The product's own command for a log."""
    return [sys.executable, "-m", "openbeian.entrypoints.cli", "traffic", str(log), "--json"]


def agreement(mine: Path, peer: Path) -> dict[str, bool]:
    """Whether both count the same. GoAccess's visitor of a day is our client of that day, people and robots together."""
    ours, theirs = json.loads(mine.read_text(encoding="utf-8")), json.loads(peer.read_text(encoding="utf-8"))
    (service,) = ours["services"]

    def both(pair: dict[str, int]) -> int:
        return pair["people"] + pair["robots"]

    codes = {
        item["data"].split(" ")[0]: item["hits"]["count"]
        for group in theirs["status_codes"]["data"]
        for item in group["items"]
    }
    days = {item["data"]: item for item in theirs["visitors"]["data"]}
    mine_days = {day.replace("-", ""): measures for day, measures in service["days"].items()}
    return {
        "requests": theirs["general"]["total_requests"] == both(service["total"]["requests"]),
        "bytes": theirs["general"]["bandwidth"] == both(service["total"]["bytes"]),
        "statuses": codes == {code: both(pair) for code, pair in service["statuses"].items()},
        "requests_per_day": {d: i["hits"]["count"] for d, i in days.items()}
        == {d: both(m["requests"]) for d, m in mine_days.items()},
        "visitors_per_day": {d: i["visitors"]["count"] for d, i in days.items()}
        == {d: both(m["clients"]) for d, m in mine_days.items()},
    }


def write_elsewhere(path: Path, lines: int, days: int) -> None:
    """Writes the log in another process: a child's peak memory begins with that of its parent."""
    subprocess.run([sys.executable, __file__, str(lines), "--write", str(path), "--days", str(days)], check=True)


def run(arguments: Sequence[str]) -> int:
    """Writes the log, measures, prints, removes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("lines", nargs="?", type=int, default=3_000_000)
    parser.add_argument("--write", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--days", type=int, default=30, help=argparse.SUPPRESS)
    parser.add_argument("--tenfold", action="store_true", help="also ten times the lines: time and memory must follow")
    options = parser.parse_args(arguments)
    if options.write:
        write_log(options.write, options.lines, options.days)
        return 0
    folder = Path(tempfile.mkdtemp(prefix="openbeian-bench-"))
    try:
        log = folder / "access.log"
        write_elsewhere(log, options.lines, days=30)
        answer = {"lines": options.lines, "bytes": log.stat().st_size, "load": os.getloadavg()[0]}
        scan = answer["bare_scan"] = measure([sys.executable, "-c", SCAN, str(log)])
        mine = answer["figures"] = measure(figures(log), folder / "mine.json")
        answer |= ratios("times_bare_scan", mine, scan)
        if shutil.which("goaccess"):
            peer = answer["goaccess"] = measure(
                ["goaccess", str(log), "--log-format=COMBINED", "--no-progress", "-o", str(folder / "report.json")]
            )
            answer |= ratios("faster_than_goaccess", peer, mine)
            answer["agreement"] = agreement(folder / "mine.json", folder / "report.json")
        if options.tenfold:
            log.unlink()
            write_elsewhere(log, options.lines * 10, days=300)
            tenfold = answer["tenfold"] = measure(figures(log))
            answer |= ratios("tenfold_ratio", tenfold, mine)
        print(json.dumps(answer))
    finally:
        shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
