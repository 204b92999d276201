"""Personal data of a form as the API shows it: masked, and refused when it comes back masked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from openbeian.privacy.masking import mask_certificate, mask_email, mask_middle, mask_mobile, mask_name


def _mask_address(value: str) -> str:
    return mask_middle(value, head=2, tail=0)


_MASKS: dict[str, Callable[[str], str]] = {
    "mobile": mask_mobile,
    "emergency_phone": mask_mobile,
    "email": mask_email,
    "certificate_number": mask_certificate,
    "legal_representative": mask_name,
    "address": _mask_address,
    "certificate_address": _mask_address,
}


def mask_form(values: Any, *, parent: str = "") -> Any:
    """The same structure with personal values masked; names of persons, also of a sponsor who is one."""
    if isinstance(values, list):
        return [mask_form(value, parent=parent) for value in values]
    if not isinstance(values, dict):
        return values
    is_person = parent == "person" or values.get("nature") == "individual"
    shown = {}
    for key, value in values.items():
        mask = mask_name if key == "name" and is_person else _MASKS.get(key)
        shown[key] = mask(value) if mask and isinstance(value, str) else mask_form(value, parent=key)
    return shown


def is_masked(path: str, value: object) -> bool:
    """Whether a value that is to be written looks like one of ours sent back."""
    key = path.rpartition(".")[2]
    return isinstance(value, str) and "**" in value and (key in _MASKS or key == "name")
