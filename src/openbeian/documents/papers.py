"""What signed papers say: their kinds, their frozen content, and the words the typesetter gets. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from openbeian.documents.extracts import Section, draw_qr, write_rows
from openbeian.kernel.text import Text


@dataclass(frozen=True, slots=True)
class PaperKind:
    """A kind of paper; the disclaimer says on every page what it is not."""

    heading: Text
    disclaimer: Text


PAPER_KINDS: dict[str, PaperKind] = {
    "licence_extract": PaperKind(
        Text("经营许可证记录摘录", "Extract of a licence on record"),
        Text(
            "这是经营许可证记录的摘录，不是官方证书。以发证机关颁发的许可证为准。",
            "This is an extract of a licence on record, not an official certificate. The issued licence is authoritative.",
        ),
    ),
    "report_receipt": PaperKind(
        Text("年报填报回执", "Receipt of an annual report"),
        Text(
            "这是本系统年报填报记录的摘录，不是官方证书。以工业和信息化部年报系统的状态为准。",
            "This is an extract of what was reported here, not an official certificate. The ministry's system is "
            "authoritative.",
        ),
    ),
    "inspection_record": PaperKind(
        Text("现场检查记录", "Record of an on-site inspection"),
        Text(
            "这是检查过程的记录摘录，不是官方证书，也不是行政处罚决定。",
            "This is an extract of what an inspection found, not an official certificate and not a penalty.",
        ),
    ),
    "case_pack": PaperKind(
        Text("办件材料汇编", "Materials of a case"),
        Text(
            "这是办件材料的摘录汇编，不是官方证书。以备案系统公示为准。",
            "This is an extract of a case and its materials, not an official certificate. The ministry's filing system "
            "is authoritative.",
        ),
    ),
}

UNSET = Text(
    "这份文件无法排入本 PDF；原件在 ZIP 包中，以清单中的哈希核对。",
    "This document could not be set here; the original lies in the ZIP and can be checked by its hash.",
)


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture on the paper: a stored document, its hash when the paper was issued, and the words under it."""

    document: int
    sha256: str
    caption: Text


@dataclass(frozen=True, slots=True)
class PaperContent:
    """Everything a paper says, frozen when it is issued: labelled facts under headings, and pictures."""

    sections: tuple[Section, ...]
    pictures: tuple[Picture, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {
            "sections": [
                {
                    "heading": s.heading.as_json(),
                    "rows": [
                        [label.as_json(), value.as_json() if isinstance(value, Text) else value]
                        for label, value in s.rows
                    ],
                }
                for s in self.sections
            ],
            "pictures": [
                {"document": p.document, "sha256": p.sha256, "caption": p.caption.as_json()} for p in self.pictures
            ],
        }

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> Self:
        """From what `as_json` made."""

        def read_value(value: Any) -> str | Text:
            return value if isinstance(value, str) else Text.read(value)

        return cls(
            sections=tuple(
                Section(
                    Text.read(s["heading"]), tuple((Text.read(label), read_value(value)) for label, value in s["rows"])
                )
                for s in told["sections"]
            ),
            pictures=tuple(Picture(p["document"], p["sha256"], Text.read(p["caption"])) for p in told["pictures"]),
        )


@dataclass(frozen=True, slots=True)
class Attachment:
    """A whole document set behind the paper: its file's name, its page (None for a picture), and its heading."""

    file: str
    page: int | None
    heading: Text


def describe_signed_paper(
    kind: str,
    sections: Iterable[Section],
    code: str,
    address: str,
    issued: str,
    *,
    pictures: Iterable[tuple[str, Text]] = (),
    attachments: Iterable[Attachment] = (),
) -> dict[str, Any]:
    """The data of `paper.typ`; `pictures` are (file, caption)."""
    of_kind = PAPER_KINDS[kind]
    head = (
        (Text("文书编码", "Code"), code),
        (Text("出具日期", "Issued on"), issued),
        (Text("核验网址", "Verify at"), address),
        (Text("电子签名", "Signature"), Text("文件末尾附 Ed25519 签名，改动一字即可查出", "Ed25519, at the end of this file")),
    )  # fmt: skip
    return {
        "title": f"{of_kind.heading.zh} {code}",
        "heading": of_kind.heading.as_json(),
        "disclaimer": of_kind.disclaimer.as_json(),
        "scan": Text("扫码核验", "Scan to verify").as_json(),
        "qr": draw_qr(address),
        "head": write_rows(head),
        "sections": [{"heading": s.heading.as_json(), "rows": write_rows(s.rows)} for s in sections],
        "left_out": None,
        "pictures": [{"file": file, "caption": caption.as_json()} for file, caption in pictures],
        "attachments": [
            {"file": a.file, "page": a.page, "heading": a.heading.as_json(), "unset": False} for a in attachments
        ],
        "unset": UNSET.as_json(),
    }
