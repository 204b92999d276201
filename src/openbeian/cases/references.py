"""The references by which people name a case."""

from __future__ import annotations

import secrets

from openbeian.kernel import clock

# No vowels and no look-alikes, so that a reference can be read out on the phone and spells nothing.
_ALPHABET = "23456789BCDFGHJKMNPQRSTVWXZ"


def new_reference() -> str:
    """BA20261121-4F7K2Q: the day in China and six characters nobody can guess from another."""
    return f"BA{clock.today():%Y%m%d}-" + "".join(secrets.choice(_ALPHABET) for _ in range(6))
