"""`rules check` reads every file of the rulebook and holds one against the other, each fault with file, line and fix."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from openbeian.entrypoints.cli.commands.rules import command
from openbeian.rules.errors import RulebookInvalid
from openbeian.rules.loader import load_rulebook
from openbeian.rules.other_files import check_other_files
from openbeian.rules.rulebook import Rulebook


@pytest.fixture(scope="module")
def rulebook(shipped: Path) -> Rulebook:
    return load_rulebook(shipped)


@pytest.fixture
def folder(shipped: Path, tmp_path: Path) -> Path:
    for name in ("procedures", "forms", "filing", "licences", "annual_report", "code_tables", "obligations"):
        shutil.copytree(shipped / name, tmp_path / name)
    return tmp_path


def test_the_shipped_files_agree_with_each_other(shipped: Path, rulebook: Rulebook) -> None:
    counts = check_other_files(shipped, rulebook)
    assert all(counts.values()), counts


def test_a_folder_of_rules_alone_has_nothing_else_to_check(tmp_path: Path, rulebook: Rulebook) -> None:
    assert set(check_other_files(tmp_path, rulebook).values()) == {0}


@pytest.mark.parametrize(
    ("file", "old", "new", "named"),
    [
        ("procedures/flows/filing.yaml", "limit: filing.draft.lapse", "limit: filing.draft.laps", "filing.draft.laps"),
        ("procedures/reconfirmation.yaml", "cycle: filing.reconfirmation.cycle", "cycle: no.cycle", "no.cycle"),
        ("procedures/change_sponsor.yaml", "form: filing", "form: filings", "filings"),
        ("procedures/change_sponsor.yaml", "sponsor.remark", "sponsor.remarks", "sponsor.remarks"),
        ("procedures/change_sponsor.yaml", "change_proof", "change_prof", "change_prof"),
        ("procedures/change_sponsor.yaml", "[sponsor, access", "[sponsors, access", "sponsors"),
        ("forms/filing_materials.yaml", "certificate_unfit", "certificate_unfitting", "certificate_unfitting"),
        ("forms/filing_materials.yaml", "sponsor.region", "sponsor.regions", "sponsor.regions"),
        ("forms/filing.yaml", "table: natures", "table: nature", "nature"),
        ("obligations/licences.yaml", "rule: licence.validity", "rule: licence.valid", "licence.valid"),
        (
            "obligations/licences.yaml",
            "consequence: penalty.unlicensed_operation",
            "consequence: penalty.x",
            "penalty.x",
        ),
    ],
)
def test_a_name_that_nothing_bears_is_told_with_its_file_and_line(
    folder: Path, rulebook: Rulebook, file: str, old: str, new: str, named: str
) -> None:
    text = (folder / file).read_text("utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), "utf-8")
    line = next(n for n, row in enumerate(text.splitlines(), start=1) if old in row)
    with pytest.raises(RulebookInvalid) as refusal:
        check_other_files(folder, rulebook)
    fault = next(fault for fault in refusal.value.faults if fault.value == named)
    assert fault.field == f"{file}:{line}"
    assert fault.fix.zh


def test_faults_of_every_file_are_told_together(folder: Path, rulebook: Rulebook) -> None:
    for file in ("forms/filing.yaml", "filing/reasons.yaml", "code_tables/natures.yaml", "obligations/filing.yaml"):
        with (folder / file).open("a", encoding="utf-8") as end:
            end.write("\nunknown_key: 1\n")
    (folder / "procedures" / "cancel_sponsor.yaml").write_text("id: [", "utf-8")
    with pytest.raises(RulebookInvalid) as refusal:
        check_other_files(folder, rulebook)
    files = {fault.field.partition(":")[0].rpartition("/")[2] for fault in refusal.value.faults}
    assert {"filing.yaml", "reasons.yaml", "cancel_sponsor.yaml"} <= files
    assert all(fault.field.rpartition(":")[2].isdigit() for fault in refusal.value.faults)


def test_the_command_counts_what_it_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["openbeian", "rules", "check", "--json"])
    answered = CliRunner().invoke(command, ["check", "--json"])
    told = json.loads(answered.output)
    assert told["procedures"] >= 9
    assert told["reasons"] > 0
    assert told["obligation_kinds"] > 0
