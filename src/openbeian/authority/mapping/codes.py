"""Which number stands on the wire for a row of our code tables: V3.0's own, or one the administration sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from openbeian.authority.interface import get_code_table
from openbeian.kernel.errors import Fault
from openbeian.kernel.provinces import PROVINCES
from openbeian.kernel.text import Text
from openbeian.rules.code_tables import load_code_tables

_TABLES = {
    "natures": "natures",
    "certificate_kinds": "certificates",
    "contents": "content_types",
    "approval_kinds": "prior_approvals",
    "access_modes": "access_modes",
    "languages": "languages",
}
_OUTSIDE = Text(
    "管局下发新代码表后重试，或改走外部通道。",
    "Try again after the administration has sent newer tables, or take the outside channel.",
)
_OTHER = "其他"


@dataclass
class Codes:
    """Looks numbers up and collects a fault for each that is missing. `received`: table → code → name, valid ones only."""

    received: Mapping[str, Mapping[int, str]]
    faults: list[Fault] = field(default_factory=list)

    def find(self, table: str, row_id: str, path: str) -> int | None:
        """V3.0's number; one seen in later forms only if the administration's own table lists it too."""
        row = getattr(load_code_tables(), _TABLES[table]).get(row_id)
        number: int | None = row.v3
        if number is None and row.form_2023 in self.received.get(table, {}):
            number = row.form_2023
        if number is None:
            message = Text(f"V3.0 接口的代码表没有“{row.label.zh}”", f"interface V3.0 has no code for “{row.label.en}”")
            self.faults.append(Fault(path, message, _OUTSIDE, "v3.code", row.id))
        return number

    def find_all(self, table: str, ids: tuple[str, ...], path: str) -> tuple[int, ...]:
        found = (self.find(table, row_id, path) for row_id in ids)
        return tuple(number for number in found if number is not None)

    def find_place(self, region: str, path: str) -> int | None:
        """The number of a server place, from a six-digit province code."""
        names = {province.region_code: province.name.zh for province in PROVINCES}
        name = names.get(region, "")
        for number, label in get_code_table("server_places").items():
            if name.startswith(label.zh):
                return number
        message = Text("V3.0 接口没有这个服务器放置地的代码", "interface V3.0 has no code for this server place")
        self.faults.append(Fault(path, message, _OUTSIDE, "v3.code", region))
        return None

    def find_reason(self, path: str) -> int | None:
        """A reason for cancelling: the administration's “other”, else its first; V3.0 publishes none."""
        known = self.received.get("cancellation_reasons", {})
        for number, name in known.items():
            if _OTHER in name:
                return number
        if known:
            return min(known)
        message = Text(
            "管局没有下发注销理由代码表，V3.0 规范也没有公布",
            "the administration has sent no table of reasons for cancelling, and V3.0 publishes none",
        )
        self.faults.append(Fault(path, message, _OUTSIDE, "v3.code"))
        return None
