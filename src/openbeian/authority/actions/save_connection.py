"""Sets up a provider's connection to an administration, or changes it. Credentials are written and never read back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.db import IntegrityError, transaction

from openbeian.authority.errors import ConnectionUnfit
from openbeian.authority.events import ConnectionSaved
from openbeian.authority.interface import get_interface
from openbeian.authority.models import Connection
from openbeian.authority.queries import find_own_provider, get_connection
from openbeian.authority.reaching import find_obstacle
from openbeian.authority.reporting import wake_exchange
from openbeian.journal.actions.record_event import record_event
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor, check_permitted
from openbeian.kernel.errors import Fault
from openbeian.kernel.provinces import find_province
from openbeian.kernel.text import Text

SECRETS = ("user", "password", "aes_key", "aes_offset")
"""What is sealed; an empty one keeps what is saved."""

_KEY_CHARACTERS = 16
_AGAIN = Text("请改正后再保存。", "Put it right and save again.")


def save_connection(actor: Actor, connection_id: int | None, values: Mapping[str, Any]) -> Connection:
    """`values`: province, url, provider_number, encryption, confirms_persons, is_active, and the secrets.

    Raises: NotPermitted, NotYourConnection, ConnectionUnfit with a fault per field.
    """
    check_permitted(actor, "interface.manage")
    if connection_id is None:
        provider = find_own_provider(actor)
        if provider is None:
            raise ConnectionUnfit(faults=[_no_entry()])
        connection = Connection(provider=provider, created_at=clock.now())
    else:
        connection = get_connection(actor, connection_id)
    faults = _take(connection, values)
    if obstacle := find_obstacle(connection.url):
        faults.append(Fault("url", obstacle, _AGAIN, "connection.url", connection.url[:80]))
    if faults:
        raise ConnectionUnfit(faults=faults)
    # New settings deserve a new try at once, whatever patience the old ones were answered with.
    connection.send_after = connection.receive_after = None
    connection.send_attempts = connection.receive_attempts = 0
    changed = sorted(name for name in SECRETS if values.get(name))
    try:
        with transaction.atomic():
            connection.save()
            wake_exchange(connection, f"s{clock.now():%Y%m%d%H%M%S%f}")
            record_event(
                ConnectionSaved, actor, ("connection", connection.pk),
                after={
                    "province": connection.province, "url": connection.url, "number": connection.provider_number,
                    "active": connection.is_active, "secrets": changed,
                },
            )  # fmt: skip
    except IntegrityError:
        taken = Text("该省已有一条对接。", "There is a connection to this province already.")
        raise ConnectionUnfit(faults=[Fault("province", taken, _AGAIN, "connection.province")]) from None
    return connection


def _take(connection: Connection, values: Mapping[str, Any]) -> list[Fault]:
    """Puts the values onto the row, without saving; a fault for each that is wrong."""
    faults = []
    province = find_province(str(values.get("province", "")))
    if province is None:
        faults.append(_fault("province", "没有这个省份。", "There is no such province."))
    else:
        connection.province = province.abbreviation
    connection.url = str(values.get("url", "")).strip().rstrip("/")
    if not _is_address(connection.url):
        faults.append(_fault("url", "地址应形如 http://主机:端口。", "It must look like http://host:port."))
    number = str(values.get("provider_number", "")).strip()
    if not (number.isascii() and number.isdecimal() and 0 < int(number[:19]) < 2**63 and len(number) < 20):
        faults.append(
            _fault("provider_number", "单位编号是管局发放的数字。", "It is the number the administration issued.")
        )
    else:
        connection.provider_number = int(number)
    encryption = str(values.get("encryption", ""))
    if encryption not in {str(known) for known in get_interface().encryption_names}:
        faults.append(_fault("encryption", "没有这种加密算法。", "There is no such encryption."))
    else:
        connection.encryption = int(encryption)
    connection.confirms_persons = bool(values.get("confirms_persons"))
    connection.is_active = bool(values.get("is_active", True))
    for name in SECRETS:
        given = str(values.get(name) or "")
        if given:
            setattr(connection, name, given)
        faults += _check_secret(name, getattr(connection, name) or "")
    return faults


def _check_secret(name: str, value: str) -> list[Fault]:
    if not value:
        return [_fault(name, "未填写。", "It is empty.")]
    if name in {"aes_key", "aes_offset"} and not (value.isascii() and len(value) == _KEY_CHARACTERS):
        return [_fault(name, "须为 16 个 ASCII 字符。", "It has 16 ASCII characters.")]
    try:
        value.encode("gbk")
    except UnicodeEncodeError:
        return [_fault(name, "含 GBK 以外的字符。", "It holds characters outside GBK.")]
    return [] if len(value) <= 200 else [_fault(name, "超过 200 个字符。", "It has over 200 characters.")]


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return (
            parts.scheme in {"http", "https"}
            and bool(parts.hostname)
            and not (parts.username or parts.query or parts.fragment)
            and parts.path == ""
            and len(url) <= 200
            and url.isprintable()
        )
    except ValueError:
        return False


def _fault(field: str, zh: str, en: str) -> Fault:
    return Fault(field, Text(zh, en), _AGAIN, f"connection.{field}")


def _no_entry() -> Fault:
    message = Text("本单位不在服务商登记中。", "Your organisation has no entry in the provider register.")
    fix = Text("请平台运营方先登记。", "Ask who runs this installation to register it.")
    return Fault("province", message, fix, "connection.provider")
