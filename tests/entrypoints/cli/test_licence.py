"""`openbeian licence`: lists come in with the columns people write, faulty rows are told, and nothing is left out in silence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.cases.licence_factories import make_holder, on
from tests.registry.factories import make_user

from openbeian.entrypoints.cli import main
from openbeian.registry.models import Licence

pytestmark = pytest.mark.django_db
HEAD = "许可证号,持证人,统一社会信用代码,业务种类,未开通,覆盖范围,发证日期,有效期至,剩余天数"


def call(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, list[dict[str, Any]], str]:
    code = main(list(arguments))
    out, err = capsys.readouterr()
    return code, [json.loads(line) for line in out.splitlines()], err


def write(folder: Path, *rows: str, head: str = HEAD) -> str:
    file = folder / "licences.csv"
    file.write_text("\n".join((head, *rows)), "utf-8")
    return str(file)


def test_a_list_with_the_columns_of_the_export_keeps_what_is_not_open(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    email = make_user(make_holder().owner).email
    row = "京B2-20260012,北京示例有限公司,91110000600037341L,B21、B25,B25,北京市,2026-01-01,2030-12-31,1700"
    with on("2026-02-02"):
        for done in ("recorded", "changed"):
            code, (told,), said = call(capsys, "licence", "--as", email, "import", write(tmp_path, row))
            assert (code, told[done], told["refusals"], told["unread_columns"]) == (0, 1, [], ["剩余天数"])
            assert "剩余天数" in said
        code, (listed,), _ = call(capsys, "licence", "--as", email, "list")
    licence = Licence.objects.get()
    assert licence.businesses == [{"code": "B21", "opened": True}, {"code": "B25", "opened": False}]
    assert licence.areas == ["京"]
    assert (code, listed["number"]) == (0, "京B2-20260012")


def test_faulty_rows_are_told_with_row_field_and_fix_and_the_others_come_in(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    email = make_user(make_holder().owner).email
    rows = (
        "京B2-20260009,甲公司,91110000600037341L,B25,,京,2026-01-01,2025-01-01,",
        "京B2-20260010,甲公司,91110000600037341L,B99,,京,2026-01-01,2030-12-31,",
        "合字B2-20260011,甲公司,91110000600037341L,B25,,京,2026-01-01,2030-12-31,",
        "京B2-20260012,甲公司,91110000600037341L,B25,B24,京,2026-01-01,2030-12-31,",
        "京B2-20260013,甲公司,91110000600037341L,B25,,京,2026-01-01,2030-12-31,",
    )
    with on("2026-02-02"):
        code, (told,), said = call(capsys, "licence", "--as", email, "import", write(tmp_path, *rows))
    assert (code, told["recorded"], told["refused"]) == (2, 1, 4)
    assert [r["row"] for r in told["refusals"]] == [2, 3, 4, 5]
    rules = [{f["rule"] for f in r["faults"]} for r in told["refusals"]]
    assert "licence.term_backwards" in rules[0]
    assert "code_table.businesses" in rules[1]
    assert rules[2]
    assert "B24（业务种类中没有）" in str(told["refusals"][3])
    assert "第 2 行 valid_until" in said
    assert Licence.objects.get().number == "京B2-20260013"


def test_a_list_without_numbers_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    email = make_user(make_holder().owner).email
    file = write(tmp_path, "甲公司", head="名称")
    assert call(capsys, "licence", "--as", email, "import", file)[0] == 2
    assert not Licence.objects.exists()
