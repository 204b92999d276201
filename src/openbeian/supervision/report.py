"""A finding on paper and on a page: what was found, on what ground, what was done, and the digests of its evidence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from openbeian.documents.extracts import draw_qr
from openbeian.documents.typst.typesetting import typeset
from openbeian.journal.events import find_event
from openbeian.journal.queries import list_history_of
from openbeian.kernel import clock
from openbeian.kernel.text import Text
from openbeian.observation.probing.knowledge import load_knowledge
from openbeian.privacy.masking import mask_name
from openbeian.registry.decisions import PERSONAL_NATURE
from openbeian.supervision.catalogue import get_catalogue
from openbeian.supervision.decisions import CLOSED_HOW, PETITIONS, SEVERITIES, STATES
from openbeian.supervision.models import Finding

_DISCLAIMER = Text(
    "本报告由 OpenBeian 根据巡检记录生成，不是行政机关的认定。",
    "Made by OpenBeian from the records of its watch; no finding of any authority.",
)
_MOST_STEPS = 200
_ROWS_A_SECTION = 20
_Row = tuple[Text, str | Text]


@dataclass(frozen=True, slots=True)
class Section:
    """Rows under a heading; a value in both languages, or as it was written."""

    heading: Text
    rows: list[_Row]


@dataclass(frozen=True, slots=True)
class Report:
    """What a report says, before it is drawn."""

    heading: Text
    disclaimer: Text
    head: list[_Row]
    sections: list[Section]


def describe_report(finding: Finding) -> Report:
    """The report as of now, the same for paper and page."""
    kind = get_catalogue().kinds[finding.check_kind]
    petitions, evidence = _petitions(finding), _evidence(finding)
    return Report(
        Text(f"巡检问题报告 {finding.reference}", f"Report on a finding of the watch {finding.reference}"),
        _DISCLAIMER,
        _head(finding),
        [
            Section(Text("问题", "Finding"), [*_fault(finding), (Text("怎么改", "How to put it right"), kind.fix)]),
            *([Section(Text("延期与申诉", "Extensions and appeals"), petitions)] if petitions else []),
            Section(Text("证据", "Evidence"), evidence),
            *(Section(Text("经过", "What happened"), steps) for steps in _split(_steps(finding))),
        ],
    )


def render_report(finding: Finding, base_url: str) -> bytes:
    """The report as PDF; its QR code leads those who may see it to the finding's page under `base_url`.

    Raises: TypesettingUnavailable without a Chinese font.
    """
    report = describe_report(finding)
    return typeset(
        {
            "title": report.heading.zh,
            "heading": report.heading.as_json(),
            "disclaimer": report.disclaimer.as_json(),
            "scan": Text("扫码打开", "Scan to open").as_json(),
            "qr": draw_qr(f"{base_url.rstrip('/')}/findings/{finding.pk}/"),
            "left_out": None,
            "pictures": [],
            "attachments": [],
            "head": _write_rows(report.head),
            "sections": [{"heading": s.heading.as_json(), "rows": _write_rows(s.rows)} for s in report.sections],
        }
    )


def _head(finding: Finding) -> list[_Row]:
    service, sponsor = finding.service, finding.service.sponsor
    name = mask_name(sponsor.name) if sponsor.nature == PERSONAL_NATURE else sponsor.name
    return [
        (Text("服务", "Service"), f"{service.name} {service.number}"),
        (Text("主办单位", "Sponsor"), f"{name} {sponsor.number}"),
        (Text("地址", "Address"), str(finding.site)),
        (Text("状态", "State"), STATES[finding.state]),
        (Text("出具时间", "Printed at"), _moment(clock.now())),
    ]


def _fault(finding: Finding) -> list[_Row]:
    fine = "—"
    if finding.fine_max_yuan is not None:
        fine = f"{finding.fine_min_yuan or 0:,}–{finding.fine_max_yuan:,} 元 yuan {finding.citation_zh}"
    rows: list[_Row] = [
        (Text("问题", "Fault"), get_catalogue().kinds[finding.check_kind].title),
        (Text("所见", "What was seen"), _seen(finding)),
        (Text("轻重", "Severity"), SEVERITIES[finding.severity]),
        (Text("可能的罚款", "Possible fine"), fine),
        (Text("首次发现", "First seen"), _moment(finding.began_at)),
        (Text("确认", "Confirmed"), _moment(finding.opened_at)),
        (Text("整改期限", "Due"), f"{finding.due_on.isoformat()} ({finding.limit_rule})"),
    ]
    if finding.closed_at:
        how = CLOSED_HOW[finding.closed_how]
        rows.append((Text("关闭", "Closed"), f"{_moment(finding.closed_at)} {how.zh} {how.en} {finding.closed_note}"))
    return rows


def _seen(finding: Finding) -> Text:
    reason = load_knowledge().reasons.get(finding.reason)
    label = reason.label if reason else Text("", "")
    return Text(
        "；".join(filter(None, (label.zh, finding.detail_zh))) or "—",
        "; ".join(filter(None, (label.en, finding.detail_en))) or "—",
    )


def _petitions(finding: Finding) -> list[_Row]:
    rows: list[_Row] = []
    for petition in finding.petitions.order_by("pk"):
        asked = f"{_moment(petition.asked_at)} {petition.asked_by_name}：{petition.why}"
        if petition.until_on:
            asked += f"（→ {petition.until_on.isoformat()}）"
        if petition.decided_at:
            verdict = {True: "同意 granted", False: "不同意 refused", None: "—"}[petition.is_granted]
            asked += f"；{verdict}，{petition.decided_by_name} {_moment(petition.decided_at)}：{petition.answer}"
        rows.append((PETITIONS[petition.kind], asked))
    return rows


def _evidence(finding: Finding) -> list[_Row]:
    label = Text("证据包 SHA-256", "Pack, SHA-256")
    packs = finding.packs.order_by("pk")
    return [(label, f"#{p.pk} {_moment(p.seen_at)} {p.sha256[:32]} {p.sha256[32:]}") for p in packs]


def _steps(finding: Finding) -> list[_Row]:
    rows: list[_Row] = []
    for entry in reversed(list_history_of("finding", finding.pk)[:_MOST_STEPS]):
        event = find_event(entry.event)
        sentence = event.sentence if event else Text(entry.event, entry.event)
        label = Text(_moment(entry.at), f"#{entry.sequence}")
        rows.append((label, f"{sentence.zh} {sentence.en} · {entry.actor_name}"))
    return rows


def _split(rows: list[_Row]) -> Iterator[list[_Row]]:
    """A section stays on one page, so a long history becomes several."""
    return (rows[start : start + _ROWS_A_SECTION] for start in range(0, len(rows), _ROWS_A_SECTION))


def _write_rows(rows: Iterable[_Row]) -> list[dict[str, Any]]:
    return [
        {"label": label.as_json(), "value": (Text(value, "") if isinstance(value, str) else value).as_json()}
        for label, value in rows
    ]


def _moment(at: Any) -> str:
    return str(at.astimezone(clock.CHINA).strftime("%Y-%m-%d %H:%M"))
