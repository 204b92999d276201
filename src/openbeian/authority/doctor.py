"""Checks a connection against a live end, one question at a time, and says what is wrong and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from openbeian.authority import hostile_xml
from openbeian.authority.errors import AuthorityError, DocumentUnreadable, EnvelopeRefused, NotAnswered
from openbeian.authority.interface import get_interface
from openbeian.authority.messages.reader import read_download
from openbeian.authority.soap.client import AuthorityClient
from openbeian.kernel import clock
from openbeian.kernel.text import Text

_CLOCK_TOLERANCE_MINUTES = 5
_XSD_ELEMENT = "{http://www.w3.org/2001/XMLSchema}element"


@dataclass(frozen=True, slots=True)
class Check:
    """One question with its answer: met, not met, or cannot tell, and the next step."""

    name: str
    state: Literal["met", "not met", "cannot tell"]
    finding: Text


def examine(client: AuthorityClient) -> Iterator[Check]:
    """Addresses, account, keys and algorithms, message schema, clock. Reads only; nothing is acknowledged."""
    for address in get_interface().addresses:
        yield _check_address(client, address)
    yield from _check_account(client)
    yield _check_clock(client)


def _check_address(client: AuthorityClient, address: str) -> Check:
    name = f"address.{address}"
    try:
        raw = client.fetch_wsdl(address)
        described = {element.get("name") for element in hostile_xml.parse(raw).iter(_XSD_ELEMENT)}
    except NotAnswered as error:
        return Check(name, "cannot tell", error.text)
    except DocumentUnreadable as error:
        return Check(name, "not met", error.text)
    wanted = {m.name for m in get_interface().methods.values() if m.address == address}
    if wanted <= described:
        return Check(name, "met", Text("地址可达，方法齐全。", "The address answers and describes its methods."))
    missing = "、".join(sorted(wanted - described))
    return Check(
        name,
        "cannot tell",
        Text(
            f"WSDL 中没有直接写出：{missing}。核对地址与版本。",
            f"The WSDL does not spell out {missing}. Check address and version.",
        ),
    )


def _check_account(client: AuthorityClient) -> Iterator[Check]:
    try:
        previous = client.query_previous()
        received = client.download()
    except EnvelopeRefused as error:
        yield Check("account", "met", Text("账号被接受。", "The account is accepted."))
        yield Check("keys", "not met", error.text)
        return
    except AuthorityError as error:
        yield Check("account", "not met" if error.outcome_known else "cannot tell", error.text)
        return
    yield Check(
        "account",
        "met",
        Text(
            f"账号被接受，上次序号 {previous.sequence}。",
            f"The account is accepted; last sequence {previous.sequence}.",
        ),
    )
    if previous.archive is None and received is None:
        yield Check("keys", "cannot tell", Text("没有可供解密的文件。", "There is no file to decrypt yet."))
        return
    yield Check("keys", "met", Text("密钥、偏移量和算法正确。", "Key, offset and algorithms are right."))
    if received is not None:
        yield _check_schema(received.xml)


def _check_schema(xml: bytes) -> Check:
    try:
        reading = read_download(xml)
    except DocumentUnreadable as error:
        return Check("schema", "not met", error.text)
    if not reading.is_version_supported:
        version = reading.version
        return Check(
            "schema",
            "not met",
            Text(f"对方版本为 {version}，本程序不支持。", f"The other end speaks {version}, which is not supported."),
        )
    if reading.deviations:
        places = "、".join(deviation.path for deviation in reading.deviations[:5])
        return Check(
            "schema",
            "cannot tell",
            Text(f"报文有出入，仍可读取：{places}", f"Messages deviate and are read all the same: {places}"),
        )
    return Check("schema", "met", Text("报文符合 V3.0 结构。", "Messages keep to the structure of V3.0."))


def _check_clock(client: AuthorityClient) -> Check:
    there = client.server_time
    if there is None:
        return Check("clock", "cannot tell", Text("对方没有报时。", "The other end gives no time."))
    minutes = int(abs(there - clock.now()).total_seconds() // 60)
    if minutes <= _CLOCK_TOLERANCE_MINUTES:
        return Check("clock", "met", Text("两端时钟一致。", "Both clocks agree."))
    return Check(
        "clock",
        "not met",
        Text(f"两端时钟相差 {minutes} 分钟，请校时。", f"The clocks are {minutes} minutes apart; set this one right."),
    )
