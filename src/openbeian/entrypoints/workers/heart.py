"""The worker's heartbeat: one thread that says “alive”, keeps the running job's lease, and hears when it must stop."""

from __future__ import annotations

import logging
import threading
import time
from types import TracebackType
from typing import Self

from django.db import DatabaseError, InterfaceError, close_old_connections, connection

from openbeian.jobs.actions.extend_lease import extend_lease
from openbeian.jobs.actions.record_beat import record_beat
from openbeian.jobs.errors import JobCancelled, LeaseLost, WorkerStopping
from openbeian.jobs.models import Job

log = logging.getLogger(__name__)


class Heart:
    """Beats in a thread with a database connection of its own, so that a job inside a long transaction keeps its lease.

    `report` is what a job function gets as `progress`: it only notes the figures and raises what the last beat
    heard, and never touches the database of the job's transaction.
    """

    def __init__(self, worker: str, lease_s: float, beat_s: float) -> None:
        self._worker, self._lease_s, self._beat_s = worker, lease_s, beat_s
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._ended = False
        self._job: Job | None = None
        self._stuck_at = 0.0
        self._figures = (0, 0)
        self._verdict: Exception | None = None
        self._stopping = False
        self._thread = threading.Thread(target=self._beat_on, name="heart", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._ended = True
        self._wake.set()
        self._thread.join(timeout=self._beat_s + 30)

    def watch(self, job: Job, longest_s: float) -> None:
        """From now on the beat keeps this job's lease, for `longest_s` at most."""
        with self._lock:
            self._job, self._figures, self._verdict = job, (job.progress_done, job.progress_total), None
            self._stuck_at = time.monotonic() + longest_s

    def unwatch(self) -> None:
        with self._lock:
            self._job = None

    def stop_job(self) -> None:
        """The running job ends at its next report and goes back to the queue. Safe in a signal handler."""
        self._stopping = True

    def report(self, done: int, total: int) -> None:
        """Raises: WorkerStopping, JobCancelled, LeaseLost."""
        self._figures = (done, total)
        if self._verdict:
            raise self._verdict
        if self._stopping:
            raise WorkerStopping

    def _beat_on(self) -> None:
        try:
            while not self._ended:
                self._beat()
                self._wake.wait(self._beat_s)
        finally:
            connection.close()

    def _beat(self) -> None:
        try:
            close_old_connections()
            self._keep_lease()
            record_beat(self._worker)
        except (DatabaseError, InterfaceError):
            # A busy or absent database is no reason to die; the lease decides who goes on.
            log.warning("a heartbeat was not written", exc_info=True)

    def _keep_lease(self) -> None:
        # Never waits for the database under the lock: the job's own thread takes it at the job's end.
        with self._lock:
            job, stuck = self._job, time.monotonic() > self._stuck_at
        if job is None or self._verdict:
            return
        verdict: Exception | None = None
        if stuck:
            log.error("job %s (%s) seems stuck; its lease runs out", job.pk, job.kind)
            verdict = LeaseLost()
        else:
            try:
                extend_lease(job, self._lease_s, *self._figures)
            except (LeaseLost, JobCancelled) as heard:
                verdict = heard
        with self._lock:
            if self._job is job:
                self._verdict = verdict
