"""Keeps what was typed, without judging it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from openbeian.cases.drafting import apply_typed, keep_draft, open_draft
from openbeian.cases.models import Case
from openbeian.cases.queries import get_procedure
from openbeian.kernel.actor import Actor


def save_draft(actor: Actor, case_id: int, typed: Mapping[str, Any], *, revision: int | None = None) -> Case:
    """Writes values by path (`{"sponsor.name": …}`) into an editable case. Nothing is checked, nothing erased.

    A path that the procedure does not let change, or that the form does not have, is left out of account: the
    page never offers it. `revision` refuses a stale tab instead of overwriting the newer one.

    Raises: CaseNotYours, CaseMovedOn, CaseFrozen.
    """
    with transaction.atomic():
        case = open_draft(actor, case_id, revision)
        form, changed = apply_typed(get_procedure(case.procedure), case.form, typed)
        keep_draft(actor, case, form, changed)
        return case
