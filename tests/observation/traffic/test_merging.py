"""Several machines save their own logs; their stores merge into the figures of one reading of all."""

from __future__ import annotations

import random
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tests.observation.traffic.generator import Event, Truth, log_text, make_events

from openbeian.observation.traffic.errors import StoreUnmergeable
from openbeian.observation.traffic.forgetting import forget_visitors_of
from openbeian.observation.traffic.merging import merge_store
from openbeian.observation.traffic.store import report_saved, save_traffic


def save(store: Path, events: list[Event], name: str) -> None:
    log = store.parent / name
    log.write_text(log_text("nginx json", events), encoding="utf-8")
    save_traffic([str(log)], folder=store)


def shares(events: list[Event], machines: int) -> list[list[Event]]:
    rng = random.Random(len(events))
    parts: list[list[Event]] = [[] for _ in range(machines)]
    for event in events:
        rng.choice(parts).append(event)
    return parts


def machines_of(folder: Path, events: list[Event], machines: int = 3) -> list[Path]:
    """Stores of several machines that were given the same key, each with its share of the lines."""
    stores = [folder / f"machine{i}" for i in range(machines)]
    for i, (store, share) in enumerate(zip(stores, shares(events, machines), strict=True)):
        if i:
            store.mkdir()
            shutil.copy(stores[0] / "visitor.key", store / "visitor.key")
        save(store, share, f"{i}.log")
    return stores


def figures(store: Path) -> list[dict[str, Any]]:
    return report_saved(store).as_json()["services"]


def test_stores_of_several_machines_give_the_figures_of_one_in_any_order(tmp_path: Path) -> None:
    events = make_events(seed=90)
    stores = machines_of(tmp_path, events)
    for order in ((0, 1, 2), (2, 0, 1)):
        whole = tmp_path / f"whole{order[0]}"
        for i in order:
            assert merge_store(whole, stores[i]).as_json() == {"added": 1, "known": 0}
        assert figures(whole) == [Truth(events).service("www.example.cn")]
        assert merge_store(whole, stores[1]).as_json() == {"added": 0, "known": 1}
        assert figures(whole) == [Truth(events).service("www.example.cn")]
        assert (whole / "visitor.key").stat().st_mode & 0o777 == 0o600
        assert [log["path"] for log in report_saved(whole).as_json()["logs"]] == [
            str(tmp_path / f"{i}.log") for i in order
        ]


def test_stores_merge_after_their_visitors_are_forgotten_with_estimates_called_so(tmp_path: Path) -> None:
    events = [event for event in make_events(seed=91) if event.path != "/robots.txt"]
    stores = machines_of(tmp_path, events)
    truth = Truth(events).service("www.example.cn")
    for store in stores:
        forget_visitors_of(store, date(2026, 2, 1))
    merge_store(stores[0], stores[1])
    merge_store(stores[0], stores[2])
    merge_store(stores[0], stores[1])
    found = figures(stores[0])[0]
    assert sum(found["total"]["requests"].values()) == sum(truth["total"]["requests"].values())
    assert sum(found["total"]["bytes"].values()) == sum(truth["total"]["bytes"].values())
    assert {"2025", "2026", "total"} <= set(found["estimated"])
    together, truly = (sum(answer["total"]["clients"].values()) for answer in (found, truth))
    assert abs(together - truly) <= 0.05 * truly + 2
    before = figures(stores[0])
    forget_visitors_of(stores[0], date(2026, 2, 1))
    assert figures(stores[0]) == before


def test_what_would_count_twice_or_unite_nobody_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    events = make_events(seed=92, visits=10)
    stores = machines_of(tmp_path, events, 2)
    stranger = tmp_path / "stranger"
    save(stranger, events[:50], "s.log")
    forgetful = tmp_path / "forgetful"
    shutil.copytree(stores[1], forgetful)
    forget_visitors_of(forgetful, date(2026, 2, 1))
    log = tmp_path / "1.log"
    log.write_text(log.read_text() + log_text("nginx json", events[:9]))
    longer = tmp_path / "longer"
    shutil.copytree(stores[1], longer)
    save_traffic([str(log)], folder=longer)
    merge_store(stores[0], stores[1])
    before = {path: path.read_bytes() for path in stores[0].rglob("*") if path.is_file()}
    for other, why in ((stranger, "visitor.key"), (tmp_path / "nothing", "nothing is saved"), (longer, "lengths")):
        with pytest.raises(StoreUnmergeable, match=why) as refusal:
            merge_store(stores[0], other)
        assert why in refusal.value.text.en
    assert merge_store(stores[0], forgetful).added == 0
    assert {path: path.read_bytes() for path in stores[0].rglob("*") if path.is_file()} == before


def test_a_store_that_still_knows_visitors_is_asked_to_forget_them_first(tmp_path: Path) -> None:
    stores = machines_of(tmp_path, make_events(seed=93, visits=10), 2)
    forget_visitors_of(stores[1], date(2026, 2, 1))
    with pytest.raises(StoreUnmergeable) as refusal:
        merge_store(stores[0], stores[1])
    assert "forget-visitors --before 2026-02-01" in refusal.value.text.en
    forget_visitors_of(stores[0], date(2026, 2, 1))
    assert merge_store(stores[0], stores[1]).added == 1
