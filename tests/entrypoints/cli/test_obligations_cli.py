"""`openbeian licence` and `openbeian obligations`: in whose name, what is printed, and how refusals end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tests.obligations.facts import noon
from tests.registry.factories import make_organisation, make_sponsor, make_user

from openbeian.entrypoints.cli import main
from openbeian.kernel import clock

pytestmark = pytest.mark.django_db

HEAD = "许可证号,持证人,统一社会信用代码,发证日期,有效期至,业务种类,业务覆盖范围\n"
GOOD = "京B2-20210001,北京示例科技有限公司,91110000600037341L,2021-03-01,2026-03-01,B25,京\n"


@pytest.fixture(autouse=True)
def _held() -> Iterator[None]:
    with clock.hold(noon(date(2025, 11, 25))):
        yield


def call(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, list[dict[str, Any]], str]:
    code = main(list(arguments))
    out, err = capsys.readouterr()
    return code, [json.loads(line) for line in out.splitlines()], err


def test_an_imported_licence_is_listed_shown_and_its_renewal_is_owed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["openbeian", "--json"])
    email = make_user(make_organisation()).email
    (tmp_path / "a.csv").write_text(HEAD + GOOD)
    assert call(capsys, "licence", "--as", email, "import", str(tmp_path / "a.csv"))[1][0]["recorded"] == 1
    assert call(capsys, "licence", "--as", email, "import", str(tmp_path / "a.csv"))[1][0]["changed"] == 1
    _, (listed,), _ = call(capsys, "licence", "--as", email, "list", "--json")
    assert (listed["number"], listed["valid_until"]) == ("京B2-20210001", "2026-03-01")
    _, (shown,), _ = call(capsys, "licence", "--as", email, "show", "京B2-20210001")
    assert "licence.renewal" in {o["kind"] for o in shown["obligations"]}
    code, owed, _ = call(capsys, "obligations", "--as", email, "--within", "30d", "--json")
    renewal = next(o for o in owed if o["kind"] == "licence.renewal")
    assert code == 0
    assert (renewal["due_on"], renewal["stage"], renewal["policy"]) == ("2025-12-01", "due_soon", None)


def test_a_faulty_row_is_told_with_its_field_and_the_others_are_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    email = make_user(make_organisation()).email
    bad = GOOD.replace("20210001", "20210002").replace("2026-03-01", "2020-03-01").replace("B25", "B99")
    (tmp_path / "a.csv").write_text(HEAD + bad + GOOD)
    code, (told,), err = call(capsys, "licence", "--as", email, "import", str(tmp_path / "a.csv"))
    assert (code, told["recorded"], told["refused"]) == (2, 1, 1)
    assert {f["field"] for f in told["refusals"][0]["faults"]} == {"valid_until", "businesses.0"}
    assert "第 2 行" in err


def test_obligations_read_for_people_say_day_stage_and_consequence(capsys: pytest.CaptureFixture[str]) -> None:
    organisation = make_organisation()
    sponsor = make_sponsor(organisation, certificate_until=date(2025, 12, 20))
    assert main(["obligations", "--as", make_user(organisation).email, "--sponsor", sponsor.number]) == 0
    assert "2025-12-20\t即将到期\t主办单位证件到期" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments", [("--within", "soon"), ("--sponsor", "京ICP备2026000999号")], ids=["span", "sponsor"]
)
def test_what_cannot_be_read_or_found_is_refused(
    arguments: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    email = make_user(make_organisation()).email
    assert main(["obligations", "--as", email, *arguments]) == 2
    assert capsys.readouterr().err
    assert main(["licence", "--as", email, "show", "京B2-20990001"]) == 2


def test_before_the_first_start_a_command_says_what_to_run(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OPENBEIAN_")}
    answered = subprocess.run(
        [sys.executable, "-m", "openbeian.entrypoints.cli", "obligations"],
        env={**environment, "OPENBEIAN_HOME": str(tmp_path / "new"), "PYTHONPATH": "src"},
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (answered.returncode, answered.stdout) == (2, "")
    assert "openbeian up" in answered.stderr
    assert "Traceback" not in answered.stderr
