"""What the rulebook knows of networks, registration services and reasons (`rulebook/probing/`)."""

from __future__ import annotations

import os
from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from pathlib import Path

from openbeian.kernel.errors import ValueRefused
from openbeian.kernel.ip_ranges import Address, IpRange, parse_ip_range
from openbeian.kernel.text import Text
from openbeian.observation.probing.errors import MainlandRangesUnusable
from openbeian.observation.traffic.regions import RegionDatabase
from openbeian.rules.rulebook import rulebook_path
from openbeian.rules.yaml_source import Reader, read_file

_LARGEST_RANGES_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a check was not met or could not tell, and what to do."""

    label: Text
    advice: Text


class Ranges:
    """Many ranges of addresses; answers in logarithmic time whether one holds an address."""

    def __init__(self, ranges: Collection[IpRange]) -> None:
        self._bounds: dict[int, tuple[list[int], list[int]]] = {}
        for version in (4, 6):
            firsts: list[int] = []
            lasts: list[int] = []
            for first, last in sorted((int(r.first), int(r.last)) for r in ranges if r.version == version):
                if lasts and first <= lasts[-1] + 1:
                    lasts[-1] = max(lasts[-1], last)
                else:
                    firsts.append(first)
                    lasts.append(last)
            self._bounds[version] = (firsts, lasts)

    def __contains__(self, address: str) -> bool:
        return self.holds(_read_address(address))

    def holds(self, plain: Address) -> bool:
        """As `in`, for an address that was read already."""
        firsts, lasts = self._bounds[plain.version]
        place = bisect_right(firsts, int(plain)) - 1
        return place >= 0 and int(plain) <= lasts[place]

    @classmethod
    def union(cls, parts: Collection[Ranges]) -> Ranges:
        """All ranges of several lists."""
        whole = cls([])
        for version, make in ((4, IPv4Address), (6, IPv6Address)):
            pairs = [pair for part in parts for pair in zip(*part._bounds[version], strict=True)]
            ranges = [IpRange(make(first), make(last)) for first, last in pairs]
            whole._bounds[version] = cls(ranges)._bounds[version]
        return whole

    def __bool__(self) -> bool:
        return any(firsts for firsts, _ in self._bounds.values())

    def holds_family_of(self, address: str) -> bool:
        """Whether any range of the address's family is known, so that absence from them says something."""
        return bool(self._bounds[_read_address(address).version][0])


@lru_cache(maxsize=1000)
def _read_address(written: str) -> Address:
    """One probe asks for the same address half a dozen times."""
    return ip_address(written)


def read_ranges(written: Iterable[str]) -> Ranges:
    """Ranges as people and the record write them. Raises: ValueRefused."""
    ranges = [parse_ip_range(each) for each in written]
    return Ranges(ranges) if ranges else _NO_RANGES


_NO_RANGES = Ranges([])


@dataclass(frozen=True, slots=True)
class Network:
    """One delivery network. `is_abroad`: its addresses are outside the mainland."""

    id: str
    name: Text
    is_abroad: bool
    suffixes: tuple[str, ...]
    ranges: Ranges


@dataclass(frozen=True)
class ProbeKnowledge:
    """Everything `rulebook/probing/` says, and the installation's own list of mainland addresses (empty: unknown)."""

    version: str
    networks: tuple[Network, ...]
    registration_services: Mapping[str, str]
    reasons: Mapping[str, Reason]
    mainland: Ranges
    known_ranges: Ranges
    """Those of all networks together, so that most addresses are asked for once."""
    countries: RegionDatabase | None = None
    """The installation's IP database, where it gave one instead of a list."""

    def find_network(self, aliases: Iterable[str], addresses: Iterable[str]) -> Network | None:
        """The delivery network that an alias or an address belongs to."""
        for alias in aliases:
            host = alias.rstrip(".").lower()
            for network in self.networks:
                if any(host == suffix or host.endswith(f".{suffix}") for suffix in network.suffixes):
                    return network
        for address in map(_read_address, addresses):
            if self.known_ranges.holds(address):
                return next(network for network in self.networks if network.ranges.holds(address))
        return None

    def is_abroad(self, address: str) -> bool:
        """Whether an address is known to lie outside the mainland; False where that is not known."""
        network = self.find_network((), (address,))
        if network is not None and network.is_abroad:
            return True
        if self.countries is not None:
            # Hong Kong, Macau and Taiwan have codes of their own, and no filing reaches there.
            return self.countries.find_country(address) not in {"CN", ""}
        return self.mainland.holds_family_of(address) and address not in self.mainland


def load_knowledge() -> ProbeKnowledge:
    """The rulebook in use, with OPENBEIAN_MAINLAND_RANGES; read once a process.

    Raises: RulebookInvalid naming file and line; MainlandRangesUnusable; RegionDatabaseUnusable for a `.mmdb`.
    """
    return _load(rulebook_path() / "probing", os.environ.get("OPENBEIAN_MAINLAND_RANGES", ""))


@lru_cache(maxsize=4)
def _load(folder: Path, mainland: str) -> ProbeKnowledge:
    is_database = mainland.endswith(".mmdb")
    version, networks = read_file(folder / "networks.yaml", _read_networks)
    return ProbeKnowledge(
        version=version,
        networks=networks,
        registration_services=read_file(folder / "registration.yaml", _read_services),
        reasons=read_file(folder / "reasons.yaml", _read_reasons),
        mainland=read_mainland_ranges(Path(mainland)) if mainland and not is_database else Ranges([]),
        known_ranges=Ranges.union([network.ranges for network in networks]),
        countries=RegionDatabase(Path(mainland)) if is_database else None,
    )


def _read_networks(reader: Reader) -> tuple[str, tuple[Network, ...]]:
    _take_provenance(reader)
    networks = []
    for section in reader.sections("networks", required=True):
        item = Reader(section, reader.findings)
        name = item.text("name", required=True)
        ranges = []
        for written in item.words("ranges"):
            try:
                ranges.append(parse_ip_range(written))
            except ValueRefused as refusal:
                item.fault("rulebook.range", refusal.problem.message, refusal.problem.fix, key="ranges", value=written)
        network = Network(
            item.word("id", required=True),
            name or Text("", ""),
            item.flag("abroad"),
            item.words("suffixes"),
            Ranges(ranges),
        )
        item.done()
        networks.append(network)
    return reader.word("version", required=True), tuple(networks)


def _read_services(reader: Reader) -> dict[str, str]:
    _take_provenance(reader)
    section = reader.section("services", required=True)
    reader.word("version", required=True)
    if section is None:
        return {}
    services = Reader(section, reader.findings)
    return {suffix: services.word(suffix, required=True) for suffix in list(section)}


def _read_reasons(reader: Reader) -> dict[str, Reason]:
    reader.word("version", required=True)
    section = reader.section("reasons", required=True)
    found: dict[str, Reason] = {}
    for code in list(section or ()):
        item = Reader(section[code], reader.findings) if section else None
        if item is None:
            continue
        label, advice = item.text("label", required=True), item.text("advice", required=True)
        item.done()
        if label and advice:
            found[code] = Reason(label, advice)
    return found


def _take_provenance(reader: Reader) -> None:
    reader.day("observed_on", required=True)
    reader.word("source", required=True)
    reader.one_of("confidence", ("H", "M", "L"), required=True)


def read_mainland_ranges(path: Path) -> Ranges:
    """The installation's list of mainland addresses: a range a line, or a regional registry's delegation file
    (`apnic|CN|ipv4|1.0.1.0|256|…`, of which the CN lines count).

    Raises: MainlandRangesUnusable naming the line.
    """
    try:
        if path.stat().st_size > _LARGEST_RANGES_BYTES:
            raise MainlandRangesUnusable(path=path.name, line=0)
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as fault:
        raise MainlandRangesUnusable(path=path.name, line=0) from fault
    ranges = []
    for number, line in enumerate(lines, 1):
        written = line.partition("#")[0].strip()
        try:
            if "|" not in written:
                if written:
                    ranges.append(parse_ip_range(written))
            elif (parts := written.split("|"))[1:2] == ["CN"] and parts[2] in {"ipv4", "ipv6"}:
                ranges.append(_delegated(parts[2], parts[3], int(parts[4])))
        except (ValueRefused, ValueError, IndexError) as fault:
            raise MainlandRangesUnusable(path=path.name, line=number) from fault
    return Ranges(ranges)


def _delegated(family: str, start: str, size: int) -> IpRange:
    if family == "ipv6":
        network = ip_network(f"{start}/{size}")
        return IpRange(network[0], network[-1])
    first = IPv4Address(start)
    return IpRange(first, first + (size - 1))
