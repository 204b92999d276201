"""The security envelope: XML bytes ⇄ ZIP ⇄ AES-128-CBC ⇄ Base64, with an MD5 over the ZIP, and the password hash.

MD5 and a shared key are what the specification prescribes; they are not our choice. Opening is bounded: sizes are
counted while unpacking, never believed. Source: 企业系统接口规范 V3.0, security chapter.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import io
import re
import secrets
import string
import struct
import zipfile
import zlib
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from openbeian.authority.errors import EnvelopeRefused
from openbeian.authority.interface import Algorithms, get_interface
from openbeian.kernel.text import Text

PLAIN, AES = 0, 1

_ALPHABET = string.ascii_letters + string.digits
_WHITE = b" \t\r\n"
_END_OF_DIRECTORY = struct.Struct("<4s4H2LH")
_END_SIGNATURE = b"PK\x05\x06"
_ZIP64_LOCATOR = b"PK\x06\x07"
_ONE_ENTRY_BYTES = 8192
_FIXED_DATE = (1980, 1, 1, 0, 0, 0)
_ONE_FILE = Text("压缩包中应当只有一个文件", "the archive must hold exactly one file")
_FILE_NAME = re.compile(r"[A-Za-z0-9_.-]{1,128}")


@dataclass(frozen=True, slots=True)
class Keys:
    """The AES key and offset the administration issued: 16 ASCII characters each, used as bytes."""

    key: bytes = field(repr=False)
    offset: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.key) != 16 or len(self.offset) != 16:
            raise ValueError("key and offset have 16 bytes each")


@dataclass(frozen=True, slots=True)
class Sealed:
    """A file as it travels: Base64 texts and the numbers of the algorithms they were made with."""

    content: str
    digest: str
    algorithms: Algorithms


@dataclass(frozen=True, slots=True)
class Opened:
    """A file taken out of its envelope: the ZIP entry's name and the XML bytes in GBK."""

    file_name: str
    xml: bytes


def hash_password(password: str, random_value: str) -> str:
    """pwdHash: Base64 of the MD5 of password and random value, in GBK."""
    return _base64(hashlib.md5((password + random_value).encode("gbk"), usedforsecurity=False).digest())


def make_random_value() -> str:
    """A fresh randVal: digits and letters, as long as the specification says."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(get_interface().limits.random_length))


def compress(xml: bytes, file_name: str) -> bytes:
    """The ZIP with one deflated entry; the same input gives the same bytes, so that a re-sent file is the same file.

    Raises: EnvelopeRefused (18) for a file above the limit; ValueError for a name the interface does not allow.
    """
    limits = get_interface().limits
    if len(xml) > limits.file_bytes:
        raise EnvelopeRefused(18, Text("文件超过 50MB", "the file is larger than 50 MB"))
    if not is_file_name(file_name):
        raise ValueError(f"not a file name for the interface: {file_name!r}")
    held = io.BytesIO()
    entry = zipfile.ZipInfo(file_name, _FIXED_DATE)
    entry.compress_type = zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr(entry, xml)
    return held.getvalue()


def is_file_name(name: str) -> bool:
    """Whether a name is one the interface allows: letters, digits, `_ . -`, at most 128, and no path."""
    return bool(_FILE_NAME.fullmatch(name)) and name.strip(".") != "" and PurePosixPath(name).name == name


def seal(archive: bytes, keys: Keys, chosen: Algorithms) -> Sealed:
    """The ZIP encrypted if the algorithms say so, in Base64, with the hash over the unencrypted ZIP."""
    _check_algorithms(chosen)
    content = _encrypt(archive, keys) if chosen.encryption == AES else archive
    return Sealed(_base64(content), _base64(_digest(archive)), chosen)


def unseal(sealed: Sealed, keys: Keys) -> bytes:
    """The ZIP of a sealed file, its hash checked.

    Raises: EnvelopeRefused with 9, 10 or 11 (unknown algorithm), 18 (too large), 6 (Base64 or cipher), 7 (hash).
    """
    _check_algorithms(sealed.algorithms)
    limit = get_interface().limits.file_bytes
    if len(sealed.content) > limit * 3 // 2:
        raise EnvelopeRefused(18, Text("密文过大", "the sealed content is too large"))
    content = _from_base64(sealed.content, Text("内容不是完整的 Base64", "the content is not complete Base64"), 6)
    archive = _decrypt(content, keys) if sealed.algorithms.encryption == AES else content
    digest = _from_base64(sealed.digest, Text("哈希值不是 Base64", "the hash is not Base64"), 7)
    if not hmac.compare_digest(_digest(archive), digest):
        raise EnvelopeRefused(7, Text("哈希值与文件不符", "the hash does not match the file"))
    return archive


def expand(archive: bytes) -> Opened:
    """The single file of a ZIP, read up to the limit whatever the ZIP claims.

    Raises: EnvelopeRefused with 17 (not one entry), 8 (damaged, encrypted, odd method or name) or 18 (too large).
    """
    _check_directory(archive)
    limit = get_interface().limits.file_bytes
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            entries = opened.infolist()
            if len(entries) != 1:
                raise EnvelopeRefused(17, _ONE_FILE)
            entry = entries[0]
            if not is_file_name(entry.orig_filename) or entry.compress_type not in {
                zipfile.ZIP_STORED,
                zipfile.ZIP_DEFLATED,
            }:
                raise EnvelopeRefused(
                    8, Text("压缩包内的文件名或压缩方法不允许", "the entry's name or method is not allowed")
                )
            with opened.open(entry) as stream:
                xml = stream.read(limit + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError, struct.error) as error:
        raise EnvelopeRefused(8, Text("压缩包损坏", "the archive is damaged")) from error
    if len(xml) > limit:
        raise EnvelopeRefused(18, Text("解压后超过 50MB", "it unpacks to more than 50 MB"))
    return Opened(entry.orig_filename, xml)


def _check_directory(archive: bytes) -> None:
    """Reads the end record before `zipfile` builds an object per entry of a directory that may claim millions."""
    start = archive.rfind(_END_SIGNATURE, max(0, len(archive) - 65557))
    if start < 0 or len(archive) - start < _END_OF_DIRECTORY.size:
        raise EnvelopeRefused(8, Text("不是 ZIP 文件", "it is not a ZIP file"))
    _, disk, first_disk, here, total, size, _, _ = _END_OF_DIRECTORY.unpack_from(archive, start)
    if disk or first_disk or archive[max(0, start - 20) : start].startswith(_ZIP64_LOCATOR):
        raise EnvelopeRefused(8, Text("分卷或 ZIP64 格式不允许", "split and ZIP64 archives are not allowed"))
    if here != 1 or total != 1 or size > _ONE_ENTRY_BYTES:
        raise EnvelopeRefused(17, _ONE_FILE)


def _check_algorithms(chosen: Algorithms) -> None:
    if chosen.encryption not in get_interface().encryption_names:
        raise EnvelopeRefused(9, Text("加密算法编号无效", "unknown encryption algorithm"))
    if chosen.hash != 0:
        raise EnvelopeRefused(10, Text("哈希算法编号无效", "unknown hash algorithm"))
    if chosen.compression != 0:
        raise EnvelopeRefused(11, Text("压缩格式编号无效", "unknown compression format"))


def _encrypt(archive: bytes, keys: Keys) -> bytes:
    padder = padding.PKCS7(128).padder()
    encryptor = Cipher(algorithms.AES128(keys.key), modes.CBC(keys.offset)).encryptor()
    return encryptor.update(padder.update(archive) + padder.finalize()) + encryptor.finalize()


def _decrypt(content: bytes, keys: Keys) -> bytes:
    decryptor = Cipher(algorithms.AES128(keys.key), modes.CBC(keys.offset)).decryptor()
    unpadder = padding.PKCS7(128).unpadder()
    try:
        return unpadder.update(decryptor.update(content) + decryptor.finalize()) + unpadder.finalize()
    except ValueError as error:
        raise EnvelopeRefused(6, Text("解密失败", "it could not be decrypted")) from error


def _digest(archive: bytes) -> bytes:
    return hashlib.md5(archive, usedforsecurity=False).digest()


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def _from_base64(text: str, reason: Text, result_code: int) -> bytes:
    """Strict Base64 apart from white space, since bureaus break lines at 76 columns."""
    try:
        return binascii.a2b_base64(text.encode("ascii").translate(None, _WHITE), strict_mode=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise EnvelopeRefused(result_code, reason) from error
