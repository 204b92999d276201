"""The simulated bureau: answers the six methods, in the order of checks the guide documents, and processes what it accepts."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from openbeian.authority import envelope
from openbeian.authority.envelope import Keys, Sealed
from openbeian.authority.errors import EnvelopeRefused
from openbeian.authority.interface import (
    ACKNOWLEDGE,
    DOWNLOAD,
    PREVIOUS,
    STATUS,
    UPLOAD,
    VERIFY,
    Algorithms,
    explain_result,
    get_interface,
)
from openbeian.authority.messages.download import Download
from openbeian.authority.messages.writer import write
from openbeian.authority.simulator.desk import ReviewDesk
from openbeian.authority.simulator.library import Library
from openbeian.authority.simulator.processing import Processing
from openbeian.authority.simulator.store import Store, Uploaded
from openbeian.authority.soap.calls import Call
from openbeian.authority.soap.returns import FilingStatus, Return, ReturnedFile
from openbeian.kernel import clock

_DOMAIN_QUERY = 0


@dataclass(frozen=True, slots=True)
class Account:
    """The one provider the bureau knows."""

    provider_id: int
    user: str
    password: str = field(repr=False)
    keys: Keys = field(repr=False)


@dataclass(frozen=True, slots=True)
class Policy:
    """What the bureau allows; numbers are ours, since the specification names none.

    `hours` are whole hours in China, from (included) to (excluded), in which uploads are taken.
    """

    province: str = "京"
    delay_s: float = 0.0
    waiting_files: int = 1000
    password_checks_per_hour: int = 10
    hours: tuple[int, int] | None = None
    is_uploading_down: bool = False
    is_downloading_down: bool = False
    may_report: bool = True
    is_of_province: bool = True
    download: Algorithms = field(default_factory=lambda: get_interface().download)


class Refusal(Exception):
    """A msg_code that ends a call."""

    def __init__(self, code: int, addition: str = "", missing: Sequence[int] = ()) -> None:
        super().__init__(code)
        self.answer = Return(code, explain_result(code).meaning.zh + addition, missing=tuple(missing))


class Bureau:
    """One administration with one provider, its memory, and a review desk behind a port."""

    def __init__(
        self,
        store: Store,
        account: Account,
        desk: ReviewDesk,
        policy: Policy | None = None,
        numbers: Callable[[], str] | None = None,
        journal: Callable[[str, str], None] | None = None,
    ) -> None:
        """`numbers` gives filing numbers, `journal` hears of refused calls; without them the bureau does both itself."""
        self._journal = journal
        self.store = store
        self.account = account
        self.policy = policy or Policy()
        self.library = Library(store, self.policy.province, account.provider_id, numbers)
        self.processing = Processing(store, self.library, desk, account.provider_id)
        self._answers: dict[str, Callable[[Mapping[str, str]], Return]] = {
            UPLOAD: self._upload,
            ACKNOWLEDGE: self._acknowledge,
            PREVIOUS: self._query_previous,
            STATUS: self._query_status,
            VERIFY: self._verify_password,
        }
        with store.transaction():
            self.processing.publish_code_tables()

    def answer(self, call: Call, *, skip: int = 0) -> Return:
        """One call in one transaction; `skip` makes a download hand out a later file (the fault `reorder`)."""
        try:
            with self.store.transaction():
                self._check_caller(call)
                if call.method == DOWNLOAD:
                    return self._download(skip)
                return self._answers[call.method](call.parameters)
        except Refusal as refusal:
            if refusal.answer.code != 12:  # the random value of a refused call counts as used all the same
                self._remember(call)
            self.note_refusal(call.method, str(refusal.answer.code))
            return refusal.answer

    def note_refusal(self, method: str, reason: str) -> None:
        """Keeps that a call was refused; the first of its kind in a minute goes into the journal, too."""
        with self.store.transaction():
            is_first = self.store.note_refusal(method, reason)
        if is_first and self._journal is not None:
            self._journal(method, reason)

    def post(self, document: Download) -> str:
        """Queues a document for the provider; returns its file name. Raises: DocumentNotSendable."""
        with self.store.transaction():
            return self.processing.post(write(document))

    def _check_caller(self, call: Call) -> None:
        given, policy = call.parameters, self.policy
        if policy.is_uploading_down and call.method == UPLOAD:
            raise Refusal(901)
        if policy.is_downloading_down and call.method in {DOWNLOAD, ACKNOWLEDGE}:
            raise Refusal(902)
        if given["ispId"] != str(self.account.provider_id):
            raise Refusal(12)
        if given["userName"] != self.account.user:
            raise Refusal(4)
        random_value = given["randVal"]
        length = get_interface().limits.random_length
        if len(random_value) < length:
            raise Refusal(16)
        if len(random_value) > length or not (random_value.isascii() and random_value.isalnum()):
            raise Refusal(12)
        expected = envelope.hash_password(self.account.password, random_value)
        if not hmac.compare_digest(expected.encode(), given["pwdHash"].encode()):
            raise Refusal(5)
        if not self.store.take_random_value(random_value):
            raise Refusal(12)
        if not policy.is_of_province:
            raise Refusal(13)
        if call.method == UPLOAD:
            self._check_right()
        if given["hashAlgorithm"] != "0":
            raise Refusal(10)

    def _check_right(self) -> None:
        if not self.policy.may_report:
            raise Refusal(19)
        if self.policy.hours:
            start, end = self.policy.hours
            if not start <= clock.now().astimezone(clock.CHINA).hour < end:
                raise Refusal(20, f"允许时段 {start:02d}:00-{end:02d}:00")

    def _remember(self, call: Call) -> None:
        """A refusal rolls its transaction back; the authenticated random value must stay used."""
        value = call.parameters["randVal"]
        if not value.isascii():
            return
        expected = envelope.hash_password(self.account.password, value)
        if hmac.compare_digest(expected.encode(), call.parameters["pwdHash"].encode()):
            with self.store.transaction():
                self.store.take_random_value(value)

    def _upload(self, given: Mapping[str, str]) -> Return:
        chosen = Algorithms(
            encryption=_number(given["encryptAlgorithm"], 9),
            hash=_number(given["hashAlgorithm"], 10),
            compression=_number(given["compressionFormat"], 11),
        )
        if chosen.encryption not in get_interface().encryption_names:
            raise Refusal(9)
        if chosen.compression != 0:
            raise Refusal(11)
        if len(given["beianInfo"]) > get_interface().limits.file_bytes * 3 // 2:
            raise Refusal(18)
        sequence = _number(given["dataSequence"], 999)
        known = self.store.find_upload(sequence)
        if known is None and self.store.count_unprocessed() >= self.policy.waiting_files:
            raise Refusal(15)
        expected = self.store.get_last_sequence() + 1
        if sequence > expected:
            raise Refusal(14, missing=range(expected, min(sequence, expected + 100)))
        if sequence < 1:
            raise Refusal(14, missing=[expected])
        sealed = Sealed(given["beianInfo"], given["beianInfoHash"], chosen)
        try:
            archive = envelope.unseal(sealed, self.account.keys)
            opened = envelope.expand(archive)
        except EnvelopeRefused as refused:
            raise Refusal(refused.result_code) from refused
        if known:
            return self._answer_repetition(known, archive, expected)
        digest = "".join(sealed.digest.split())
        upload = Uploaded(sequence, digest, opened.file_name, archive)
        self.store.add_upload(upload, clock.now() + timedelta(seconds=self.policy.delay_s))
        return _answer(0)

    def _answer_repetition(self, known: Uploaded, archive: bytes, expected: int) -> Return:
        """The same file under its old number is accepted again without effect; another file is asked for the next number."""
        if known.archive == archive:
            return _answer(0)
        raise Refusal(14, missing=[expected])

    def _download(self, skip: int) -> Return:
        self.processing.work()
        waiting = self.store.list_outgoing(skip + 2)
        if not waiting:
            return _answer(2)
        chosen = waiting[min(skip, len(waiting) - 1)]
        answer = _answer(3 if len(waiting) > 1 else 0)
        return Return(answer.code, answer.message, file=self._seal(chosen.name, chosen.archive))

    def _acknowledge(self, given: Mapping[str, str]) -> Return:
        if not given["fileName"]:
            raise Refusal(21)
        if not self.store.acknowledge(given["fileName"]):
            raise Refusal(999, "没有这个文件。")
        return _answer(0)

    def _query_previous(self, given: Mapping[str, str]) -> Return:
        last = self.store.get_last_sequence()
        upload = self.store.find_upload(last)
        if upload is None:
            nothing = ReturnedFile("", Sealed("", "", self.policy.download), 0)
            return Return(0, explain_result(0).meaning.zh, file=nothing)
        return Return(0, explain_result(0).meaning.zh, file=self._seal(upload.file_name, upload.archive, last))

    def _query_status(self, given: Mapping[str, str]) -> Return:
        self.processing.work()
        limits = get_interface().limits
        kind, query = _number(given["queryConditionType"], 999), given["queryCondition"]
        if not limits.query_min_length <= len(query) <= limits.query_max_length:
            raise Refusal(999, "查询条件长度不符。")
        if kind == _DOMAIN_QUERY:
            held = self.library.find("domain", query.lower())
        else:
            held = self.library.find("certificate", f"{kind}:{query}")
        if held is None:
            return Return(0, explain_result(0).meaning.zh, status=FilingStatus(kind, query, is_filed=False))
        sites = held.filing.sites
        site = next((s for s in sites if any((d.name or "").lower() == query.lower() for d in s.domains)), None)
        status = FilingStatus(
            kind,
            query,
            is_filed=True,
            site_name=(site.name or "") if site else "",
            subject_number=held.number,
            site_number=(site.number or "") if site else "",
        )
        return Return(0, explain_result(0).meaning.zh, status=status)

    def _verify_password(self, given: Mapping[str, str]) -> Return:
        number = given["baxh"]
        since = clock.now() - timedelta(hours=1)
        if self.store.count_password_checks(number, since) >= self.policy.password_checks_per_hour:
            raise Refusal(22)
        self.store.add_password_check(number)
        held = self.library.find("subject_number", number) or self.library.find("site_number", number)
        matches = held is not None and hmac.compare_digest(held.password.encode(), given["bamm"].encode())
        return Return(0, explain_result(0).meaning.zh, password_matches=matches)

    def _seal(self, name: str, archive: bytes, sequence: int | None = None) -> ReturnedFile:
        return ReturnedFile(name, envelope.seal(archive, self.account.keys, self.policy.download), sequence)


def _answer(code: int) -> Return:
    return Return(code, explain_result(code).meaning.zh)


def _number(text: str, refusal: int) -> int:
    stripped = text.strip()
    if not (stripped.isascii() and stripped.isdigit() and len(stripped) <= 18):
        raise Refusal(refusal)
    return int(stripped)
