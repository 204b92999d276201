"""Where a client address is at home, by an IP database that the installation provides: a file in MaxMind DB format.

Nothing is looked up over the network. Provinces within China, countries elsewhere, as the database names them.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import maxminddb

from openbeian.kernel.clock import CHINA
from openbeian.kernel.text import Text
from openbeian.kernel.writing import inert
from openbeian.observation.traffic.errors import RegionDatabaseUnusable

UNKNOWN = "未知"
_CHINA = "CN"
_LONGEST_NAME = 60


class RegionDatabase:
    """An opened IP database; `version` says which one and of what day (China time)."""

    def __init__(self, path: Path) -> None:
        """Raises: RegionDatabaseUnusable."""
        try:
            self._reader = maxminddb.open_database(path)
            kind = self._reader.metadata()
        except (OSError, ValueError, maxminddb.InvalidDatabaseError) as fault:
            why = (fault.strerror if isinstance(fault, OSError) else None) or type(fault).__name__
            raise RegionDatabaseUnusable(path=path.name, why=Text(f"系统报告 {why}", why)) from fault
        built = datetime.fromtimestamp(kind.build_epoch, UTC).astimezone(CHINA).date()
        self.version = f"regions {inert(kind.database_type)[:60]} {built.isoformat()}"

    def find(self, address: str) -> str:
        """The province or country of an address, `UNKNOWN` for what is no address or not in the database."""
        return self._find(address.strip("[]").partition("%")[0])

    def find_country(self, address: str) -> str:
        """The ISO code of an address's country (`HK`, `MO` and `TW` have their own); empty where it is not known."""
        try:
            found = self._reader.get(address)
        except (ValueError, maxminddb.InvalidDatabaseError):
            return ""
        country = found.get("country") if isinstance(found, Mapping) else None
        code = country.get("iso_code") if isinstance(country, Mapping) else None
        return code if isinstance(code, str) else ""

    @lru_cache(maxsize=100_000)  # noqa: B019 - as long as the database is open
    def _find(self, address: str) -> str:
        try:
            found = self._reader.get(address)
        except (ValueError, maxminddb.InvalidDatabaseError):
            return UNKNOWN
        if not isinstance(found, Mapping):
            return UNKNOWN
        country = found.get("country")
        if isinstance(country, Mapping) and country.get("iso_code") == _CHINA:
            parts = found.get("subdivisions")
            if isinstance(parts, list) and parts and (name := _name(parts[0])):
                return name
        return _name(country) or UNKNOWN


def _name(place: Any) -> str:
    """The Chinese name, else the English, else the code."""
    if not isinstance(place, Mapping):
        return ""
    names = place.get("names")
    known: Mapping[str, Any] = names if isinstance(names, Mapping) else {}
    return str(known.get("zh-CN") or known.get("en") or place.get("iso_code") or "")[:_LONGEST_NAME]


def open_regions(path: Path | None = None) -> RegionDatabase | None:
    """The database at a path, else that of OPENBEIAN_REGION_DATABASE, else none. Raises: RegionDatabaseUnusable."""
    named = path or os.environ.get("OPENBEIAN_REGION_DATABASE")
    return RegionDatabase(Path(named)) if named else None
