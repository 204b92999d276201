"""A worker is killed in the middle of a job: in the end the job is done, and its effect happened once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import connection
from tests.entrypoints.workers.gateway import SECRET, Gateway, open_gateway

from openbeian.cases.confirming import queue_message
from openbeian.cases.models import SentMessage
from openbeian.jobs.models import Job
from openbeian.jobs.queries import get_worker_fact

ROOT = Path(__file__).parents[3]
Start = Callable[[], subprocess.Popen[bytes]]


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with open_gateway() as gateway:
        yield gateway


@pytest.fixture
def start_worker(gateway: Gateway) -> Iterator[Start]:
    """Starts worker processes on the test's database and ends them, whatever happens."""
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT / "src"),
            "OPENBEIAN_SMS_URL": gateway.url,
            "OPENBEIAN_SMS_SECRET": SECRET,
        }
        script = Path(__file__).with_name("slow_worker.py")
        process = subprocess.Popen(
            [sys.executable, str(script), str(connection.settings_dict["NAME"])], env=environment
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


def wait_until(condition: Callable[[], bool], seconds: float = 30) -> None:
    ends_at = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends_at, "it did not happen in time"
        time.sleep(0.05)


def is_done(job: Job) -> bool:
    return Job.objects.get(pk=job.pk).state == Job.State.DONE


@pytest.mark.django_db(transaction=True)
def test_a_job_whose_worker_is_killed_is_done_once_in_the_end(gateway: Gateway, start_worker: Start) -> None:
    gateway.hold.clear()
    message = queue_message("code:1", "13800138000", "核验码 123456")
    job = Job.objects.get(kind="cases.deliver_message")
    first = start_worker()
    wait_until(gateway.arrived.is_set)
    first.send_signal(signal.SIGKILL)
    first.wait()
    assert Job.objects.get(pk=job.pk).state == Job.State.RUNNING
    gateway.hold.set()
    start_worker()
    start_worker()
    wait_until(lambda: is_done(job))
    job.refresh_from_db()
    assert (job.attempts, job.result) == (2, {"delivered": True})
    assert [m["key"] for m in gateway.received] == ["code:1", "code:1"]
    assert gateway.sent == {"code:1": "核验码 123456"}
    assert SentMessage.objects.get(pk=message.pk).delivered_at is not None


@pytest.mark.django_db(transaction=True)
def test_two_workers_do_every_job_once(gateway: Gateway, start_worker: Start) -> None:
    for n in range(40):
        queue_message(f"code:{n}", "13800138000", f"第 {n} 条")
    start_worker()
    start_worker()
    messages = Job.objects.filter(kind="cases.deliver_message")
    wait_until(lambda: not messages.exclude(state=Job.State.DONE).exists())
    assert len(gateway.received) == 40
    assert set(messages.values_list("attempts", flat=True)) == {1}
    assert get_worker_fact().is_running


@pytest.mark.django_db(transaction=True)
def test_a_worker_told_to_stop_ends_its_job_and_leaves_with_zero(gateway: Gateway, start_worker: Start) -> None:
    gateway.hold.clear()
    queue_message("code:1", "13800138000", "核验码 123456")
    job = Job.objects.get(kind="cases.deliver_message")
    worker = start_worker()
    wait_until(gateway.arrived.is_set)
    worker.send_signal(signal.SIGTERM)
    gateway.hold.set()
    assert worker.wait(20) == 0
    assert is_done(job)
