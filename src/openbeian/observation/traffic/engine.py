"""The engine that counts: one DuckDB connection with bounded memory, a temporary folder of its own, and no network."""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from openbeian.observation.traffic.errors import ResourcesExhausted

MEMORY = "1400MiB"

Progress = Callable[[float], None]
"""Told the share of the present statement that is done, 0 … 1."""


class Engine:
    """Runs SQL; `folder` is its temporary folder, removed at the end."""

    def __init__(self, folder: Path, memory: str = MEMORY) -> None:
        self.folder = folder
        self.connection = duckdb.connect(
            config={
                "memory_limit": memory,
                "temp_directory": str(folder / "spill"),
                "preserve_insertion_order": "false",
                "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false",
            }
        )
        # A time without a zone in a log is China time.
        self.connection.execute("SET TimeZone = 'Asia/Shanghai'")

    def run(self, sql: str, parameters: list[Any] | None = None) -> None:
        """Runs a statement. Raises: ResourcesExhausted when memory or disk is short."""
        self.rows(sql, parameters)

    def rows(self, sql: str, parameters: list[Any] | None = None) -> list[tuple[Any, ...]]:
        """The rows of a query. Raises: ResourcesExhausted when memory or disk is short."""
        try:
            return self.connection.execute(sql, parameters).fetchall()
        except (duckdb.OutOfMemoryException, duckdb.IOException) as fault:
            raise ResourcesExhausted(why=str(fault).splitlines()[0][:200]) from fault

    @contextmanager
    def watched(self, progress: Progress | None) -> Iterator[None]:
        """Reports the progress of the statements within the block from a second thread, four times a second.

        What `progress` raises stops the running statement and is raised here: that is how counting is cancelled.
        """
        if progress is None:
            yield
            return
        done = threading.Event()
        stopped: list[BaseException] = []

        def watch() -> None:
            while not done.wait(0.25):
                share = duckdb.query_progress(connection=self.connection)
                try:
                    progress(min(max(share, 0.0), 100.0) / 100)
                except BaseException as wish:
                    stopped.append(wish)
                    self.connection.interrupt()
                    return

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        try:
            yield
        except duckdb.InterruptException:
            if not stopped:
                raise
        finally:
            done.set()
            watcher.join()
        if stopped:
            raise stopped[0]


@contextmanager
def engine(memory: str = MEMORY) -> Iterator[Engine]:
    """An engine for the length of the block; its files are gone afterwards, also after an interrupt."""
    folder = Path(tempfile.mkdtemp(prefix="openbeian-traffic-"))
    try:
        running = Engine(folder, memory)
        try:
            yield running
        finally:
            running.connection.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
