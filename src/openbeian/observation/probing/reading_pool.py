"""Processes that read pages beside the one that fetches them; they end with it, however it ends."""

from __future__ import annotations

import multiprocessing
import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager

from openbeian.observation.content.lexicon import load_lexicon


@contextmanager
def open_reading_pool(workers: int) -> Iterator[ProcessPoolExecutor | None]:
    """A pool for `Prober(executor=…)`; None for no workers, when pages are read in place."""
    if workers < 1:
        yield None
        return
    # Fresh processes: a fork would copy the event loop's threads and sockets.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_prepare, initargs=(os.getpid(),)) as pool:
        yield pool


def _prepare(parent: int) -> None:
    """Loads the lexicon once, and watches that the process that fetches still lives: killed, it cannot say goodbye."""
    end_with_parent(parent)
    load_lexicon()


def end_with_parent(parent: int) -> None:
    """Ends this process within a second of its parent's end."""
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)
