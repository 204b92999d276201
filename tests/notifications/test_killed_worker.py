"""A worker is killed while letters leave: none is lost, none is lying in the mailbox twice under another name."""

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
from tests.accounts.factories import make_organisation
from tests.notifications.factories import make_channel, make_item, remind_of
from tests.notifications.receivers import Mailbox, open_mail_server

from openbeian.notifications.models import Delivery

ROOT = Path(__file__).parents[2]
Start = Callable[[], subprocess.Popen[bytes]]


@pytest.fixture
def mail() -> Iterator[tuple[Mailbox, int]]:
    with open_mail_server() as mail:
        yield mail


@pytest.fixture
def start_worker(mail: tuple[Mailbox, int]) -> Iterator[Start]:
    """Starts worker processes on the test's database and ends them, whatever happens."""
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT / "src"),
            "OPENBEIAN_MAIL": f"smtp://127.0.0.1:{mail[1]}",
        }
        script = ROOT / "tests" / "entrypoints" / "workers" / "slow_worker.py"
        process = subprocess.Popen(
            [sys.executable, str(script), str(connection.settings_dict["NAME"])], env=environment
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


def wait_until(condition: Callable[[], bool], seconds: float = 60) -> None:
    ends_at = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends_at, "it did not happen in time"
        time.sleep(0.05)


@pytest.mark.django_db(transaction=True)
def test_letters_of_a_killed_worker_arrive_and_each_has_one_message_id(
    mail: tuple[Mailbox, int], start_worker: Start
) -> None:
    mailbox = mail[0]
    organisation = make_organisation()
    make_channel(organisation, "email")
    remind_of(*(make_item(organisation) for _ in range(30)))
    killed = start_worker()
    wait_until(lambda: len(mailbox.letters) >= 5)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    start_worker()
    wait_until(lambda: not Delivery.objects.exclude(state="delivered").exists())
    expected = {f"<{key}@localhost>" for key in Delivery.objects.values_list("key", flat=True)}
    assert set(mailbox.message_ids) == expected
    # At most the one letter that was on its way when the worker died came again, under the same name.
    repeated = len(mailbox.letters) - len(expected)
    assert repeated <= Delivery.objects.filter(is_repeat=True).count() <= 1


@pytest.mark.django_db(transaction=True)
def test_a_letter_whose_outcome_is_unknown_says_that_it_may_be_a_repeat(
    mail: tuple[Mailbox, int], start_worker: Start
) -> None:
    mailbox = mail[0]
    organisation = make_organisation()
    make_channel(organisation, "email")
    remind_of(make_item(organisation))
    delivery = Delivery.objects.get()
    Delivery.objects.update(state="sending", attempts=1)
    start_worker()
    wait_until(mailbox.arrived.is_set)
    wait_until(lambda: Delivery.objects.get().state == "delivered")
    assert mailbox.message_ids == [f"<{delivery.key}@localhost>"]
    assert "可能重复" in mailbox.letters[0].get_body(("plain",)).get_content()  # type: ignore[union-attr]
