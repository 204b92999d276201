"""Reminders rendered and mailed to a server on loopback while the worker is killed again and again.

`./openbeian bench reminders`; each letter is known by its Message-ID, so that losses and doubles can be counted. Every
other kill hits while the server holds a letter's content and has not answered. `--kill-all` kills the worker's postman
in the same instant, as a power cut would; what that gives is another question, and reported apart.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from random import Random
from typing import Any

from aiosmtpd.controller import Controller

from bench.world import open_home

_ROOT = Path(__file__).resolve().parents[1]
# The product's own loop and jobs; only the lease is short, so that a killed worker's job is taken up within seconds.
_WORKER = """
import django
django.setup()
from openbeian.entrypoints.workers.loop import Pace, run_worker
from openbeian.wiring import list_job_kinds
run_worker(list_job_kinds(), Pace(lease_s=2, beat_s=0.4, idle_s=0.05))
"""


def run(arguments: Sequence[str]) -> int:
    """Prints letters per second, how many kills hit, and the reminders lost and doubled, as JSON."""
    parser = argparse.ArgumentParser(prog="openbeian bench reminders", description=__doc__)
    parser.add_argument("--reminders", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kill-all", action="store_true", help="kill the postman together with its worker")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="openbeian-bench-") as home:
        open_home(Path(home))
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        began = time.monotonic()
        write_reminders(chosen.reminders)
        written_s = time.monotonic() - began
        delivered = deliver_all(chosen.reminders, chosen.kills, chosen.seed, kills_postman=chosen.kill_all)
        figures = {"killed": "worker and postman" if chosen.kill_all else "worker", "written_s": round(written_s, 1)}
        figures |= delivered
        print(json.dumps(figures))
    return 0 if figures["lost"] == figures["doubles"] == 0 else 1


def write_reminders(count: int) -> None:
    """One organisation with one mailbox, and so many due items told to it."""
    from openbeian.accounts.models import Organisation
    from openbeian.kernel import clock
    from openbeian.notifications.actions.remind import remind
    from openbeian.notifications.models import Channel
    from openbeian.notifications.ports import DueItem

    organisation = Organisation.objects.create(name="提醒测试公司", kind="owner", created_at=clock.now())
    Channel.objects.create(
        organisation=organisation, kind="email", name="邮件", address="beian@example.cn", created_at=clock.now()
    )

    class Source:
        def list_due_items(self, today: date) -> Iterator[DueItem]:
            for n in range(count):
                yield DueItem(
                    key=f"bench:{n}",
                    stage="due",
                    kind="reminder.obligation",
                    organisation_id=organisation.pk,
                    permission="case.write",
                    title=f"第 {n} 号服务的年报",
                    subject=("service", str(n)),
                    path=f"/services/{n}/",
                    due_on=today,
                )

    remind([Source()])


class Sink:
    """Takes every letter and notes its Message-ID, and whether one that comes again says so to its reader.

    While `holds` is set it takes the next letter and lets its sender wait for the answer; `is_holding` tells.
    """

    def __init__(self) -> None:
        self.seen: Counter[str] = Counter()
        self.silent_repeats = 0
        self.holds, self.is_holding = threading.Event(), threading.Event()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802  the library's name
        letter = message_from_bytes(envelope.content, policy=default)
        self.seen[str(letter["Message-ID"])] += 1
        if self.seen[str(letter["Message-ID"])] > 1:
            body = letter.get_body(("plain",))
            self.silent_repeats += body is None or "可能重复" not in body.get_content()
        while self.holds.is_set():
            self.is_holding.set()
            await asyncio.sleep(0.005)
        return "250 OK"


def deliver_all(
    count: int, kills: int, seed: int, *, kills_postman: bool = False, longest_s: float = 3600
) -> dict[str, Any]:
    """Runs a worker until all is delivered, killing it at random moments and starting the next one.

    Gives up after `longest_s`; what is missing then counts as lost.
    """
    from openbeian.notifications.models import Delivery

    sink, port, random = Sink(), _find_free_port(), Random(seed)
    server = Controller(sink, hostname="127.0.0.1", port=port)
    server.start()
    began, killed, in_content = time.monotonic(), 0, 0
    worker = _start_worker(port)
    try:
        # The database is asked only when every letter was seen: asking takes the machine's time from the worker.
        while len(sink.seen) < count or Delivery.objects.exclude(state="delivered").exists():
            # The kills are spread over the letters, so that each hits a worker at work.
            if killed < kills and len(sink.seen) > (killed + random.random()) * count / (kills + 1):
                if killed % 2:
                    sink.holds.set()
                    in_content += sink.is_holding.wait(10)
                _kill(worker, kills_postman=kills_postman)
                sink.holds.clear()
                sink.is_holding.clear()
                killed += 1
                worker = _start_worker(port)
            if time.monotonic() - began > longest_s:
                break
            time.sleep(0.02 + random.random() / 20)
        seconds = time.monotonic() - began
    finally:
        worker.kill()
        worker.wait()
        server.stop()
    return {
        "reminders": count,
        "delivered_s": round(seconds, 1),
        "letters_per_s": round(count / seconds),
        "kills": killed,
        "kills_before_the_servers_answer": in_content,
        "lost": max(0, count - len(sink.seen)),
        "doubles": sum(sink.seen.values()) - len(sink.seen),
        # Of these, the ones that do not tell their reader that they may be a repeat. See docs/decisions/0701.
        "doubles_that_do_not_say_so": sink.silent_repeats,
        "uncertain_attempts_sent_again": Delivery.objects.filter(is_repeat=True).count(),
    }


def _kill(worker: subprocess.Popen[bytes], *, kills_postman: bool) -> None:
    children = Path(f"/proc/{worker.pid}/task/{worker.pid}/children").read_text().split() if kills_postman else []
    worker.send_signal(signal.SIGKILL)
    for child in children:
        os.kill(int(child), signal.SIGKILL)
    worker.wait()


def _start_worker(port: int) -> subprocess.Popen[bytes]:
    environment = os.environ | {
        "OPENBEIAN_MAIL": f"smtp://127.0.0.1:{port}",
        "PYTHONPATH": str(_ROOT / "src"),
        "DJANGO_SETTINGS_MODULE": "openbeian.settings",
    }
    return subprocess.Popen([sys.executable, "-c", _WORKER], env=environment, cwd=_ROOT, stderr=subprocess.DEVNULL)


def _find_free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
