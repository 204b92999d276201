"""Database fields that are sealed on their way in and opened on their way out."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.db import models

from openbeian.privacy.sealing import Sealer, follow_keyring


def get_sealer() -> Sealer:
    """The sealer of this installation. It follows the key file, so that a running process takes up a new key at once."""
    return follow_keyring(settings.KEYRING_FILE)


def compute_fingerprint(plain: str, kind: str) -> str:
    """The keyed hash under which equal values of one kind meet; empty stays empty."""
    return get_sealer().fingerprint(plain, kind) if plain else ""


class SealedTextField(models.TextField):
    """Text that stands in the database only as ciphertext."""

    @property
    def place(self) -> str:
        return f"{self.model._meta.db_table}.{self.column}"

    def from_db_value(self, value: str | None, *_: Any) -> str | None:
        return get_sealer().open(value, self.place) if value else value

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return get_sealer().seal(value, self.place) if value else value


class SealedJSONField(SealedTextField):
    """A JSON document that stands in the database only as ciphertext."""

    # What the field takes and gives, for the type checker: any JSON value.
    _pyi_private_set_type: Any
    _pyi_private_get_type: Any

    def from_db_value(self, value: str | None, *args: Any) -> Any:
        opened = super().from_db_value(value, *args)
        return json.loads(opened) if opened else None

    def to_python(self, value: Any) -> Any:
        return value

    def get_prep_value(self, value: Any) -> Any:
        return super().get_prep_value(None if value is None else json.dumps(value, ensure_ascii=False))

    def value_to_string(self, obj: models.Model) -> Any:
        return self.value_from_object(obj)


class SealedBinaryField(models.BinaryField):
    """A file that stands in the database only as ciphertext; empty or NULL stays as it is."""

    @property
    def place(self) -> str:
        return f"{self.model._meta.db_table}.{self.column}"

    def from_db_value(self, value: Any, *_: Any) -> bytes | None:
        return get_sealer().open_bytes(bytes(value), self.place) if value else value

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return get_sealer().seal_bytes(bytes(value), self.place) if value else value
