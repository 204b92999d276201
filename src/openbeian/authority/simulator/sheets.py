"""An uploaded record laid out for officers to read: sections of labelled lines, personal ones marked; pure."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from openbeian.authority.interface import get_code_table
from openbeian.authority.messages.filing import Access, Attachment, Person, Site, Subject
from openbeian.authority.messages.upload import Cancellation, NewAccess
from openbeian.authority.simulator.desk import Reviewable
from openbeian.kernel.regions import find_region
from openbeian.kernel.text import Text

Section = dict[str, Any]
"""{zh, en, rows: [{zh, en, value, personal}]}"""

_MOST_PICTURES = 40
_SCOPES = {0: "主体", 1: "网站", 2: "接入"}
_MEDIA_TYPES = {1: "image/jpeg", 2: "image/png"}


def lay_out_record(record: Reviewable) -> list[Section]:
    """Everything a reviewer judges, in reading order."""
    sections: list[Section] = []
    subject: Subject | None = getattr(record, "subject", None)
    if subject is not None:
        sections.append(_section(Text("主体", "Subject"), _subject_rows(subject)))
        sections += _person_section(Text("主体负责人", "Person responsible for the subject"), subject.person)
    sites: Sequence[Site] = getattr(record, "sites", ())
    for number, site in enumerate(sites, 1):
        sections.append(_section(Text(f"网站 {number}", f"Site {number}"), _site_rows(site)))
        sections += _person_section(Text("网站负责人", "Person responsible for the site"), site.person)
    if isinstance(record, NewAccess):
        access = Access(server_places=record.server_places, modes=record.modes, ranges=record.ranges)
        rows = [("网站备案号", "Site number", record.site_number or record.site_id, False), *_access_rows(access)]
        sections.append(_section(Text("新增接入", "New access"), rows))
    elif isinstance(record, Cancellation):
        rows = [
            ("注销范围", "Scope", _SCOPES.get(record.scope or 0), False),
            ("管局编号", "The bureau's id", record.record_id, False),
            ("理由", "Reason", record.reason_note or record.reason, False),
        ]
        sections.append(_section(Text("注销", "Cancellation"), rows))
    elif getattr(record, "subject_number", None):
        rows = [("主体备案号", "Subject number", record.subject_number, False)]  # type: ignore[union-attr]
        sections.insert(0, _section(Text("主体", "Subject"), rows))
    return sections


def list_pictures(record: Reviewable) -> list[dict[str, str]]:
    """The attachments, as pages can show them."""
    attachments: Sequence[Attachment] = getattr(record, "attachments", ())
    purposes = get_code_table("attachment_purposes")
    pictures = []
    for attachment in attachments[:_MOST_PICTURES]:
        label = purposes.get(attachment.purpose or 0, Text("附件", "Attachment"))
        pictures.append(
            {
                "zh": label.zh,
                "en": label.en,
                "media_type": _MEDIA_TYPES.get(attachment.format or 0, ""),
                "base64": base64.b64encode(attachment.content or b"").decode("ascii"),
            }
        )
    return pictures


Line = tuple[str, str, object, bool]


def _section(label: Text, rows: Sequence[Line]) -> Section:
    lines = [
        {"zh": zh, "en": en, "value": str(value), "personal": personal}
        for zh, en, value, personal in rows
        if value not in (None, "", ())
    ]
    return {"zh": label.zh, "en": label.en, "rows": lines}


def _subject_rows(subject: Subject) -> list[Line]:
    certificate, address = subject.certificate, subject.address
    is_person = subject.nature == 5
    return [
        ("名称", "Name", subject.name, is_person),
        ("备案号", "Number", subject.number, False),
        ("性质", "Nature", _name("natures", subject.nature), False),
        (
            "证件类型",
            "Kind of certificate",
            _name("certificate_kinds", certificate.kind if certificate else None),
            False,
        ),
        ("证件号码", "Certificate number", certificate and certificate.number, True),
        ("证件住所", "Address on the certificate", certificate and certificate.registered_address, True),
        ("所在地", "Place", address and _place(address.county or address.city or address.province), False),
        ("通信地址", "Mailing address", address and address.street, True),
        ("备注", "Remark", subject.note, False),
    ]


def _person_section(label: Text, person: Person | None) -> list[Section]:
    if person is None:
        return []
    rows: list[Line] = [
        ("姓名", "Name", person.name, True),
        ("证件类型", "Kind of certificate", _name("certificate_kinds", person.certificate_kind), False),
        ("证件号码", "Certificate number", person.certificate_number, True),
        ("手机", "Mobile", person.mobile, True),
        ("办公电话", "Office phone", person.office_phone, True),
        ("邮箱", "E-mail", person.email, True),
    ]
    return [_section(label, rows)]


def _site_rows(site: Site) -> list[Line]:
    rows: list[Line] = [
        ("名称", "Name", site.name, False),
        ("备案号", "Number", site.number, False),
        ("域名", "Domains", "、".join(domain.name or "" for domain in site.domains), False),
        ("首页", "Home page", site.home_page, False),
        ("服务内容", "Content", "、".join(_name("contents", code) for code in site.contents), False),
        ("语言", "Languages", "、".join(_name("languages", code) for code in site.languages), False),
    ]
    for approval in site.approvals:
        rows.append(
            ("前置审批", "Prior approval", f"{_name('approval_kinds', approval.kind)} {approval.number}", False)
        )
    for access in site.accesses:
        rows += _access_rows(access)
    return [*rows, ("备注", "Remark", site.note, False)]


def _access_rows(access: Access) -> Iterator[Line]:
    yield "接入方式", "Mode of access", "、".join(_name("access_modes", code) for code in access.modes), False
    places = "、".join(_name("server_places", code) for code in access.server_places)
    yield "服务器放置地", "Place of the servers", places, False
    ranges = "、".join(str(r.first) if r.first == r.last else f"{r.first}-{r.last}" for r in access.ranges)
    yield "IP 地址", "IP addresses", ranges, False


def _name(table: str, code: int | None) -> str:
    if code is None:
        return ""
    known: Mapping[int, Text] = get_code_table(table)
    return known[code].zh if code in known else str(code)


def _place(code: int | None) -> str:
    region = find_region(str(code)) if code else None
    return region.name if region else str(code or "")
