"""Visitors can be forgotten: the figures stay, nobody can be found in what remains, and estimates say that they are."""

from __future__ import annotations

import copy
import random
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.observation.traffic.generator import Event, Truth, log_text, make_events

from openbeian.observation.traffic import forgetting
from openbeian.observation.traffic.engine import engine
from openbeian.observation.traffic.errors import LogMerged, StoreFailed
from openbeian.observation.traffic.figures import draw_figures
from openbeian.observation.traffic.forgetting import forget_visitors_of
from openbeian.observation.traffic.manifest import read_manifest
from openbeian.observation.traffic.rules import load_rules
from openbeian.observation.traffic.sketches import (
    HIGHEST_RANK,
    REGISTERS,
    STANDARD_ERROR_PERCENT,
    estimate,
    rank_sql,
    register_sql,
)
from openbeian.observation.traffic.store import forget_log, load_counts, report_saved, save_traffic

NEW_YEAR = date(2026, 1, 1)
DISTINCT = ("unique_visitors", "clients")


def save(folder: Path, events: Sequence[Event], name: str = "access.log") -> Path:
    log = folder / name
    log.write_text(log_text("nginx json", events), encoding="utf-8")
    save_traffic([str(log)], folder=folder / "store")
    return log


def save_by_day(folder: Path, events: Sequence[Event]) -> None:
    """Logs as they are rotated: one for each China day, so that a visit over midnight lies in two of them."""
    for day in sorted({Truth.day(event.moment) for event in events}):
        save(folder, [event for event in events if Truth.day(event.moment) == day], f"{day}.log")


def figures(folder: Path) -> list[dict[str, Any]]:
    return report_saved(folder / "store").as_json()["services"]


def without_distinct(services: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Everything but the numbers of distinct visitors."""
    answer = copy.deepcopy(services)
    for service in answer:
        service.pop("estimated")
        for measures in [
            service["total"],
            *(m for kind in ("years", "months", "days") for m in service[kind].values()),
        ]:
            for name in DISTINCT:
                measures.pop(name)
    return answer


def is_near(estimated: dict[str, Any], true: dict[str, Any]) -> bool:
    return all(
        abs(estimated[m][side] - true[m][side]) <= 0.05 * true[m][side] + 1
        for m in DISTINCT
        for side in ("people", "robots")
    )


def both_sides(pairs: dict[str, Any]) -> dict[str, Any]:
    """People and robots added up."""
    return {name: {"people": sum(pair.values()), "robots": 0} for name, pair in pairs.items()}


def stored_visitors(folder: Path, until: str) -> set[int]:
    """Every visitor in the files of the days before `until`."""
    found: set[int] = set()
    for path in (folder / "store" / "counts").glob("*/*.parquet"):
        if path.parent.name < f"date={until}":
            relation = duckdb.read_parquet(str(path))
            if "visitor" in relation.columns:
                found |= {row[0] for row in relation.project("visitor").fetchall()}
    return found


@pytest.mark.parametrize("seed", [70, 71])
def test_every_figure_stays_when_a_year_is_forgotten_as_a_whole(seed: int, tmp_path: Path) -> None:
    events = make_events(seed)
    save_by_day(tmp_path, events)
    before = figures(tmp_path)
    assert before == [Truth(events).service("www.example.cn")]

    done = forget_visitors_of(tmp_path / "store", NEW_YEAR)

    after = figures(tmp_path)
    assert done.days == 1
    assert done.visitors == len({(e.address, e.agent) for e in Truth(events, year=2025).events})
    assert without_distinct(after) == without_distinct(before)
    assert [service["estimated"] for service in after] == [["total"]]
    for kind in ("years", "months", "days"):
        assert after[0][kind] == before[0][kind]
    assert is_near(after[0]["total"], before[0]["total"])


def test_nobody_is_left_in_what_is_stored(tmp_path: Path) -> None:
    events = make_events(seed=75)
    save_by_day(tmp_path, events)
    assert len(stored_visitors(tmp_path, "2026-01-03")) > 10
    forget_visitors_of(tmp_path / "store", date(2026, 1, 3))
    assert stored_visitors(tmp_path, "2026-01-03") == {0, 1}
    assert len(stored_visitors(tmp_path, "2026-01-04")) > 10
    names = {path.name.split("-")[0] for path in (tmp_path / "store" / "counts" / "date=2026-01-01").iterdir()}
    assert "visits" not in names
    assert {"sketches", "exact_visitors", "activity"} <= names
    addresses = {event.address for event in events}
    kept = b"".join(
        p.read_bytes() for p in (tmp_path / "store").rglob("*") if p.is_file() and p.name != "manifest.json"
    )
    assert not [address for address in addresses if address.encode() in kept]


def test_rejected_lines_are_no_longer_shown(tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    text = log_text("nginx json", make_events(seed=76, visits=5))
    log.write_text(text + "203.0.113.7 visited us\n", encoding="utf-8")
    save_traffic([str(log)], folder=tmp_path / "store")
    assert "203.0.113.7" in (tmp_path / "store" / "manifest.json").read_text()
    forget_visitors_of(tmp_path / "store", NEW_YEAR)
    assert "203.0.113.7" not in (tmp_path / "store" / "manifest.json").read_text()
    assert report_saved(tmp_path / "store").lines.rejected == {"shape": 1}


def test_forgetting_in_steps_gives_the_same_sums_and_says_which_numbers_are_estimates(tmp_path: Path) -> None:
    events = make_events(seed=77)
    save_by_day(tmp_path, events)
    before = figures(tmp_path)
    for day in (date(2026, 1, 1), date(2026, 1, 2), date(2026, 1, 4), date(2026, 1, 1)):
        forget_visitors_of(tmp_path / "store", day)
        after = figures(tmp_path)
        assert without_distinct(after) == without_distinct(before)
        assert after[0]["days"] == before[0]["days"]
    assert after[0]["estimated"] == ["2026", "2026-01", "total"]
    assert after[0]["years"]["2025"] == before[0]["years"]["2025"]
    assert is_near(after[0]["years"]["2026"], before[0]["years"]["2026"])
    again = forget_visitors_of(tmp_path / "store", date(2026, 1, 4))
    assert (again.days, again.visitors) == (0, 0)
    assert figures(tmp_path) == after


def test_late_lines_are_added_and_make_the_numbers_of_their_periods_estimates(tmp_path: Path) -> None:
    events = make_events(seed=78)
    late = [event for event in events if event.address == "203.0.113.7"]
    save(tmp_path, [event for event in events if event not in late])
    forget_visitors_of(tmp_path / "store", date(2026, 2, 1))
    assert figures(tmp_path)[0]["estimated"] == ["total"]
    save(tmp_path, late, "late.log")
    truth = Truth(events).service("www.example.cn")
    for _ in range(2):
        found = figures(tmp_path)[0]
        assert sum(found["total"]["requests"].values()) == sum(truth["total"]["requests"].values())
        assert {"2025", "2026", "total", "2026-01"} <= set(found["estimated"])
        assert is_near(both_sides(found["total"]), both_sides(truth["total"]))
        forget_visitors_of(tmp_path / "store", date(2026, 2, 1))
    assert stored_visitors(tmp_path, "2026-02-01") == {0, 1}


def test_hosts_that_are_counted_together_have_their_visitors_united(tmp_path: Path) -> None:
    """Each host's exact number is no number for both; a visitor of both is one."""
    events = make_events(seed=79)
    rng = random.Random(79)
    hosts = ("a.example.cn", "b.example.cn")
    shared = [Event(**{f: getattr(e, f) for f in e.__dataclass_fields__} | {"host": rng.choice(hosts)}) for e in events]
    save(tmp_path, shared)
    truth = Truth(events).service("x")

    def together(year: int | None = None) -> Any:
        folder = tmp_path / "store"
        with engine() as running:
            load_counts(running, folder, read_manifest(folder), labels=dict.fromkeys(hosts, "x"), year=year)
            return draw_figures(running, load_rules(), year=year)[0][0].as_json()

    before = together()
    assert before["estimated"] == []
    forget_visitors_of(tmp_path / "store", date(2026, 2, 1))
    after = together()
    assert set(after["estimated"]) == {*truth["days"], "2025-12", "2026-01", "2025", "2026", "total"}
    # Robots by behaviour were told from people host by host, so only both sides together can be compared.
    assert is_near(both_sides(after["total"]), both_sides(before["total"]))
    assert is_near(both_sides(together(2026)["years"]["2026"]), both_sides(before["years"]["2026"]))
    assert both_sides(after["statuses"]) == both_sides(before["statuses"])


def test_a_forgotten_log_cannot_be_taken_back_and_is_still_known(tmp_path: Path) -> None:
    log = save(tmp_path, make_events(seed=80))
    forget_visitors_of(tmp_path / "store", NEW_YEAR)
    before = figures(tmp_path)
    assert [item.outcome for item in save_traffic([str(log)], folder=tmp_path / "store").saved] == ["known"]
    with pytest.raises(LogMerged):
        forget_log(tmp_path / "store", read_manifest(tmp_path / "store").logs[0].sha256)
    assert figures(tmp_path) == before


def test_a_full_disk_forgets_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save(tmp_path, make_events(seed=81))
    files = {path: path.stat().st_size for path in (tmp_path / "store").rglob("*") if path.is_file()}

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(forgetting, "write_manifest", full)
    with pytest.raises(StoreFailed):
        forget_visitors_of(tmp_path / "store", NEW_YEAR)
    assert {path: path.stat().st_size for path in (tmp_path / "store").rglob("*") if path.is_file()} == files


@pytest.mark.parametrize("step", ["write_counts", "write_manifest", "sweep"])
@pytest.mark.parametrize("moment", ["before", "after"])
def test_an_interrupt_at_any_step_leaves_the_old_or_the_new_state_and_the_next_call_completes_it(
    step: str, moment: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_by_day(tmp_path, make_events(seed=82, visits=20))
    before = figures(tmp_path)
    real = getattr(forgetting, step)
    calls = []

    def interrupted(*arguments: Any) -> Any:
        calls.append(step)
        if step == "sweep" and len(calls) == 1:  # the first sweep only tidies up what others left
            return real(*arguments)
        if moment == "after":
            real(*arguments)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(forgetting, step, interrupted)
        with pytest.raises(KeyboardInterrupt):
            forget_visitors_of(tmp_path / "store", NEW_YEAR)
    assert without_distinct(figures(tmp_path)) == without_distinct(before)
    forget_visitors_of(tmp_path / "store", NEW_YEAR)
    after = figures(tmp_path)
    assert without_distinct(after) == without_distinct(before)
    assert after[0]["years"] == before[0]["years"]
    save(tmp_path, make_events(seed=83, visits=1)[-5:], "next.log")  # saving sweeps what is named nowhere
    assert stored_visitors(tmp_path, "2026-01-01") == {0, 1}


def test_an_empty_store_has_nobody_to_forget(tmp_path: Path) -> None:
    assert forget_visitors_of(tmp_path / "store", NEW_YEAR).visitors == 0


Sketch = dict[int, int]
sketches = st.dictionaries(st.integers(0, REGISTERS - 1), st.integers(1, HIGHEST_RANK), max_size=60)


def united(*given_sketches: Sketch) -> Sketch:
    """The union as the store makes it: the highest rank of each register, in SQL."""
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE s (register INTEGER, rank INTEGER)")
        for sketch in given_sketches:
            if sketch:
                connection.executemany("INSERT INTO s VALUES (?, ?)", list(sketch.items()))
        return dict(connection.execute("SELECT register, max(rank) FROM s GROUP BY register").fetchall())


@settings(max_examples=40, deadline=None)
@given(sketches, sketches, sketches)
def test_uniting_sketches_knows_no_order_no_grouping_and_no_repetition(a: Sketch, b: Sketch, c: Sketch) -> None:
    whole = united(a, b, c)
    assert whole == united(united(a, b), c) == united(a, united(b, c)) == united(c, a, b)
    assert united(whole, b, whole) == whole
    assert united(a) == a


def sketch_of(names: str) -> dict[int, int]:
    """Registers by rank of the sketch of hashed names; `names` is SQL for a table with a column `name`."""
    visitor = "CAST('0x' || substring(sha256(name), 1, 16) AS UBIGINT)"
    with duckdb.connect() as connection:
        rows = connection.execute(
            f"""SELECT rank, count(*) FROM (SELECT {register_sql("v")} AS register, max({rank_sql("v")}) AS rank
            FROM (SELECT {visitor} AS v FROM ({names})) GROUP BY register) GROUP BY rank"""
        ).fetchall()
    return dict(rows)


@pytest.mark.parametrize("visitors", [0, 1, 7, 100, 1_000, 10_000, 50_000, 100_000, 300_000, 1_000_000])
def test_the_estimate_keeps_its_stated_error(visitors: int) -> None:
    """Four standard errors: a right estimator breaks this once in 16,000 such numbers."""
    found = estimate(sketch_of(f"SELECT 'visitor ' || range AS name FROM range({visitors})"))
    assert abs(found - visitors) <= 4 * STANDARD_ERROR_PERCENT / 100 * visitors


def test_the_errors_of_many_estimates_are_as_large_as_stated_and_balanced() -> None:
    errors = []
    for seed in range(30):
        found = estimate(sketch_of(f"SELECT '{seed} ' || range AS name FROM range(20000)"))
        errors.append((found - 20_000) / 20_000 * 100)
    spread = (sum(error * error for error in errors) / len(errors)) ** 0.5
    assert 0.45 < spread / STANDARD_ERROR_PERCENT < 1.4
    assert abs(sum(errors) / len(errors)) < 0.5
