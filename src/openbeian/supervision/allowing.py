"""The installation's allow-list at work: which hits of a page remain once reviewers' phrases are taken into account."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from openbeian.kernel.answers import Answer
from openbeian.kernel.errors import OpenBeianError
from openbeian.observation.content.audit import audit_page
from openbeian.observation.content.lexicon import load_lexicon
from openbeian.observation.probing.record import CheckKind, CheckResult, ProbeRecord, WordSeen
from openbeian.supervision.models import AllowedPhrase


def list_allowed(organisation_ids: Iterable[int]) -> dict[int, frozenset[str]]:
    """The phrases that hold for each organisation, the installation's among them."""
    wanted = set(organisation_ids)
    rows = AllowedPhrase.objects.filter(removed_at__isnull=True).values_list("organisation_id", "phrase")
    everywhere = {phrase for organisation, phrase in rows if organisation is None}
    return {
        one: frozenset(everywhere | {phrase for organisation, phrase in rows if organisation == one}) for one in wanted
    }


def take_allowed_away(record: ProbeRecord, phrases: frozenset[str]) -> ProbeRecord:
    """The record without the hits that a phrase covers; in order when none is left that is more than a hint.

    The page is audited again, since a phrase may reach further than the context that a hit keeps. A record without
    its page, or with a page that cannot be read, stays as it is.
    """
    check = record.find_check(CheckKind.CONTENT)
    if not phrases or check is None or check.outcome is not Answer.NOT_MET or not record.page:
        return record
    try:
        audit = audit_page(record.page, load_lexicon().allowing(phrases), declared=record.charset or None)
    except OpenBeianError:
        return record
    left = {(hit.start, hit.end) for hit in audit.hits}
    words = tuple(word for word in record.words if (word.start, word.end) in left)
    if len(words) == len(record.words):
        return record
    if any(not word.is_hint for word in words) or (words and all(word.is_hint for word in record.words)):
        changed = check
    else:
        changed = CheckResult(CheckKind.CONTENT, Answer.MET)
    checks = tuple(changed if c is check else c for c in record.checks)
    return replace(record, checks=checks, words=words)


def describe_words(words: Iterable[WordSeen], most: int = 50) -> list[dict[str, str]]:
    """Hits as a finding keeps them."""
    from openbeian.supervision.words import make_storable

    return [
        {
            "term": make_storable(w.term, 60),
            "category": w.category[:60],
            "law": w.law[:120],
            "context": make_storable(w.context, 120),
            "matched": make_storable(w.matched, 60),
        }
        for w, _ in zip(words, range(most), strict=False)
    ]
