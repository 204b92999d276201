"""A worker is killed while letters leave: none is lost and none comes twice; only a killed postman leaves a doubt."""

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


def find_postman(worker: subprocess.Popen[bytes]) -> int:
    """The process id of a worker's only child."""
    [child] = Path(f"/proc/{worker.pid}/task/{worker.pid}/children").read_text().split()
    return int(child)


@pytest.mark.django_db(transaction=True)
def test_of_a_killed_workers_letters_each_arrives_exactly_once(mail: tuple[Mailbox, int], start_worker: Start) -> None:
    mailbox = mail[0]
    organisation = make_organisation()
    make_channel(organisation, "email")
    remind_of(*(make_item(organisation) for _ in range(30)))
    for seen in (5, 15):
        killed = start_worker()
        wait_until(lambda: len(mailbox.letters) >= seen)  # noqa: B023  asked at once
        killed.send_signal(signal.SIGKILL)
        killed.wait()
    start_worker()
    wait_until(lambda: not Delivery.objects.exclude(state="delivered").exists())
    expected = {f"<{key}@localhost>" for key in Delivery.objects.values_list("key", flat=True)}
    assert sorted(mailbox.message_ids) == sorted(expected)
    assert not Delivery.objects.filter(is_repeat=True).exists()


@pytest.mark.django_db(transaction=True)
def test_the_letter_in_hand_is_finished_after_the_workers_death_and_not_sent_again(
    mail: tuple[Mailbox, int], start_worker: Start
) -> None:
    mailbox = mail[0]
    organisation = make_organisation()
    make_channel(organisation, "email")
    remind_of(make_item(organisation))
    mailbox.hold.clear()
    killed = start_worker()
    # The server has the letter and has not answered yet.
    wait_until(mailbox.arrived.is_set)
    postman = find_postman(killed)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    start_worker()
    time.sleep(3)
    assert Delivery.objects.get().state == "sending"
    mailbox.hold.set()
    wait_until(lambda: Delivery.objects.get().state == "delivered")
    delivery = Delivery.objects.get()
    assert (mailbox.message_ids, delivery.attempts, delivery.is_repeat) == ([f"<{delivery.key}@localhost>"], 1, False)
    assert delivery.answer == f"250 <{delivery.key}@localhost>"
    wait_until(lambda: not Path(f"/proc/{postman}").exists(), 10)


@pytest.mark.django_db(transaction=True)
def test_where_the_postman_was_killed_too_the_second_letter_says_that_it_may_be_a_repeat(
    mail: tuple[Mailbox, int], start_worker: Start
) -> None:
    mailbox = mail[0]
    organisation = make_organisation()
    make_channel(organisation, "email")
    remind_of(make_item(organisation))
    mailbox.hold.clear()
    killed = start_worker()
    wait_until(mailbox.arrived.is_set)
    os.kill(find_postman(killed), signal.SIGKILL)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    mailbox.hold.set()
    start_worker()
    wait_until(lambda: Delivery.objects.get().state == "delivered")
    delivery = Delivery.objects.get()
    assert mailbox.message_ids == [f"<{delivery.key}@localhost>"] * 2
    bodies = [letter.get_body(("plain",)).get_content() for letter in mailbox.letters]  # type: ignore[union-attr]
    assert ["可能重复" in body for body in bodies] == [False, True]
    assert delivery.is_repeat


@pytest.mark.django_db(transaction=True)
def test_a_killed_postman_is_replaced_and_its_worker_goes_on(mail: tuple[Mailbox, int], start_worker: Start) -> None:
    mailbox = mail[0]
    organisation = make_organisation()
    make_channel(organisation, "email")
    remind_of(make_item(organisation))
    worker = start_worker()
    wait_until(lambda: Delivery.objects.filter(state="delivered").count() == 1)
    os.kill(find_postman(worker), signal.SIGKILL)
    remind_of(make_item(organisation))
    wait_until(lambda: Delivery.objects.filter(state="delivered").count() == 2)
    assert len(mailbox.letters) == 2
    assert worker.poll() is None


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
