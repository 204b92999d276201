"""The secrets of authenticator apps and recovery codes: sealed at rest, and sealed anew when the key changes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.db import transaction

from openbeian.entrypoints.web.wording import both
from openbeian.privacy.fields import get_sealer
from openbeian.privacy.sealing import Sealer

PLACE = "mfa_authenticator.data"
_SEALED = re.compile(r"[0-9]+\.")


class SealedSecondFactor(DefaultMFAAdapter):
    """Seals what allauth would keep in the clear."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": both(
            "验证码不对。请核对手机时间后输入当前的验证码。",
            "Wrong code. Check your phone's clock and enter the current one.",
        ),
    }

    def encrypt(self, text: str) -> str:
        return get_sealer().seal(text, PLACE)

    def decrypt(self, encrypted_text: str) -> str:
        return get_sealer().open(encrypted_text, PLACE)


def reseal_second_factors(sealer: Sealer) -> int:
    """Seals anew what older keys sealed; returns how many values. Safe to repeat."""
    done = 0
    for pk in list(Authenticator.objects.values_list("pk", flat=True)):
        with transaction.atomic():
            found = Authenticator.objects.select_for_update().get(pk=pk)
            old = list(_old_values(found.data, sealer))
            if not old:
                continue
            anew = {value: sealer.seal(sealer.open(value, PLACE), PLACE) for value in old}
            found.data = _replace(found.data, anew)
            found.save(update_fields=["data"])
            done += len(old)
    return done


def count_old_second_factors(sealer: Sealer) -> int:
    """How many values an older key still seals."""
    return sum(len(list(_old_values(a.data, sealer))) for a in Authenticator.objects.iterator())


def _old_values(document: Any, sealer: Sealer) -> Iterator[str]:
    if isinstance(document, dict):
        for value in document.values():
            yield from _old_values(value, sealer)
    elif isinstance(document, list):
        for value in document:
            yield from _old_values(value, sealer)
    elif isinstance(document, str) and _SEALED.match(document) and not sealer.is_current(document):
        yield document


def _replace(document: Any, anew: dict[str, str]) -> Any:
    if isinstance(document, dict):
        return {key: _replace(value, anew) for key, value in document.items()}
    if isinstance(document, list):
        return [_replace(value, anew) for value in document]
    return anew.get(document, document) if isinstance(document, str) else document
