"""Regions by an IP database: counted exactly, added up from saves, and refused when the file is none."""

from __future__ import annotations

import struct
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from tests.observation.traffic.generator import Event, Truth, log_text, make_events

from openbeian.observation.traffic.errors import RegionDatabaseUnusable
from openbeian.observation.traffic.regions import UNKNOWN, RegionDatabase, open_regions
from openbeian.observation.traffic.report import count_traffic
from openbeian.observation.traffic.store import report_saved, save_traffic

GUANGDONG = {"country": {"iso_code": "CN", "names": {"zh-CN": "中国"}}, "subdivisions": [{"names": {"zh-CN": "广东"}}]}
AMERICA = {"country": {"iso_code": "US", "names": {"en": "United States"}}}
PLACES = {"203.0.113.0/24": GUANGDONG, "198.51.100.0/24": AMERICA, "1.2.3.0/24": {"country": {"iso_code": "CN", "names": {}}}}  # fmt: skip
NAMES = {"203.0.113.": "广东", "198.51.100.": "United States", "1.2.3.": "CN"}


class Count(int):
    """A number of 32 bits; a plain one has 16."""


class Long(int):
    """A number of 64 bits."""


def encode(value: Any) -> bytes:
    """A value in the format's data section (MaxMind DB file format 2.0)."""
    if isinstance(value, str):
        kind, content, size = 2, value.encode(), len(value.encode())
    elif isinstance(value, dict):
        kind, content, size = 7, b"".join(encode(k) + encode(v) for k, v in value.items()), len(value)
    elif isinstance(value, list):
        return bytes([len(value), 4]) + b"".join(map(encode, value))  # an array is type 11 = 7 + 4
    elif isinstance(value, Long):
        content = value.to_bytes(8, "big")
        return bytes([len(content), 2]) + content  # a number of 64 bits is type 9 = 7 + 2
    else:
        kind = 6 if isinstance(value, Count) else 5
        content = value.to_bytes(4 if kind == 6 else 2, "big")
        size = len(content)
    return (bytes([kind << 5 | size]) if size < 29 else bytes([kind << 5 | 29, size - 29])) + content


def write_database(path: Path, places: dict[str, Any]) -> Path:
    """A small IPv4 database with records of 32 bits."""
    nodes: list[list[int | None]] = [[None, None]]
    data, pending = b"", []
    for text, value in places.items():
        network = ip_network(text)
        bits = f"{int(network.network_address):032b}"[: network.prefixlen]
        node = 0
        for bit in map(int, bits[:-1]):
            following = nodes[node][bit]
            if following is None:
                nodes.append([None, None])
                following = nodes[node][bit] = len(nodes) - 1
            node = following
        pending.append((node, int(bits[-1]), len(data)))
        data += encode(value)
    count = len(nodes)
    for node, bit, offset in pending:
        nodes[node][bit] = count + 16 + offset
    tree = b"".join(struct.pack(">II", *(count if record is None else record for record in node)) for node in nodes)
    metadata = {
        "node_count": Count(count), "record_size": 32, "ip_version": 4, "database_type": "Test-City", "languages": ["zh-CN"],
        "binary_format_major_version": 2, "binary_format_minor_version": 0, "build_epoch": Long(1_767_200_000), "description": {"en": "t"},
    }  # fmt: skip
    path.write_bytes(tree + bytes(16) + data + b"\xab\xcd\xefMaxMind.com" + encode(metadata))
    return path


@pytest.fixture
def database(tmp_path: Path) -> RegionDatabase:
    return RegionDatabase(write_database(tmp_path / "places.mmdb", PLACES))


def place_of(event: Event) -> str:
    return next((name for start, name in NAMES.items() if event.address.startswith(start)), UNKNOWN)


def test_regions_equal_the_truth_and_those_of_saved_parts(database: RegionDatabase, tmp_path: Path) -> None:
    events = make_events(seed=90)
    logs = []
    for i in range(2):
        logs.append(tmp_path / f"{i}.log")
        logs[-1].write_text(log_text("nginx combined", events[i::2]), encoding="utf-8")
    names = [str(log) for log in logs]
    save_traffic(names, folder=tmp_path / "store", regions=database)
    direct, saved = count_traffic(names, regions=database), report_saved(tmp_path / "store")
    expected = Truth(events).breakdown(place_of)
    for report in (direct, saved):
        found = report.as_json()["services"][0]["regions"]
        assert {row["region"]: row["requests"] for row in found} == expected
    assert direct.services[0].regions[0][0] == max(expected, key=lambda r: expected[r]["people"])  # fmt: skip
    assert "regions Test-City 2026-01-01" in direct.rules.version
    assert "广东" in expected


@pytest.mark.parametrize(
    ("address", "region"),
    [("203.0.113.9", "广东"), ("198.51.100.1", "United States"), ("1.2.3.4", "CN"), ("8.8.8.8", UNKNOWN), ("2001:db8::1", UNKNOWN), ("no address", UNKNOWN), ("", UNKNOWN)],
)  # fmt: skip
def test_an_address_has_a_region_or_is_unknown(address: str, region: str, database: RegionDatabase) -> None:
    assert database.find(address) == region


@pytest.mark.parametrize("content", [b"", b"no database", bytes(5000)])
def test_a_file_that_is_no_database_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "x.mmdb").write_bytes(content)
    with pytest.raises(RegionDatabaseUnusable, match=r"x\.mmdb"):
        RegionDatabase(tmp_path / "x.mmdb")


def test_without_a_database_there_are_no_regions(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("OPENBEIAN_REGION_DATABASE", raising=False)
    assert open_regions() is None
    monkeypatch.setenv("OPENBEIAN_REGION_DATABASE", str(tmp_path / "missing.mmdb"))
    with pytest.raises(RegionDatabaseUnusable):
        open_regions()
