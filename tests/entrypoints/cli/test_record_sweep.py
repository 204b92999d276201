"""`openbeian sweep` without a list: the record is swept, stored and judged, and a killed sweep is gone on with."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from tests.entrypoints.cli.test_sweep import open_world
from tests.registry.factories import make_service

from openbeian.entrypoints.cli import main
from openbeian.kernel import clock
from openbeian.kernel.actor import SYSTEM
from openbeian.supervision.actions.start_sweep import start_sweep
from openbeian.supervision.errors import SweepUnderWay
from openbeian.supervision.leases import name_worker
from openbeian.supervision.models import CheckState, Sweep, WatchedSite

pytestmark = pytest.mark.django_db
Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _world(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(settings, "HOME", tmp_path)
    monkeypatch.setenv("OPENBEIAN_REGISTRATION_URL", "http://127.0.0.1:1/")


def test_the_record_is_swept_stored_and_judged(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    for n in range(3):
        make_service(domains=(f"site{n}.cn",), home_url=f"http://site{n}.cn/")
    with open_world(2) as world:
        for name, value in world.environment.items():
            monkeypatch.setenv(name, value)
        assert main(["sweep", "--json-lines"]) == 0
        lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert main(["sweep", "--concurrency", "2"]) == 0
        summary = json.loads(capsys.readouterr().out)
    assert {line["target"]["domain"] for line in lines} == {"site0.cn", "site1.cn", "site2.cn"}
    assert (summary["sites"], summary["resumed"], summary["is_ours"]) == (3, 0, False)
    assert [s.state for s in Sweep.objects.all()] == ["settled", "settled"]
    # Two sweeps saw it, so it is confirmed.
    assert CheckState.objects.get(site__domain="site2.cn", check_kind="dns").answer == "not_met"
    assert summary["findings"]["open"] >= 1


def test_a_killed_sweep_goes_on_at_once_with_the_sites_that_are_left(
    monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    for n in range(3):
        make_service(domains=(f"site{n}.cn",), home_url=f"http://site{n}.cn/")
    sweep = start_sweep(SYSTEM, shares=0)
    done, held, _ = WatchedSite.objects.order_by("domain")
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    dead = name_worker().split(":")
    until = clock.now() + timedelta(minutes=3)
    WatchedSite.objects.filter(pk=held.pk).update(leased_by=f"{dead[0]}:{process.pid}:{dead[2]}", lease_until=until)
    WatchedSite.objects.filter(pk=done.pk).update(swept_in=sweep)
    with open_world(3) as world:
        for name, value in world.environment.items():
            monkeypatch.setenv(name, value)
        assert main(["sweep"]) == 0
    summary = json.loads(capsys.readouterr().out)
    assert (summary["sites"], summary["sweep"]) == (2, sweep.pk)
    assert world.hits[done.domain] == 0
    assert world.hits[held.domain] == 1


def test_nothing_on_record_is_said_and_the_output_file_goes_with_a_list(tmp_path: Path, capsys: Capture) -> None:
    assert main(["sweep"]) == 0
    assert json.loads(capsys.readouterr().out) == {"sites": 0, "is_ours": False}
    assert main(["sweep", "--output", str(tmp_path / "x.jsonl")]) == 2
    assert not Sweep.objects.exists()


def test_two_sweeps_at_a_time_are_refused() -> None:
    make_service()
    start_sweep(SYSTEM)
    with pytest.raises(SweepUnderWay):
        start_sweep(SYSTEM)
    assert Sweep.objects.count() == 1
