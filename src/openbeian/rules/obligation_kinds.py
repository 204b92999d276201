"""Kinds of obligation as data (`rulebook/obligations/`): which rule, on whom, from which day, with which evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import pairwise
from pathlib import Path
from typing import Literal, cast, get_args

from openbeian.kernel.text import Text
from openbeian.rules.yaml_source import Reader, read_file

Subject = Literal["sponsor", "service", "licence", "number", "case", "finding", "inspection_fault"]
DueBy = Literal["rule", "field", "yearly", "standing"]
Responsible = Literal["sponsor", "holder", "applicant", "provider", "administration"]
Page = Literal["sponsor", "service", "licence", "case", "finding", "inspection_fault"]

LONGEST_LEAD_DAYS = 1_000


@dataclass(frozen=True, slots=True)
class ObligationKind:
    """What is owed by every record of a sort.

    due: `rule` counts the rule's limit from the anchor field; `field` is the anchor itself; `yearly` is the rule's
    window for each year since the anchor; `standing` has no day. `when` names words of the record that must match.
    lead_days: days before the due day (or the anchor, `lead_from`) at which people are told, first to last; the
    first opens the window where the rule has none. `follows`: owed only while that kind is missed in the same cycle.
    asks_when_past: what was due before we knew the record is asked about, not alarmed of.
    """

    id: str
    title: Text
    subject: Subject
    rule: str
    due: DueBy
    responsible: Responsible
    action: Text
    page: Page
    evidence: Text
    anchor: str = ""
    when: Mapping[str, frozenset[str]] | None = None
    lead_days: tuple[int, ...] = ()
    lead_from: Literal["due", "anchor"] = "due"
    procedure: str = ""
    consequence: str = ""
    harm: Text | None = None
    harm_rank: int = 0
    follows: str = ""
    asks_when_past: bool = False


@dataclass(frozen=True, slots=True)
class ObligationKinds:
    """All kinds in the order of their files, and how grave each measure is (1 to 5)."""

    kinds: Mapping[str, ObligationKind]
    measure_ranks: Mapping[str, int]
    fine_rank: int


def read_obligation_kinds(folder: Path) -> ObligationKinds:
    """Raises: RulebookInvalid, naming file and line."""
    fine, measures = read_file(folder / "harms.yaml", _read_ranks)
    kinds: dict[str, ObligationKind] = {}
    for file in sorted(folder.glob("*.yaml")):
        if file.name != "harms.yaml":
            read_file(file, partial(_read_kinds, kinds=kinds))
    return ObligationKinds(kinds, measures, fine)


def _read_ranks(reader: Reader) -> tuple[int, dict[str, int]]:
    fine, measures = reader.number("fine"), reader.section("measures", required=True)
    if measures is None:
        return fine, {}
    ranks = Reader(measures, reader.findings)
    return fine, {key: ranks.number(key) for key in list(measures)}


def _read_kinds(reader: Reader, *, kinds: dict[str, ObligationKind]) -> bool:
    """Adds the kinds of one file; a kind may follow only one that stands before it."""
    for section in reader.sections("kinds", required=True):
        item = Reader(section, reader.findings)
        kind = _read_kind(item)
        item.done()
        if kind is None:
            continue
        if kind.id in kinds:
            _refuse(item, "id", f"编号“{kind.id}”重复。", f"“{kind.id}” stands twice.")
        if kind.follows and kind.follows not in kinds:
            _refuse(item, "follows", f"“{kind.follows}”不存在。", f"There is no “{kind.follows}” before it.")
        kinds[kind.id] = kind
    return True


def _refuse(item: Reader, key: str, zh: str, en: str) -> None:
    item.fault("rulebook.obligation_kind", Text(zh, en), Text("请改正此处。", "Correct it here."), key=key)


@lru_cache(maxsize=4)
def load_obligation_kinds(folder: Path) -> ObligationKinds:
    """`read_obligation_kinds`, once a process."""
    return read_obligation_kinds(folder)


def check_lead_days(days: tuple[int, ...]) -> bool:
    """Lead times fall: a day told twice, or an earlier one after a later one, is a slip."""
    return all(0 <= d <= LONGEST_LEAD_DAYS for d in days) and all(a > b for a, b in pairwise(days))


def _read_kind(item: Reader) -> ObligationKind | None:
    kind_id, rule = item.word("id", required=True), item.word("rule", required=True)
    title, action, evidence = (item.text(key, required=True) for key in ("title", "action", "evidence"))
    subject = item.one_of("subject", get_args(Subject), required=True)
    due = item.one_of("due", get_args(DueBy), required=True)
    responsible = item.one_of("responsible", get_args(Responsible), required=True)
    page = item.one_of("page", get_args(Page), required=True)
    anchor = item.word("anchor")
    if bool(anchor) is (due == "standing"):
        zh, en = "有期限的须有起算日，持续义务没有。", "What has a day has an anchor; a standing duty has none."
        _refuse(item, "anchor", zh, en)
    leads = _read_leads(item)
    lead_from = item.one_of("lead_from", ("due", "anchor")) or "due"
    conditions = item.section("when")
    when = Reader(conditions, item.findings) if conditions is not None else None
    if not (title and action and evidence):
        return None
    return ObligationKind(
        id=kind_id,
        title=title,
        subject=cast(Subject, subject),
        rule=rule,
        due=cast(DueBy, due),
        responsible=cast(Responsible, responsible),
        action=action,
        page=cast(Page, page),
        evidence=evidence,
        anchor=anchor,
        when={key: frozenset(when.words(key)) for key in list(when.branch)} if when else {},
        lead_days=leads,
        lead_from=cast(Literal["due", "anchor"], lead_from),
        procedure=item.word("procedure"),
        consequence=item.word("consequence"),
        harm=item.text("harm"),
        harm_rank=item.number("harm_rank"),
        follows=item.word("follows"),
        asks_when_past=item.flag("asks_when_past"),
    )


def _read_leads(item: Reader) -> tuple[int, ...]:
    leads = tuple(int(word) for word in item.words("lead_days") if word.isdecimal())
    if not check_lead_days(leads):
        _refuse(item, "lead_days", "提前天数应由大到小。", "The lead days must fall.")
    return leads
