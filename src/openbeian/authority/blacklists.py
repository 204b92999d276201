"""HMDLB: the administration's blacklists go onto the record, and each entry says what on our record it is about."""

from __future__ import annotations

from collections.abc import Iterator

from openbeian.authority.messages.download import BlacklistedSite, BlacklistedSubject, FilingNews
from openbeian.authority.models import Connection
from openbeian.kernel.actor import SYSTEM
from openbeian.kernel.text import Text
from openbeian.privacy.masking import mask_name
from openbeian.registry.actions.note_blacklist import note_blacklist
from openbeian.registry.blacklist import Listed, list_certificate, list_domain, list_numbers_touched

_STRIKES = 2
_PERSON = 5
_STRUCK = Text("已从黑名单移出。", "Struck from the blacklist.")
_UNUSABLE = Text(
    "没有可比对的域名或证件号码，未进入提交时的检查。",
    "It names no domain or certificate to compare with, so submissions are not checked against it.",
)
_UNTOUCHED = Text(
    "提交时会检查；目前没有涉及的备案。", "Submissions are checked against it; nothing on record is touched."
)


def take_in_blacklists(connection: Connection, news: FilingNews) -> None:
    """Keeps the entries that can be compared. In the caller's transaction; safe to repeat."""
    records: list[BlacklistedSubject | BlacklistedSite] = [*news.blacklisted_subjects, *news.blacklisted_sites]
    entries = [entry for record in records for entry in read(record)]
    if entries:
        note_blacklist(SYSTEM, connection.provider, connection.province, entries)


def read(record: BlacklistedSubject | BlacklistedSite) -> Iterator[Listed]:
    """What one record lists or strikes: a subject by its certificate, a site by each of its domains."""
    is_listed = record.operation != _STRIKES
    if isinstance(record, BlacklistedSubject):
        subject = record.subject
        if subject and subject.certificate and subject.certificate.number:
            name = subject.name or ""
            shown = mask_name(name) if subject.nature == _PERSON else name
            entry = list_certificate(subject.certificate.number, shown, is_listed=is_listed)
            if entry:
                yield entry
        return
    for domain in record.site.domains if record.site else ():
        if entry := list_domain(domain.name or "", is_listed=is_listed):
            yield entry


def describe(record: object) -> Text | None:
    """What a person should know of an entry: whether it counts, and which of our filings it touches."""
    if not isinstance(record, BlacklistedSubject | BlacklistedSite):
        return None
    entries = list(read(record))
    if not entries:
        return _UNUSABLE
    if record.operation == _STRIKES:
        return _STRUCK
    touched = [number for entry in entries for number in list_numbers_touched(entry)]
    if not touched:
        return _UNTOUCHED
    numbers = "、".join(dict.fromkeys(touched))
    return Text(
        f"涉及登记中的 {numbers}：请核实，并按管局要求处理。",
        f"It touches {numbers} on record: clear it up and act as the administration asks.",
    )
