"""The first administrator: once, with a password of their own."""

from __future__ import annotations

import pytest

from openbeian.accounts.actions.install import install
from openbeian.accounts.errors import AlreadyInstalled, PasswordWeak, ValueMissing
from openbeian.accounts.models import Organisation, User
from openbeian.journal.models import Entry
from openbeian.kernel.errors import ValueRefused

pytestmark = pytest.mark.django_db


def test_the_first_person_runs_the_installation_and_the_journal_says_so() -> None:
    user = install("Admin@Example.cn", "张晓明", "Kaoyan-9912-x", "华北备案中心", address="127.0.0.1")
    assert user.is_superuser
    assert user.email == "admin@example.cn"
    assert user.check_password("Kaoyan-9912-x")
    membership = user.memberships.get()
    assert (membership.organisation.kind, membership.roles) == ("operator", ["administrator"])
    entry = Entry.objects.get()
    assert (entry.event, entry.actor_id, entry.address) == ("installation.started", user.pk, "127.0.0.1")


def test_a_second_installation_is_refused_and_leaves_no_trace() -> None:
    install("a@example.cn", "张晓明", "Kaoyan-9912-x", "甲")
    with pytest.raises(AlreadyInstalled):
        install("b@example.cn", "李强", "Kaoyan-9912-x", "乙")
    assert User.objects.count() == Organisation.objects.count() == Entry.objects.count() == 1


@pytest.mark.parametrize("password", ["", "password12", "1234567890", "short", "admin@example"])
def test_a_weak_password_is_refused_in_both_languages_and_nobody_is_made(password: str) -> None:
    with pytest.raises(PasswordWeak) as refusal:
        install("admin@example.cn", "张晓明", password, "甲")
    fault = refusal.value.faults[0]
    assert fault.field == "password"
    assert fault.message.zh != fault.message.en
    assert not User.objects.exists()


def test_a_missing_name_and_a_broken_address_are_refused() -> None:
    with pytest.raises(ValueMissing):
        install("admin@example.cn", " ", "Kaoyan-9912-x", "甲")
    with pytest.raises(ValueRefused):
        install("not an address", "张晓明", "Kaoyan-9912-x", "甲")
    assert not User.objects.exists()
