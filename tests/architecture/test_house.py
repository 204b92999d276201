"""The rules of the house that a machine can check: files, names, clock, size."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "openbeian"
LONGEST_MODULE = 400
BANNED_NAMES = {"utils", "helpers", "common", "base", "manager", "managers", "core"}
_CLOCKS = re.compile(r"\b(datetime\.(now|utcnow|today)|date\.today|time\.time|timezone\.(now|localdate|localtime))\(")


def modules(folder: Path = SOURCE) -> Iterator[Path]:
    return (f for f in sorted(folder.rglob("*.py")) if "migrations" not in f.parts)


@pytest.mark.parametrize(
    "file",
    [f for f in modules() if f.parent.name == "actions" and f.name != "__init__.py"],
    ids=lambda f: f"{f.parents[1].name}.{f.stem}",
)
def test_an_action_file_offers_the_action_it_is_named_for_and_nothing_else(file: Path) -> None:
    functions = {n.name for n in ast.parse(file.read_text()).body if isinstance(n, ast.FunctionDef)}
    assert {name for name in functions if not name.startswith("_")} == {file.stem}


def test_every_module_opens_with_a_sentence() -> None:
    silent = [str(f.relative_to(ROOT)) for f in modules() if not ast.get_docstring(ast.parse(f.read_text()))]
    assert silent == []


def test_no_module_is_longer_than_a_reader_can_hold() -> None:
    long = {f.name: n for f in modules() if (n := len(f.read_text().splitlines())) > LONGEST_MODULE}
    assert long == {}


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert [str(f) for f in modules() if f.stem in BANNED_NAMES or f.parent.name in BANNED_NAMES] == []


def test_only_the_clock_asks_what_time_it_is() -> None:
    asking = [
        f"{f.relative_to(ROOT)}:{number}"
        for f in modules()
        if f != SOURCE / "kernel" / "clock.py"
        for number, line in enumerate(f.read_text().splitlines(), 1)
        if _CLOCKS.search(line)
    ]
    assert asking == []
