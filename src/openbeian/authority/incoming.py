"""What an administration sends beside answers: tasks, checks, lists and notices for people, and its code tables."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from ipaddress import IPv4Address
from typing import Any

from openbeian.authority import blacklists, hostile_xml
from openbeian.authority.interface import read_rulebook
from openbeian.authority.messages.download import AddressNews, CodeTables, Download, FilingNews, SubjectCheck
from openbeian.authority.messages.download import Code as WireCode
from openbeian.authority.messages.filing import Filing
from openbeian.authority.messages.grammar import Element, get_download_grammar
from openbeian.authority.messages.writer import list_faults, write
from openbeian.authority.models import Item, ReceivedCode, ReceivedFile
from openbeian.kernel.text import Text
from openbeian.privacy.masking import mask_name

KINDS: dict[str, Text] = {
    "verification_tasks": Text("核实任务", "Task to verify"),
    "unfiled_sites": Text("未备案网站", "Unfiled site"),
    "notices": Text("整改通知", "Order to rectify"),
    "subject_checks": Text("主体核查", "Check of a subject"),
    "access_checks": Text("接入核查", "Check of an access"),
    "shell_checks": Text("空壳网站核查", "Check for empty shells"),
    "alive_checks": Text("网站存活核查", "Check that a site is alive"),
    "blacklisted_subjects": Text("主体黑名单", "Blacklist of subjects"),
    "blacklisted_sites": Text("网站黑名单", "Blacklist of sites"),
    "illegal_accesses": Text("非法接入黑名单网站", "Blacklisted site connected"),
    "cancelled": Text("管局注销", "Struck by the administration"),
    "outside_source": Text("IP 越界", "Addresses beyond one's own"),
    "conflicts": Text("IP 冲突", "Conflicting addresses"),
    "unreported": Text("IP 未报备", "Unreported addresses"),
    "synchronised_sources": Text("同步：IP 来源", "Synchronised: address source"),
    "synchronised_allocations": Text("同步：IP 分配", "Synchronised: allocation"),
    "synchronised_broadcasts": Text("同步：IP 广播", "Synchronised: broadcast"),
    "synchronised_customer_owned": Text("同步：自带 IP", "Synchronised: customer-owned"),
    "synchronised_domains": Text("同步：域名", "Synchronised: domain"),
}
"""What a person sees of each kind of record, by the field it comes in; synchronised ones by field and prefix."""

_NOTHING_TO_DO = frozenset({"alive_checks"})
_PERSON = 5
_LONGEST_LINE, _MOST_LINES = 200, 300
_LAST_ADDRESS = 2**32 - 1


def keep_items(file: ReceivedFile, news: FilingNews | AddressNews, **changed: Iterable[Any]) -> int:
    """An item for each record that a person should see; `changed` replaces the records of a kind. Returns how many."""
    items = []
    for kind in KINDS:
        for record in changed.get(kind, getattr(news, kind, ())):
            part = type(news)(**{kind: (record,)})
            note = blacklists.describe(record)
            items.append(
                Item(
                    file=file,
                    connection_id=file.connection_id,
                    kind=kind,
                    title=_describe(record)[:300] or "—",
                    note_zh=note.zh[:500] if note else "",
                    note_en=note.en[:500] if note else "",
                    content=write_record(Download(icp=part) if isinstance(part, FilingNews) else Download(ip=part)),
                    is_open=kind not in _NOTHING_TO_DO,
                )
            )
    Item.objects.bulk_create(items, batch_size=500)
    return len(items)


def keep_code_tables(file: ReceivedFile, tables: CodeTables) -> None:
    """Takes the rows over; a later row for the same code replaces the earlier one, and tables may come in parts."""
    rows: dict[tuple[str, int], ReceivedCode] = {}
    for table in type(tables).__slots__:
        for row in getattr(tables, table):
            code = row.code if isinstance(row, WireCode) else row.authority_id
            if code is not None:
                rows[table, code] = ReceivedCode(
                    connection_id=file.connection_id,
                    table=table,
                    code=code,
                    name=(row.name or "")[:255],
                    is_valid=row.is_valid is not False,
                )
    ReceivedCode.objects.bulk_create(
        rows.values(),
        batch_size=500,
        update_conflicts=True,
        unique_fields=["connection", "table", "code"],
        update_fields=["name", "is_valid"],
    )


def write_record(document: Download) -> str:
    """The record as a document of its own; empty where a deviating one cannot be written again."""
    if list_faults(document):
        return ""
    return write(document).decode("gbk")


def _describe(record: Any) -> str:
    """The record's name for lists, nothing personal in it."""
    if isinstance(record, Filing):
        subject = record.subject
        sites = "、".join(site.name or "" for site in record.sites[:3])
        if subject is None:
            return sites
        name = subject.name or ""
        return f"{mask_name(name) if subject.nature == _PERSON else name} {sites}".strip()
    if isinstance(record, SubjectCheck):
        return f"{record.subject_id} {record.reason or ''}".strip()
    parts = []
    for name in ("number", "site_number", "domain", "home_page", "text", "address", "resolved", "first", "last"):
        value = getattr(record, name, None)
        if value is not None:
            parts.append(str(value))
    for inner in (getattr(record, "site", None), getattr(record, "subject", None)):
        if inner is not None and inner.name:
            parts.append(inner.name if getattr(inner, "nature", None) != _PERSON else mask_name(inner.name))
        parts += [domain.name for domain in getattr(inner, "domains", ())[:3] if domain.name]
    if not parts:
        parts = [str(getattr(record, "record_id", "") or getattr(record, "site_id", "") or "")]
    return " ".join(parts)


def list_lines(content: str) -> list[tuple[Text, str]]:
    """A kept record line by line: what each element means and its value, addresses dotted, long and binary ones cut.

    An element without a name of ours keeps the specification's.
    """
    if not content:
        return []
    root = hostile_xml.parse(content.partition("?>")[2])
    names, addresses = _element_names(), _address_elements()
    lines = []
    for element in root.iter():
        text = (element.text or "").strip() if isinstance(element.tag, str) and len(element) == 0 else ""
        if not text:
            continue
        tag = str(element.tag)
        if tag in addresses and text.isascii() and text.isdecimal() and int(text[:11]) <= _LAST_ADDRESS:
            text = str(IPv4Address(int(text[:11])))
        lines.append((names.get(tag) or Text(tag, tag), text[:_LONGEST_LINE]))
    return lines[:_MOST_LINES]


@cache
def _element_names() -> dict[str, Text]:
    return {name: Text(zh, en) for name, (zh, en) in read_rulebook("element-names.yaml")["names"].items()}


@cache
def _address_elements() -> frozenset[str]:
    """Elements that carry an IPv4 address as a number."""
    found = set()

    def look(elements: Iterable[Element]) -> None:
        for element in elements:
            if element.leaf and element.leaf.kind in {"IP", "IP0"}:
                found.add(element.name)
            look(element.children)

    for shape in get_download_grammar().shapes.values():
        look(shape.elements)
    return frozenset(found)
