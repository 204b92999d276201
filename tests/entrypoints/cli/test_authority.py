"""`openbeian authority`: the story of a report on the command line, and refusals that say what to do."""

from __future__ import annotations

import io
import json
import stat
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.authority.bureau import make_bureau, serve
from tests.authority.samples import PROVIDER, make_filing, make_upload

from openbeian.authority.errors import ProfileMissing, ProfileUnsafe
from openbeian.authority.messages.writer import write
from openbeian.authority.profiles import get_profile
from openbeian.authority.simulator.bureau import Bureau
from openbeian.authority.simulator.faults import FaultRule, Faults
from openbeian.entrypoints.cli import main
from openbeian.kernel import clock

Run = Callable[..., tuple[int, Any, str]]
SECRETS = "demo-password\n0123456789abcdef\n0123456789abcdef\n"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "home"
    monkeypatch.setenv("OPENBEIAN_HOME", str(folder))
    monkeypatch.setenv("OPENBEIAN_LANGUAGE", "en")
    return folder


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    def call(*arguments: str, typed: str = "") -> tuple[int, Any, str]:
        command = ["authority", *arguments, "--json"]
        monkeypatch.setattr("sys.argv", ["openbeian", *command])
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        code = main(command)
        shown = capsys.readouterr()
        return code, json.loads(shown.out) if shown.out else None, shown.err

    return call


@pytest.fixture
def bureau(tmp_path: Path) -> Bureau:
    return make_bureau(tmp_path)


@pytest.fixture
def profile(bureau: Bureau, run: Run) -> Iterator[str]:
    with serve(bureau) as url:
        code, _, _ = run("profile", "--url", url, "--provider-id", str(PROVIDER), "--user", "demo", typed=SECRETS)
        assert code == 0
        yield url


def drain(run: Run) -> list[dict[str, Any]]:
    files = []
    while (file := run("download")[1])["file"]:
        files.append(file)
        assert run("ack", file["file"])[0] == 0
    return files


@pytest.mark.usefixtures("profile")
def test_a_report_is_sent_answered_acknowledged_and_found_on_record(run: Run, bureau: Bureau, tmp_path: Path) -> None:
    drain(run)
    file = tmp_path / "report.xml"
    file.write_bytes(write(make_upload(make_filing(1))))
    assert run("previous")[1]["sequence"] == 0
    assert run("upload", str(file))[1] == {"accepted": True, "sequence": 1, "records": 1}
    assert run("previous")[1]["file"] == "report.xml"
    results, published = drain(run)
    assert results["results"][0]["findings"][0]["code"] == 1001
    assert results["reviews"] == [{"record_id": 1, "operation": 1, "approved": True, "opinion": None}]
    assert published["holds"] == {"filings": 1}
    status = run("status", "example1.cn")[1]
    assert (status["filed"], status["site_number"][-2:]) == (True, "-1")
    held = bureau.library.find("own_subject", 1)
    assert held is not None
    assert run("verify", held.number, "-", typed=held.password + "\n")[1] == {"number": held.number, "matches": True}
    assert run("verify", held.number, "wrong")[1]["matches"] is False


@pytest.mark.usefixtures("profile")
def test_a_file_the_authority_would_refuse_does_not_leave_this_machine(
    run: Run, bureau: Bureau, tmp_path: Path
) -> None:
    file = tmp_path / "report.xml"
    raw = write(make_upload(make_filing(1)))
    file.write_bytes(raw.replace(b"13800138000", b"1380013").replace(b"<Dwxz>4</Dwxz>", b"<Dwxz>x</Dwxz>"))
    code, answer, shown = run("upload", str(file))
    assert (code, answer["error"]) == (2, "document_not_sendable")
    assert [fault["rule"] for fault in answer["faults"]] == ["v3.type", "v3.range", "v3.range", "v3.required"]
    assert "administration's own counter" in shown
    assert bureau.store.get_last_sequence() == 0


@pytest.mark.usefixtures("profile")
def test_a_wrong_sequence_is_refused_with_the_fix(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "report.xml"
    file.write_bytes(write(make_upload()))
    code, answer, shown = run("upload", str(file), "--sequence", "5")
    assert (code, answer["error"]) == (2, "authority_sequence_broken")
    assert "Send the missing numbers first" in shown


@pytest.mark.usefixtures("profile")
def test_an_unknown_file_cannot_be_acknowledged(run: Run) -> None:
    assert run("ack", "unknown.xml")[1]["error"] == "authority_unclear"


@pytest.mark.usefixtures("profile")
def test_the_doctor_finds_a_good_connection_good(run: Run) -> None:
    code, answer, _ = run("doctor")
    assert code == 0
    assert {check["check"]: check["state"] for check in answer["checks"]} == {
        "address.transfer": "met",
        "address.status": "met",
        "address.password": "met",
        "account": "met",
        "keys": "met",
        "schema": "met",
        "clock": "met",
    }
    assert [gap["id"] for gap in answer["gaps"]] == ["v31-verification-material-codes"]


@pytest.mark.parametrize(
    ("typed", "check"),
    [
        (SECRETS.replace("demo-password", "wrong"), "account"),
        (SECRETS.replace("0123456789abcdef\n0", "aaaaaaaaaaaaaaaa\n0"), "keys"),
    ],
)
def test_the_doctor_names_a_wrong_password_or_key(run: Run, profile: str, typed: str, check: str) -> None:
    run("profile", "bad", "--url", profile, "--provider-id", str(PROVIDER), "--user", "demo", typed=typed)
    code, answer, shown = run("doctor", "--profile", "bad")
    assert code == 2
    assert [row["check"] for row in answer["checks"] if row["state"] == "not met"] == [check]
    assert "✗" in shown


def test_an_end_that_cannot_be_reached_is_not_called_wrong(run: Run) -> None:
    run("profile", "--url", "http://127.0.0.1:9", "--provider-id", "1", "--user", "u", typed=SECRETS)
    code, answer, _ = run("doctor")
    assert code == 0
    assert {check["state"] for check in answer["checks"]} == {"cannot tell"}
    assert run("previous")[1]["error"] == "authority_not_answered"


@pytest.mark.usefixtures("profile")
def test_a_profile_is_readable_by_its_owner_only_and_never_shown(run: Run, home: Path) -> None:
    (file,) = (home / "authority" / "profiles").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    _, answer, shown = run("previous")
    assert "demo-password" not in f"{answer}{shown}{get_profile('default')!r}"


@pytest.mark.usefixtures("profile")
def test_a_profile_others_may_read_is_refused_with_the_command_that_helps(home: Path) -> None:
    (file,) = (home / "authority" / "profiles").iterdir()
    file.chmod(0o644)
    with pytest.raises(ProfileUnsafe, match="chmod 600"):
        get_profile("default")


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "[]",
        "{}",
        '{"url": "ftp://x", "provider_id": 1, "user": "u", "password": "p", "aes_key": "0123456789abcdef", "aes_offset": "0123456789abcdef"}',
    ],
)
def test_a_malformed_profile_is_refused(home: Path, content: str) -> None:
    file = home / "authority" / "profiles" / "default.json"
    file.parent.mkdir(parents=True)
    file.write_text(content)
    file.chmod(0o600)
    with pytest.raises(ProfileUnsafe):
        get_profile("default")


@pytest.mark.parametrize("name", ["nobody", "../x", "", "A" * 50])
def test_a_profile_that_does_not_exist_is_refused_by_name(name: str) -> None:
    with pytest.raises(ProfileMissing):
        get_profile(name)


SIMULATE = [
    "simulate",
    "--port",
    "0",
    "--provider-id",
    "1",
    "--user",
    "u",
    "--password",
    "p",
    "--aes-offset",
    "0123456789abcdef",
]


@pytest.mark.django_db
def test_the_review_desk_is_refused_in_words_where_no_officers_work(
    run: Run, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("openbeian.entrypoints.cli.preparing.prepare_home", lambda: None)
    code = main(["authority", *SIMULATE, "--aes-key", "0123456789abcdef", "--decide", "desk"])
    assert code == 2
    assert "No administration of" in capsys.readouterr().err


@pytest.mark.parametrize(
    "content",
    [
        "",
        "rules: 3",
        "rules: [{fault: explode}]",
        "rules: [{fault: delay, method: x}]",
        "rules: [{fault: delay, often: 1}]",
        "{",
    ],
)
def test_a_malformed_file_of_faults_is_refused(tmp_path: Path, content: str) -> None:
    faults = tmp_path / "faults.yaml"
    faults.write_text(content)
    assert main(["authority", *SIMULATE, "--aes-key", "0123456789abcdef", "--faults", str(faults)]) == 2


def test_keys_of_the_wrong_length_are_refused() -> None:
    assert main(["authority", *SIMULATE, "--aes-key", "short"]) == 2


def test_a_province_that_does_not_exist_is_refused_with_the_way_to_write_it(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--province", "火星", "--provider-id", "1", "--user", "d", "--password", "d"]
    keys = ["--aes-key", "0123456789abcdef", "--aes-offset", "0123456789abcdef"]
    assert main(["authority", "simulate", *arguments, *keys]) == 2
    assert "京" in capsys.readouterr().err


@pytest.mark.usefixtures("profile")
def test_a_clock_that_is_wrong_is_named_by_the_doctor(run: Run) -> None:
    """The other end's time comes with its answers; here it is ours that is wrong."""
    with clock.hold(datetime(2026, 1, 1, tzinfo=UTC)):
        code, found, _ = run("doctor")
    (finding,) = [check for check in found["checks"] if check["check"] == "clock"]
    assert (code, finding["state"]) == (2, "not met")
    assert "minutes apart" in finding["finding"]["en"]


def test_a_download_with_a_wrong_hash_or_key_is_refused_with_what_to_compare(
    run: Run, bureau: Bureau, tmp_path: Path
) -> None:
    with serve(bureau, Faults([FaultRule("wrong_hash")])) as url:
        run("profile", "--url", url, "--provider-id", str(PROVIDER), "--user", "demo", typed=SECRETS)
        code, _, refused = run("download")
    assert code == 2
    assert "the same key, offset and algorithms" in refused


@pytest.mark.usefixtures("profile")
def test_a_gap_names_the_missing_numbers_and_nothing_is_said_twice(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "report.xml"
    file.write_bytes(write(make_upload(make_filing(1))))
    _, answer, _ = run("upload", str(file), "--sequence", "4")
    words = answer["message"]
    assert "(1, 2, 3)" in words["en"]
    assert "（缺 1, 2, 3）" in words["zh"]
    assert words["zh"].count("数据序号不连续") == 1
