"""A reviewer's verdict on a word: whom it holds for, what it may not be, and that probes and the command heed it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.accounts.factories import make_actor, make_organisation
from tests.supervision.records import make_record

from openbeian.entrypoints.cli.commands.audit import command
from openbeian.kernel.actor import NotPermitted
from openbeian.kernel.answers import Answer
from openbeian.observation.content.audit import audit_page
from openbeian.observation.content.lexicon import load_lexicon
from openbeian.observation.probing.record import CheckKind, ProbeRecord, WordSeen
from openbeian.supervision.actions.remove_phrase import remove_phrase
from openbeian.supervision.actions.teach_phrase import teach_phrase
from openbeian.supervision.allowing import list_allowed, take_allowed_away
from openbeian.supervision.errors import PhraseNotYours, PhraseUnfit
from openbeian.supervision.models import AllowedPhrase

pytestmark = pytest.mark.django_db
PAGE = "<p>欢迎来到最佳西点培训学校</p>".encode()


def make_hit_record() -> ProbeRecord:
    """A probe of the page as the audit reads it."""
    hits = audit_page(PAGE, load_lexicon()).hits
    assert hits
    words = tuple(
        WordSeen(h.term.term, h.term.category, h.term.law, h.context, h.start, h.end, h.matched, is_hint=h.term.hint)
        for h in hits
    )
    return make_record(faults={CheckKind.CONTENT: "words"}, page=PAGE, words=words)


def test_a_taught_phrase_takes_the_hit_away_for_its_organisation_alone() -> None:
    mine, theirs = make_organisation(), make_organisation()
    teach_phrase(make_actor(mine, "applicant"), "最佳西点", "最佳", "学校的名称")
    allowed = list_allowed([mine.pk, theirs.pk])
    check = take_allowed_away(make_hit_record(), allowed[mine.pk]).find_check(CheckKind.CONTENT)
    assert check is not None
    assert check.outcome is Answer.MET
    check = take_allowed_away(make_hit_record(), allowed[theirs.pk]).find_check(CheckKind.CONTENT)
    assert check is not None
    assert check.outcome is Answer.NOT_MET


@pytest.mark.parametrize("phrase", ["最佳", "最 佳", "毫不相干", "最佳" + "长" * 60, "最佳\u202e反写", ""])
def test_a_phrase_that_would_allow_the_word_itself_or_nothing_is_refused(phrase: str) -> None:
    with pytest.raises(PhraseUnfit):
        teach_phrase(make_actor(make_organisation(), "applicant"), phrase, "最佳", "理由充分")
    assert AllowedPhrase.objects.count() == 0


def test_only_who_runs_the_installation_teaches_everywhere_and_strangers_remove_nothing() -> None:
    applicant = make_actor(make_organisation(), "applicant")
    with pytest.raises(NotPermitted):
        teach_phrase(applicant, "最佳西点", "最佳", "学校的名称", everywhere=True)
    mine = teach_phrase(applicant, "最佳西点", "最佳", "学校的名称")
    assert teach_phrase(applicant, "最佳西点", "最佳", "再教一次") == mine
    with pytest.raises(PhraseNotYours):
        remove_phrase(make_actor(make_organisation(), "applicant"), mine.pk)
    remove_phrase(applicant, mine.pk)
    assert list_allowed([mine.organisation_id or 0]) == {mine.organisation_id: frozenset()}


def test_the_command_takes_the_installations_phrases_where_asked(tmp_path: Path) -> None:
    AllowedPhrase.objects.create(
        phrase="最佳西点", term="最佳", why="校名", taught_by_name="员", taught_at="2026-01-01T00:00Z"
    )
    file = tmp_path / "page.html"
    file.write_bytes(PAGE)

    def ask(*options: str) -> list[str]:
        answer = CliRunner().invoke(command, [str(file), "--json", *options], standalone_mode=False)
        return [hit["term"] for hit in json.loads(answer.stdout)["hits"]]

    assert "最佳" in ask()
    assert "最佳" not in ask("--installation")
