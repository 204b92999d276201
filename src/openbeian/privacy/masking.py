"""How personal data looks on screen until somebody asks to see it, and asking is journalled."""

from __future__ import annotations


def mask_middle(value: str, *, head: int, tail: int) -> str:
    """Keeps the ends; a value too short to hide anything is hidden whole."""
    if len(value) <= head + tail:
        return "*" * len(value)
    return value[:head] + "*" * (len(value) - head - tail) + (value[-tail:] if tail else "")


def mask_mobile(value: str) -> str:
    """138****5678."""
    return mask_middle(value, head=3, tail=4)


def mask_certificate(value: str) -> str:
    """First and last character and nothing between, as the ministry shows it."""
    return mask_middle(value, head=1, tail=1)


def mask_name(value: str) -> str:
    """张** — the family name stays."""
    return value[:1] + "*" * max(len(value) - 1, 1) if value else ""


def mask_email(value: str) -> str:
    name, at, domain = value.partition("@")
    return f"{name[:1]}***{at}{domain}" if at else mask_middle(value, head=1, tail=0)
