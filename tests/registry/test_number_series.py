"""Filing numbers under concurrency: real processes, none doubled, none missing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection, transaction

from openbeian.registry.actions.allot_number import allot_number
from openbeian.registry.models import NumberSeries

EACH = 1000


@pytest.mark.django_db(transaction=True)
def test_two_processes_allot_two_thousand_numbers_without_a_double_or_a_gap() -> None:
    command = [
        sys.executable,
        str(Path(__file__).with_name("allot_many.py")),
        str(connection.settings_dict["NAME"]),
        str(EACH),
    ]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "src")}
    processes = [subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    outputs = [process.communicate(timeout=120)[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    allotted = [line for output in outputs for line in output.splitlines()]
    assert sorted(allotted) == [f"京ICP备2026{serial:06d}号" for serial in range(1, 2 * EACH + 1)]


@pytest.mark.django_db(transaction=True)
def test_a_grant_that_fails_gives_its_number_back() -> None:
    with transaction.atomic():
        assert allot_number("京", 2026) == "京ICP备2026000001号"
        transaction.set_rollback(True)
    with transaction.atomic():
        assert allot_number("京", 2026) == "京ICP备2026000001号"
    assert NumberSeries.objects.get().last_serial == 1
