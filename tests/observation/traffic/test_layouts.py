"""The quick way for logs in perfect order gives what the grammar gives, and steps back for any line that is not."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.observation.traffic.generator import FORMATS, Truth, log_text, make_events

from openbeian.observation.traffic import hits, ranges, reading
from openbeian.observation.traffic.counting import Counter, Source, Tally
from openbeian.observation.traffic.grammars import COMBINED, GRAMMARS, Grammar
from openbeian.observation.traffic.layouts import Layout, find_layout
from openbeian.observation.traffic.report import count_traffic

EVENTS = make_events(seed=80)
ORDERLY = ["nginx combined", "combined with more fields", "common"]


@pytest.mark.parametrize("format_name", ORDERLY)
def test_an_orderly_log_is_read_as_columns_and_counted_exactly(
    format_name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[Layout] = []
    read = Counter.read_columns

    def watched(self: Counter, source: Source, size: int, grammar: Grammar, layout: Layout) -> Tally | None:
        taken.append(layout)
        return read(self, source, size, grammar, layout)

    def refused(self: Counter, path: Path, grammar: Grammar) -> Tally:
        raise AssertionError("read line by line")

    monkeypatch.setattr(Counter, "read_columns", watched)
    monkeypatch.setattr(Counter, "read", refused)
    log = tmp_path / "access.log"
    log.write_text(log_text(format_name, EVENTS), encoding="utf-8")
    truth = Truth(EVENTS, with_agent=format_name != "common").service("")
    for in_place in (True, False):
        taken.clear()
        monkeypatch.setattr(reading, "IN_PLACE_LIMIT", 1 << 30 if in_place else 0)
        assert count_traffic([str(log)]).as_json()["services"] == [truth]
        assert len(taken) == 1


@pytest.mark.parametrize(
    "line",
    [
        "",
        "rubbish",
        '1.2.3.4 - - [30/Feb/2025:00:00:00 +0800] "GET / HTTP/1.1" 200 1 "-" "x"',
        '1.2.3.4 - - [31/Dec/2025:00:00:00 +08x0] "GET / HTTP/1.1" 200 1 "-" "x"',
        '1.2.3.4 - - [31/Dec/2025:00:00:00 +0800] "GET / HTTP/1.1" 2000 1 "-" "x"',
        '1.2.3.4 - - [31/Dec/2025:00:00:00 +0800] "GET / HTTP/1.1" 200 1 "-" "cut off',
        '1.2.3.4 - - [31/Dec/2025:00:00:00 +0800] "GET /\\" 200 1 "-" "x"',
        '1.2.3.4 - - [31/Dec/2025:00:00:00 +0800] GET 200 1 "-" "x"',
        '1.2.3.4 - a b [31/Dec/2025:00:00:00 +0800] "GET / HTTP/1.1" 200 1 "-" "x"',
    ],
)
def test_one_line_out_of_order_is_judged_by_the_grammar(line: str, tmp_path: Path) -> None:
    lines = [
        *log_text("nginx combined", EVENTS).splitlines(),
        line,
        *log_text("nginx combined", EVENTS[:5]).splitlines(),
    ]
    quick, slow = tmp_path / "quick.log", tmp_path / "slow.log"
    quick.write_text("\n".join(lines) + "\n", encoding="utf-8")
    # An escaped quote anywhere makes the whole log one for the grammar.
    slow.write_text("\n".join([*lines, '\\"']) + "\n", encoding="utf-8")
    found, expected = count_traffic([str(quick)]), count_traffic([str(slow)])
    assert found.as_json()["services"] == expected.as_json()["services"]
    assert found.lines.read == len(lines)
    assert found.lines.counted == expected.lines.counted


ODD = st.text(alphabet='"\\ -[]ab\n\r\t0', max_size=6)


@given(
    where=st.integers(0, 200),
    cut=st.integers(0, 3),
    odd=ODD,
    more=st.lists(st.tuples(st.integers(0, 200), ODD), max_size=2),
)
@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_stands_in_a_line_columns_say_what_the_grammar_says(
    tmp_path_factory: pytest.TempPathFactory, where: int, cut: int, odd: str, more: list[tuple[int, str]]
) -> None:
    """Changes stand beyond the sample that chooses the layout, in lines that would otherwise be in order."""
    lines = log_text("nginx combined", EVENTS).splitlines()
    for number, (place, text) in enumerate([(where, odd), *more], 1):
        changed = lines[-number]
        lines[-number] = changed[:place] + text + changed[place + (cut if number == 1 else 0) :]
    log = tmp_path_factory.mktemp("odd") / "access.log"
    log.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="")
    quick = count_traffic([str(log)]).as_json()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "find_layout", lambda *_: None)
        slow = count_traffic([str(log)]).as_json()
    assert quick == slow


@pytest.mark.parametrize("most", [1, 700])
def test_figures_drawn_from_lines_are_those_drawn_from_their_sums(
    most: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "access.log"
    log.write_text(log_text("nginx combined", EVENTS), encoding="utf-8")
    by_line = count_traffic([str(log)]).as_json()
    monkeypatch.setattr(reading, "IN_PLACE_LIMIT", 0)
    monkeypatch.setattr(reading, "RANGE", 50_000)
    monkeypatch.setattr(ranges, "_BLOCK", 4_000)
    monkeypatch.setattr(hits, "MOST_HITS", most)
    assert count_traffic([str(log)]).as_json() == by_line


def test_only_a_sample_of_one_shape_has_a_layout() -> None:
    lines = log_text("nginx combined", EVENTS[:20]).splitlines()
    found = find_layout(COMBINED, lines)
    assert found is not None
    assert (len(found.columns), found.quoted) == (10, {"request", "referrer", "agent"})
    assert find_layout(COMBINED, [*lines, lines[0] + " more"]) is None
    assert find_layout(COMBINED, []) is None
    assert [find_layout(GRAMMARS[g], log_text(n, EVENTS[:9]).splitlines()) for n, (g, _) in FORMATS.items() if "json" in g] == [None] * 3  # fmt: skip
