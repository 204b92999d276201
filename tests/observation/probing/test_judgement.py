"""One failed probe raises nothing; faults are confirmed, remembered and recovered from."""

from datetime import UTC, datetime, timedelta

import pytest

from openbeian.kernel.answers import Answer
from openbeian.observation.probing.judgement import (
    Observed,
    Policy,
    Window,
    as_ours,
    is_sweep_ours,
    judge,
)
from openbeian.observation.probing.record import CheckKind, CheckResult, Exchange, ProbeRecord, ProbeTarget, Whose

START = datetime(2026, 11, 1, tzinfo=UTC)
LETTERS = {"+": Answer.MET, "-": Answer.NOT_MET, "?": Answer.CANNOT_TELL, "o": Answer.NOT_MET}


def history(probes: str) -> list[Observed]:
    """One probe an hour: + met, - not met, ? cannot tell, o failed for our own reasons."""
    return [
        Observed(START + timedelta(hours=n), LETTERS[p], Whose.OURS if p == "o" else Whose.SITE, p)
        for n, p in enumerate(probes)
    ]


def hour(n: int) -> datetime:
    return START + timedelta(hours=n)


@pytest.mark.parametrize(
    ("probes", "state", "since", "good", "confirmed"),
    [
        ("", Answer.CANNOT_TELL, None, None, False),
        ("?", Answer.CANNOT_TELL, None, None, False),
        ("+", Answer.MET, 0, 0, True),
        ("-", Answer.CANNOT_TELL, None, None, False),
        ("--", Answer.NOT_MET, 0, None, True),
        ("+-", Answer.MET, 0, 0, False),
        ("+-+", Answer.MET, 0, 2, True),
        ("+-+-", Answer.NOT_MET, 1, 2, True),
        ("+-++-", Answer.MET, 0, 3, False),
        ("+--", Answer.NOT_MET, 1, 0, True),
        ("+-?-", Answer.NOT_MET, 1, 0, True),
        ("+???", Answer.MET, 0, 0, True),
        ("+--????", Answer.NOT_MET, 1, 0, True),
        ("+oooo", Answer.MET, 0, 0, True),
        ("+--+", Answer.NOT_MET, 1, 3, False),
        ("+--+-", Answer.NOT_MET, 1, 3, True),
        ("+--++", Answer.MET, 3, 4, True),
        ("+--++-", Answer.MET, 3, 4, False),
        ("+--++--", Answer.NOT_MET, 5, 4, True),
    ],
)
def test_what_a_row_of_probes_says(
    probes: str, state: Answer, since: int | None, good: int | None, confirmed: bool
) -> None:
    found = judge(history(probes))
    expected = (state, None if since is None else hour(since), None if good is None else hour(good), confirmed)
    assert (found.state, found.since, found.last_known_good, found.confirmed) == expected


def test_failures_within_maintenance_say_nothing_and_successes_do() -> None:
    window = Window(hour(1), hour(3))
    assert judge(history("+--"), maintenance=[window]).state is Answer.MET
    assert judge(history("+---"), maintenance=[window]).confirmed is False
    assert judge(history("+----"), maintenance=[window]).since == hour(3)
    assert judge(history("-+"), maintenance=[window]).state is Answer.MET


def test_nothing_is_claimed_after_too_long_without_a_telling_probe() -> None:
    policy = Policy(stale_after=timedelta(hours=2))
    assert judge(history("+??"), policy).state is Answer.MET
    found = judge(history("+???"), policy)
    assert (found.state, found.last_known_good) == (Answer.CANNOT_TELL, hour(0))


def test_one_of_one_and_three_of_five() -> None:
    assert judge(history("+-"), Policy(1, 1, 1)).is_fault
    assert not judge(history("+-+-+"), Policy(3, 5, 2)).is_fault
    assert judge(history("+-+-+-"), Policy(3, 5, 2)).is_fault
    with pytest.raises(ValueError, match="no confirmation"):
        Policy(3, 2)


def record(number: int, *, reached: bool) -> ProbeRecord:
    answered = Exchange(status=200 if reached else 0, trouble="" if reached else "timeout")
    return ProbeRecord(ProbeTarget(number, f"site{number}.cn"), START, START, (), http=answered)


def test_a_sweep_in_which_most_sites_fail_is_ours() -> None:
    assert is_sweep_ours([record(n, reached=n < 4) for n in range(10)])
    assert not is_sweep_ours([record(n, reached=n < 5) for n in range(10)])
    assert not is_sweep_ours([record(n, reached=False) for n in range(4)])
    down = {f"service:{n}" for n in range(6)}
    assert not is_sweep_ours([record(n, reached=n >= 6) for n in range(12)], known_down=down)


def test_an_error_page_is_an_answer_and_only_failures_to_reach_become_ours() -> None:
    answered = ProbeRecord(ProbeTarget(1, "a.cn"), START, START, (), https=Exchange(status=503))
    assert not is_sweep_ours([answered] * 9)
    unreached = CheckResult(CheckKind.HTTP, Answer.NOT_MET, "timeout")
    footer = CheckResult(CheckKind.FOOTER_NUMBER, Answer.NOT_MET, "number_missing")
    assert as_ours(unreached).whose is Whose.OURS
    assert as_ours(unreached).outcome is Answer.CANNOT_TELL
    assert as_ours(footer) is footer
