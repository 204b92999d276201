"""Who carries a case over the interface: found by its name in the settings, so that no door can forget it."""

from __future__ import annotations

from django.conf import settings
from django.utils.module_loading import import_string

from openbeian.cases.ports import Carrier


def get_carrier() -> Carrier:
    """The carrier of this installation, as the wiring chooses it."""
    carrier: Carrier = import_string(settings.CASE_CARRIER)()
    return carrier
