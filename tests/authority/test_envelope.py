"""The envelope: the vectors of the specification's algorithms, and every hostile archive refused within bounds."""

from __future__ import annotations

import base64
import hashlib
import io
import struct
import tracemalloc
import zipfile
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openbeian.authority.envelope import (
    Keys,
    Opened,
    Sealed,
    compress,
    expand,
    hash_password,
    is_file_name,
    make_random_value,
    seal,
    unseal,
)
from openbeian.authority.errors import EnvelopeRefused
from openbeian.authority.interface import Algorithms

KEYS = Keys(b"0123456789abcdef", b"fedcba9876543210")
AES = Algorithms(encryption=1, hash=0, compression=0)
PLAIN = Algorithms(encryption=0, hash=0, compression=0)
XML = '<?xml version="1.0" encoding="GBK"?><UploadData version="V.3.0">备案</UploadData>'.encode("gbk")


@pytest.mark.parametrize(
    ("password", "random_value", "expected"),
    [
        ("1234567890", "abcdefghij", "9fq6VgG8bDFoWECeX62u2Q=="),
        ("Passw0rd", "ABCDEFGHIJabcdefghij", "80/ixHIDwCQ5FDR0905jVg=="),
        ("口令", "0123456789abcdefghij", "vjvWKnNGEWTy1P/LX3bfJg=="),
    ],
)
def test_the_password_hash_matches_the_vectors(password: str, random_value: str, expected: str) -> None:
    assert hash_password(password, random_value) == expected


def test_random_values_are_twenty_letters_and_digits_and_fresh() -> None:
    values = {make_random_value() for _ in range(50)}
    assert len(values) == 50
    assert all(len(value) == 20 and value.isascii() and value.isalnum() for value in values)


@pytest.mark.parametrize("chosen", [AES, PLAIN], ids=["encrypted", "plain"])
def test_a_sealed_file_opens_to_the_same_bytes(chosen: Algorithms) -> None:
    archive = compress(XML, "beianinfo.xml")
    sealed = seal(archive, KEYS, chosen)
    assert unseal(sealed, KEYS) == archive
    assert expand(archive) == Opened("beianinfo.xml", XML)


def test_the_hash_is_taken_over_the_compressed_unencrypted_bytes() -> None:
    archive = compress(XML, "a.xml")
    expected = base64.b64encode(hashlib.md5(archive).digest()).decode()
    assert seal(archive, KEYS, AES).digest == seal(archive, KEYS, PLAIN).digest == expected


def test_the_cipher_is_aes_128_cbc_with_pkcs_padding_over_the_issued_bytes() -> None:
    # NIST SP 800-38A, F.2.1: the first block of CBC-AES128 under its published key and offset.
    keys = Keys(bytes.fromhex("2b7e151628aed2a6abf7158809cf4f3c"), bytes.fromhex("000102030405060708090a0b0c0d0e0f"))
    plain = bytes.fromhex("6bc1bee22e409f96e93d7e117393172a")
    sealed = base64.b64decode(seal(plain, keys, AES).content)
    assert sealed[:16].hex() == "7649abac8119b246cee98e9b12e9197d"
    assert len(sealed) == 32


def test_packing_the_same_file_twice_gives_the_same_bytes() -> None:
    assert compress(XML, "a.xml") == compress(XML, "a.xml")


def test_base64_with_line_breaks_of_76_columns_is_accepted() -> None:
    sealed = seal(compress(XML * 20, "a.xml"), KEYS, AES)
    broken = "\r\n".join(sealed.content[at : at + 76] for at in range(0, len(sealed.content), 76))
    assert unseal(replace(sealed, content=f"\n{broken}\n", digest=sealed.digest + "\n"), KEYS)


def sealed_file() -> Sealed:
    return seal(compress(XML, "a.xml"), KEYS, AES)


def in_clear(archive: bytes) -> Sealed:
    return seal(archive, KEYS, PLAIN)


@pytest.mark.parametrize(
    ("sealed", "code"),
    [
        (replace(sealed_file(), content=sealed_file().content[:-5]), 6),
        (replace(sealed_file(), content=sealed_file().content[:-4]), 6),
        (replace(sealed_file(), content="不是"), 6),
        (replace(sealed_file(), content="===="), 6),
        (replace(sealed_file(), content=""), 6),
        (replace(sealed_file(), digest="AAAAAAAAAAAAAAAAAAAAAA=="), 7),
        (replace(sealed_file(), digest=""), 7),
        (replace(sealed_file(), digest="?"), 7),
        (replace(sealed_file(), algorithms=replace(AES, encryption=2)), 9),
        (replace(sealed_file(), algorithms=replace(AES, hash=1)), 10),
        (replace(sealed_file(), algorithms=replace(AES, compression=1)), 11),
        (replace(sealed_file(), content="A" * (80 * 1024 * 1024)), 18),
    ],
)
def test_a_damaged_envelope_is_refused_with_the_specified_code(sealed: Sealed, code: int) -> None:
    with pytest.raises(EnvelopeRefused) as refusal:
        unseal(sealed, KEYS)
    assert refusal.value.result_code == code


def test_the_wrong_key_is_refused_and_opens_nothing() -> None:
    with pytest.raises(EnvelopeRefused) as refusal:
        unseal(sealed_file(), Keys(b"x" * 16, b"y" * 16))
    assert refusal.value.result_code in {6, 7}


def make_zip(*entries: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", method) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return held.getvalue()


def with_directory(archive: bytes, **changes: int) -> bytes:
    """The archive with its end record rewritten: `total`, `here`, `size` of the central directory."""
    at = archive.rfind(b"PK\x05\x06")
    sign, disk, first, here, total, size, offset, comment = struct.unpack("<4s4H2LH", archive[at : at + 22])
    values = {"here": here, "total": total, "size": size, "disk": disk} | changes
    record = struct.pack(
        "<4s4H2LH", sign, values["disk"], first, values["here"], values["total"], values["size"], offset, comment
    )
    return archive[:at] + record + archive[at + 22 :]


GOOD = make_zip(("a.xml", XML))


@pytest.mark.parametrize(
    ("archive", "code"),
    [
        (b"", 8),
        (b"not a zip at all", 8),
        (b"PK\x05\x06", 8),
        (GOOD[:-30], 8),
        (GOOD.replace(b"PK\x03\x04", b"PK\x03\x05"), 8),
        (make_zip(("a.xml", XML), ("b.xml", XML)), 17),
        (make_zip(), 17),
        (with_directory(GOOD, total=65535, here=65535), 17),
        (with_directory(make_zip(("a.xml", XML), ("b.xml", XML)), total=1, here=1), 17),
        (with_directory(GOOD, size=4_000_000_000), 17),
        (with_directory(GOOD, disk=1), 8),
        (make_zip(("../a.xml", XML)), 8),
        (make_zip(("/etc/a.xml", XML)), 8),
        (make_zip(("dir/a.xml", XML)), 8),
        (make_zip(("..", XML)), 8),
        (make_zip(("a\\b.xml", XML)), 8),
        (make_zip(("备案.xml", XML)), 8),
        (make_zip(("a" * 129, XML)), 8),
        (make_zip(("a.xml", XML), method=zipfile.ZIP_BZIP2), 8),
        (make_zip(("a.xml", XML), method=zipfile.ZIP_LZMA), 8),
    ],
)
def test_a_hostile_archive_is_refused_with_the_specified_code(archive: bytes, code: int) -> None:
    with pytest.raises(EnvelopeRefused) as refusal:
        expand(archive)
    assert refusal.value.result_code == code


def test_a_zip_bomb_is_refused_within_bounded_memory_even_when_it_lies_about_its_size() -> None:
    bomb = make_zip(("a.xml", b"\0" * (80 * 1024 * 1024)))
    lying = bomb.replace(struct.pack("<L", 80 * 1024 * 1024), struct.pack("<L", 1000))
    for archive in (bomb, lying):
        tracemalloc.start()
        with pytest.raises(EnvelopeRefused) as refusal:
            expand(archive)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert refusal.value.result_code in {8, 18}
        assert peak < 160 * 1024 * 1024


def test_a_file_above_the_limit_is_not_packed() -> None:
    with pytest.raises(EnvelopeRefused) as refusal:
        compress(b"\0" * (50 * 1024 * 1024 + 1), "a.xml")
    assert refusal.value.result_code == 18


@pytest.mark.parametrize("name", ["", "..", "a/b", "a b", "备案.xml", "a" * 129, "a\n"])
def test_names_outside_letters_digits_and_a_few_marks_are_no_file_names(name: str) -> None:
    assert not is_file_name(name)
    with pytest.raises(ValueError, match="file name"):
        compress(XML, name)


def test_keys_of_another_length_are_refused_and_keys_stay_out_of_repr() -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        Keys(b"short", b"0123456789abcdef")
    assert "0123" not in repr(KEYS)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300))
def test_arbitrary_bytes_are_opened_or_refused_and_never_break_the_unpacker(raw: bytes) -> None:
    with pytest.raises(EnvelopeRefused):
        expand(raw)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_damaged_archive_is_opened_or_refused_and_never_breaks_the_unpacker(data: st.DataObject) -> None:
    raw = bytearray(GOOD)
    for _ in range(data.draw(st.integers(1, 5))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    assert is_refused_or_safe(bytes(raw))


def is_refused_or_safe(raw: bytes) -> bool:
    try:
        opened = expand(raw)
    except EnvelopeRefused as refusal:
        return refusal.result_code in {8, 17, 18}
    return is_file_name(opened.file_name)
