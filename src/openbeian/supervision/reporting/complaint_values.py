"""Reads what people enter about a complaint, and tells every fault at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from openbeian.kernel.dates import read_date
from openbeian.kernel.errors import Fault, ValueRefused
from openbeian.kernel.text import Text
from openbeian.registry.models import Licence
from openbeian.rules.code_tables import load_code_tables
from openbeian.supervision.reporting.errors import ComplaintUnfit

CHANNELS: dict[str, Text] = {
    "phone": Text("电话", "Telephone"),
    "online": Text("网站或 App", "Site or app"),
    "email": Text("邮件", "E-mail"),
    "letter": Text("来信", "Letter"),
    "in_person": Text("当面", "In person"),
    "authority": Text("主管部门转来", "Passed on by the authority"),
}
_LONGEST = 8_000


@dataclass(frozen=True, slots=True)
class ComplaintValues:
    received_on: date
    channel: str
    subject: str
    content: str
    complainant: str
    licence_id: int | None
    business: str


def read_complaint(raw: Mapping[str, Any], organisation_id: int, today: date) -> ComplaintValues:
    """Raises: ComplaintUnfit with one fault for each value that is wrong."""
    faults: list[Fault] = []
    received = _read_day(raw.get("received_on"), faults)
    if received and received > today:
        faults.append(_fault("received_on", "收到日期在将来。", "The day of receipt lies in the future."))
    channel = str(raw.get("channel") or "")
    if channel not in CHANNELS:
        faults.append(_fault("channel", "请选择投诉渠道。", "Choose how it came."))
    subject = " ".join(str(raw.get("subject") or "").split())
    if not 1 <= len(subject) <= 200 or not subject.isprintable():
        faults.append(_fault("subject", "事由为空或过长。", "The subject is empty or too long."))
    content, complainant = (str(raw.get(k) or "").replace("\x00", "").strip() for k in ("content", "complainant"))
    if len(content) > _LONGEST:
        faults.append(_fault("content", "内容过长。", "The content is too long."))
    if len(complainant) > 200:
        faults.append(_fault("complainant", "投诉人信息过长。", "The complainant's details are too long."))
    business = str(raw.get("business") or "")
    if business and load_code_tables().businesses.find(business) is None:
        faults.append(_fault("business", "没有这个业务代码。", "There is no such business."))
    licence_id = _find_licence(str(raw.get("licence_number") or "").strip(), organisation_id, faults)
    if faults or received is None:
        raise ComplaintUnfit(faults=faults)
    return ComplaintValues(received, channel, subject, content, complainant, licence_id, business)


def check_answer(answer: str, on: date, received_on: date, today: date) -> str:
    """Raises: ComplaintUnfit for an empty answer, or a day before the complaint or in the future."""
    text, faults = answer.replace("\x00", "").strip(), []
    if not 1 <= len(text) <= _LONGEST:
        faults.append(_fault("answer", "答复为空或过长。", "The answer is empty or too long."))
    if on < received_on or on > today:
        faults.append(_fault("answered_on", "答复日期早于收到日期，或在将来。", "The answer precedes the complaint, or lies in the future."))  # fmt: skip
    if faults:
        raise ComplaintUnfit(faults=faults)
    return text


def _read_day(given: object, faults: list[Fault]) -> date | None:
    try:
        return given if isinstance(given, date) else read_date(str(given or ""))
    except ValueRefused as refusal:
        faults.append(refusal.problem.at("received_on", str(given)[:40]))
        return None


def _find_licence(number: str, organisation_id: int, faults: list[Fault]) -> int | None:
    if not number:
        return None
    found = Licence.objects.filter(organisation_id=organisation_id, number=number).values_list("pk", flat=True).first()
    if found is None:
        faults.append(_fault("licence_number", "没有这个许可证。", "There is no such licence of yours."))
    return found


def _fault(field: str, zh: str, en: str) -> Fault:
    return Fault(field, Text(zh, en), Text("请核对后改正。", "Check and correct it."), f"complaint.{field}")
