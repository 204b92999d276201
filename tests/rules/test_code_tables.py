"""Code tables: the shipped ones hold together, and a faulty one is refused with file and line."""

import shutil
from datetime import date
from functools import partial
from pathlib import Path

import pytest

from openbeian.kernel.certificates import Grammar, parse_certificate
from openbeian.kernel.errors import problem_with
from openbeian.kernel.numbers import SUFFIXES
from openbeian.kernel.service_names import CHECKS, find_name_problems
from openbeian.rules.code_tables import CodeTableFaulty, CodeUnknown, find_rulebook, load_code_tables, load_name_rules


def test_all_three_groups_of_sponsors_and_the_natures_of_the_authority_are_there() -> None:
    natures = load_code_tables().natures
    assert {n.group for n in natures} == {"person", "legal_entity", "non_legal_entity_organisation"}
    assert [n.v3 for n in natures if n.v3] == [1, 2, 3, 4, 5, 6]
    assert natures.get("individual").label.zh == "个人"
    assert len(natures) == 18


def test_the_certificates_of_interface_v3_are_there_and_every_grammar_is_in_use() -> None:
    certificates = load_code_tables().certificates
    assert sorted(c.v3 for c in certificates if c.v3) == list(range(1, 13))
    assert {c.grammar for c in certificates} == set(Grammar)
    assert certificates.find_by_v3(2) is certificates.get("resident_id")


def test_a_nature_offers_certificates_of_its_own_kind_of_holder() -> None:
    tables = load_code_tables()
    for nature in tables.natures:
        offered = tables.list_certificates_for(nature.id)
        holder = "person" if nature.group == "person" else "organisation"
        assert offered
        assert {c.holder for c in offered} == {holder}
    assert "passport" in {c.id for c in tables.list_personal_certificates()}


def test_every_grammar_of_the_table_can_be_read() -> None:
    for certificate in load_code_tables().certificates:
        read = partial(parse_certificate, certificate.grammar, on=date(2026, 11, 21))
        problem = problem_with(read, "?")
        assert problem is not None


def test_service_kinds_agree_with_the_grammar_of_numbers() -> None:
    assert {k.suffix: k.id for k in load_code_tables().service_kinds} == {s: k.value for s, k in SUFFIXES.items()}


def test_every_row_says_where_and_when_it_was_seen() -> None:
    tables = load_code_tables()
    for table in (tables.natures, tables.certificates, tables.languages, tables.access_modes, tables.app_platforms):
        assert all(row.source and row.observed_on <= date(2026, 11, 21) for row in table)
    assert len(tables.languages) == 17
    assert len(tables.access_modes) == 5


def test_an_unknown_id_is_answered_with_the_choices() -> None:
    with pytest.raises(CodeUnknown) as refusal:
        load_code_tables().access_modes.get("carrier_pigeon")
    assert "cloud" in refusal.value.problem.fix.en


def test_the_shipped_name_rules_work_on_a_name() -> None:
    rules = load_name_rules()
    assert {rule.id for rule in rules} == set(CHECKS)
    problems = find_name_problems("北京晨星商城", rules, individual=True)
    assert {(p.rule, p.certain) for p in problems} == {
        ("service_name.trade_words", True),
        ("service_name.place_words", False),
    }


@pytest.fixture
def rulebook(tmp_path: Path) -> Path:
    """A copy of the shipped tables, to be spoilt."""
    for folder in ("code_tables", "filing"):
        shutil.copytree(find_rulebook() / folder, tmp_path / folder)
    return tmp_path


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("id: cloud", "id: colocation", "access_modes.yaml:26 id colocation stands twice"),
        ("v3: 5", "v3: 4", "access_modes.yaml:26 v3 4 stands twice"),
        ("    en: Cloud", "    english: Cloud", "access_modes.yaml:26 a row needs zh and en"),
        ("    en: Cloud", "    en: Cloud\n    colour: blue", "access_modes.yaml:26 unknown key colour"),
        ("    en: Cloud", "    en: Cloud\n    v3: 5", "access_modes.yaml:30 The key “v3” stands twice."),
        ("v3: 5", "v3: five", "access_modes.yaml:26 v3: 'five' is no int"),
        ("confidence: M", "confidence: X", "confidence: 'X' is no Confidence"),
        ("confidence: M", "", "exactly the keys"),
        ("rows:", "rows: [", "Not valid YAML"),
        ("rows:", "rows: 1\nx:", "exactly the keys"),
    ],
)
def test_a_faulty_table_is_refused_with_file_and_line(rulebook: Path, old: str, new: str, complaint: str) -> None:
    file = rulebook / "code_tables" / "access_modes.yaml"
    file.write_text(file.read_text("utf-8").replace(old, new), "utf-8")
    with pytest.raises(CodeTableFaulty) as refusal:
        load_code_tables(rulebook)
    assert complaint in refusal.value.text.en


def test_a_reference_that_leads_nowhere_is_refused(rulebook: Path) -> None:
    file = rulebook / "code_tables" / "natures.yaml"
    file.write_text(file.read_text("utf-8").replace("[credit_code_mass_organisation]", "[nothing]"), "utf-8")
    with pytest.raises(CodeTableFaulty, match="nothing"):
        load_code_tables(rulebook)


def test_an_unknown_name_rule_and_an_absent_file_are_refused(rulebook: Path) -> None:
    file = rulebook / "filing" / "service_names.yaml"
    file.write_text(file.read_text("utf-8").replace("id: only_digits", "id: only_vowels"), "utf-8")
    with pytest.raises(CodeTableFaulty, match="only_vowels"):
        load_name_rules(rulebook)
    (rulebook / "code_tables" / "languages.yaml").unlink()
    with pytest.raises(CodeTableFaulty, match="languages"):
        load_code_tables(rulebook)


def test_the_environment_may_name_another_rulebook(rulebook: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBEIAN_RULEBOOK", str(rulebook))
    assert find_rulebook() == rulebook
    assert len(load_code_tables().natures) == 18
