"""What the specification's prose demands of an upload beyond its schema: conditional fields, formats, sizes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from openbeian.authority.interface import get_interface
from openbeian.authority.messages.filing import Attachment, Person, Site, Subject
from openbeian.authority.messages.resources import AddressUse, Allocation, CustomerOwned
from openbeian.authority.messages.upload import AddressReports, FilingReports, Upload
from openbeian.kernel.errors import Fault
from openbeian.kernel.text import Text

INDIVIDUAL = 5
"""The nature (Dwxz) of an individual, for whom some fields are optional."""

VERIFICATION_FORM = 1
"""The attachment purpose (Fjyt) of a verification form, which may be larger than other attachments."""

_PHONES = re.compile(r"[0-9-]+(;[0-9-]+)*")
_REQUIRED = Text("按规范此处必填", "the specification requires it here")
_FILL = Text("补填后重新生成报文。", "Fill it in and make the message again.")
_ALLOCATED = (
    "use",
    "allocated_on",
    "unit_name",
    "unit_nature",
    "province",
    "city",
    "street",
    "contact",
    "contact_phone",
    "contact_email",
)
_NEEDED_BY_MODE = {1: _ALLOCATED, 2: ("allocated_to",), 3: ("use", "allocated_on")}


def list_condition_faults(upload: Upload) -> Sequence[Fault]:
    """Every condition of the prose that the upload breaks; empty when it may be sent."""
    faults = list(_check_size(upload))
    if upload.icp:
        faults += _check_filings(upload.icp)
    if upload.ip:
        faults += _check_addresses(upload.ip)
    return faults


def _check_size(upload: Upload) -> Iterator[Fault]:
    bound = get_interface().limits.file_records
    records = upload.count_records()
    if records > bound:
        message = Text(f"一个文件最多 {bound} 条", f"a file holds at most {bound} records")
        fix = Text("拆成几个文件上报。", "Split it into several files.")
        yield Fault(field="", message=message, fix=fix, rule="v3.records", value=str(records))
    elif not records:
        yield Fault(field="", message=Text("文件中没有记录", "the file holds no record"), fix=_FILL, rule="v3.records")


def _check_filings(reports: FilingReports) -> Iterator[Fault]:
    for index, filing in enumerate(reports.new_filings):
        place = f"icp.new_filings.{index}"
        yield from _check_subject(filing.subject, place)
        yield from _check_sites(filing.sites, place)
        yield from _check_attachments(filing.attachments, place)
    for index, addition in enumerate(reports.new_sites):
        place = f"icp.new_sites.{index}"
        yield from _check_sites(addition.sites, place)
        yield from _check_attachments(addition.attachments, place)
    for index, access in enumerate(reports.new_accesses):
        yield from _check_attachments(access.attachments, f"icp.new_accesses.{index}")
    for index, change in enumerate(reports.changes):
        place = f"icp.changes.{index}"
        yield from _check_subject(change.subject, place)
        yield from _check_sites(change.sites, place)
        yield from _check_attachments(change.attachments, place)
    for index, cancellation in enumerate(reports.cancellations):
        if cancellation.scope == 0 and not cancellation.password_digest:
            yield _missing(f"icp.cancellations.{index}.password_digest")
    yield from _check_attachments(reports.materials, "icp.materials", "")


def _check_subject(subject: Subject | None, place: str) -> Iterator[Fault]:
    if subject is None:
        return
    if subject.nature is None:
        yield _missing(f"{place}.subject.nature")
    if subject.person is None:
        return
    yield from _check_person(subject.person, f"{place}.subject.person")
    if subject.nature != INDIVIDUAL:
        for field in ("name", "office_phone"):
            if not getattr(subject.person, field):
                yield _missing(f"{place}.subject.person.{field}")


def _check_sites(sites: Sequence[Site], place: str) -> Iterator[Fault]:
    bound = get_interface().limits.scan_bytes
    for index, site in enumerate(sites):
        here = f"{place}.sites.{index}"
        if site.person:
            yield from _check_person(site.person, f"{here}.person")
        for number, approval in enumerate(site.approvals):
            for scan_number, scan in enumerate(approval.scans):
                if len(scan) > bound:
                    yield _too_large(f"{here}.approvals.{number}.scans.{scan_number}", len(scan), bound)


def _check_person(person: Person, place: str) -> Iterator[Fault]:
    for field in ("office_phone", "mobile"):
        phone = getattr(person, field)
        if phone and not _PHONES.fullmatch(phone):
            message = Text(
                "电话只能由数字和“-”组成，多个以“;”分隔",
                "a phone has digits and “-” only; several are separated by “;”",
            )
            yield Fault(field=f"{place}.{field}", message=message, fix=_FILL, rule="v3.phone", value=phone)
    if person.email and "@" not in person.email:
        message = Text("邮箱缺少“@”", "the mailbox has no “@”")
        yield Fault(field=f"{place}.email", message=message, fix=_FILL, rule="v3.email", value=person.email)


def _check_attachments(attachments: Sequence[Attachment], place: str, name: str = ".attachments") -> Iterator[Fault]:
    limits = get_interface().limits
    for index, attachment in enumerate(attachments):
        bound = limits.verification_form_bytes if attachment.purpose == VERIFICATION_FORM else limits.scan_bytes
        if attachment.content and len(attachment.content) > bound:
            yield _too_large(f"{place}{name}.{index}.content", len(attachment.content), bound)


def _check_addresses(reports: AddressReports) -> Iterator[Fault]:
    for name in type(reports).__slots__:
        records = getattr(reports, name)
        if not isinstance(records, tuple):
            continue
        for index, record in enumerate(records):
            place = f"ip.{name}.{index}"
            first, last = getattr(record, "first", None), getattr(record, "last", None)
            if first is not None and last is not None and first > last:
                message = Text("起始 IP 大于终止 IP", "the first address is above the last")
                yield Fault(field=f"{place}.first", message=message, fix=_FILL, rule="v3.range_order", value=str(first))
            if isinstance(record, AddressUse):
                yield from _check_use(record, place)


def _check_use(record: AddressUse, place: str) -> Iterator[Fault]:
    if isinstance(record, Allocation) and record.mode is not None:
        for field in _NEEDED_BY_MODE.get(record.mode, ()):
            if getattr(record, field) is None:
                yield _missing(f"{place}.{field}")
    if isinstance(record, CustomerOwned) and record.source_reports is not None:
        field = "source_unit" if record.source_reports else "source_name"
        if getattr(record, field) is None:
            yield _missing(f"{place}.{field}")


def _missing(place: str) -> Fault:
    return Fault(field=place, message=_REQUIRED, fix=_FILL, rule="v3.required")


def _too_large(place: str, size: int, bound: int) -> Fault:
    message = Text(f"附件超过 {bound // 1024} KB", f"the attachment is larger than {bound // 1024} KB")
    fix = Text("压缩图片后重新上传。", "Compress the picture and add it again.")
    return Fault(field=place, message=message, fix=fix, rule="v3.attachment_size", value=str(size))
