"""Reason codes: why a reviewer returns or refuses, and what the person does about it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from openbeian.kernel.text import Text
from openbeian.rules.yaml_source import Reader, read_file


@dataclass(frozen=True, slots=True)
class Reason:
    """A code with its field's own words and the usual fix."""

    code: str
    group: str
    label: Text
    fix: Text


@dataclass(frozen=True, slots=True)
class ReasonCatalogue:
    groups: dict[str, Text]
    reasons: dict[str, Reason]


def read_reasons(path: Path) -> ReasonCatalogue:
    """Raises: RulebookInvalid."""
    return read_file(path, _read_catalogue)


def _read_catalogue(reader: Reader) -> ReasonCatalogue:
    reader.word("id", required=True)
    reader.word("source", required=True)
    named = reader.section("groups", required=True)
    groups = Reader(named, reader.findings).labels() if named is not None else {}
    reasons: dict[str, Reason] = {}
    for section in reader.sections("reasons", required=True):
        item = Reader(section, reader.findings)
        code, group = item.word("code", required=True), item.one_of("group", groups, required=True)
        label, fix = item.text("label", required=True), item.text("fix", required=True)
        item.done()
        if code in reasons:
            item.fault(
                "rulebook.id_twice",
                Text(f"代码“{code[:60]}”重复。", f"The code “{code[:60]}” stands twice."),
                Text("请只保留一个。", "Keep one."),
                key="code",
            )
        if label and fix:
            reasons[code] = Reason(code, group, label, fix)
    return ReasonCatalogue(groups, reasons)


@lru_cache(maxsize=4)
def load_reasons(path: Path) -> ReasonCatalogue:
    return read_reasons(path)
