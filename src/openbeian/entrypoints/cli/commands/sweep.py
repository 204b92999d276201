"""`openbeian sweep`: probes every site of a list, or of the record, and goes on where a killed sweep stopped."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from openbeian.entrypoints.cli.output import language, print_json, say
from openbeian.kernel.errors import OpenBeianError
from openbeian.kernel.text import Text

if TYPE_CHECKING:
    from openbeian.observation.probing.record import ProbeTarget

_RESUMED = Text(
    "接着上次的巡检：{done} 个网站已完成，不再重复。", "Going on with the last sweep: {done} sites are done."
)
_OURS = Text(
    "多数网站都无法访问，很可能是本机网络的问题；本次结果不作为网站异常的依据。",
    "Most sites could not be reached, so the trouble is most likely ours; this sweep accuses no site.",
)
_KEPT = Text("结果保存在 {path}", "Results are kept in {path}")


class OutputNeedsList(OpenBeianError):
    code = "sweep_output_needs_list"
    message = Text(
        "--output 只用于网站清单；巡检备案记录的结果存入数据库，逐行输出请用 --json-lines。",
        "--output goes with a list of sites; a sweep of the record is stored in the database. Use --json-lines for lines.",
    )


@click.command(
    help="巡检网站清单；不给清单则巡检全部备案网站，结果计入巡检与问题。"
    " Probes the sites of a CSV; without one every website on record, and the watch takes the results into account."
)
@click.argument("sites", required=False, type=click.Path(path_type=Path), metavar="[SITES.csv]")
@click.option(
    "--concurrency",
    type=click.IntRange(1, 512),
    default=32,
    show_default=True,
    help="同时巡检的网站数。 Sites at once.",
)
@click.option("--json-lines", is_flag=True, help="每个网站一行 JSON。 One line of JSON a site.")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="结果文件。 The results' file, else one in the data folder.",
)
@click.option("--readers", type=click.IntRange(0, 64), help="读取页面的进程数。 Processes that read pages.")
def command(sites: Path | None, concurrency: int, json_lines: bool, output: Path | None, readers: int | None) -> None:
    """JSON lines of the sites finished now, or one JSON summary."""
    if sites is None:
        if output is not None:
            raise OutputNeedsList
        from openbeian.entrypoints.cli.record_sweep import sweep_record

        summary = sweep_record(concurrency, _choose_readers(readers), as_lines=json_lines)
    else:
        targets = _read(sites)
        summary = _sweep(targets, concurrency, output, _choose_readers(readers)(len(targets)), as_lines=json_lines)
    if not json_lines:
        print_json(summary)
    if summary["is_ours"]:
        say(_OURS)


def _choose_readers(asked: int | None) -> Callable[[int], int]:
    """How many processes read pages, by the number of sites."""

    def choose(sites: int) -> int:
        # A page takes about a millisecond: for a few sites a process of its own costs more than it saves.
        return asked if asked is not None else min(4, (os.cpu_count() or 1) - 1) if sites > 200 else 0

    return choose


def _read(path: Path) -> list[ProbeTarget]:
    from openbeian.observation.content.sources import read_source
    from openbeian.observation.probing.sites import LARGEST_LIST_BYTES, read_sites

    listed = read_sites(read_source(str(path), limit_bytes=LARGEST_LIST_BYTES), path.name)
    for fault in listed.faults:
        say(f"  {fault.field} = {fault.value}: {fault.message(language())} → {fault.fix(language())}")
    return list(listed.targets)


def _sweep(
    targets: list[ProbeTarget], concurrency: int, output: Path | None, readers: int, *, as_lines: bool
) -> dict[str, Any]:
    from openbeian.entrypoints.cli.sweep_progress import SweepProgress
    from openbeian.observation.probing.probe import Prober
    from openbeian.observation.probing.reading_pool import open_reading_pool
    from openbeian.observation.probing.record import ProbeRecord
    from openbeian.observation.probing.settings import ProbeSettings
    from openbeian.observation.probing.sweep import SweepOutcome, sweep_sites
    from openbeian.observation.probing.sweep_log import open_sweep

    settings = ProbeSettings.from_environment()
    folder = Path(os.environ.get("OPENBEIAN_HOME", "data")) / "sweeps"
    with open_sweep(targets, folder, output) as log, open_reading_pool(readers) as pool:
        before = len(log.finished)
        if before:
            say(_RESUMED.format(done=before))
        progress = SweepProgress(len(targets), before)

        def keep(record: ProbeRecord) -> None:
            line = log.append(record)
            if as_lines:
                click.echo(line, nl=False)

        async def run() -> SweepOutcome:
            async with Prober(settings, executor=pool) as prober:
                return await sweep_sites(
                    targets,
                    prober,
                    concurrency=concurrency,
                    keep=keep,
                    watcher=progress,
                    finished=frozenset(log.finished),
                )

        try:
            outcome = asyncio.run(run())
        finally:
            progress.close()
        summary = {**outcome.as_json(), "resumed": before}
        log.end(summary)
    say(_KEPT.format(path=log.path))
    return {**summary, "results": str(log.path)}
