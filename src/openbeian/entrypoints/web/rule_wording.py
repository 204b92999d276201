"""How a rule reads on a page: its subject, standing and value in words, and its versions on a line through time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from openbeian.kernel.text import Text
from openbeian.rules.errors import NoRuleInForce
from openbeian.rules.explanation import CONFIDENCE_NAMES, say_value
from openbeian.rules.resolver import Policy, Resolution, resolve
from openbeian.rules.rule import LEVEL_NAMES, Confidence, Kind, Outcome, Rule, Status, Version
from openbeian.rules.rulebook import Rulebook

SUBJECTS: dict[str, Text] = {
    "filing": Text("备案", "Filing"),
    "province": Text("各省要求", "Provincial requirements"),
    "licence": Text("经营许可证", "Licences"),
    "penalty": Text("处罚", "Penalties"),
    "service": Text("服务与公示", "Services and display"),
    "app": Text("App", "Apps"),
    "domain": Text("域名", "Domains"),
    "number": Text("码号资源", "Number resources"),
    "permit": Text("行政许可程序", "Permit procedure"),
    "counting": Text("期限的计算", "Counting of limits"),
    "calendar": Text("日历", "Calendar"),
    "scam": Text("防骗", "Fraud"),
    "content": Text("内容", "Content"),
    "advertising": Text("广告", "Advertising"),
}
OTHER_SUBJECT = Text("其他", "Other")

STATUS_WORDS: dict[Status, tuple[Text, str, str]] = {
    Status.IN_FORCE: (Text("现行", "In force"), "good", "circle-check"),
    Status.UNCERTAIN: (Text("是否有效不确定", "Standing uncertain"), "warn", "triangle-alert"),
    Status.OPEN: (Text("未决问题", "Open question"), "warn", "circle-question-mark"),
}
KIND_WORDS: dict[Kind, Text] = {
    Kind.LIMIT: Text("期限", "time limit"),
    Kind.ANNUAL_WINDOW: Text("年度窗口", "annual window"),
    Kind.QUANTITY: Text("数量", "quantity"),
    Kind.STATEMENT: Text("规定", "statement"),
    Kind.PENALTY: Text("处罚", "penalty"),
}
_YES_NO = {True: Text("是", "yes"), False: Text("否", "no")}


def find_subject(rule_id: str) -> str:
    """The subject a rule is listed under: the first part of its id, or `other`."""
    first = rule_id.partition(".")[0]
    return first if first in SUBJECTS else "other"


def say_value_plainly(version: Version, rulebook: Rulebook) -> Text:
    """A version's value in words a page can show, truth values and single measures included."""
    value = version.value
    if isinstance(value, bool):
        return _YES_NO[value]
    if isinstance(value, tuple) and value and isinstance(value[0], Outcome):
        fines = [outcome.fine for outcome in value if isinstance(outcome, Outcome) and outcome.fine]
        yuan = [fine for fine in fines if not fine.of]
        if yuan:
            least, most = min(f.least for f in yuan), max(f.most for f in yuan)
            return Text(f"罚款 {least:,}–{most:,} 元等", f"fines of {least:,}–{most:,} yuan and more")
    return say_value(version, rulebook)


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One rule as a list shows it on a day: what is followed, on what ground, how certain, who says otherwise."""

    rule: Rule
    subject: str
    value: Text
    version: Version
    policy: Policy | None
    otherwise: tuple[Text, ...]

    @property
    def level(self) -> Text:
        return LEVEL_NAMES[self.version.level]

    @property
    def status(self) -> tuple[Text, str, str]:
        """Word, tone and icon. Hearsay is never shown as settled, whatever the version says of itself."""
        if self.version.status is Status.IN_FORCE and self.version.confidence is Confidence.LOW:
            return (Text("现行，未见原文", "In force, text not seen"), "calm", "circle-question-mark")
        return STATUS_WORDS[self.version.status]


def list_rule_rows(rulebook: Rulebook, on: date, province: str | None, policies: Iterable[Policy]) -> list[RuleRow]:
    """Every rule of which something is in force that day, in that area if one is given; by id."""
    rows, followed = [], list(policies)
    for rule in rulebook.rules.values():
        try:
            resolution = resolve(rulebook, rule.id, on, province, followed)
        except NoRuleInForce:
            if province is not None or not (row := _row_of_areas(rulebook, rule, on)):
                continue
            rows.append(row)
        else:
            rows.append(_row(resolution, rulebook))
    return rows


def _row(resolution: Resolution, rulebook: Rulebook) -> RuleRow:
    otherwise = tuple(
        Text("{v}（{level}）", "{v} ({level})").format(
            v=say_value_plainly(c.version, rulebook), level=LEVEL_NAMES[c.version.level]
        )
        for c in resolution.contradicted_by
    )
    version = resolution.version
    value = say_value_plainly(version, rulebook)
    return RuleRow(resolution.rule, find_subject(resolution.rule.id), value, version, resolution.policy, otherwise)


def _row_of_areas(rulebook: Rulebook, rule: Rule, on: date) -> RuleRow | None:
    """A rule that only some areas have: the list names them instead of choosing one."""
    areas = sorted({a for v in rule.versions for a in v.provinces or () if v.is_in_force(on, a)})
    if not areas:
        return None
    version = next(v for v in rule.versions if v.is_in_force(on, areas[0]))
    named = "、".join(areas[:8]) + ("…" if len(areas) > 8 else "")
    value = Text(f"因省而异（{named}）", f"differs by area ({named})")
    return RuleRow(rule, find_subject(rule.id), value, version, None, ())


@dataclass(frozen=True, slots=True)
class Stretch:
    """One statement on the line through time: where its bar begins and ends, in units of the drawing."""

    version: Version
    value: Text
    left: float
    width: float
    top: int
    tone: str
    is_followed: bool

    @property
    def label(self) -> Text:
        until = self.version.effective_to.isoformat() if self.version.effective_to else ""
        return Text("{v}：{a}—{b}", "{v}: {a} to {b}").format(
            v=self.value, a=self.version.effective_from.isoformat(), b=until or Text("今", "now")
        )


@dataclass(frozen=True, slots=True)
class TimeLine:
    """The drawing: bars from the first day to a year after the later of today and the last change."""

    stretches: tuple[Stretch, ...]
    years: tuple[tuple[int, float], ...]
    today: float
    height: int


WIDTH = 800
_ROW = 26
_MOST_STRETCHES = 40
_YEAR_LABELS = 8


def draw_time_line(statements: Iterable[Version], followed: Version | None, on: date, rulebook: Rulebook) -> TimeLine:
    """Versions and claims one under the other, each as long as it was in force."""
    shown = list(statements)[:_MOST_STRETCHES]
    first = min(v.effective_from for v in shown)
    days = [d for v in shown for d in (v.effective_from, v.effective_to) if d is not None]
    start = first.toordinal()
    end = max(on.toordinal(), *(d.toordinal() for d in days)) + 366

    def place(day: int) -> float:
        return round((day - start) * WIDTH / (end - start), 1)

    stretches = []
    for row, version in enumerate(shown):
        left = place(version.effective_from.toordinal())
        right = place(version.effective_to.toordinal() + 1 if version.effective_to else end)
        tone = "calm" if version.claim else STATUS_WORDS[version.status][1]
        width = round(max(right - left, 3.0), 1)
        value = say_value_plainly(version, rulebook)
        stretches.append(Stretch(version, value, left, width, 22 + row * _ROW, tone, version is followed))
    last_year = date.fromordinal(end).year
    step = max(1, -(-(last_year - first.year) // _YEAR_LABELS))
    years = tuple((y, place(date(y, 1, 1).toordinal())) for y in range(first.year + 1, last_year + 1, step))
    return TimeLine(tuple(stretches), years, place(on.toordinal()), 26 + len(shown) * _ROW)


def say_confidence(version: Version) -> Text:
    """How well it is known."""
    return CONFIDENCE_NAMES[version.confidence]
