"""`openbeian authority`: talks to an administration over the enterprise interface, checks the connection, or plays the administration."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from openbeian.authority import envelope
from openbeian.authority.doctor import examine
from openbeian.authority.errors import DocumentNotSendable
from openbeian.authority.interface import Algorithms, explain_processing, get_interface
from openbeian.authority.messages.conditions import list_condition_faults
from openbeian.authority.messages.download import Download
from openbeian.authority.messages.reader import Reading, read_download, read_upload
from openbeian.authority.profiles import Profile, get_profile, save_profile
from openbeian.authority.soap.client import AuthorityClient
from openbeian.entrypoints.cli.output import inert, language, print_json, say
from openbeian.kernel.errors import Fault
from openbeian.kernel.provinces import find_province
from openbeian.kernel.text import Text

_JSON = click.option("--json", "as_json", is_flag=True, help="以 JSON 输出。 JSON on stdout.")
_PROFILE = click.option("--profile", default="default", show_default=True, help="连接档案。 Connection profile.")
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group(help="与管局的企业系统接口 V3.0。 The administration's enterprise interface V3.0.")
def command() -> None:
    """The root of the authority's commands."""


@command.command(
    help="保存连接档案（仅本人可读）。 Saves a connection profile that only you can read; secrets are asked for, or one per line on stdin."
)
@click.argument("name", default="default")
@click.option("--url", required=True, help="http://host:port")
@click.option("--provider-id", required=True, type=int)
@click.option("--user", required=True)
@click.option("--encryption", type=int, default=None, help="上报加密算法编号。 Encryption number for uploads.")
@_JSON
def profile(*, name: str, url: str, provider_id: int, user: str, encryption: int | None, as_json: bool) -> None:
    """Secrets come from a prompt or stdin, never from the command line, where other users could read them."""
    password, key, offset = (_ask_secret(label) for label in ("口令 password", "密钥 AES key", "偏移量 AES offset"))
    chosen = get_interface().upload
    if encryption is not None:
        chosen = Algorithms(encryption, chosen.hash, chosen.compression)
    try:
        keys = envelope.Keys(key.encode("ascii"), offset.encode("ascii"))
    except ValueError as error:
        raise click.UsageError(
            "密钥与偏移量各为 16 个 ASCII 字符。 Key and offset have 16 ASCII characters each."
        ) from error
    path = save_profile(name, Profile(url, provider_id, user, password, keys, chosen))
    _show({"profile": name, "file": str(path)}, as_json)


@command.command(help="上报一个 GBK XML 文件。 Sends one GBK XML file.")
@click.argument("file", type=_FILE)
@click.option("--sequence", type=int, default=None, help="数据序号，默认接上次。 Sequence number; the next by default.")
@_PROFILE
@_JSON
def upload(file: Path, sequence: int | None, profile: str, as_json: bool) -> None:
    """Checks the file first, so that nothing travels that the administration must refuse."""
    xml = _read_file(file)
    reading = read_upload(xml)
    faults = [_explain(d.path, d.kind, d.value) for d in reading.deviations]
    faults += list_condition_faults(reading.document)
    if faults:
        raise DocumentNotSendable(faults=faults)
    archive = envelope.compress(xml, file.name if envelope.is_file_name(file.name) else "beianinfo.xml")
    with _connect(profile) as client:
        number = sequence if sequence is not None else client.query_previous().sequence + 1
        client.upload(archive, number)
    _show({"accepted": True, "sequence": number, "records": reading.document.count_records()}, as_json)


@command.command(help="取下一个待下载文件，不确认。 Fetches the next file without acknowledging it.")
@click.option("--to", type=click.Path(dir_okay=False, path_type=Path), default=None, help="另存 XML。 Save the XML.")
@_PROFILE
@_JSON
def download(to: Path | None, profile: str, as_json: bool) -> None:
    """The file comes again until `ack` names it."""
    with _connect(profile) as client:
        received = client.download()
    if received is None:
        _show({"file": None}, as_json)
        return
    if to:
        to.write_bytes(received.xml)
    _show(
        {
            "file": received.name,
            "sha256": hashlib.sha256(received.archive).hexdigest(),
            **_summarise(read_download(received.xml)),
        },
        as_json,
    )


@command.command(help="确认已处理某个下载文件。 Acknowledges a downloaded file.")
@click.argument("name")
@_PROFILE
@_JSON
def ack(name: str, profile: str, as_json: bool) -> None:
    """After this the administration does not send the file again."""
    with _connect(profile) as client:
        client.acknowledge(name)
    _show({"acknowledged": name}, as_json)


@command.command(help="查询上一次被接收的上报。 The last accepted upload and its sequence number.")
@_PROFILE
@_JSON
def previous(profile: str, as_json: bool) -> None:
    """Sequence 0 means that nothing was ever accepted."""
    with _connect(profile) as client:
        last = client.query_previous()
    answer: dict[str, Any] = {"sequence": last.sequence, "file": None}
    if last.archive is not None:
        answer |= {"file": envelope.expand(last.archive).file_name, "sha256": hashlib.sha256(last.archive).hexdigest()}
    _show(answer, as_json)


@command.command(help="查询域名或证件是否已备案。 Whether a domain or a certificate is filed.")
@click.argument("query")
@click.option(
    "--kind", type=click.IntRange(0, 12), default=0, show_default=True, help="0 域名 domain, 1-11 证件 certificate"
)
@_PROFILE
@_JSON
def status(query: str, kind: int, profile: str, as_json: bool) -> None:
    """Asks the administration, not our own records."""
    with _connect(profile) as client:
        found = client.query_status(query, kind)
    answer = {
        "query": found.query,
        "filed": found.is_filed,
        "site_name": found.site_name or None,
        "subject_number": found.subject_number or None,
        "site_number": found.site_number or None,
    }
    _show(answer, as_json)


@command.command(help="核验备案密码；密码写 - 时从标准输入读取。 Verifies a filing password; - reads it from stdin.")
@click.argument("number")
@click.argument("password")
@_PROFILE
@_JSON
def verify(number: str, password: str, profile: str, as_json: bool) -> None:
    """How often one may ask is limited by the administration."""
    given = sys.stdin.readline().rstrip("\r\n") if password == "-" else password  # noqa: S105
    with _connect(profile) as client:
        matches = client.verify_password(number, given)
    _show({"number": number, "matches": matches}, as_json)


@command.command(help="检查连接：地址、账号、密钥、算法、结构、时钟。 Checks a connection and says what is wrong.")
@_PROFILE
@_JSON
def doctor(profile: str, as_json: bool) -> int:
    """Exit code 2 when something is not met; what cannot be told is no failure."""
    with _connect(profile) as client:
        checks = list(examine(client))
    rows = [{"check": check.name, "state": check.state, "finding": check.finding.as_json()} for check in checks]
    gaps = [{"id": gap.id, "text": gap.text.as_json()} for gap in get_interface().gaps]
    if as_json:
        print_json({"checks": rows, "gaps": gaps})
    for check in checks:
        say(f"{_MARKS[check.state]} {check.name}: {check.finding(language())}")
    return 2 if any(check.state == "not met" for check in checks) else 0


@command.command(help="在本机模拟一个管局。 Plays an administration on this machine.")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(0, 65535), default=8765, show_default=True)
@click.option("--provider-id", type=int, required=True)
@click.option("--user", required=True)
@click.option("--password", required=True, help="演示口令。 Demo password.")
@click.option("--aes-key", required=True)
@click.option("--aes-offset", required=True)
@click.option("--province", default="京", show_default=True)
@click.option(
    "--decide", type=click.Choice(["approve", "refuse", "hold", "desk"]), default="approve", show_default=True
)
@click.option("--delay-s", type=click.FloatRange(0, 86400), default=0.0, show_default=True)
@click.option("--faults", type=_FILE, default=None, help="故障文件。 Faults to commit, YAML.")
@click.option("--post", type=_FILE, multiple=True, help="启动时排入的下载文件。 Download files to queue at the start.")
@click.option("--state", type=click.Path(dir_okay=False, path_type=Path), default=None, help="状态文件。 State file.")
def simulate(
    *,
    host: str, port: int, provider_id: int, user: str, password: str, aes_key: str, aes_offset: str, province: str,
    decide: str, delay_s: float, faults: Path | None, post: tuple[Path, ...], state: Path | None,
) -> None:  # fmt: skip
    """Runs until interrupted; its state survives being killed."""
    from openbeian.authority.simulator.bureau import Account, Bureau, Policy
    from openbeian.authority.simulator.desk import choose_desk
    from openbeian.authority.simulator.faults import read_faults
    from openbeian.authority.simulator.server import STATE_PATH, BureauServer
    from openbeian.authority.simulator.store import Store

    try:
        keys = envelope.Keys(aes_key.encode("ascii"), aes_offset.encode("ascii"))
    except ValueError as error:
        raise click.UsageError(
            "密钥与偏移量各为 16 个 ASCII 字符。 Key and offset have 16 ASCII characters each."
        ) from error
    if find_province(province) is None:
        raise click.UsageError(
            f"没有省份“{province}”，写成 京、沪、粤 等。 There is no province “{province}”; write it as 京, 沪, 粤."
        )
    officers = _open_officer_desk(province, provider_id) if decide == "desk" else None
    desk = choose_desk(decide, officers)
    chosen_faults = read_faults(faults) if faults else None
    place = state or Path(os.environ.get("OPENBEIAN_HOME") or "data") / "authority" / f"simulator-{provider_id}.sqlite3"
    account = Account(provider_id, user, password, keys)
    policy = Policy(province=province, delay_s=delay_s)
    numbers, journal = (officers.allot_number, officers.journal_refusal) if officers else (None, None)
    bureau = Bureau(Store(place), account, desk, policy, numbers, journal)
    for file in post:
        bureau.post(read_download(_read_file(file)).document)
    try:
        listening = BureauServer((host, port), bureau, chosen_faults)
    except OSError as taken:
        raise click.UsageError(
            f"端口 {port} 不能使用，换一个端口。 Port {port} cannot be used ({taken.strerror}); take another."
        ) from taken
    with listening as server:
        say(
            Text(
                f"模拟管局已启动：{server.url}，状态页 {STATE_PATH}",
                f"The simulated bureau listens at {server.url}, its state at {STATE_PATH}",
            )
        )
        try:
            server.serve_forever(poll_interval=0.2)
        finally:
            bureau.store.close()


def _open_officer_desk(province: str, provider_id: int) -> Any:
    """The review desk of this installation; only here does the simulator need its database."""
    import django

    from openbeian.entrypoints.cli.preparing import prepare_home

    prepare_home()
    django.setup()

    from django.db import connection

    from openbeian.authority.officer_desk import OfficerDesk, find_administration

    administration_id = find_administration(province)
    connection.close()
    return OfficerDesk(administration_id, provider_id, closes_connection=True)


_MARKS = {"met": "✓", "not met": "✗", "cannot tell": "?"}


@contextmanager
def _connect(profile: str) -> Iterator[AuthorityClient]:
    with AuthorityClient(get_profile(profile)) as client:
        yield client


def _ask_secret(label: str) -> str:
    if sys.stdin.isatty():
        return str(click.prompt(label, hide_input=True, err=True))
    return sys.stdin.readline().rstrip("\r\n")


def _read_file(file: Path) -> bytes:
    limit = get_interface().limits.file_bytes
    if file.stat().st_size > limit:
        raise click.UsageError(f"文件超过 {limit} 字节。 The file is larger than {limit} bytes.")
    return file.read_bytes()


def _explain(path: str, kind: str, value: str) -> Fault:
    message = Text("与接口结构不符", "it does not fit the interface's structure")
    fix = Text("按 V3.0 结构更正。", "Correct it to the structure of V3.0.")
    return Fault(field=path, message=message, fix=fix, rule=f"v3.{kind}", value=value)


def _summarise(reading: Reading[Download]) -> dict[str, Any]:
    """What a downloaded file holds: counts per kind, results and reviews in full."""
    document = reading.document
    body = document.icp or document.ip or document.domains or document.code_tables or document.synchronisation
    held = (
        {
            name: value
            for name in type(body).__slots__
            if isinstance(value := getattr(body, name, None), tuple) and value
        }
        if body
        else {}
    )
    news = document.icp
    return {
        "version": reading.version,
        "holds": {name: len(value) for name, value in held.items()},
        "results": [
            {
                "record": result.record,
                "operation": result.operation,
                "findings": [
                    {
                        "code": f.code,
                        "text": f.text,
                        "meaning": explain_processing(f.code or 0).meaning.as_json(),
                        "fix": explain_processing(f.code or 0).fix.as_json(),
                    }
                    for f in result.findings
                ],
            }
            for result in (news.results if news else ())
        ],
        "reviews": [
            {"record_id": r.record_id, "operation": r.operation, "approved": r.outcome == 1, "opinion": r.opinion}
            for r in (news.reviews if news else ())
        ],
        "deviations": len(reading.deviations),
        "set_aside": len(reading.asides),
    }


def _show(answer: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(answer)
        return
    for name, value in answer.items():
        click.echo(inert(f"{name}: {value}"))
