"""From an accepted upload to the files that answer it: reads, asks the desk, registers, and queues downloads."""

from __future__ import annotations

from collections.abc import Sequence

from openbeian.authority import envelope
from openbeian.authority.errors import DocumentNotSendable, DocumentUnreadable
from openbeian.authority.interface import explain_processing, get_code_table, get_interface
from openbeian.authority.messages.download import (
    Code,
    CodeTables,
    Download,
    FilingNews,
    FilingResult,
    Finding,
    ReportingUnit,
)
from openbeian.authority.messages.reader import read_upload
from openbeian.authority.messages.upload import FilingReports, Upload
from openbeian.authority.messages.writer import write
from openbeian.authority.simulator.desk import Question, ReviewDesk, Verdict
from openbeian.authority.simulator.library import Library
from openbeian.authority.simulator.registrar import Registrar, list_reviewable
from openbeian.authority.simulator.resource_desk import ResourceDesk
from openbeian.authority.simulator.store import Store, Uploaded
from openbeian.kernel import clock

_LETTERS = "sim"
_TABLES = (
    "natures",
    "approval_kinds",
    "contents",
    "access_modes",
    "attachment_formats",
    "attachment_purposes",
    "languages",
)
# No values are published; these are the demo's own.
_CANCELLATION_REASONS = (Code(code=1, name="不再提供服务", is_valid=True), Code(code=2, name="其他", is_valid=True))
_UNFILED_OUTCOMES = (Code(code=1, name="已关闭"), Code(code=2, name="已备案"), Code(code=3, name="不在本单位接入"))
_DOMAIN_KINDS = (Code(code=1, name="英文域名", is_valid=True), Code(code=2, name="中文域名", is_valid=True))
_UNIT_CLASS = 1
_MASKED = {"approval_kinds", "contents", "access_modes"}


class Processing:
    """Runs inside the caller's transaction."""

    def __init__(self, store: Store, library: Library, desk: ReviewDesk, provider_id: int) -> None:
        self.store = store
        self.library = library
        self.desk = desk
        self.provider_id = provider_id
        self.registrar = Registrar(library)
        self.resources = ResourceDesk(store)

    def work(self) -> None:
        """Processes the oldest upload that is due and decided; one per call, so that no call takes long."""
        for sequence in self.store.list_due():
            upload = self.store.find_upload(sequence)
            if upload and self._process(upload):
                self.store.mark_processed(sequence)
                return

    def post(self, xml: bytes) -> str:
        """Queues one file; its name follows the pattern seen from real bureaus and equals the ZIP entry's name."""
        stamp = clock.now().astimezone(clock.CHINA).strftime("%Y%m%d%H%M%S")
        name = f"{stamp}_{_LETTERS}_{self.store.allot('outgoing')}.xml"
        self.store.add_outgoing(name, envelope.compress(xml, name))
        return name

    def publish_code_tables(self) -> None:
        """The first file of a new bureau: the code tables as this program ships them, and the provider itself."""
        if self.store.allot("start") > 1:
            return
        unit = ReportingUnit(authority_id=self.provider_id, name="模拟接入服务商", is_valid=True)
        tables = CodeTables(
            reporting_units=(unit,),
            cancellation_reasons=_CANCELLATION_REASONS,
            unfiled_outcomes=_UNFILED_OUTCOMES,
            domain_kinds=_DOMAIN_KINDS,
            certificate_kinds=_list_certificate_kinds(),
            **{name: _list_codes(name) for name in _TABLES},
        )
        self.post(write(Download(code_tables=tables)))

    def _process(self, upload: Uploaded) -> bool:
        """Whether the upload has been answered; False while the desk has not decided."""
        try:
            reading = read_upload(envelope.expand(upload.archive).xml)
        except DocumentUnreadable as error:
            self._refuse_file(upload, error.processing_code)
            return True
        code = None
        if not reading.is_version_supported:
            code = 5004
        elif reading.deviations or reading.document.count_records() > get_interface().limits.file_records:
            code = 5001
        elif self._find_reporting_unit(reading.document) != self.provider_id:
            code = 5003
        if code:
            self._refuse_file(upload, code)
            return True
        return self._answer(upload, reading.document)

    def _answer(self, upload: Uploaded, document: Upload) -> bool:
        if document.icp:
            verdicts = self._ask(upload.sequence, document.icp)
            if verdicts is None:
                return False
            for news in self.registrar.process(document.icp, verdicts).list_news():
                self._post_news(upload, news)
        if document.ip:
            self.post(write(Download(ip=self.resources.process_addresses(document.ip))))
        if document.domains:
            self.post(write(Download(domains=self.resources.process_domains(document.domains))))
        return True

    def _post_news(self, upload: Uploaded, news: FilingNews) -> None:
        try:
            self.post(write(Download(icp=news)))
        except DocumentNotSendable:
            self._refuse_file(upload, 5999)

    def _ask(self, sequence: int, reports: FilingReports) -> Sequence[Verdict] | None:
        verdicts = []
        for position, record in enumerate(list_reviewable(reports)):
            verdict = self.desk.decide(Question(sequence, position, record))
            if verdict is None:
                return None
            verdicts.append(verdict)
        return verdicts

    def _refuse_file(self, upload: Uploaded, code: int) -> None:
        """A file refused as a whole; the finding carries the file's name, as the specification prescribes."""
        words = f"{explain_processing(code).meaning.zh}：{upload.file_name}"
        if code == 5004:
            words += f"，当前版本 {get_interface().version}"
        result = FilingResult(
            findings=(Finding(code=code, text=words[:255]),), operation=1, record=str(upload.sequence)
        )
        self.post(write(Download(icp=FilingNews(results=(result,)))))

    def _find_reporting_unit(self, document: Upload) -> int | None:
        body = document.icp or document.ip or document.domains
        return body.reporting_unit if body else None


def _list_certificate_kinds() -> tuple[Code, ...]:
    """The classes of units have no published values; the demo's bureau puts all kinds into one."""
    return tuple(
        Code(code=number, name=text.zh, unit_class=_UNIT_CLASS, is_valid=True)
        for number, text in get_code_table("certificate_kinds").items()
    )


def _list_codes(name: str) -> tuple[Code, ...]:
    return tuple(
        Code(
            code=number,
            name=text.zh,
            mask=1 << (number - 1) if name in _MASKED else None,
            needs_approval=True if name == "approval_kinds" else None,
            owner_kind=1 if name == "attachment_purposes" else None,
            is_valid=True,
        )
        for number, text in get_code_table(name).items()
    )
