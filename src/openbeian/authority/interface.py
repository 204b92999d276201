"""The rulebook's description of the enterprise interface: names, addresses, algorithms, limits, codes."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml

from openbeian.kernel.text import Text
from openbeian.rules.code_tables import load_code_tables

Judgement = Literal["accepted", "refused", "noted"]

UPLOAD = "isp_upload"
DOWNLOAD = "isp_download"
ACKNOWLEDGE = "isp_downloadack"
PREVIOUS = "isp_querypreviousupload"
STATUS = "isp_querybeianstatus"
VERIFY = "isp_verifybamm"


@dataclass(frozen=True, slots=True)
class Method:
    """One SOAP method: where it lives, its parameters in order, and how our client spells them."""

    name: str
    address: str
    parameters: tuple[str, ...]
    sent: Mapping[str, str]

    def spell(self, parameter: str) -> str:
        return self.sent.get(parameter, parameter)


@dataclass(frozen=True, slots=True)
class Algorithms:
    """The algorithm numbers of one direction."""

    encryption: int
    hash: int
    compression: int


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds in bytes, characters, days, seconds and counts; which of them are ours stands in the rulebook."""

    file_bytes: int
    file_records: int
    file_name_bytes: int
    random_length: int
    query_min_length: int
    query_max_length: int
    scan_bytes: int
    verification_form_bytes: int
    files_kept_days: int
    body_bytes: int
    elements: int
    asides: int
    answer_timeout_s: float
    connect_timeout_s: float


@dataclass(frozen=True, slots=True)
class Gap:
    """Something the interface is known to have and we do not, because nothing about it is published."""

    id: str
    text: Text


@dataclass(frozen=True, slots=True)
class Interface:
    """The interface in one version."""

    version: str
    namespace: str
    encoding: str
    addresses: Mapping[str, str]
    methods: Mapping[str, Method]
    whole_numbers: frozenset[str]
    encryption_names: Mapping[int, str]
    upload: Algorithms
    download: Algorithms
    limits: Limits
    patience: Mapping[str, tuple[float, float]]
    gaps: tuple[Gap, ...]


@dataclass(frozen=True, slots=True)
class Code:
    """A code of the authority with what it means and what to do; `kind` is its class or its family's first digit."""

    number: int
    kind: str
    meaning: Text
    fix: Text


def find_rulebook() -> Path:
    """The authority's folder of the rulebook: under OPENBEIAN_RULEBOOK, or in the checkout."""
    named = os.environ.get("OPENBEIAN_RULEBOOK")
    if named:
        return Path(named) / "authority"
    root = os.environ.get("OPENBEIAN_ROOT")
    return (Path(root) if root else Path(__file__).resolve().parents[3]) / "rulebook" / "authority"


def read_rulebook(name: str) -> dict[str, Any]:
    """One YAML file of the authority's rulebook."""
    loaded = yaml.load((find_rulebook() / name).read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    if not isinstance(loaded, dict):
        raise ValueError(f"rulebook/authority/{name} is not a mapping")
    return loaded


@cache
def get_interface() -> Interface:
    """Interface V3.0 as the rulebook describes it."""
    source = read_rulebook("interface-v3.yaml")
    methods = {
        name: Method(name, entry["address"], tuple(entry["parameters"]), entry["sent"])
        for name, entry in source["methods"].items()
    }
    return Interface(
        version=source["version"],
        namespace=source["namespace"],
        encoding=source["encoding"],
        addresses=source["addresses"],
        methods=methods,
        whole_numbers=frozenset(source["whole_numbers"]),
        encryption_names=source["algorithms"]["encryption"],
        upload=Algorithms(**source["algorithms"]["upload"]),
        download=Algorithms(**source["algorithms"]["download"]),
        limits=Limits(**source["limits"]),
        patience={name: (first, longest) for name, (first, longest) in source["patience"].items()},
        gaps=tuple(Gap(gap["id"], Text(gap["zh"], gap["en"])) for gap in source["gaps"]),
    )


@cache
def _result_codes() -> dict[int, Code]:
    source = read_rulebook("result-codes.yaml")
    fixes = {name: Text.read(text) for name, text in source["fixes"].items()}
    return {
        number: Code(number, entry["class"], Text(entry["zh"], entry["en"]), fixes[entry["fix"]])
        for number, entry in source["codes"].items()
    }


@cache
def _processing_codes() -> dict[int, Code]:
    source = read_rulebook("processing-codes.yaml")
    fixes = {name: Text.read(text) for name, text in source["fixes"].items()}
    return {
        number: Code(number, str(number)[0], Text(zh, en), fixes[fix])
        for number, (zh, en, fix) in source["codes"].items()
    }


def explain_result(number: int) -> Code:
    """What a msg_code means; a number the specification does not name reads as 999 with its own number."""
    known = _result_codes()
    return known.get(number) or Code(number, "unclear", known[999].meaning, known[999].fix)


def explain_processing(number: int) -> Code:
    """What a data-processing code (Jgdm) means; an unknown number reads as 5999 with its own number."""
    known = _processing_codes()
    return known.get(number) or Code(number, "?", known[5999].meaning, known[5999].fix)


def judge_processing(number: int) -> Judgement:
    """Whether a data-processing code accepts the record, refuses it, or only notes something about it."""
    return _judgements().get(number, "refused")


def find_reason(number: int) -> str:
    """The reason of our own catalogue under which a refusal with this code is shown to the applicant."""
    reason: str = _reasons().get(number, "authority_finding")
    return reason


@cache
def _reasons() -> dict[int, str]:
    return dict(read_rulebook("processing-codes.yaml")["reasons"])


@cache
def _judgements() -> dict[int, Judgement]:
    source = read_rulebook("processing-codes.yaml")
    accepted: dict[int, Judgement] = dict.fromkeys(source["accepted"], "accepted")
    return accepted | dict.fromkeys(source["noted"], "noted")


_SHARED_TABLES = {
    "natures": "natures",
    "certificate_kinds": "certificates",
    "contents": "content_types",
    "approval_kinds": "prior_approvals",
    "access_modes": "access_modes",
    "languages": "languages",
}
"""Tables that forms and messages have in common: the messages' name, and the name in `rulebook/code_tables`."""


@cache
def get_code_table(name: str) -> Mapping[int, Text]:
    """One table of codes that travel in messages (`contents`, `languages`, …), as shipped; a bureau may send newer ones.

    Where a form shares the table, numbers of V3.0 come first; numbers seen only in later forms fill the gaps.
    """
    if name in _SHARED_TABLES:
        rows = getattr(load_code_tables(find_rulebook().parent), _SHARED_TABLES[name]).rows
        codes = {row.v3: row.label for row in rows if row.v3 is not None}
        later = {row.form_2023: row.label for row in rows if row.v3 is None and row.form_2023 is not None}
        return dict(sorted((later | codes).items()))
    table = read_rulebook("code-tables.yaml")["tables"][name]
    return {number: Text(entry["zh"], entry["en"]) for number, entry in table["codes"].items()}


def list_code_tables() -> tuple[str, ...]:
    """The names `get_code_table` knows."""
    return (*_SHARED_TABLES, *read_rulebook("code-tables.yaml")["tables"])
