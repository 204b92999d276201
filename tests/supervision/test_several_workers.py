"""Several processes on one sweep: no site is probed twice, and what a killed one held is taken up by another."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection
from tests.supervision.records import InventedProber, make_site

from openbeian.kernel import clock
from openbeian.supervision.actions import lease_sites
from openbeian.supervision.actions.begin_sweep import begin_sweep
from openbeian.supervision.actions.sweep_sites import sweep_sites
from openbeian.supervision.models import Sweep, WatchedSite

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
ROOT = Path(__file__).parents[2]
SITES = 12


def begin() -> Sweep:
    for _ in range(SITES):
        make_site()
    sweep = begin_sweep([clock.now().astimezone(clock.CHINA).hour], shares=2, jitter_s=0)
    assert sweep is not None
    return sweep


def start(sweep: Sweep, seconds_a_visit: float) -> subprocess.Popen[str]:
    script = str(Path(__file__).with_name("sweep_share.py"))
    name = str(connection.settings_dict["NAME"])
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
    command = [sys.executable, script, name, str(sweep.pk), str(seconds_a_visit)]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)


def test_processes_side_by_side_probe_each_site_once() -> None:
    sweep = begin()
    workers = [start(sweep, 0.2) for _ in range(3)]
    visits = [line for worker in workers for line in worker.communicate(timeout=300)[0].split()]
    assert [worker.returncode for worker in workers] == [0, 0, 0]
    assert sorted(visits) == sorted(WatchedSite.objects.values_list("domain", flat=True))
    assert sweep.probes.count() == SITES


def test_what_a_killed_process_held_is_probed_by_another_and_nothing_else_again() -> None:
    sweep = begin()
    with start(sweep, 0.3) as worker:
        assert worker.stdout is not None
        for _ in range(5):
            worker.stdout.readline()
        worker.kill()
    done = set(sweep.probes.values_list("site__domain", flat=True))
    assert 2 <= len(done) < SITES
    # As if the lease had run out by now.
    WatchedSite.objects.filter(lease_until__isnull=False).update(lease_until=clock.now() - lease_sites.LEASE)
    prober = InventedProber()
    sweep_sites(sweep.pk, prober)
    assert sweep.probes.count() == SITES
    assert not set(prober.asked) & done
    assert len(prober.asked) == SITES - len(done)
