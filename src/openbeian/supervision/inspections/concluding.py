"""What an inspection still lacks before it can be concluded, and what its record says on paper."""

from __future__ import annotations

from datetime import datetime

from openbeian.documents.extracts import Section
from openbeian.documents.papers import PaperContent, Picture
from openbeian.kernel import clock
from openbeian.kernel.errors import Fault as Missing
from openbeian.kernel.text import Text
from openbeian.privacy.masking import mask_name
from openbeian.supervision.inspections.checklist import find_citation, get_checklist
from openbeian.supervision.inspections.decisions import (
    ANSWERS,
    DOUBTS,
    PHOTO_TIMES,
    ROLES,
    digest_answers,
)
from openbeian.supervision.inspections.errors import fault
from openbeian.supervision.inspections.models import Draw, Fault, Inspection
from openbeian.supervision.inspections.queries import Line, find_standing, list_lines, list_signatures

_MOST_PICTURES_ON_PAPER = 60


def list_missing(inspection: Inspection, *, refused_to_sign: str) -> list[Missing]:
    """Everything that stands between here and a conclusion, each with its field and fix."""
    missing = [m for line in list_lines(inspection) if (m := _find_missing(line))]
    signatures = list_signatures(inspection)
    standing = digest_answers(find_standing(inspection))
    for role, label in ROLES.items():
        signature = signatures.get(role)
        if signature is None:
            if role == "inspected" and refused_to_sign:
                continue
            message = Text(f"缺少签名：{label.zh}。", f"A signature is missing: {label.en}.")
            fix = Text("请在手机上签名；对方拒签的，写明拒签情况。", "Sign on the phone; where they refuse, say so.")
            missing.append(fault(f"signatures.{role}", "signature", message, fix))
        elif signature.answers_sha256 != standing:
            message = Text(f"签名之后结果又改过：{label.zh}。", f"Answers changed after this was signed: {label.en}.")
            missing.append(fault(f"signatures.{role}", "signature_old", message, Text("请重新签名。", "Sign again.")))
    return missing


def _find_missing(line: Line) -> Missing | None:
    path, title = f"items.{line.item.id}", line.item.title
    if line.is_conflict:
        message = Text(f"两台设备的结果不一致：{title.zh}。", f"Two devices say different things: {title.en}.")
        return fault(path, "conflict", message, Text("请选定一个结果。", "Choose one."))
    if not line.heads:
        message = Text(f"还没有结果：{title.zh}。", f"It has no answer: {title.en}.")
        return fault(path, "answer", message, Text("请在手机上填写。", "Enter it on the phone."))
    if line.answer == "not_met" and not line.note and not line.photos:
        message = Text(
            f"不符合但没有说明也没有照片：{title.zh}。", f"Not in order, without words or picture: {title.en}."
        )
        return fault(path, "evidence", message, Text("请补充说明或照片。", "Add words or a photograph."))
    return None


def describe_record(inspection: Inspection, faults: list[Fault]) -> PaperContent:
    """The inspection's record; people are named by masked names, since whoever has the code reads it."""
    lines = list_lines(inspection)
    inspectors = "、".join(mask_name(a.name) for a in inspection.assignments.order_by("place"))
    began = inspection.began_at or inspection.planned_at
    ended = inspection.concluded_at or clock.now()
    facts: list[tuple[Text, str | Text]] = [
        (Text("检查编号", "Reference"), inspection.reference),
        (Text("被检查单位", "The inspected"), inspection.title),
        (Text("许可证或备案号", "Number"), inspection.number),
        (Text("检查员", "Inspectors"), inspectors),
        (Text("检查时间", "Time"), f"{_moment(began)} — {_moment(ended)}"),
        *_describe_choice(inspection.draw),
        (Text("检查单版本", "Checklist"), inspection.checklist_version),
        (Text("结论", "Conclusion"), _conclude(faults)),
    ]
    if inspection.summary:
        facts.append((Text("说明", "Remarks"), inspection.summary))
    if inspection.refused_to_sign:
        facts.append((Text("拒签情况", "Signature refused"), inspection.refused_to_sign))
    sections = [Section(Text("检查", "Inspection"), tuple(facts)), *_describe_lines(lines), *_describe_faults(faults)]
    return PaperContent(tuple(sections), tuple(_list_pictures(inspection, lines)))


def _describe_choice(draw: Draw) -> list[tuple[Text, str | Text]]:
    """How this one came to be inspected: by lot, or because somebody ordered it and why."""
    if not draw.reason:
        return [
            (Text("检查方式", "Chosen"), Text("随机抽取", "By lot")),
            (Text("抽取种子", "Seed of the draw"), draw.seed),
        ]
    return [
        (Text("检查方式", "Chosen"), Text("指定检查，检查员随机抽取", "Ordered; the inspectors drawn by lot")),
        (Text("检查事由", "Reason"), draw.reason),
        (Text("检查员抽取种子", "Seed of the lot"), draw.seed),
    ]


def _conclude(faults: list[Fault]) -> Text:
    if not faults:
        return Text("未发现不符合项", "Nothing was found out of order")
    return Text(f"发现 {len(faults)} 项不符合，限期整改", f"{len(faults)} items are to be rectified")


def _describe_lines(lines: list[Line]) -> list[Section]:
    groups = get_checklist().groups
    by_group: dict[str, list[tuple[Text, str | Text]]] = {}
    for line in lines:
        told = ANSWERS[line.answer]
        note = f"：{line.note}" if line.note else ""
        by_group.setdefault(line.item.group, []).append((line.item.title, Text(f"{told.zh}{note}", told.en)))
    return [Section(groups[group], tuple(rows)) for group, rows in by_group.items()]


def _describe_faults(faults: list[Fault]) -> list[Section]:
    items = get_checklist().items
    rows = []
    for one in faults:
        item = items[one.item]
        ground = find_citation(item)
        due = one.due_on.isoformat()
        told = Text(f"{due} 前整改。依据：{ground.zh}", f"by {due}. Ground: {ground.en}")
        rows.append((Text(f"{one.reference} {item.title.zh}", item.title.en), told))
    return [Section(Text("限期整改", "To be rectified"), tuple(rows))] if rows else []


def _list_pictures(inspection: Inspection, lines: list[Line]) -> list[Picture]:
    pictures = []
    for line in lines:
        for photo in line.photos:
            doubt, source = DOUBTS[photo.doubt], PHOTO_TIMES[photo.time_source]
            zh = f"{line.item.title.zh} · {_moment(photo.taken_at)}（{doubt.zh or source.zh}）"
            en = f"{line.item.title.en} · {doubt.en or source.en}"
            pictures.append(Picture(photo.document_id, photo.sha256, Text(zh, en)))
    pictures = pictures[:_MOST_PICTURES_ON_PAPER]
    signatures = list_signatures(inspection)
    for role, label in ROLES.items():
        signature = signatures.get(role)
        if signature is None:
            continue
        # The drawn name itself is not for everybody: on paper only.
        told = Text(f"签名：{label.zh} · {_moment(signature.signed_at)}", f"Signature: {label.en}")
        pictures.append(Picture(signature.document_id, signature.sha256, told))
    return pictures


def _moment(at: datetime) -> str:
    return f"{at.astimezone(clock.CHINA):%Y-%m-%d %H:%M}"
