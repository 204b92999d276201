"""The worker's loop in one process: how each way of ending is recorded."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from openbeian.accounts.models import Organisation
from openbeian.entrypoints.workers.loop import Pace, Worker
from openbeian.jobs.actions.cancel_job import cancel_job
from openbeian.jobs.actions.enqueue_job import enqueue_job
from openbeian.jobs.actions.lease_job import lease_job
from openbeian.jobs.decisions import JobKind, Progress
from openbeian.jobs.errors import JobFinished
from openbeian.jobs.models import Job, WorkerBeat
from openbeian.jobs.queries import find_job, get_worker_fact
from openbeian.kernel import clock
from openbeian.kernel.errors import OpenBeianError

pytestmark = pytest.mark.django_db(transaction=True)

NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)
Function = Callable[[dict[str, Any], Progress], dict[str, Any] | None]


def work(run: Function, *, every_s: int | None = None, longest_s: int = 60) -> Worker:
    """A worker that knows one kind of job, has done all that was due, and has stopped."""
    worker = Worker(
        {"test.job": JobKind("test.job", run, every_s, longest_s)}, Pace(lease_s=5, beat_s=0.02, idle_s=0.01)
    )
    worker.run(until_idle=True)
    return worker


def do_nothing(arguments: dict[str, Any], progress: Progress) -> dict[str, Any] | None:
    return None


def report_for_ever(arguments: dict[str, Any], progress: Progress) -> dict[str, Any] | None:
    for n in range(10**9):
        progress(n, 10**9)
    return None


def test_a_job_gets_its_arguments_and_its_result_is_kept() -> None:
    job = enqueue_job("test.job", "1", {"number": 20})
    work(lambda arguments, progress: {"double": arguments["number"] * 2})
    job.refresh_from_db()
    assert (job.state, job.result, job.attempts, job.error) == ("done", {"double": 40}, 1, "")
    assert job.finished_at is not None


def test_the_same_key_is_queued_once() -> None:
    assert enqueue_job("test.job", "1", {"a": 1}).pk == enqueue_job("test.job", "1", {"a": 2}).pk
    assert Job.objects.get().arguments == {"a": 1}


def test_a_key_too_long_for_the_table_is_refused_on_every_database() -> None:
    with pytest.raises(ValueError, match="120"):
        enqueue_job("test.job", "k" * 120)


def test_a_fault_is_tried_again_later_and_its_text_stays_out_of_the_row() -> None:
    def fail(arguments: dict[str, Any], progress: Progress) -> None:
        raise RuntimeError("13800138000 is not to be seen")

    job = enqueue_job("test.job", "1")
    work(fail)
    job.refresh_from_db()
    assert job.state == "queued"
    assert job.run_at > clock.now()
    assert job.error.startswith("RuntimeError ")
    assert "138" not in job.error


def test_each_failure_doubles_the_rest_and_the_last_one_fails_the_job() -> None:
    def fail(arguments: dict[str, Any], progress: Progress) -> None:
        raise RuntimeError

    at, rests = NOON, []
    with clock.hold(at):
        job = enqueue_job("test.job", "1", max_attempts=4)
    while job.state == "queued":
        with clock.hold(at):
            work(fail)
        job.refresh_from_db()
        rests.append((job.run_at - at).total_seconds())
        at = max(job.run_at, at)
    assert rests[:3] == [5, 10, 20]
    assert (job.state, job.attempts) == ("failed", 4)


def test_a_refusal_ends_the_job_at_once_with_its_sentence() -> None:
    def refuse(arguments: dict[str, Any], progress: Progress) -> None:
        raise OpenBeianError

    enqueue_job("test.job", "1")
    work(refuse)
    job = find_job("test.job", "1")
    assert job is not None
    assert (job.state, job.attempts) == ("failed", 1)
    assert job.error == "操作被拒绝。 The request was refused."


def test_a_waiting_job_is_cancelled_at_once_and_an_ended_one_not_at_all() -> None:
    job = enqueue_job("test.job", "1")
    cancel_job(job.pk, None)
    work(report_for_ever)
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("cancelled", 0)
    with pytest.raises(JobFinished):
        cancel_job(job.pk, None)


def test_a_running_job_hears_that_it_was_cancelled() -> None:
    job = enqueue_job("test.job", "1")

    def run(arguments: dict[str, Any], progress: Progress) -> None:
        progress(3, 10)
        cancel_job(job.pk, None)
        report_for_ever(arguments, progress)

    work(run)
    job.refresh_from_db()
    assert job.state == "cancelled"
    assert job.progress_total > 0


def test_nobody_cancels_the_job_of_another_organisation() -> None:
    owner = Organisation.objects.create(name="甲", kind="owner", created_at=NOON)
    other = Organisation.objects.create(name="乙", kind="owner", created_at=NOON)
    job = enqueue_job("test.job", "1", organisation_id=owner.pk)
    with pytest.raises(Job.DoesNotExist):
        cancel_job(job.pk, other.pk)
    job.refresh_from_db()
    assert job.state == "queued"


def test_a_job_cancelled_while_its_worker_lay_dead_is_not_begun_again() -> None:
    job = enqueue_job("test.job", "1")
    with clock.hold(clock.now() - timedelta(hours=1)):
        Job.objects.update(run_at=clock.now())
        assert lease_job("dead", ["test.job"], 5) is not None
    cancel_job(job.pk, None)
    work(do_nothing)
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("cancelled", 1)


def test_a_job_that_kills_every_worker_fails_in_the_end_and_the_next_one_is_done() -> None:
    at = clock.now() - timedelta(hours=1)
    with clock.hold(at):
        poison = enqueue_job("test.job", "poison", max_attempts=2)
        other = enqueue_job("test.job", "other")
    for minute in (1, 2):
        with clock.hold(at + timedelta(minutes=minute)):
            taken = lease_job("dead", ["test.job"], 5)
            assert taken is not None
            assert taken.pk == poison.pk
    work(do_nothing)
    poison.refresh_from_db()
    other.refresh_from_db()
    assert (poison.state, other.state) == ("failed", "done")
    assert "worker died" in poison.error


def test_a_worker_told_to_stop_puts_its_job_back_uncounted() -> None:
    job = enqueue_job("test.job", "1")

    def run(arguments: dict[str, Any], progress: Progress) -> None:
        worker.stop()
        report_for_ever(arguments, progress)

    worker = Worker({"test.job": JobKind("test.job", run)}, Pace(lease_s=5, beat_s=0.02, idle_s=0.01))
    worker.run()
    job.refresh_from_db()
    assert (job.state, job.attempts, job.lease_until) == ("queued", 0, None)


def test_a_worker_that_lost_its_lease_writes_nothing() -> None:
    job = enqueue_job("test.job", "1")

    def run(arguments: dict[str, Any], progress: Progress) -> dict[str, Any]:
        Job.objects.filter(pk=job.pk).update(leased_by="another", attempts=2)
        return {"late": True}

    work(run)
    job.refresh_from_db()
    assert (job.state, job.leased_by, job.result) == ("running", "another", None)


def test_a_stuck_job_loses_its_lease() -> None:
    job = enqueue_job("test.job", "1")
    work(report_for_ever, longest_s=0)
    job.refresh_from_db()
    assert (job.state, job.result) == ("running", None)


def test_a_repeated_job_runs_once_in_its_period_and_old_rounds_are_forgotten() -> None:
    with clock.hold(NOON - timedelta(days=40)):
        work(do_nothing, every_s=3600)
    for minutes in (0, 59, 60):
        with clock.hold(NOON + timedelta(minutes=minutes)):
            work(do_nothing, every_s=3600)
    assert list(Job.objects.values_list("state", flat=True)) == ["done", "done"]


def test_a_page_can_say_since_when_no_worker_has_run() -> None:
    assert get_worker_fact().seen_at is None
    work(do_nothing)
    assert get_worker_fact().is_running
    last = WorkerBeat.objects.get().beat_at
    with clock.hold(last + timedelta(hours=1)):
        enqueue_job("test.job", "1")
        fact = get_worker_fact()
    assert (fact.is_running, fact.seen_at, fact.waiting) == (False, last, 1)
