"""Changing the sealing key loses nothing and can be cut off anywhere."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import connection
from tests.accounts.factories import make_user

from openbeian.entrypoints.cli import main
from openbeian.entrypoints.web.second_factor import PLACE, SealedSecondFactor
from openbeian.privacy.fields import get_sealer
from openbeian.privacy.keyring import Keyring
from openbeian.privacy.rotation import begin_rotation, list_sealed_columns, reseal_column
from openbeian.privacy.sealing import Sealer, forget_sealer
from openbeian.registry.models import Person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def keyring_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "keys" / "keyring.json"
    Keyring.generate().write(path)
    monkeypatch.setattr(settings, "KEYRING_FILE", path)
    forget_sealer()
    return path


def make_person(name: str) -> Person:
    return Person.objects.create(
        name=name,
        mobile="13800005678",
        email="a@example.cn",
        certificate_type="id_card",
        certificate_number="110101199003070011",
    )


def stored_names() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM registry_person ORDER BY id")
        return [row[0] for row in cursor.fetchall()]


def test_every_sealed_field_of_the_system_is_found() -> None:
    places = {column.place for column in list_sealed_columns()}
    assert {"registry_person.name", "registry_person.mobile", "registry_sponsor.address"} <= places


def test_values_are_sealed_anew_and_still_read_the_same(keyring_of_its_own: Path) -> None:
    people = [make_person(f"张{i}") for i in range(3)]
    assert main(["keys", "rotate", "--stopped", "--json"]) == 0
    keyring = Keyring.read(keyring_of_its_own)
    assert list(keyring.sealing) == ["2"]
    assert all(name.startswith("2.") for name in stored_names())
    for i, person in enumerate(people):
        person.refresh_from_db()
        assert (person.name, person.mobile) == (f"张{i}", "13800005678")


def test_old_keys_stay_while_a_transaction_may_still_use_them(
    keyring_of_its_own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_person("张三")
    assert main(["keys", "rotate", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["finished"] is False
    assert set(Keyring.read(keyring_of_its_own).sealing) == {"1", "2"}
    an_hour_ago = keyring_of_its_own.stat().st_mtime - 3600
    os.utime(keyring_of_its_own, (an_hour_ago, an_hour_ago))
    assert main(["keys", "rotate", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["finished"], answer["key"], answer["resealed"]) == (True, "2", 0)
    assert set(Keyring.read(keyring_of_its_own).sealing) == {"2"}


def test_a_rotation_cut_off_is_finished_rather_than_begun_anew(keyring_of_its_own: Path) -> None:
    make_person("张三")
    sealer = Sealer(begin_rotation(keyring_of_its_own))
    column = next(c for c in list_sealed_columns() if c.place == "registry_person.name")
    assert reseal_column(column, sealer) == 1
    assert reseal_column(column, sealer) == 0
    assert begin_rotation(keyring_of_its_own).current == "2"


def test_a_running_process_takes_up_the_new_key_by_itself(keyring_of_its_own: Path) -> None:
    make_person("张三")
    begin_rotation(keyring_of_its_own)
    make_person("李四")
    assert [name.partition(".")[0] for name in stored_names()] == ["1", "2"]


def test_second_factors_are_sealed_and_sealed_anew() -> None:
    adapter = SealedSecondFactor()
    secret = adapter.encrypt("JBSWY3DPEHPK3PXP")
    codes = {"seed": adapter.encrypt("seed"), "migrated_codes": [adapter.encrypt("a")], "used_mask": 3}
    user = make_user()
    Authenticator.objects.create(user=user, type="totp", data={"secret": secret})
    Authenticator.objects.create(user=user, type="recovery_codes", data=codes)
    assert main(["keys", "rotate", "--stopped"]) == 0
    totp = Authenticator.objects.get(type="totp").data["secret"]
    assert totp != secret
    assert adapter.decrypt(totp) == "JBSWY3DPEHPK3PXP"
    kept = Authenticator.objects.get(type="recovery_codes").data
    assert get_sealer().open(kept["migrated_codes"][0], PLACE) == "a"
    assert kept["used_mask"] == 3
