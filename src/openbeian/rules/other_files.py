"""Checks the rulebook's files that are no rules: procedures, forms, papers, reasons, code tables, kinds of obligation …

Each has its own reader, which refuses what is wrong in one file. Here all are read, and what one file says of another
is held against it: a limit without a rule, a paper that nobody describes, a field that no form has.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import TypeVar

from openbeian.kernel.text import Text
from openbeian.rules.annual_report import FOLDERS, ReportRules, read_report_rules
from openbeian.rules.code_tables import CodeTableFaulty, CodeTables, load_code_tables, load_name_rules
from openbeian.rules.errors import RulebookInvalid
from openbeian.rules.forms import Form, Material, read_form, read_materials, walk_fields
from openbeian.rules.licence_catalogue import read_licence_catalogue
from openbeian.rules.obligation_kinds import ObligationKinds, read_obligation_kinds
from openbeian.rules.procedures import Flow, Procedure, read_flow, read_procedure
from openbeian.rules.reasons import Reason, read_reasons
from openbeian.rules.rulebook import Rulebook
from openbeian.rules.yaml_source import Findings

Thing = TypeVar("Thing")
_PAPERS = "_materials.yaml"
_WITH_REASONS = ("filing", "licences")


def check_other_files(folder: Path, rulebook: Rulebook) -> dict[str, int]:
    """How many procedures, forms, papers, reasons, codes and kinds there are; a folder that is absent has none.

    Raises: RulebookInvalid with every fault of all files, each with `file:line` and fix.
    """
    check = _Check(folder, rulebook)
    check.read()
    check.compare()
    if check.findings.faults:
        raise RulebookInvalid(check.findings.faults)
    return check.counts


class _Check:
    """The state of one check: what could be read, and every fault so far."""

    def __init__(self, folder: Path, rulebook: Rulebook) -> None:
        self.folder, self.rulebook, self.findings = folder, rulebook, Findings()
        self.flows: dict[Path, Flow] = {}
        self.procedures: dict[Path, Procedure] = {}
        self.forms: dict[str, Form] = {}
        self.papers: dict[str, dict[str, Material]] = {}
        self.reasons: dict[str, Reason] = {}
        self.reports: dict[Path, ReportRules] = {}
        self.tables: CodeTables | None = None
        self.kinds: ObligationKinds | None = None

    @property
    def counts(self) -> dict[str, int]:
        return {
            "procedures": len(self.procedures),
            "forms": len(self.forms),
            "materials": sum(map(len, self.papers.values())),
            "reasons": len(self.reasons),
            "obligation_kinds": len(self.kinds.kinds) if self.kinds else 0,
        }

    def read(self) -> None:
        for file in self._files("procedures/flows"):
            if flow := self._read(read_flow, file):
                self.flows[file] = flow
        flows = {flow.id: flow for flow in self.flows.values()}
        # While a flow cannot be read, every procedure that follows it would only say so again.
        for file in self._files("procedures") if len(flows) == len(self._files("procedures/flows")) else ():
            if procedure := self._read(partial(read_procedure, flows=flows), file):
                self.procedures[file] = procedure
        for file in self._files("forms"):
            if file.name.endswith(_PAPERS):
                self.papers[file.name.removesuffix(_PAPERS)] = self._read(read_materials, file) or {}
            elif form := self._read(read_form, file):
                self.forms[file.stem] = form
        for name in _WITH_REASONS:
            if catalogue := self._read(read_reasons, self.folder / name / "reasons.yaml"):
                self.reasons |= catalogue.reasons
        self._read(read_licence_catalogue, self.folder / "licences" / "catalogue.yaml")
        for name in FOLDERS:
            if report := self._read(read_report_rules, self.folder / name):
                self.reports[self.folder / name / "forms.yaml"] = report
        self.kinds = self._read(read_obligation_kinds, self.folder / "obligations")
        if (self.folder / "code_tables").exists():
            self.tables = self._read(load_code_tables, self.folder)
            self._read(load_name_rules, self.folder)

    def compare(self) -> None:
        for file, flow in self.flows.items():
            for state in flow.states.values():
                self._check_rules(file, [state.limit], "limit")
        for file, procedure in self.procedures.items():
            self._check_procedure(file, procedure)
        for form_id, papers in self.papers.items():
            self._check_papers(form_id, papers)
        for form in self.forms.values():
            self._check_form(form)
        for file, report in self.reports.items():
            self._check_report(file, report)
        if self.kinds is not None:
            self._check_kinds(self.kinds)

    def _check_procedure(self, file: Path, procedure: Procedure) -> None:
        self._check_rules(file, [procedure.cycle], "cycle")
        form = self.forms.get(procedure.form)
        if form is None:
            self._check_known(file, [procedure.form], self.forms, "form")
            return
        self._check_known(file, procedure.sections, [s.id for s in form.sections], "sections")
        self._check_paths(file, procedure.edits, form, "edits")
        self._check_known(file, procedure.materials, self.papers.get(procedure.form, {}), "materials")

    def _check_report(self, file: Path, report: ReportRules) -> None:
        self._check_rules(file, [report.window_rule], "window")
        self._check_rules(file, [report.make_up_rule], "make_up")
        for form in report.forms:
            self._check_rules(file, form.rules, "rules")
        asked = {form.path(field) for form in report.forms for field in form.fields}
        of_business = {field.id for field in report.business_form.fields}
        for check in report.checks:
            named = [path for path in (check.left, check.right) if path]
            self._check_known(file, named, asked | of_business, "checks")

    def _check_papers(self, form_id: str, papers: dict[str, Material]) -> None:
        file = self.folder / "forms" / f"{form_id}{_PAPERS}"
        form = self.forms.get(form_id)
        for paper in papers.values():
            if self.reasons:
                self._check_known(file, paper.reasons, self.reasons, "reasons")
            if form is not None:
                self._check_paths(
                    file, paper.proves, form, "proves", "" if paper.per == "sponsor" else f"{paper.per}.*."
                )

    def _check_form(self, form: Form) -> None:
        file = self.folder / "forms" / f"{form.id}.yaml"
        for section in form.sections:
            self._check_paths(file, section.paths, form, "paths")
        if self.tables is not None:
            tables = [field.table for _, field in walk_fields(form.root.fields) if field.table]
            self._check_known(file, tables, [table.name for table in fields(self.tables)], "table")

    def _check_kinds(self, kinds: ObligationKinds) -> None:
        for file in self._files("obligations"):
            text = _read_text(file)
            here = [kind for kind in kinds.kinds.values() if _find_line(text, kind.id)]
            self._check_rules(file, [kind.rule for kind in here], "rule")
            self._check_rules(file, [kind.consequence for kind in here], "consequence")
            started = {kind.procedure for kind in here if kind.procedure}
            self._check_known(file, started, {p.id for p in self.procedures.values()}, "procedure")
        harms = self.folder / "obligations" / "harms.yaml"
        self._check_known(harms, kinds.measure_ranks, self.rulebook.measures, "measures")
        for measure in self.rulebook.measures:
            if measure not in kinds.measure_ranks:
                self._fault(
                    harms, 1, "measures", measure, f"措施“{measure}”没有轻重等级。", f"“{measure}” has no rank."
                )

    def _check_rules(self, file: Path, rule_ids: Iterable[str], key: str) -> None:
        self._check_known(file, [rule_id for rule_id in rule_ids if rule_id], self.rulebook.rules, key)

    def _check_paths(self, file: Path, paths: Iterable[str], form: Form, key: str, before: str = "") -> None:
        """Paths into the form; `*` alone is all of it, and a service's papers name its fields without the way to it."""
        lost = [p for p in paths if p != "*" and form.find_field((before + p).removesuffix(".*")) is None]
        self._check_known(file, lost, (), key)

    def _check_known(self, file: Path, names: Iterable[str], known: Collection[str], key: str) -> None:
        """A fault for every name that is not known, at the line where it stands."""
        text = _read_text(file)
        for name in dict.fromkeys(names):
            if name not in known:
                zh, en = f"{key} 中的“{name[:80]}”不存在。", f"There is no “{name[:80]}”, which {key} names."
                self._fault(file, _find_line(text, name) or 1, key, name, zh, en)

    def _fault(self, file: Path, line: int, key: str, name: str, zh: str, en: str) -> None:
        fix = Text(f"请改正 {key}，或补上它所指的内容。", f"Correct {key}, or add what it refers to.")
        place = f"{file.relative_to(self.folder).as_posix()}:{line}"
        self.findings.add(place, "rulebook.reference_unknown", Text(zh, en), fix, name)

    def _files(self, name: str) -> list[Path]:
        return sorted((self.folder / name).glob("*.yaml"))

    def _read(self, read: Callable[[Path], Thing], path: Path) -> Thing | None:
        if not path.exists():
            return None
        try:
            return read(path)
        except (RulebookInvalid, CodeTableFaulty) as refusal:
            self.findings.faults += refusal.faults
        return None


def _read_text(file: Path) -> str:
    with contextlib.suppress(OSError, UnicodeDecodeError):
        return file.read_text("utf-8")
    return ""


def _find_line(text: str, name: str) -> int | None:
    """The first line on which a name stands by itself."""
    wanted = re.compile(rf"(?<![\w.*]){re.escape(name)}(?![\w*]|\.\w)")
    return next((number for number, line in enumerate(text.splitlines(), start=1) if wanted.search(line)), None)
