"""Sets up a fresh installation: the operator's organisation and its first administrator."""

from __future__ import annotations

from django.db import transaction

from openbeian.accounts.acting import actor_of
from openbeian.accounts.errors import AlreadyInstalled
from openbeian.accounts.events import InstallationStarted
from openbeian.accounts.models import Membership, Organisation, User
from openbeian.accounts.passwords import check_password
from openbeian.accounts.values import check_email, check_name
from openbeian.journal.actions.record_event import record_event
from openbeian.journal.models import Head
from openbeian.kernel import clock
from openbeian.kernel.actor import Door


def install(
    email: str, name: str, password: str, organisation_name: str, *, door: Door = "web", address: str = ""
) -> User:
    """The first person, who runs the installation; never with a password of ours.

    Raises: AlreadyInstalled when anybody exists, PasswordWeak, ValueMissing, ValueRefused.
    """
    email, name = check_email(email), check_name(name, "name")
    organisation_name = check_name(organisation_name, "organisation")
    check_password(password, User(email=email, name=name))
    with transaction.atomic():
        # Two browsers at once: the journal's head is the one row that surely exists, so it puts them in line.
        Head.objects.select_for_update().get(pk=1)
        if User.objects.exists():
            raise AlreadyInstalled
        now = clock.now()
        organisation = Organisation.objects.create(name=organisation_name, kind="operator", created_at=now)
        user = User.objects.create_user(email, password, name=name, created_at=now, is_superuser=True)
        membership = Membership.objects.create(user=user, organisation=organisation, roles=["administrator"])
        record_event(
            InstallationStarted,
            actor_of(membership, door, address),
            ("organisation", organisation.pk),
            after={"organisation": organisation.name, "administrator": user.name},
        )
    return user
