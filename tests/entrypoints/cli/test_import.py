"""`openbeian import portfolio` and `openbeian template portfolio`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.registry.factories import make_organisation, make_user
from tests.registry.portfolios import changed, make_rows, without_access, write_csv

from openbeian.entrypoints.cli import main
from openbeian.registry.models import Service


@pytest.mark.django_db
def test_a_file_is_imported_in_somebodys_name_and_a_second_run_changes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    user = make_user(make_organisation())
    file = tmp_path / "备案清单.csv"
    file.write_bytes(write_csv(without_access(make_rows(3)), "gb18030"))
    for wanted in ({"created": 3, "unchanged": 0}, {"created": 0, "unchanged": 3}):
        assert main(["import", "portfolio", str(file), "--json", "--as", user.email]) == 0
        captured = capsys.readouterr()
        assert json.loads(captured.out).items() >= wanted.items()
        assert captured.err
    assert Service.objects.count() == 3


@pytest.mark.django_db
def test_a_bad_row_is_named_with_its_fix_and_the_exit_code_is_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    user = make_user(make_organisation(name="甲"))
    rows = without_access(make_rows(3))
    rows[2] = changed(rows[2], service__granted_on="昨天")
    file = tmp_path / "a.csv"
    file.write_bytes(write_csv(rows))
    assert main(["import", "portfolio", str(file), "--json", "--as", user.email, "--organisation", "甲"]) == 2
    report = json.loads(capsys.readouterr().out)
    assert (report["held_back"], report["refused"], Service.objects.count()) == (2, 1, 0)
    assert report["problems"][0]["row"] == 4
    assert report["problems"][0]["column"]["zh"] == "备案日期"
    assert main(["import", "portfolio", str(file), "--partial", "--as", user.email]) == 2
    assert "第 4 行 备案日期 = 昨天" in capsys.readouterr().err
    assert Service.objects.count() == 2


@pytest.mark.django_db
def test_nobody_imports_in_the_name_of_somebody_unknown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_user(make_organisation())
    file = tmp_path / "a.csv"
    file.write_bytes(write_csv(make_rows(1)))
    assert main(["import", "portfolio", str(file), "--json", "--as", "nobody@example.cn"]) == 2
    assert "nobody@example.cn" in capsys.readouterr().err


def test_the_template_is_written_where_told_and_never_over_a_file_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["template", "portfolio", "--out", str(tmp_path / "t.xlsx")]) == 0
    assert (tmp_path / "t.xlsx").read_bytes().startswith(b"PK")
    assert main(["template", "portfolio"]) == 0
    assert main(["template", "portfolio"]) == 2
