"""What an extract of the record says: content frozen when it is issued, codes, and the words on paper. Pure."""

from __future__ import annotations

import hashlib
import io
import json
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from openbeian.kernel.text import Text

# Without I, L, O and U: nobody misreads a code over the telephone.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CODE = re.compile(r"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}")
MOST_SERVICES_ON_PAPER = 200

HEADING = Text("备案记录摘录", "Extract of a filing record")
DISCLAIMER = Text(
    "这是备案记录的摘录，不是官方证书。以工业和信息化部备案系统公示为准。",
    "This is an extract of a filing record, not an official certificate. The ministry's filing system is authoritative.",
)


def generate_code() -> str:
    """16 characters, 80 random bits: 7F4K-2QXM-9T3B-HW6D."""
    drawn = "".join(secrets.choice(_ALPHABET) for _ in range(16))
    return "-".join(drawn[i : i + 4] for i in range(0, 16, 4))


def read_code(text: str) -> str | None:
    """The code in a text as people type it (any case, blanks or no dashes, O for 0, I or L for 1), or None."""
    if len(text) > 60:
        return None
    bare = re.sub(r"[\s\-–—]", "", text).upper().translate(str.maketrans("OIL", "011"))
    if len(bare) != 16 or not set(bare) <= set(_ALPHABET):
        return None
    code = "-".join(bare[i : i + 4] for i in range(0, 16, 4))
    return code if _CODE.fullmatch(code) else None


def compute_digest(content: dict[str, Any]) -> str:
    """SHA-256 of the content in canonical JSON: equal content, equal digest."""
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and labelled facts under it; a fact is a plain value or words in both languages."""

    heading: Text
    rows: tuple[tuple[Text, str | Text], ...]


def list_sections(content: dict[str, Any], labels: Mapping[str, Text]) -> list[Section]:
    """The sponsor, then each service.

    `labels` name natures (`nature.enterprise`), kinds (`kind.website`) and standings (`standing.active`).
    """
    sponsor = content["sponsor"]
    rows = (
        (Text("名称", "Name"), sponsor["name"]),
        (Text("主体备案号", "Filing number"), sponsor["number"]),
        (Text("性质", "Nature"), _word(labels, "nature", sponsor)),
        (Text("备案日期", "Granted on"), sponsor["granted_on"]),
        (Text("状态", "State"), _word(labels, "standing", sponsor)),
    )
    sections = [_describe_service(s, labels) for s in content["services"]]
    return [Section(Text("主办单位", "Sponsor"), rows), *sections]


def _describe_service(service: dict[str, Any], labels: Mapping[str, Text]) -> Section:
    rows = (
        (Text("服务备案号", "Service number"), service["number"]),
        (Text("类型", "Kind"), _word(labels, "kind", service)),
        (Text("域名", "Domains"), "、".join(service["domains"]) or "—"),
        (Text("接入服务商", "Access providers"), "、".join(service["providers"]) or "—"),
        (Text("备案日期", "Granted on"), service["granted_on"]),
        (Text("状态", "State"), _word(labels, "standing", service)),
    )
    return Section(Text(service["name"], service["name"]), rows)


def _word(labels: Mapping[str, Text], key: str, record: dict[str, Any]) -> str | Text:
    return labels.get(f"{key}.{record[key]}", record[key])


def describe_paper(
    content: dict[str, Any], code: str, address: str, issued: str, labels: Mapping[str, Text]
) -> dict[str, Any]:
    """The data of `paper.typ`: all words, rows in both languages, and the QR code of the address."""
    sections = list_sections(content, labels)
    shown = sections[: MOST_SERVICES_ON_PAPER + 1]
    left = len(sections) - len(shown)
    left_out = Text(f"另有 {left} 项服务未列出。", f"{left} more services are not listed.")
    head = (
        (Text("摘录编码", "Extract code"), code),
        (Text("出具日期", "Issued on"), issued),
        (Text("核验网址", "Verify at"), address),
    )
    return {
        "title": f"{HEADING.zh} {code}",
        "heading": HEADING.as_json(),
        "disclaimer": DISCLAIMER.as_json(),
        "scan": Text("扫码核验", "Scan to verify").as_json(),
        "qr": draw_qr(address),
        "head": write_rows(head),
        "sections": [{"heading": s.heading.as_json(), "rows": write_rows(s.rows)} for s in shown],
        "left_out": left_out.as_json() if left else None,
        "pictures": [],
        "attachments": [],
    }


def write_rows(rows: Iterable[tuple[Text, str | Text]]) -> list[dict[str, Any]]:
    """Rows as the typesetter takes them, each value in both languages where they differ (else `en` is empty)."""

    def words(value: str | Text) -> dict[str, str]:
        if isinstance(value, str):
            return {"zh": value, "en": ""}
        return {"zh": value.zh, "en": "" if value.zh == value.en else value.en}

    return [{"label": label.as_json(), "value": words(value)} for label, value in rows]


def draw_qr(address: str) -> str:
    """A QR code of the address as SVG."""
    import segno

    out = io.BytesIO()
    segno.make(address, error="m", micro=False).save(out, kind="svg", scale=4, border=4, xmldecl=False)
    return out.getvalue().decode()
