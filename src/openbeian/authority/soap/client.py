"""The client of an administration's interface: six calls, bounded in time and size, each refusal an exception of its class."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Self

import httpx

from openbeian.authority import envelope
from openbeian.authority.errors import (
    AuthorityError,
    CredentialsRefused,
    DocumentNotSendable,
    DocumentUnreadable,
    FileRefused,
    NotAnswered,
    RightRefused,
    SequenceBroken,
    TryLater,
    UnclearRefusal,
)
from openbeian.authority.interface import (
    ACKNOWLEDGE,
    DOWNLOAD,
    PREVIOUS,
    STATUS,
    UPLOAD,
    VERIFY,
    explain_result,
    get_interface,
)
from openbeian.authority.profiles import Profile
from openbeian.authority.soap.calls import CONTENT_TYPE, read_answer, write_call
from openbeian.authority.soap.returns import FilingStatus, Return, ReturnedFile, read_return
from openbeian.kernel.text import Text

_MOST_NAMED = 10
_REFUSALS: dict[str, type[AuthorityError]] = {
    "credentials": CredentialsRefused,
    "right": RightRefused,
    "file": FileRefused,
    "later": TryLater,
    "unclear": UnclearRefusal,
}


@dataclass(frozen=True, slots=True)
class Received:
    """A downloaded file out of its envelope; `name` is what an acknowledgement must quote."""

    name: str
    archive: bytes
    xml: bytes


@dataclass(frozen=True, slots=True)
class PreviousUpload:
    """The last upload the administration accepted; sequence 0 and no archive when there was none."""

    sequence: int
    archive: bytes | None


class AuthorityClient:
    """One account's connection; `server_time` is the other end's clock at the last answer. Not for several threads at once.

    Every method raises: DocumentNotSendable (a text XML cannot hold), NotAnswered (outcome unknown), CredentialsRefused, RightRefused, TryLater, UnclearRefusal;
    `upload` also FileRefused and SequenceBroken, `acknowledge` also FileRefused.
    """

    def __init__(self, profile: Profile, *, transport: httpx.BaseTransport | None = None) -> None:
        limits = get_interface().limits
        self.profile = profile
        self.server_time: datetime | None = None
        self._http = httpx.Client(
            base_url=profile.url,
            transport=transport,
            timeout=httpx.Timeout(limits.answer_timeout_s, connect=limits.connect_timeout_s),
            follow_redirects=False,
            trust_env=False,
            headers={"Content-Type": CONTENT_TYPE, "SOAPAction": '""', "Accept-Encoding": "identity"},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def upload(self, archive: bytes, sequence: int) -> None:
        """Hands over one ZIP made by `envelope.compress`; returns when the administration has accepted the file."""
        chosen = self.profile.upload
        sealed = envelope.seal(archive, self.profile.keys, chosen)
        self._call(
            UPLOAD,
            beianInfo=sealed.content,
            beianInfoHash=sealed.digest,
            dataSequence=sequence,
            encryptAlgorithm=chosen.encryption,
            compressionFormat=chosen.compression,
        )

    def download(self) -> Received | None:
        """The next file that waits, or None; the same file comes again until it is acknowledged.

        Raises: EnvelopeRefused, when the file cannot be opened; it was not acknowledged and will come again.
        """
        file = self._call(DOWNLOAD).file
        if file is None:
            return None
        archive = envelope.unseal(file.sealed, self.profile.keys)
        return Received(file.name, archive, envelope.expand(archive).xml)

    def acknowledge(self, file_name: str) -> None:
        """Tells the administration that a downloaded file has been applied."""
        self._call(ACKNOWLEDGE, fileName=file_name)

    def query_previous(self) -> PreviousUpload:
        """The last accepted upload, which tells where the sequence stands after a crash."""
        answer = self._call(PREVIOUS)
        file: ReturnedFile | None = answer.file
        archive = envelope.unseal(file.sealed, self.profile.keys) if file else None
        return PreviousUpload(answer.previous_sequence or 0, archive)

    def query_status(self, query: str, kind: int = 0) -> FilingStatus:
        """Whether something is filed: a domain (kind 0) or a certificate number (kinds 1 to 11)."""
        status = self._call(STATUS, queryConditionType=kind, queryCondition=query).status
        if status is None:
            raise NotAnswered(reason=Text("应答中没有查询结果", "the answer holds no result"))
        return status

    def verify_password(self, number: str, password: str) -> bool:
        """Whether a filing password belongs to a filing number; how often one may ask is limited (TryLater)."""
        matches = self._call(VERIFY, baxh=number, bamm=password).password_matches
        if matches is None:
            raise NotAnswered(reason=Text("应答中没有验证结果", "the answer holds no result"))
        return matches

    def fetch_wsdl(self, address: str) -> bytes:
        """The WSDL the administration publishes for one service. Raises: NotAnswered."""
        return self._exchange("GET", get_interface().addresses[address] + "?wsdl", None)

    def _call(self, method: str, **special: object) -> Return:
        random_value = envelope.make_random_value()
        parameters: Mapping[str, object] = {
            "ispId": self.profile.provider_id,
            "userName": self.profile.user,
            "randVal": random_value,
            "pwdHash": envelope.hash_password(self.profile.password, random_value),
            "hashAlgorithm": self.profile.upload.hash,
            **special,
        }
        path = get_interface().addresses[get_interface().methods[method].address]
        try:
            body = write_call(method, parameters)
        except ValueError as error:  # control characters and lone surrogates have no place in XML
            raise DocumentNotSendable from error
        raw = self._exchange("POST", path, body)
        try:
            answer = read_return(read_answer(raw))
        except DocumentUnreadable as error:
            raise NotAnswered(reason=error.text) from error
        _check_code(answer)
        return answer

    def _exchange(self, verb: str, path: str, body: bytes | None) -> bytes:
        """One HTTP exchange within the limits on time and size; both are counted while reading, never believed."""
        limits = get_interface().limits
        deadline = time.monotonic() + limits.answer_timeout_s
        received = bytearray()
        try:
            with self._http.stream(verb, path, content=body) as response:
                self.server_time = _read_date(response.headers.get("Date", ""))
                for piece in response.iter_raw():
                    received += piece
                    if len(received) > limits.body_bytes:
                        raise NotAnswered(reason=Text("应答过大", "the answer is too large"))
                    if time.monotonic() > deadline:
                        raise NotAnswered(reason=Text("应答超时", "the answer took too long"))
        except httpx.TimeoutException as error:
            raise NotAnswered(reason=Text("应答超时", "the answer took too long")) from error
        except httpx.HTTPError as error:
            raise NotAnswered(reason=Text("连接失败或中断", "the connection failed or broke off")) from error
        if response.status_code != httpx.codes.OK:
            status = response.status_code
            raise NotAnswered(reason=Text(f"HTTP 状态 {status}", f"HTTP status {status}"))
        return bytes(received)


def _read_date(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text)
    except ValueError:
        return None


def _check_code(answer: Return) -> None:
    code = explain_result(answer.code)
    if code.kind in {"done", "nothing"}:
        return
    sentence = Text(
        f"{code.meaning.zh}{_say_more(answer, code.meaning.zh)}{code.fix.zh}",
        f"{code.meaning.en}{_name_missing(answer, ' ({})')} {code.fix.en}",
    )
    if code.kind == "sequence":
        raise SequenceBroken(sentence, result_code=answer.code, missing=answer.missing)
    raise _REFUSALS[code.kind](sentence, result_code=answer.code)


def _say_more(answer: Return, known: str) -> str:
    """What the other end adds to the meaning that we know: the missing numbers, and its own words where they differ."""
    own = (answer.message or "").removeprefix(known).strip("。. ")
    words = f"（{own}）" if own and own != known.strip("。. ") else ""
    return _name_missing(answer, "（缺 {}）") + words


def _name_missing(answer: Return, form: str) -> str:
    shown = ", ".join(map(str, answer.missing[:_MOST_NAMED])) + ("…" if len(answer.missing) > _MOST_NAMED else "")
    return form.format(shown) if shown else ""
