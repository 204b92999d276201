"""Saved counts: the same figures as the logs, whatever the order, the names, the repetitions and the interruptions."""

from __future__ import annotations

import gzip
import json
import os
import random
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from tests.observation.traffic.generator import Event, Truth, log_text, make_events

from openbeian.observation.traffic import store
from openbeian.observation.traffic.errors import LogAltered, LogNotSaved, StoreBusy, StoreFailed
from openbeian.observation.traffic.manifest import locked, read_manifest
from openbeian.observation.traffic.report import count_traffic
from openbeian.observation.traffic.store import forget_log, report_saved, save_traffic

ROOT = Path(__file__).resolve().parents[3]


def write(path: Path, events: list[Event], format_name: str = "apache combined") -> Path:
    path.write_text(log_text(format_name, events), encoding="utf-8")
    return path


def figures(folder: Path) -> list[dict[str, Any]]:
    return report_saved(folder).as_json()["services"]


def outcomes(folder: Path, *names: Path) -> list[str]:
    return [item.outcome for item in save_traffic([str(name) for name in names], folder=folder).saved]


def test_saved_figures_equal_those_of_the_log_and_the_truth(tmp_path: Path) -> None:
    events = make_events(seed=20)
    log = write(tmp_path / "access.log", events)
    assert outcomes(tmp_path / "store", log) == ["new"]
    saved, direct = report_saved(tmp_path / "store").as_json(), count_traffic([str(log)]).as_json()
    assert saved["services"] == direct["services"] == [Truth(events).service("")]
    assert saved["lines"] == direct["lines"]
    assert saved["excluded"] == direct["excluded"]


def test_reading_the_same_log_again_under_any_name_or_compression_changes_nothing(tmp_path: Path) -> None:
    events = make_events(seed=21)
    log, folder = write(tmp_path / "access.log", events), tmp_path / "store"
    save_traffic([str(log)], folder=folder)
    before = (folder / "manifest.json").read_bytes()
    files = sorted(folder.rglob("*"))
    rotated = log.rename(tmp_path / "access.log.1")
    packed = tmp_path / "access.log.1.gz"
    packed.write_bytes(gzip.compress(rotated.read_bytes()))
    assert outcomes(folder, rotated, packed, rotated) == ["known", "known"]
    assert (folder / "manifest.json").read_bytes() == before
    assert sorted(folder.rglob("*")) == files


def test_a_log_that_grows_is_continued_and_an_unfinished_line_waits(tmp_path: Path) -> None:
    events = make_events(seed=22)
    text = log_text("iis", events).encode()
    log, folder = tmp_path / "u_ex.log", tmp_path / "store"
    ends = [*sorted(random.Random(22).sample(range(1000, len(text)), 5)), len(text)]
    seen = []
    for end in ends:
        log.write_bytes(text[:end])
        seen += outcomes(folder, log)
    assert seen == ["new"] + ["continued"] * 5
    assert figures(folder) == [Truth(events).service("www.example.cn")]
    assert report_saved(folder).lines.read == text.count(b"\n")


def test_late_lines_go_to_their_day_and_may_turn_a_visitor_into_a_robot(tmp_path: Path) -> None:
    events = make_events(seed=23)
    shuffled = random.Random(23).sample(events, len(events))
    folder = tmp_path / "store"
    for i in range(4):
        save_traffic([str(write(tmp_path / f"{i}.log", shuffled[i::4]))], folder=folder)
    assert figures(folder) == [Truth(events).service("")]


def test_a_shorter_copy_of_a_saved_log_is_refused_because_its_lines_are_counted_already(tmp_path: Path) -> None:
    events = make_events(seed=24)
    log, folder = write(tmp_path / "access.log", events), tmp_path / "store"
    save_traffic([str(log)], folder=folder)
    before = figures(folder)
    copy = write(tmp_path / "copy.log", events[: len(events) // 2])
    with pytest.raises(LogAltered):
        save_traffic([str(copy)], folder=folder)
    assert figures(folder) == before


def test_a_truncated_archive_is_saved_as_far_as_it_goes_and_completed_later(tmp_path: Path) -> None:
    events = make_events(seed=25)
    packed = gzip.compress(log_text("apache combined", events).encode())
    log, folder = tmp_path / "access.log.gz", tmp_path / "store"
    log.write_bytes(packed[: len(packed) // 2])
    first = save_traffic([str(log)], folder=folder).saved[0]
    assert first.log.content.problem is not None
    assert 0 < first.log.tally.read < len(events)
    log.write_bytes(packed)
    assert outcomes(folder, log) == ["continued"]
    assert figures(folder) == [Truth(events).service("")]


def test_stored_visitors_are_pseudonyms_of_a_private_key(tmp_path: Path) -> None:
    events = make_events(seed=26, visits=5)
    log = write(tmp_path / "access.log", events)
    for name in ("one", "two"):
        save_traffic([str(log)], folder=tmp_path / name)
    stored = b"".join(
        p.read_bytes() for p in (tmp_path / "one").rglob("*") if p.is_file() and p.name != "manifest.json"
    )
    assert not any(event.address.encode() in stored for event in events)
    key = tmp_path / "one" / "visitor.key"
    assert key.stat().st_mode & 0o077 == 0
    assert key.read_text() != (tmp_path / "two" / "visitor.key").read_text()
    assert figures(tmp_path / "one") == figures(tmp_path / "two")


def test_two_savers_at_once_are_kept_apart(tmp_path: Path) -> None:
    log = write(tmp_path / "access.log", make_events(seed=27, visits=2))
    with locked(tmp_path / "store"), pytest.raises(StoreBusy):
        save_traffic([str(log)], folder=tmp_path / "store")


def test_a_damaged_manifest_is_refused_and_never_overwritten(tmp_path: Path) -> None:
    log = write(tmp_path / "access.log", make_events(seed=28, visits=2))
    folder = tmp_path / "store"
    save_traffic([str(log)], folder=folder)
    (folder / "manifest.json").write_text("{half")
    with pytest.raises(StoreFailed):
        save_traffic([str(log)], folder=folder)
    assert (folder / "manifest.json").read_text() == "{half"


@pytest.mark.parametrize("place", ["write_manifest", "sync_folder"])
def test_a_disk_that_fills_up_leaves_the_old_figures_complete(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    events, folder = make_events(seed=29), tmp_path / "store"
    save_traffic([str(write(tmp_path / "a.log", events[:200]))], folder=folder)
    before = figures(folder)
    files = sorted(folder.rglob("*.parquet"))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(store, place, full)
        with pytest.raises(StoreFailed, match="No space left"):
            save_traffic([str(write(tmp_path / "b.log", events[200:]))], folder=folder)
    assert figures(folder) == before
    assert sorted(folder.rglob("*.parquet")) == files
    assert outcomes(folder, tmp_path / "b.log") == ["new"]
    assert figures(folder) == [Truth(events).service("")]


SAVE = (
    "import sys, resource; from pathlib import Path; from openbeian.observation.traffic.store import save_traffic\n"
    "limit = int(sys.argv[3]); limit and resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))\n"
    "save_traffic([sys.argv[1]], folder=Path(sys.argv[2]))"
)


def saver(log: Path, folder: Path, file_limit: int = 0) -> subprocess.Popen[bytes]:
    environment = os.environ | {
        "PYTHONPATH": str(ROOT / "src"),
        "OPENBEIAN_ROOT": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return subprocess.Popen(
        [sys.executable, "-c", SAVE, str(log), str(folder), str(file_limit)],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def test_a_write_that_the_system_refuses_in_the_middle_leaves_the_old_figures(tmp_path: Path) -> None:
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY
    events, folder = make_events(seed=30), tmp_path / "store"
    save_traffic([str(write(tmp_path / "a.log", events[:50]))], folder=folder)
    before = figures(folder)
    process = saver(write(tmp_path / "b.log", events[50:]), folder, file_limit=2000)
    _, message = process.communicate(timeout=60)
    assert process.returncode == 1
    assert b"StoreFailed" in message
    assert figures(folder) == before


def _kill_often(times: int, tmp_path: Path) -> None:
    """Kills a save at moments spread over its length, then lets it finish; the totals must be right at every stage."""
    events, folder = make_events(seed=31, visits=200), tmp_path / "store"
    log = write(tmp_path / "access.log", events)
    begun = time.monotonic()
    saver(log, tmp_path / "rehearsal").communicate()
    length = time.monotonic() - begun
    grown = log_text("apache combined", events)
    for i in range(times):
        # Each round one more piece of the log is there, so that both new and continued saves are hit.
        log.write_text(grown[: len(grown) * (i + 1) // times], encoding="utf-8")
        process = saver(log, folder)
        time.sleep(length * random.Random(i).uniform(0.5, 1.0))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        lines = sum(saved.lines for saved in read_manifest(folder).logs)
        assert report_saved(folder).lines.read == lines <= grown.count("\n")
    last = saver(log, folder)
    last.communicate(timeout=60)
    assert last.returncode == 0
    assert figures(folder) == [Truth(events).service("")]
    named = read_manifest(folder).files()
    save_traffic([str(log)], folder=folder)
    assert {str(p.relative_to(folder)) for p in folder.rglob("*.parquet")} == named


def test_saves_killed_five_times_end_with_the_right_totals(tmp_path: Path) -> None:
    _kill_often(5, tmp_path)


@pytest.mark.slow
def test_saves_killed_fifty_times_end_with_the_right_totals(tmp_path: Path) -> None:
    _kill_often(50, tmp_path)


def test_the_manifest_names_every_file_and_its_lines(tmp_path: Path) -> None:
    events, folder = make_events(seed=32, visits=5), tmp_path / "store"
    save_traffic([str(write(tmp_path / "a.log", events))], folder=folder, service="例子网站")
    saved = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["logs"][0]
    assert (
        saved["lines"]
        == len(events)
        == saved["counted"] + sum(saved["excluded"].values()) + sum(saved["rejected"].values())
    )
    assert figures(folder)[0]["service"] == "例子网站"


def test_a_forgotten_log_leaves_the_others_and_may_be_saved_anew(tmp_path: Path) -> None:
    events, folder = make_events(seed=33), tmp_path / "store"
    logs = [write(tmp_path / f"{i}.log", part) for i, part in enumerate((events[:300], events[300:]))]
    save_traffic([str(log) for log in logs], folder=folder)
    digest = read_manifest(folder).logs[1].sha256
    for wrong in (digest[:7], "0" * 64, ""):
        with pytest.raises(LogNotSaved):
            forget_log(folder, wrong)
    assert forget_log(folder, digest[:12]).path == str(logs[1])
    assert figures(folder) == [Truth(events[:300]).service("")]
    assert {str(p.relative_to(folder)) for p in folder.rglob("*.parquet")} == read_manifest(folder).files()
    assert outcomes(folder, logs[1]) == ["new"]
    assert figures(folder) == [Truth(events).service("")]
