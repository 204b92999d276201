"""The worker's loop: queue what comes round, take a due job, run it, record how it ended, and again."""

from __future__ import annotations

import logging
import os
import secrets
import signal
import socket
import threading
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from types import FrameType

from django.db import DatabaseError, InterfaceError, close_old_connections

from openbeian.entrypoints.workers.heart import Heart
from openbeian.jobs.actions.enqueue_job import enqueue_job
from openbeian.jobs.actions.finish_job import finish_job
from openbeian.jobs.actions.forget_jobs import forget_jobs
from openbeian.jobs.actions.lease_job import lease_job
from openbeian.jobs.actions.release_job import release_job
from openbeian.jobs.decisions import JobKind, compute_period
from openbeian.jobs.errors import JobCancelled, LeaseLost, WorkerStopping
from openbeian.jobs.models import Job
from openbeian.kernel import clock
from openbeian.kernel.errors import OpenBeianError

log = logging.getLogger(__name__)

_LONGEST_PAUSE_S = 30.0


@dataclass(frozen=True, slots=True)
class Pace:
    """`lease_s`: how soon a killed worker's job is taken again; several beats must fit into it."""

    lease_s: float = 60
    beat_s: float = 10
    idle_s: float = 1


class Worker:
    """One worker process. Any number may run at once, on one machine or several, on the same database."""

    def __init__(self, kinds: Mapping[str, JobKind], pace: Pace = Pace()) -> None:
        self.name = f"{socket.gethostname()[:50]}:{os.getpid()}:{secrets.token_hex(4)}"
        self._kinds = kinds
        self._pace = pace
        self._heart = Heart(self.name, pace.lease_s, pace.beat_s)
        self._stopping = threading.Event()
        self._queued_periods: dict[str, str] = {}

    def stop(self, signal_number: int = 0, frame: FrameType | None = None) -> None:
        """Ends the loop after the running job, which is interrupted at its next report. A signal handler."""
        self._stopping.set()
        self._heart.stop_job()

    def run(self, *, until_idle: bool = False) -> None:
        """Works until `stop`, or with `until_idle` until nothing is due."""
        pause_s = self._pace.idle_s
        with self._heart:
            while not self._stopping.is_set():
                try:
                    close_old_connections()
                    self._queue_periodic()
                    worked = self._run_next()
                    pause_s = self._pace.idle_s
                except (DatabaseError, InterfaceError):
                    # Locked, restarting or gone: try again, ever more slowly.
                    log.exception("the database did not answer")
                    worked, pause_s = False, min(pause_s * 2, _LONGEST_PAUSE_S)
                if not worked:
                    if until_idle:
                        return
                    self._stopping.wait(pause_s)

    def _queue_periodic(self) -> None:
        for kind in self._kinds.values():
            if kind.every_s is None:
                continue
            period = compute_period(clock.now(), kind.every_s)
            if self._queued_periods.get(kind.name) != period:
                enqueue_job(kind.name, period)
                forget_jobs([kind.name])
                self._queued_periods[kind.name] = period

    def _run_next(self) -> bool:
        """True when there was a job."""
        job = lease_job(self.name, self._kinds, self._pace.lease_s)
        if job is None:
            return False
        self._heart.watch(job, self._kinds[job.kind].longest_s)
        try:
            self._run(job)
        except LeaseLost:
            log.warning("job %s (%s) was taken over by another worker", job.pk, job.kind)
        finally:
            self._heart.unwatch()
        return True

    def _run(self, job: Job) -> None:
        try:
            result = self._kinds[job.kind].run(job.arguments, self._heart.report)
        except WorkerStopping:
            release_job(job)
        except JobCancelled:
            finish_job(job, Job.State.CANCELLED)
        except LeaseLost:
            raise
        except OpenBeianError as refusal:
            log.info("job %s (%s) refused: %s", job.pk, job.kind, refusal.code)
            finish_job(job, Job.State.FAILED, error=f"{refusal.text.zh} {refusal.text.en}")
        except Exception as fault:
            # The row is read by people and backed up: it names the fault, the log has its text.
            identifier = uuid.uuid4().hex[:12]
            log.exception("job %s (%s) failed, fault %s", job.pk, job.kind, identifier)
            finish_job(job, Job.State.FAILED, error=f"{type(fault).__name__} {identifier}", may_retry=True)
        else:
            finish_job(job, Job.State.DONE, result=result)


def run_worker(kinds: Mapping[str, JobKind], pace: Pace = Pace(), *, until_idle: bool = False) -> None:
    """Runs a worker in the main thread until SIGTERM or SIGINT, which let the running job end in good order."""
    worker = Worker(kinds, pace)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, worker.stop)
    log.info("worker %s is running", worker.name)
    worker.run(until_idle=until_idle)
    log.info("worker %s has stopped", worker.name)
