"""Secrets that are shown once and kept only as a hash: invitation links and API tokens."""

from __future__ import annotations

import hashlib
import secrets

TOKEN_PREFIX = "ob_"  # noqa: S105  the public start of every token


def make_secret(prefix: str = "") -> str:
    """256 random bits in letters that fit an address; the prefix lets scanners recognise a leaked token."""
    return prefix + secrets.token_urlsafe(32)


def hash_secret(secret: str) -> str:
    """SHA-256 in hex. A slow hash would add nothing: nobody guesses 256 random bits."""
    return hashlib.sha256(secret.encode()).hexdigest()
