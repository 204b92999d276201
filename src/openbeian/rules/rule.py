"""What a rule is: versions with their sources, claims that contradict them, and who outranks whom.

Plain frozen values; the loader builds them, the resolver chooses among them, nothing changes them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from openbeian.kernel.deadlines import Direction
from openbeian.kernel.text import Text


class Level(StrEnum):
    """Authority levels, highest first: their order is the order of precedence."""

    LAW = "law"
    REGULATION = "regulation"
    RULE = "rule"
    NOTICE = "notice"
    PROVINCE = "province"
    PROVIDER = "provider"
    GUIDE = "guide"
    DEFAULT = "default"

    @property
    def rank(self) -> int:
        """0 for law; a smaller rank outranks a larger one."""
        return _RANKS[self]


_RANKS = {level: rank for rank, level in enumerate(Level)}

LEVEL_NAMES = {
    Level.LAW: Text("法律", "law"),
    Level.REGULATION: Text("行政法规", "administrative regulation"),
    Level.RULE: Text("部门规章", "departmental rule"),
    Level.NOTICE: Text("规范性文件", "notice"),
    Level.PROVINCE: Text("省级管局要求", "provincial requirement"),
    Level.PROVIDER: Text("接入商做法", "provider practice"),
    Level.GUIDE: Text("网络文章", "popular guide"),
    Level.DEFAULT: Text("本软件的默认值，不是法律", "default of this software, not law"),
}


class Kind(StrEnum):
    """What a rule's value is."""

    LIMIT = "limit"
    """An amount of time from an anchor, or `none` when no length is set."""
    ANNUAL_WINDOW = "annual_window"
    """`opens` and `closes` as MM-DD, in the year after the anchor's; or `none` where the days of a time are not known."""
    QUANTITY = "quantity"
    """A number with a unit."""
    STATEMENT = "statement"
    """A word, true or false, or a list of words."""
    PENALTY = "penalty"
    """Outcomes with conditions: see `penalties`."""


class Status(StrEnum):
    """How firmly a version stands. Only `in_force` may be presented as certain."""

    IN_FORCE = "in_force"
    UNCERTAIN = "uncertain"
    OPEN = "open"


class Confidence(StrEnum):
    """H: read in the text of the rule; M: one reputable secondary source; L: hearsay or memory."""

    HIGH = "H"
    MEDIUM = "M"
    LOW = "L"


NO_LIMIT = "none"
"""The value of a limit where the highest source sets no length."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a statement was read."""

    key: str
    title: Text
    where: str


@dataclass(frozen=True, slots=True)
class Instrument:
    """A law, regulation, rule, notice or published practice, under the name the rules cite it by."""

    key: str
    title: Text
    number: str
    level: Level
    effective_from: date
    effective_to: date | None = None


@dataclass(frozen=True, slots=True)
class FineRange:
    """A fine from `least` to `most`: yuan, or multiples of the fact `of` when that is set."""

    least: int
    most: int
    of: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What follows when `when` holds: fines on the organisation and on persons, confiscation, measures."""

    when: Mapping[str, object]
    fine: FineRange | None = None
    persons_fine: FineRange | None = None
    confiscates: str = ""
    measures: tuple[str, ...] = ()


Value = int | bool | str | tuple[str, ...] | Mapping[str, str] | tuple[Outcome, ...]


@dataclass(frozen=True, slots=True)
class Version:
    """One statement of a rule's value, in force from a day to a day (both included), on one source.

    `claim` is empty for the rule's own line of versions and names a contradicting claim otherwise; `why_not`
    says why such a claim is not followed, `may_be_policy` whether an installation may follow it all the same.
    `provinces` is None where the version holds everywhere. `file` and `line` lead back to the YAML.
    """

    rule_id: str
    value: Value
    unit: str
    effective_from: date
    effective_to: date | None
    level: Level
    instrument: Instrument | None
    article: str
    source: Source
    observed_on: date
    confidence: Confidence
    status: Status
    anchor: str
    direction: Direction
    rolls: bool
    provinces: frozenset[str] | None
    notes: Text | None
    claim: str
    why_not: Text | None
    may_be_policy: bool
    file: str
    line: int

    def is_in_force(self, on: date, province: str | None = None) -> bool:
        """Whether this version speaks about that day and place."""
        return (
            self.effective_from <= on
            and (self.effective_to is None or on <= self.effective_to)
            and (self.provinces is None or province in self.provinces)
        )

    @property
    def citation(self) -> Text:
        """Instrument and article, or the source where there is no instrument."""
        if self.instrument is None:
            return self.source.title
        if not self.article:
            return self.instrument.title
        return Text(f"{self.instrument.title.zh}第{self.article}条", f"{self.instrument.title.en}, art. {self.article}")


@dataclass(frozen=True, slots=True)
class ProvinceCheck:
    """How a provincial value is held against an order's facts: `test` is a key of `provinces.TESTS`."""

    fact: str
    test: str
    when: Mapping[str, object]
    message: Text
    fix: Text


@dataclass(frozen=True, slots=True)
class Rule:
    """One question the law answers, with all its versions (sorted) and the claims that contradict them."""

    id: str
    kind: Kind
    unit: str
    title: Text
    versions: tuple[Version, ...]
    claims: tuple[Version, ...]
    consequence: tuple[str, ...]
    related: tuple[str, ...]
    check: ProvinceCheck | None
    file: str
    line: int

    @property
    def statements(self) -> tuple[Version, ...]:
        """Versions and claims together."""
        return self.versions + self.claims


@dataclass(frozen=True, slots=True)
class Area:
    """A provincial area: `key` is the character in filing numbers (浙)."""

    key: str
    name: Text
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProvinceSnapshot:
    """One row of a published list of provincial requirements, kept in words; its values stand in the rules."""

    area: str
    effective_from: date
    effective_to: date | None
    observed_on: date
    source: Source
    confidence: Confidence
    text: Text
    rules: tuple[str, ...]
