"""The quick way for logs in perfect order gives what the grammar gives, and steps back for any line that is not."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.observation.traffic.generator import FORMATS, Truth, log_text, make_events

from openbeian.observation.traffic import reading
from openbeian.observation.traffic.counting import Counter
from openbeian.observation.traffic.grammars import COMBINED, GRAMMARS
from openbeian.observation.traffic.layouts import Layout, find_layout
from openbeian.observation.traffic.report import count_traffic

EVENTS = make_events(seed=80)
ORDERLY = ["nginx combined", "combined with more fields", "common"]


@pytest.mark.parametrize("format_name", ORDERLY)
def test_an_orderly_log_is_read_as_columns_and_counted_exactly(
    format_name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[Layout | None] = []
    read = Counter.read

    def watched(self: Counter, path: Path, grammar: object, *, layout: Layout | None = None) -> object:
        taken.append(layout)
        return read(self, path, grammar, layout=layout)  # type: ignore[arg-type]

    monkeypatch.setattr(Counter, "read", watched)
    log = tmp_path / "access.log"
    log.write_text(log_text(format_name, EVENTS), encoding="utf-8")
    truth = Truth(EVENTS, with_agent=format_name != "common").service("")
    for in_place in (True, False):
        taken.clear()
        monkeypatch.setattr(reading, "IN_PLACE_LIMIT", 1 << 30 if in_place else 0)
        assert count_traffic([str(log)]).as_json()["services"] == [truth]
        assert len(taken) == 1
        assert taken[0] is not None


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


def test_only_a_sample_of_one_shape_has_a_layout() -> None:
    lines = log_text("nginx combined", EVENTS[:20]).splitlines()
    found = find_layout(COMBINED, lines)
    assert found is not None
    assert (len(found.columns), found.quotes) == (10, 6)
    assert find_layout(COMBINED, [*lines, lines[0] + " more"]) is None
    assert find_layout(COMBINED, []) is None
    assert [find_layout(GRAMMARS[g], log_text(n, EVENTS[:9]).splitlines()) for n, (g, _) in FORMATS.items() if "json" in g] == [None] * 3  # fmt: skip
