"""Reads YAML into plain values that remember their lines, so that a fault can name file, line and fix.

Stricter than YAML: no anchors, aliases or tags, no duplicate keys, only `true`/`false` as truth values, dates that
exist, bounded size and depth. JSON is read the same way, being YAML.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import yaml

from openbeian.kernel.errors import Fault
from openbeian.kernel.text import Text
from openbeian.rules.errors import RulebookInvalid

MOST_BYTES = 1_000_000
MOST_DEPTH = 16

WHOLE_NUMBER = re.compile(r"-?[0-9][0-9_]{0,17}", re.ASCII)
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)

Chosen = TypeVar("Chosen", bound=StrEnum)
Read = TypeVar("Read")

# libyaml where PyYAML was built with it: eight times faster, same nodes and marks.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Branch(dict[str, Any]):
    """A mapping that knows its file, its own line and the line of each key."""

    file: str
    line: int
    lines: dict[str, int]

    @classmethod
    def empty(cls, file: str, line: int = 1) -> Branch:
        """A mapping without keys, standing where one was expected."""
        branch = cls()
        branch.file, branch.line, branch.lines = file, line, {}
        return branch

    def place(self, key: str | None = None) -> str:
        """`file:line` of a key, or of the mapping."""
        return f"{self.file}:{self.lines.get(key, self.line) if key else self.line}"


@dataclass
class Findings:
    """Collects every fault of one load, so that all are told together."""

    faults: list[Fault] = field(default_factory=list)

    def add(self, place: str, rule: str, message: Text, fix: Text, value: object = "") -> None:
        """Adds a fault; `place` is file:line."""
        shown = "" if value == "" else str(value)[:120]
        self.faults.append(Fault(field=place, message=message, fix=fix, rule=rule, value=shown))


class Unreadable(Exception):
    """Carries the one fault that stopped the reading of a file to `read_yaml`; never leaves this module."""

    def __init__(self, line: int, message: Text, fix: Text) -> None:
        super().__init__(message.en)
        self.line, self.message, self.fix = line, message, fix


def read_yaml(content: bytes, file: str, findings: Findings) -> Branch | None:
    """The file's mapping, or None with a fault in `findings`."""
    try:
        if len(content) > MOST_BYTES:
            _stop(
                1,
                Text("文件过大。", "The file is too large."),
                Text("请拆分为小于 1 MB 的文件。", "Split it into files below 1 MB."),
            )
        value = _build(content.decode("utf-8-sig"), file)
        if not isinstance(value, Branch):
            _stop(
                1,
                Text("文件应是一个映射。", "The file must hold a mapping."),
                Text("以“键: 值”开头。", "Begin with “key: value”."),
            )
    except Unreadable as stop:
        findings.add(f"{file}:{stop.line}", "yaml.readable", stop.message, stop.fix)
    except UnicodeDecodeError:
        findings.add(
            f"{file}:1",
            "yaml.readable",
            Text("文件不是 UTF-8 编码。", "The file is not UTF-8."),
            Text("请另存为 UTF-8。", "Save it as UTF-8."),
        )
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or type(error).__name__
        findings.add(
            f"{file}:{mark.line + 1 if mark else 1}",
            "yaml.readable",
            Text(f"YAML 语法有误：{problem}。", f"Not valid YAML: {problem}."),
            Text("请检查该行的缩进、冒号和引号。", "Check indentation, colons and quotes on that line."),
        )
    else:
        return value
    return None


def _stop(line: int, message: Text, fix: Text) -> NoReturn:
    raise Unreadable(line, message, fix)


def _build(text: str, file: str) -> Any:
    """Builds the value from events with a stack of its own.

    PyYAML's composer recurses in C, and a file nested deep enough would exhaust the stack of the whole process.
    """
    root: Any = None
    documents = 0
    open_values: list[_Open] = []
    for event in yaml.parse(text, Loader=_Loader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                _stop(
                    line,
                    Text("文件中有多个文档。", "The file holds several documents."),
                    Text("请只保留一个。", "Keep one."),
                )
        elif isinstance(event, yaml.CollectionEndEvent):
            open_values.pop()
        elif isinstance(event, yaml.NodeEvent):
            _check_plain(event, line)
            value = _opened(event, file, line)
            if open_values:
                open_values[-1].put(value, event, line)
            else:
                root = value
            if not isinstance(event, yaml.ScalarEvent):
                open_values.append(_Open(value))
                if len(open_values) > MOST_DEPTH:
                    _stop(line, Text("嵌套过深。", "Nested too deeply."), Text("请减少层级。", "Use fewer levels."))
    return root


class _Open:
    """A mapping or list that is still being filled; `key` waits for its value."""

    def __init__(self, value: Any) -> None:
        self.value = value
        self.key: str | None = None

    def put(self, value: Any, event: yaml.NodeEvent, line: int) -> None:
        if not isinstance(self.value, Branch):
            self.value.append(value)
        elif self.key is not None:
            self.value[self.key] = value
            self.key = None
        elif not isinstance(event, yaml.ScalarEvent):
            _stop(line, Text("键应是一个词。", "A key must be a word."), Text("请改为普通的键。", "Use a plain key."))
        else:
            self.key = key = str(event.value)
            if key in self.value:
                _stop(
                    line,
                    Text(f"键“{key[:60]}”重复。", f"The key “{key[:60]}” stands twice."),
                    Text("请只保留一个。", "Keep one."),
                )
            self.value.lines[key] = line


def _check_plain(event: yaml.NodeEvent, line: int) -> None:
    if event.anchor is not None:
        _stop(
            line,
            Text("不允许使用锚点和别名。", "Anchors and aliases are not allowed."),
            Text("请把内容写全。", "Write it out."),
        )
    if getattr(event, "tag", None) is not None:
        _stop(line, Text("不允许使用标签（!）。", "Tags (!) are not allowed."), Text("请去掉标签。", "Remove the tag."))


def _opened(event: yaml.NodeEvent, file: str, line: int) -> Any:
    if isinstance(event, yaml.MappingStartEvent):
        return Branch.empty(file, line)
    if isinstance(event, yaml.ScalarEvent):
        return _scalar(event.value, line) if event.implicit[0] else event.value
    return []


def _scalar(text: str, line: int) -> object:
    """What an unquoted word means; less than YAML 1.1 allows, so that `no` and `1e3` stay words."""
    if WHOLE_NUMBER.fullmatch(text):
        return int(text.replace("_", ""))
    if text in {"true", "false"}:
        return text == "true"
    if text in {"", "~", "null"}:
        return None
    if DAY.fullmatch(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            _stop(
                line,
                Text(f"日期“{text}”不存在。", f"The date “{text}” does not exist."),
                Text("请写成 YYYY-MM-DD 的真实日期。", "Write a real date as YYYY-MM-DD."),
            )
    return text


class Reader:
    """Takes a mapping's fields one by one, each with its expected form; `done` refuses what is left over."""

    def __init__(self, branch: Branch, findings: Findings, defaults: Mapping[str, Any] | None = None) -> None:
        self.branch, self.findings = branch, findings
        self._defaults = defaults or {}
        self._taken: set[str] = set()

    def fault(self, rule: str, message: Text, fix: Text, *, key: str | None = None, value: object = "") -> None:
        """Records a fault at the line of `key`, or of the mapping."""
        self.findings.add(self.branch.place(key), rule, message, fix, value)

    def take(self, key: str, *, required: bool = False) -> Any:
        """The raw value or None; a missing required key is a fault."""
        self._taken.add(key)
        value = self.branch.get(key, self._defaults.get(key))
        if value is None and required:
            self.fault(
                f"rulebook.{key}_missing",
                Text(f"缺少“{key}”。", f"“{key}” is missing."),
                Text(f"请补上“{key}: …”。", f"Add “{key}: …”."),
            )
        return value

    def typed(self, key: str, wanted: type, name: Text, *, required: bool = False) -> Any:
        """The value if it has the wanted type; anything else is a fault and None."""
        value = self.take(key, required=required)
        if value is None:
            return None
        if isinstance(value, wanted) and not (wanted is int and isinstance(value, bool)):
            return value
        self.fault(
            f"rulebook.{key}_malformed",
            Text(f"“{key}”应是{name.zh}。", f"“{key}” must be {name.en}."),
            Text(f"请把“{key}”改为{name.zh}。", f"Write “{key}” as {name.en}."),
            key=key,
            value=value,
        )
        return None

    def word(self, key: str, *, required: bool = False) -> str:
        """A word or sentence, empty if absent; a number counts as a word (articles)."""
        value = self.take(key, required=required)
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        return str(self.typed(key, str, Text("文字", "text")) or "")

    def day(self, key: str, *, required: bool = False) -> date | None:
        """A date."""
        value: date | None = self.typed(key, date, Text("日期 YYYY-MM-DD", "a date YYYY-MM-DD"), required=required)
        return value

    def flag(self, key: str, *, otherwise: bool = False) -> bool:
        """true or false."""
        value = self.typed(key, bool, Text("true 或 false", "true or false"))
        return otherwise if value is None else bool(value)

    def number(self, key: str) -> int:
        """A whole number, 0 if absent."""
        return int(self.typed(key, int, Text("整数", "a whole number")) or 0)

    def labels(self) -> dict[str, Text]:
        """The whole mapping as names with their label in both languages."""
        found = {key: self.text(key) for key in list(self.branch)}
        return {key: label for key, label in found.items() if label is not None}

    def one_of(self, key: str, choices: Collection[str], *, required: bool = False) -> str:
        """One of these words, empty if absent or wrong."""
        word = self.word(key, required=required)
        if not word or word in choices:
            return word
        names = sorted(choices) if isinstance(choices, frozenset) else list(choices)
        self.fault(
            f"rulebook.{key}_malformed",
            Text(f"“{key}”不能是“{word[:60]}”。", f"“{key}” cannot be “{word[:60]}”."),
            Text(f"请改为：{'、'.join(names)}。", f"Use one of: {', '.join(names)}."),
            key=key,
            value=word,
        )
        return ""

    def words(self, key: str) -> tuple[str, ...]:
        """A list of words, empty if absent."""
        value = self.typed(key, list, Text("列表", "a list"))
        return tuple(str(item) for item in value or ())

    def section(self, key: str, *, required: bool = False) -> Branch | None:
        """A mapping below."""
        value: Branch | None = self.typed(key, Branch, Text("映射", "a mapping"), required=required)
        return value

    def sections(self, key: str, *, required: bool = False) -> list[Branch]:
        """A list of mappings below."""
        value = self.typed(key, list, Text("列表", "a list"), required=required) or []
        good = [item for item in value if isinstance(item, Branch)]
        if len(good) != len(value):
            self.fault(
                f"rulebook.{key}_malformed",
                Text(f"“{key}”的每一项应是映射。", f"Each item of “{key}” must be a mapping."),
                Text("请写成“- 键: 值”。", "Write “- key: value”."),
                key=key,
            )
        return good

    def text(self, key: str, *, required: bool = False) -> Text | None:
        """A text in both languages."""
        value = self.take(key, required=required)
        if value is None:
            return None
        try:
            return Text.read(value)
        except ValueError:
            self.fault(
                f"rulebook.{key}_malformed",
                Text(f"“{key}”应有中英文两种写法。", f"“{key}” must stand in both languages."),
                Text("请写成 {zh: …, en: …}。", "Write {zh: …, en: …}."),
                key=key,
            )
            return None

    def choice(self, key: str, choices: type[Chosen], *, required: bool = False) -> Chosen | None:
        """A member of an enumeration."""
        word = self.one_of(key, [str(choice.value) for choice in choices], required=required)
        return choices(word) if word else None

    def done(self) -> None:
        """Refuses keys that nobody took."""
        for key in self.branch:
            if key not in self._taken:
                self.fault(
                    "rulebook.key_unknown",
                    Text(f"不认识的键“{key[:60]}”。", f"Unknown key “{key[:60]}”."),
                    Text(
                        f"请删除或改为：{'、'.join(sorted(self._taken))}。",
                        f"Remove it or use one of: {', '.join(sorted(self._taken))}.",
                    ),
                    key=key,
                )


def read_file(path: Path, read: Callable[[Reader], Read | None]) -> Read:
    """What `read` makes of the mapping in a file of the rulebook.

    Raises: RulebookInvalid with every fault found, each with `file:line`.
    """
    findings = Findings()
    value: Read | None = None
    try:
        branch = read_yaml(path.read_bytes(), path.name, findings)
    except OSError as absent:
        branch = None
        findings.add(
            f"{path.name}:1",
            "rulebook.file_missing",
            Text("读不到此文件。", "This file cannot be read."),
            Text("请检查规则库路径，或补上该文件。", "Check the rulebook's path, or add the file."),
            absent.strerror or "",
        )
    if branch is not None:
        reader = Reader(branch, findings)
        value = read(reader)
        reader.done()
    if findings.faults or value is None:
        raise RulebookInvalid(findings.faults)
    return value
