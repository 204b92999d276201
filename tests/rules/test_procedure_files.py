"""Files of procedures, forms, papers and reasons: each fault is refused with file, line, rule and fix, all at once."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbeian.kernel.errors import Fault
from openbeian.rules.errors import RulebookInvalid
from openbeian.rules.forms import read_form, read_materials
from openbeian.rules.procedures import read_procedures
from openbeian.rules.reasons import read_reasons
from openbeian.rules.yaml_source import MOST_DEPTH, Reader, read_file

Readers = dict[str, Callable[[Path], object]]
READERS: Readers = {
    "procedures/reconfirmation.yaml": lambda file: read_procedures(file.parent),
    "procedures/flows/filing.yaml": lambda file: read_procedures(file.parents[1]),
    "forms/filing.yaml": read_form,
    "forms/filing_materials.yaml": read_materials,
    "filing/reasons.yaml": read_reasons,
}
PROCEDURE, FLOW, FORM, PAPERS, REASONS = READERS


@pytest.fixture
def folder(shipped: Path, tmp_path: Path) -> Path:
    for name in ("procedures", "forms", "filing"):
        shutil.copytree(shipped / name, tmp_path / name)
    return tmp_path


def break_file(folder: Path, name: str, old: str, new: str) -> tuple[Fault, ...]:
    """The faults after one change, which must have changed something."""
    file = folder / name
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(RulebookInvalid) as refusal:
        READERS[name](file)
    return refusal.value.faults


@pytest.mark.parametrize("name", READERS)
def test_the_shipped_files_load(shipped: Path, name: str) -> None:
    assert READERS[name](shipped / name)


@pytest.mark.parametrize(
    ("name", "old", "new", "rule"),
    [
        (PROCEDURE, "flow: filing", "flow: nowhere", "rulebook.flow_malformed"),
        (PROCEDURE, "id: reconfirmation", "id: renewal", "procedure.id_is_not_the_files"),
        (PROCEDURE, "subject: sponsor", "subject: planet", "rulebook.subject_malformed"),
        (PROCEDURE, "cycle:", "circle:", "rulebook.key_unknown"),
        (PROCEDURE, "form: filing", "", "rulebook.form_missing"),
        (PROCEDURE, "outcome: [", "outcome: {a: 1}\nremark: [", "rulebook.outcome_malformed"),
        (
            PROCEDURE,
            "label: {zh: 信息复核（续期）, en:",
            "label: {zh: 信息复核（续期）, fr:",
            "rulebook.label_malformed",
        ),
        (FLOW, "to: awaiting_first_review, by: applicant", "to: the_moon, by: applicant", "procedure.state_unknown"),
        (FLOW, "initial: draft", "initial: nothing", "procedure.state_unknown"),
        (FLOW, "by: applicant}", "by: nobody}", "rulebook.by_malformed"),
        (FLOW, "    waits_for: applicant\n", "", "procedure.nobody_acts"),
        (FLOW, "      submit: {", "      ponder: {", "procedure.verb_nameless"),
        (FLOW, "    editable: true", "    editable: maybe", "rulebook.editable_malformed"),
        (
            FLOW,
            "states:\n",
            "states:\n  lonely: {label: {zh: 孤, en: Lonely}, closed: true}\n",
            "procedure.state_unreachable",
        ),
        (FORM, "type: choice", "type: riddle", "rulebook.type_malformed"),
        (FORM, "table: natures, ", "", "rulebook.table_missing"),
        (FORM, "fields_of: person", "fields_of: nobody", "rulebook.fields_of_malformed"),
        (FORM, "fixed: province", "fixed: sometimes", "rulebook.fixed_malformed"),
        (FORM, "max_length: 100", "max_length: long", "rulebook.max_length_malformed"),
        (
            FORM,
            "when: {sponsor_group: [legal_entity]}",
            "when: {sponsor_group: legal_entity}",
            "rulebook.sponsor_group_malformed",
        ),
        (FORM, "paths: [", "paths: [nowhere.at.all, ", "form.path_unknown"),
        (PAPERS, "per: sponsor", "per: planet", "rulebook.per_malformed"),
        (PAPERS, "    min_pixels: 500\n", "", "rulebook.min_pixels_missing"),
        (REASONS, "groups:\n", "groups:\n  odd: 1\n", "rulebook.odd_malformed"),
        (REASONS, "source:", "sauce:", "rulebook.source_missing"),
    ],
)
def test_each_fault_is_refused_with_file_line_and_fix(folder: Path, name: str, old: str, new: str, rule: str) -> None:
    faults = break_file(folder, name, old, new)
    told = {fault.rule: fault for fault in faults}
    assert rule in told, told
    file, _, line = told[rule].field.rpartition(":")
    assert file == Path(name).name
    assert int(line) >= 1
    assert told[rule].fix.zh
    assert told[rule].fix.en


def test_a_fault_names_the_line_it_stands_on(folder: Path) -> None:
    line = (folder / FLOW).read_text("utf-8").splitlines().index("    editable: true") + 1
    (fault,) = break_file(folder, FLOW, "    editable: true", "    editable: maybe")
    assert fault.field == f"filing.yaml:{line}"


def test_a_reason_that_stands_twice_is_refused(folder: Path) -> None:
    text = (folder / REASONS).read_text("utf-8")
    first = next(line for line in text.splitlines() if line.lstrip().startswith("- {code:") or "- code:" in line)
    assert [f.rule for f in break_file(folder, REASONS, first, f"{first}\n{first}")].count("rulebook.id_twice") == 1


def test_all_faults_of_a_file_are_told_together(folder: Path) -> None:
    text = (folder / PROCEDURE).read_text("utf-8")
    (folder / PROCEDURE).write_text(text.replace("subject: sponsor", "subject: planet"), "utf-8")
    rules = {f.rule for f in break_file(folder, PROCEDURE, "cycle:", "circle:")}
    assert {"rulebook.subject_malformed", "rulebook.key_unknown"} <= rules


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize(
    "content", [b"", b"[1, 2]", b"a: &x 1", b"a: 1\na: 2", b"\xff\xfe", b"a: [" * 5000, b"states: 3"]
)
def test_a_file_that_is_no_such_mapping_is_refused(folder: Path, name: str, content: bytes) -> None:
    (folder / name).write_bytes(content)
    with pytest.raises(RulebookInvalid) as refusal:
        READERS[name](folder / name)
    assert all(":" in fault.field for fault in refusal.value.faults)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(RulebookInvalid) as refusal:
        read_reasons(tmp_path / "reasons.yaml")
    assert refusal.value.faults[0].field == "reasons.yaml:1"


def test_shared_fields_that_share_themselves_come_to_an_end(tmp_path: Path) -> None:
    file = tmp_path / "form.yaml"
    label = "label: {zh: 一, en: One}"
    file.write_text(
        f"id: x\nsource: y\nsections: []\nshared:\n  a:\n    - {{id: b, type: group, {label}, fields_of: a}}\n"
        f"fields:\n  - {{id: c, type: group, {label}, fields_of: a}}\n",
        "utf-8",
    )
    with pytest.raises(RulebookInvalid) as refusal:
        read_form(file)
    assert "rulebook.fields_of_malformed" in {f.rule for f in refusal.value.faults}


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["id", "states", "verbs", "fields", "label", "zh", "en", "groups"]), inner, max_size=4
            )
        ),
        max_leaves=12,
    )
)
def test_any_value_is_read_or_refused_and_never_crashes(
    tmp_path_factory: pytest.TempPathFactory, value: object
) -> None:
    folder = tmp_path_factory.getbasetemp() / "any"
    (folder / "flows").mkdir(parents=True, exist_ok=True)
    for name, read in (("x.yaml", read_form), ("x.yaml", read_materials), ("x.yaml", read_reasons)):
        (folder / name).write_text(json.dumps(value), "utf-8")
        with contextlib.suppress(RulebookInvalid):
            read(folder / name)
    (folder / "flows" / "x.yaml").write_text(json.dumps(value), "utf-8")
    with pytest.raises(RulebookInvalid):
        read_procedures(folder)


def test_depth_is_bounded(tmp_path: Path) -> None:
    file = tmp_path / "deep.yaml"
    file.write_text("a: " + "[" * (MOST_DEPTH + 1) + "]" * (MOST_DEPTH + 1))
    with pytest.raises(RulebookInvalid):
        read_file(file, lambda reader: Reader(reader.branch, reader.findings))
