"""The return documents: what every method answers inside its one string, written strictly and read tolerantly.

The official return schemas ask for a `msg` of exactly 256 characters, which no real message has; texts of any
length are written and read.
"""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from openbeian.authority import hostile_xml
from openbeian.authority.envelope import Sealed
from openbeian.authority.errors import DocumentUnreadable
from openbeian.authority.interface import Algorithms, get_interface
from openbeian.kernel.text import Text

_LONGEST_MESSAGE = 4000


@dataclass(frozen=True, slots=True)
class ReturnedFile:
    """A file inside an answer; `sequence` only in answers about the previous upload."""

    name: str
    sealed: Sealed
    sequence: int | None = None


@dataclass(frozen=True, slots=True)
class FilingStatus:
    """The answer to a status query; site name and numbers only when filed."""

    query_kind: int
    query: str
    is_filed: bool
    site_name: str = ""
    subject_number: str = ""
    site_number: str = ""


@dataclass(frozen=True, slots=True)
class Return:
    """One return document: the msg_code, the bureau's words, and what the method adds."""

    code: int
    message: str
    missing: tuple[int, ...] = ()
    file: ReturnedFile | None = None
    previous_sequence: int | None = None
    status: FilingStatus | None = None
    password_matches: bool | None = None


def write_return(answer: Return) -> str:
    """The document as the text that goes into the SOAP string; it declares GBK, as real bureaus do."""
    root = etree.Element("return", version=get_interface().version)
    _add(root, "msg_code", answer.code)
    _add(root, "msg", answer.message)
    if answer.missing:
        missing = etree.SubElement(root, "dataSequences")
        for number in answer.missing:
            _add(missing, "dataSequence", number)
    if answer.file:
        _add_file(root, answer.file)
    if answer.status:
        _add_status(root, answer.status)
    if answer.password_matches is not None:
        _add(root, "VerifyRes", 0 if answer.password_matches else 1)
    return '<?xml version="1.0" encoding="GBK"?>' + etree.tostring(root, encoding="unicode")


def read_return(text: str) -> Return:
    """A return document from the SOAP string. Raises: DocumentUnreadable."""
    root = hostile_xml.parse(text)
    if root.tag != "return":
        raise DocumentUnreadable(Text("根元素不是 return", "its root is not return"))
    infos = root.find("fileInfos")
    return Return(
        code=_number(root, "msg_code"),
        message=(root.findtext("msg") or "").strip()[:_LONGEST_MESSAGE],
        missing=tuple(_whole(e.text) for e in root.iterfind("dataSequences/dataSequence")),
        file=None if infos is None else _read_file(infos),
        previous_sequence=None
        if infos is None or infos.find("dataSequence") is None
        else _number(infos, "dataSequence"),
        status=_read_status(root.find("StatusInfo")),
        password_matches=None if root.find("VerifyRes") is None else _number(root, "VerifyRes") == 0,
    )


def _add_file(root: etree._Element, file: ReturnedFile) -> None:
    infos = etree.SubElement(root, "fileInfos")
    _add(infos, "hashAlgorithm", file.sealed.algorithms.hash)
    _add(infos, "compressionFormat", file.sealed.algorithms.compression)
    _add(infos, "encryptAlgorithm", file.sealed.algorithms.encryption)
    if file.sequence is not None:
        _add(infos, "dataSequence", file.sequence)
    _add(infos, "return_FileName", file.name)
    _add(infos, "beianInfo", file.sealed.content)
    _add(infos, "beianInfoHash", file.sealed.digest)


def _read_file(infos: etree._Element) -> ReturnedFile | None:
    """The file, or None for the empty one that answers a query before any upload."""
    name = (infos.findtext("return_FileName") or "").strip()
    content = infos.findtext("beianInfo") or ""
    if not name and not content.strip():
        return None
    chosen = Algorithms(
        encryption=_number(infos, "encryptAlgorithm"),
        hash=_number(infos, "hashAlgorithm"),
        compression=_number(infos, "compressionFormat"),
    )
    sequence = None if infos.find("dataSequence") is None else _number(infos, "dataSequence")
    return ReturnedFile(name, Sealed(content, infos.findtext("beianInfoHash") or "", chosen), sequence)


def _add_status(root: etree._Element, status: FilingStatus) -> None:
    info = etree.SubElement(root, "StatusInfo")
    _add(info, "Cxtjlx", status.query_kind)
    _add(info, "Cxtj", status.query)
    for name, value in (("Wzmc", status.site_name), ("Ztbah", status.subject_number), ("Wzbah", status.site_number)):
        if value:
            _add(info, name, value)
    _add(info, "Bazt", 0 if status.is_filed else 1)


def _read_status(info: etree._Element | None) -> FilingStatus | None:
    if info is None:
        return None
    return FilingStatus(
        query_kind=_number(info, "Cxtjlx"),
        query=info.findtext("Cxtj") or "",
        is_filed=_number(info, "Bazt") == 0,
        site_name=info.findtext("Wzmc") or "",
        subject_number=info.findtext("Ztbah") or "",
        site_number=info.findtext("Wzbah") or "",
    )


def _add(parent: etree._Element, name: str, value: object) -> None:
    etree.SubElement(parent, name).text = str(value)


def _number(parent: etree._Element, name: str) -> int:
    return _whole(parent.findtext(name))


def _whole(text: str | None) -> int:
    stripped = (text or "").strip()
    if not (stripped.isascii() and stripped.isdigit() and len(stripped) <= 18):
        raise DocumentUnreadable(Text("应为数字处不是数字", "a number is not a number"))
    return int(stripped)
