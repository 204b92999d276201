"""`openbeian worker`: runs background work until it is told to stop."""

from __future__ import annotations

import click


@click.command(
    help="运行后台任务，直到停止。可同时运行多个。 Runs background work until stopped; several may run at once."
)
@click.option("--once", is_flag=True, help="做完到期的任务就退出。 Leave when nothing is due any more.")
def command(once: bool) -> None:
    """Exit code 0 also after SIGTERM: the running job has ended or gone back to the queue."""
    import django

    django.setup()

    from openbeian.entrypoints.workers.loop import run_worker
    from openbeian.wiring import connect_rulebook, list_job_kinds

    connect_rulebook()
    run_worker(list_job_kinds(), until_idle=once)
