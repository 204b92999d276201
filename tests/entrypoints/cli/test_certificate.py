"""`openbeian pack`, `certificate verify` and `keys signing`: papers for people who work without the portal."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.cases.factories import World, make_world
from tests.cases.test_packs import make_case

from openbeian.accounts.models import User
from openbeian.entrypoints.cli import main

pytestmark = pytest.mark.django_db
Run = Callable[..., tuple[int, Any, str]]


@pytest.fixture
def world() -> World:
    return make_world()


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*arguments: str) -> tuple[int, Any, str]:
        code = main(list(arguments))
        said = capsys.readouterr()
        return code, json.loads(said.out) if said.out else None, said.err

    return call


def make_pack(run: Run, world: World, out: Path) -> dict[str, Any]:
    case = make_case(world)
    email = User.objects.get(pk=world.applicant.user_id).email
    code, told, _ = run("pack", case.reference, "--out", str(out), "--as", email)
    assert code == 0
    assert told["reference"] == case.reference
    return dict(told)


@pytest.mark.parametrize("name", ["pack.zip", "pack.pdf"])
def test_a_pack_is_genuine_until_a_byte_changes(run: Run, world: World, tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    told = make_pack(run, world, file)
    code, found, _ = run("certificate", "verify", str(file))
    assert (code, found["verdict"], found["record"]["code"]) == (0, "genuine", told["code"])
    content = bytearray(file.read_bytes())
    content[len(content) // 3] ^= 1
    file.write_bytes(content)
    code, found, said = run("certificate", "verify", str(file), "--json")
    assert (code, found["verdict"]) == (2, "changed")
    assert "改动" in said


def test_a_signature_beside_the_file_is_found(run: Run, world: World, tmp_path: Path) -> None:
    import zipfile

    make_pack(run, world, tmp_path / "pack.zip")
    with zipfile.ZipFile(tmp_path / "pack.zip") as pack:
        pack.extractall(tmp_path)
    code, found, _ = run("certificate", "verify", str(tmp_path / "manifest.json"))
    assert (code, found["verdict"]) == (0, "genuine")


def test_published_keys_check_the_paper_on_a_machine_without_the_record(run: Run, world: World, tmp_path: Path) -> None:
    file, keys = tmp_path / "pack.pdf", tmp_path / "keys.json"
    make_pack(run, world, file)
    keys.write_text(json.dumps(run("keys", "signing", "list")[1]))
    assert run("certificate", "verify", str(file), "--keys", str(keys))[1]["verdict"] == "genuine"
    keys.write_text("[]")
    assert run("certificate", "verify", str(file), "--keys", str(keys))[0] == 2


def test_a_key_is_changed_and_revoked_from_the_command_line(run: Run, world: World, tmp_path: Path) -> None:
    file = tmp_path / "pack.pdf"
    make_pack(run, world, file)
    key = run("certificate", "verify", str(file))[1]["signature"]["key"]
    assert run("keys", "signing", "rotate")[1]["key"] != key
    assert run("certificate", "verify", str(file))[0] == 0
    assert run("keys", "signing", "revoke", key)[0] == 0
    code, found, said = run("certificate", "verify", str(file))
    assert (code, found["verdict"]) == (2, "foreign")
    assert "作废" in said
    assert run("keys", "signing", "revoke", "nobody")[0] == 2


def test_what_is_no_signed_paper_is_refused_without_a_fault(run: Run, tmp_path: Path) -> None:
    plain = tmp_path / "plain.pdf"
    plain.write_bytes(b"%PDF-1.7\n%%EOF\n")
    assert run("certificate", "verify", str(plain))[1]["verdict"] == "unsigned"
    assert run("certificate", "verify", str(tmp_path / "absent.pdf"))[0] == 2
    assert run("certificate", "verify", str(tmp_path))[0] == 2


def test_nobody_packs_a_strangers_case_and_no_file_is_left(run: Run, world: World, tmp_path: Path) -> None:
    case = make_case(world)
    email = User.objects.get(pk=world.reviewer.user_id).email
    code, _, said = run("pack", case.reference, "--out", str(tmp_path / "x.zip"), "--as", email)
    assert code == 2
    assert case.reference in said
    assert list(tmp_path.iterdir()) == []
