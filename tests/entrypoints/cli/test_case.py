"""`openbeian case`: cases for people who automate, with the same refusals as the portal."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.accounts.factories import make_actor, make_organisation
from tests.cases.factories import World, make_person, make_sponsor_values, make_submitted_case, make_world
from tests.documents.hostile_files import picture

from openbeian.accounts.models import User
from openbeian.cases.models import Case
from openbeian.entrypoints.cli import main
from openbeian.journal.models import Entry

pytestmark = pytest.mark.django_db
Run = Callable[..., tuple[int, list[Any], str]]


@pytest.fixture
def world() -> World:
    return make_world()


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], world: World) -> Run:
    def call(*arguments: str, email: str = "") -> tuple[int, list[Any], str]:
        mine = User.objects.get(pk=world.applicant.user_id).email
        code = main(["case", "--as", email or mine, *arguments])
        said = capsys.readouterr()
        return code, [json.loads(line) for line in said.out.splitlines()], said.err

    return call


def make_document(world: World, folder: Path) -> dict[str, Any]:
    """A filing of two services with all papers, as somebody would write it."""
    (folder / "paper.png").write_bytes(picture(size=(900, 700)))
    services = [
        {
            "kind": "website",
            "name": name,
            "domains": [domain],
            "home_url": f"www.{domain}",
            "contents": ["other"],
            "languages": ["simplified_chinese"],
            "approvals": "none",
            "person_is_sponsor_person": True,
            "accesses": [{"mode": "cloud", "place": "110000", "ip_ranges": ["8.140.1.1"]}],
        }
        for name, domain in (("测试花店一号", "one-test.cn"), ("测试花店二号", "two-test.cn"))
    ]
    return {
        "procedure": "first_filing",
        "provider": world.provider.name,
        "sponsor": make_sponsor_values(),
        "services": services,
        "verification": {"truthful": True, "no_unapproved_content": True, "informed_persons": True},
        "materials": {
            "sponsor_certificate": "paper.png",
            "sponsor_person_certificate": ["paper.png", "paper.png"],
            "domain_certificate": ["paper.png", "paper.png"],
            "person_verification": ["paper.png", "paper.png"],
        },
    }


def write(folder: Path, document: Any) -> str:
    file = folder / "case.yaml"
    file.write_text(yaml.safe_dump(document, allow_unicode=True), "utf-8")
    return str(file)


def test_a_file_is_submitted_whole(run: Run, world: World, tmp_path: Path) -> None:
    code, said, err = run("submit", write(tmp_path, make_document(world, tmp_path)))
    assert code == 0, err
    case = Case.objects.get()
    assert said[0]["reference"] == case.reference
    assert case.state == "awaiting_first_review"
    assert [s["name"] for s in case.form["services"]] == ["测试花店一号", "测试花店二号"]


def test_a_file_with_faults_lists_them_all_and_leaves_nothing(run: Run, world: World, tmp_path: Path) -> None:
    document = make_document(world, tmp_path)
    document["sponsor"]["person"] = make_person(mobile="12345")
    document["services"][1]["domains"] = ["1.2.3.4"]
    del document["materials"]["sponsor_certificate"]
    code, said, _ = run("submit", write(tmp_path, document))
    assert code == 2
    fields = {fault["field"] for fault in said[0]["faults"]}
    assert {"sponsor.person.mobile", "services.1.domains", "materials.sponsor_certificate.sponsor"} <= fields
    assert not Case.objects.exists()
    assert not Entry.objects.exists()


def test_a_key_without_a_place_in_the_form_is_named(run: Run, world: World, tmp_path: Path) -> None:
    document = make_document(world, tmp_path)
    document["sponsor"]["colour"] = "red"
    document["services"][0]["accesses"] = "cloud"
    code, said, _ = run("submit", write(tmp_path, document))
    assert code == 2
    assert {f["field"] for f in said[0]["faults"]} == {"sponsor.colour", "services.0.accesses"}
    assert not Case.objects.exists()


@pytest.mark.parametrize(
    "text",
    ["a: [", "- 1", "procedure: nothing", "a: &a [1]\nb: [*a, *a]", "\x00", "[" * 5000],
    ids=["broken", "list", "unknown", "alias", "control", "deep"],
)
def test_a_file_that_is_no_case_is_refused_without_a_fault_of_ours(run: Run, tmp_path: Path, text: str) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text(text, "utf-8")
    code, said, _ = run("submit", str(file))
    assert code == 2
    assert said[0]["error"] == "case_file_unfit"


def test_cases_are_listed_and_shown_without_personal_data(run: Run, world: World) -> None:
    case = make_submitted_case(world)
    code, said, _ = run("list", "--open")
    assert code == 0
    assert [c["reference"] for c in said] == [case.reference]
    code, said, _ = run("show", case.reference)
    assert code == 0
    assert [s["verb"] for s in said[0]["steps"]] == ["submit"]
    assert case.form["sponsor"]["person"]["mobile"] not in json.dumps(said)


def test_another_members_case_and_an_unknown_member_are_refused(run: Run, world: World) -> None:
    case = make_submitted_case(world)
    stranger = User.objects.get(pk=make_actor(make_organisation("owner"), "applicant").user_id).email
    assert run("show", case.reference, email=stranger)[0] == 2
    assert run("list", email=stranger)[1] == []
    code, said, _ = run("list", email="nobody@example.cn")
    assert (code, said[0]["error"]) == (2, "actor_unknown")


def test_whose_name_may_stand_in_the_environment_and_is_asked_for_where_several_could_be_meant(
    run: Run, world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    case = make_submitted_case(world)
    assert main(["case", "list"]) == 2
    assert json.loads(capsys.readouterr().out)["error"] == "actor_not_clear"
    monkeypatch.setenv("OPENBEIAN_AS", User.objects.get(pk=world.applicant.user_id).email)
    assert main(["case", "list"]) == 0
    assert json.loads(capsys.readouterr().out)["reference"] == case.reference
