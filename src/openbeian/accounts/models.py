"""Organisations, people, what they may do in which organisation, invitations and tokens."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.utils.crypto import salted_hmac

from openbeian.accounts.decisions import ORGANISATION_KINDS
from openbeian.privacy.fields import SealedTextField


class Organisation(models.Model):
    """A party that works in this installation and sees only its own."""

    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=20, choices=[(k, t.zh) for k, t in ORGANISATION_KINDS.items()])
    province = models.CharField(max_length=1, blank=True, help_text="an administration's area, as in 京")
    is_demo = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["name"], name="organisation_name_once"),
            models.UniqueConstraint(
                fields=["province"], condition=models.Q(kind="administration"), name="one_administration_per_province"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PeopleByEmail(BaseUserManager["User"]):
    """Finds people by the address they sign in with, whatever its case."""

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser, PermissionsMixin):
    """A person. What they may do follows from their memberships; `is_superuser` runs the installation."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=80)
    is_active = models.BooleanField(default=True)
    is_demo = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    language = models.CharField(max_length=2, default="zh", choices=[("zh", "中文"), ("en", "English")])
    # Only to be called by robots in groups: after @ in a message about what this person is in charge of.
    mobile = SealedTextField(blank=True, default="")
    # Counting it up ends every session of this person.
    session_epoch = models.PositiveIntegerField(default=0)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar = ["name"]
    objects = PeopleByEmail()

    @property
    def is_staff(self) -> bool:
        return self.is_superuser

    def get_session_auth_hash(self) -> str:
        """A session lives only while the password and the epoch are those it began with."""
        return salted_hmac(
            "openbeian.accounts.session", f"{self.session_epoch}:{self.password}", algorithm="sha256"
        ).hexdigest()

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A person's roles in one organisation."""

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="memberships")
    roles = models.JSONField(default=list, help_text="role ids of decisions.ROLES")
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "organisation"], name="one_membership_per_organisation")
        ]


class Invitation(models.Model):
    """A letter that lets one address join one organisation, once; only the hash of its secret is kept."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="invitations")
    email = models.EmailField()
    roles = models.JSONField(default=list)
    secret_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)


class ApiToken(models.Model):
    """A key for programs: the rights of one membership, until a day, revocable; only its hash is kept."""

    membership = models.ForeignKey(Membership, models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=80)
    secret_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
