"""Worked cases beside the rules (`*.cases.yaml`): a question and the expected answer, run by tests and by the CLI.

A case is `{name, ask, …question…, expect: {…}}`; only the keys named in `expect` are compared.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from openbeian.kernel.clock import CHINA
from openbeian.kernel.deadlines import last_day_of_term
from openbeian.kernel.errors import Fault, OpenBeianError
from openbeian.kernel.text import Text
from openbeian.rules.conditions import FactValue
from openbeian.rules.deadlines import compute_deadline
from openbeian.rules.errors import RulebookInvalid
from openbeian.rules.penalties import compute_penalties
from openbeian.rules.province_packs import check_order
from openbeian.rules.resolver import Policy, resolve
from openbeian.rules.rulebook import Rulebook
from openbeian.rules.yaml_source import Branch, Findings, Reader, read_yaml


@dataclass(frozen=True)
class Case:
    """One question with its expected answer; `place` is file:line."""

    name: str
    place: str
    ask: str
    question: Mapping[str, Any]
    expect: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CaseResult:
    """A case with the answer given; `differences` names each key that differs, with wanted and given."""

    case: Case
    differences: tuple[str, ...]


def load_cases(path: Path) -> tuple[Case, ...]:
    """All cases below the rulebook's folder. Raises: RulebookInvalid when a cases file cannot be read."""
    findings = Findings()
    cases: list[Case] = []
    for file in sorted(path.rglob("*.cases.yaml")):
        branch = read_yaml(file.read_bytes(), file.relative_to(path).as_posix(), findings)
        if branch is not None:
            reader = Reader(branch, findings)
            cases += [_read_case(item, findings) for item in reader.sections("cases", required=True)]
            reader.done()
    if findings.faults:
        raise RulebookInvalid(findings.faults)
    return tuple(cases)


def run_case(case: Case, rulebook: Rulebook) -> CaseResult:
    """Asks the case's question. A refusal is an answer too: `{refused: its code}`."""
    try:
        answer = ASKED[case.ask](rulebook, case.question)
    except OpenBeianError as refusal:
        answer = {"refused": refusal.code}
    differences = [
        f"{key}: expected {wanted!r}, got {answer.get(key)!r}"
        for key, wanted in case.expect.items()
        if answer.get(key) != _plain(wanted)
    ]
    return CaseResult(case, tuple(differences))


def check_cases(path: Path, rulebook: Rulebook) -> int:
    """Runs every case and returns how many there are. Raises: RulebookInvalid, one fault per wrong answer."""
    cases = load_cases(path)
    wrong = [result for result in (run_case(case, rulebook) for case in cases) if result.differences]
    if wrong:
        raise RulebookInvalid(
            Fault(
                result.case.place,
                Text(f"算例“{result.case.name}”不符：{difference}", f"Case “{result.case.name}” fails: {difference}"),
                Text("请核对规则或算例。", "Check the rule or the case."),
                "rulebook.case_fails",
            )
            for result in wrong
            for difference in result.differences
        )
    return len(cases)


def _read_case(branch: Branch, findings: Findings) -> Case:
    reader = Reader(branch, findings)
    name, ask, expect = reader.word("name", required=True), reader.word("ask", required=True), reader.section("expect")
    if ask not in ASKED:
        reader.word("ask_one_of_" + "_".join(ASKED), required=True)
    question = {key: value for key, value in branch.items() if key not in {"name", "ask", "expect"}}
    return Case(name, branch.place(), ask, question, expect or {})


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return [_plain(item) for item in value] if isinstance(value, list) else value


def _facts(question: Mapping[str, Any]) -> dict[str, FactValue]:
    return {key: tuple(v) if isinstance(v, list) else v for key, v in question.get("facts", {}).items()}


def _policies(question: Mapping[str, Any]) -> list[Policy]:
    claim = question.get("policy")
    return [Policy(question["rule"], claim, "case", date.min)] if claim else []


def _deadline(rulebook: Rulebook, question: Mapping[str, Any]) -> dict[str, Any]:
    anchor = question["anchor"]
    if isinstance(anchor, str):
        anchor = datetime.fromisoformat(anchor).replace(tzinfo=CHINA)
    deadline = compute_deadline(
        question["rule"],
        anchor,
        question.get("as_of"),
        question.get("province"),
        _policies(question),
        rulebook=rulebook,
    )
    done_on = question.get("done_on")
    claims = [c.version.claim for c in deadline.resolution.contradicted_by]
    return deadline.as_json() | {
        "claims": claims,
        "in_time": done_on <= deadline.due_on if done_on else None,
        "policy": deadline.policy.claim_id if deadline.policy else None,
    }


def _resolve(rulebook: Rulebook, question: Mapping[str, Any]) -> dict[str, Any]:
    found = resolve(rulebook, question["rule"], question["as_of"], question.get("province"), _policies(question))
    claims = [c.version.claim or c.version.article for c in found.contradicted_by]
    source = found.source_json()
    return found.as_json() | {"claims": claims, "level": source["level"], "article": source["article"]}


def _penalty(rulebook: Rulebook, question: Mapping[str, Any]) -> dict[str, Any]:
    penalties = compute_penalties(rulebook, question["rule"], question["as_of"], _facts(question))
    answer = penalties[0].as_json(rulebook.measures)
    return answer | {"measures": [m["key"] for m in answer["measures"]]}


def _working_days(rulebook: Rulebook, question: Mapping[str, Any]) -> dict[str, Any]:
    counted = rulebook.calendar.add_working_days(question["from"], question["add"])
    return {"day": counted.day.isoformat(), "provisional": counted.provisional}


def _last_day(_: Rulebook, question: Mapping[str, Any]) -> dict[str, Any]:
    last = last_day_of_term(question["issued_on"], question["years"], question.get("printed_on"))
    return {"day": last.isoformat()}


def _order(rulebook: Rulebook, question: Mapping[str, Any]) -> dict[str, Any]:
    area = rulebook.get_area(question["province"])
    faults, _ = check_order(rulebook, area.key, question["as_of"], _facts(question))
    return {"refused_by": [fault.rule for fault in faults if fault.certain]}


ASKED: Mapping[str, Callable[[Rulebook, Mapping[str, Any]], dict[str, Any]]] = {
    "deadline": _deadline,
    "resolve": _resolve,
    "penalty": _penalty,
    "working_days": _working_days,
    "last_day": _last_day,
    "order": _order,
}
