"""The loader: refuses each fault with file, line and fix, tells them all at once, and survives hostile text.

Each file in `broken/` opens with `# fault | line | words of the fix`.
"""

import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbeian.rules.errors import RulebookInvalid
from openbeian.rules.loader import load_rulebook
from openbeian.rules.rulebook import RulebookStore
from openbeian.rules.yaml_source import MOST_BYTES, Findings, read_yaml

HERE = Path(__file__).parent
BROKEN = sorted((HERE / "broken").glob("*.yaml"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small rulebook that loads."""
    return Path(shutil.copytree(HERE / "small", tmp_path / "rulebook"))


def test_the_small_rulebook_loads(folder: Path) -> None:
    assert list(load_rulebook(folder).rules) == ["sample.limit"]


@pytest.mark.parametrize("broken", BROKEN, ids=lambda path: path.stem)
def test_a_broken_file_is_refused_with_file_line_and_fix(broken: Path, folder: Path) -> None:
    expected, line, fix = (part.strip() for part in broken.read_text().splitlines()[0].lstrip("# ").split("|"))
    shutil.copy(broken, folder)
    with pytest.raises(RulebookInvalid) as refusal:
        load_rulebook(folder)
    told = [(f.rule, f.field, f.fix.en) for f in refusal.value.faults]
    assert any(rule == expected and field == f"{broken.name}:{line}" and fix in said for rule, field, said in told), (
        told
    )


def test_all_faults_are_told_together_in_order(folder: Path) -> None:
    for name in ("unit_missing", "source_missing", "key_unknown"):
        shutil.copy(HERE / "broken" / f"{name}.yaml", folder)
    with pytest.raises(RulebookInvalid) as refusal:
        load_rulebook(folder)
    fields = [f.field for f in refusal.value.faults]
    assert {"unit_missing.yaml:9", "source_missing.yaml:9", "key_unknown.yaml:9"} <= set(fields)
    assert fields == sorted(fields)


def test_a_missing_foundation_is_named(folder: Path) -> None:
    (folder / "sources.yaml").unlink()
    with pytest.raises(RulebookInvalid) as refusal:
        load_rulebook(folder)
    assert "sources.yaml:1" in [f.field for f in refusal.value.faults]


def test_text_that_is_not_utf8_is_refused(folder: Path) -> None:
    (folder / "rules.yaml").write_bytes("rules: 规则".encode("gb18030"))
    with pytest.raises(RulebookInvalid) as refusal:
        load_rulebook(folder)
    assert "UTF-8" in refusal.value.faults[0].fix.en


def test_a_file_too_large_is_refused_unread() -> None:
    findings = Findings()
    assert read_yaml(b"a: " + b"x" * MOST_BYTES, "big.yaml", findings) is None
    assert "1 MB" in findings.faults[0].fix.en


def test_folders_of_other_loaders_are_passed_over(folder: Path) -> None:
    for name in ("procedures", "forms", "code_tables", "lexicons", "filing"):
        (folder / name).mkdir()
        (folder / name / "other.yaml").write_text("anything: [1]\n")
    assert list(load_rulebook(folder).rules) == ["sample.limit"]


def test_the_digest_changes_with_any_byte(folder: Path) -> None:
    before = load_rulebook(folder).digest
    with (folder / "rules.yaml").open("a") as file:
        file.write("# a remark\n")
    assert load_rulebook(folder).digest != before


def test_a_failed_reload_keeps_the_last_good_rulebook_and_remembers_why(folder: Path) -> None:
    store = RulebookStore(folder)
    good = store.current
    shutil.copy(HERE / "broken" / "unit_missing.yaml", folder)
    assert not store.reload()
    assert store.current is good
    assert store.fault is not None
    assert store.fault.faults[0].field == "unit_missing.yaml:9"
    (folder / "unit_missing.yaml").unlink()
    assert store.reload()
    assert store.fault is None


def test_a_store_that_never_loaded_refuses(folder: Path) -> None:
    shutil.copy(HERE / "broken" / "syntax.yaml", folder)
    with pytest.raises(RulebookInvalid):
        _ = RulebookStore(folder).current


def test_a_rulebook_cannot_be_changed(folder: Path) -> None:
    rulebook = load_rulebook(folder)
    with pytest.raises(TypeError):
        rulebook.rules["sample.limit"] = None  # type: ignore[index]


@pytest.mark.parametrize("opener", [b"[", b"{a: ", b"- ", b"? "])
def test_text_nested_without_end_is_refused_before_it_is_built(opener: bytes) -> None:
    findings = Findings()
    assert read_yaml(opener * 200_000, "deep.yaml", findings) is None
    assert len(findings.faults) == 1
    assert findings.faults[0].fix.en in {"Use fewer levels.", "Use a plain key."}


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_any_bytes_give_a_mapping_or_one_fault(content: bytes) -> None:
    findings = Findings()
    branch = read_yaml(content, "any.yaml", findings)
    assert (branch is None) == (len(findings.faults) == 1)


@given(st.text(alphabet="abc:-[]{}&*!'\"|>#%@`\n 01,?", max_size=200))
def test_any_punctuation_gives_a_mapping_or_one_fault(text: str) -> None:
    findings = Findings()
    branch = read_yaml(text.encode(), "any.yaml", findings)
    assert (branch is None) == (len(findings.faults) == 1)
