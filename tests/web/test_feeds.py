"""Feeds: private, revocable, well-formed by two parsers, with stable UIDs, sequences and cancellations.

The second parser is written here from RFC 5545 (lines, folding, parameters) and shares nothing with `icalendar`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from openbeian.accounts.acting import actor_of
from openbeian.accounts.models import Membership
from openbeian.agenda.actions.create_feed import MOST_FEEDS, create_feed
from openbeian.agenda.actions.revoke_feed import revoke_feed
from openbeian.agenda.decisions import KEPT_AFTER_CANCELLING, Told, compute_next
from openbeian.agenda.errors import FeedNotFound, TooManyFeeds
from openbeian.agenda.icalendar_feed import write_feed
from openbeian.agenda.models import FeedAddress
from openbeian.journal.models import Entry
from openbeian.kernel import clock
from openbeian.registry.errors import RecordNotYours
from openbeian.registry.models import Sponsor
from tests.accounts.factories import make_member, make_organisation
from tests.policies.factories import make_runner
from tests.registry.factories import make_service, make_sponsor
from tests.web.pages import parse, text_of
from tests.web.portal import browse

NOW = datetime(2026, 4, 10, 4, 0, tzinfo=UTC)
WINDOW = (date(2026, 1, 1), date(2028, 1, 1))
_LINE = re.compile(r"([A-Z0-9-]+)((?:;[A-Z0-9-]+=(?:\"[^\"]*\"|[^;:\",]*))*):(.*)", re.DOTALL)


@pytest.fixture
def member(db: None) -> Iterator[Membership]:
    make_runner()
    yield make_member(make_organisation(), "applicant")
    cache.clear()


def read_strictly(content: bytes) -> list[dict[str, str]]:
    """The events of an iCalendar file by RFC 5545 §3.1, or an assertion that says what is wrong."""
    assert content.endswith(b"\r\n")
    assert b"\n" not in content.replace(b"\r\n", b"")
    raw = content[:-2].split(b"\r\n")
    assert all(len(line) <= 75 for line in raw), "a line is longer than 75 octets"
    for line in raw:
        line.decode("utf-8")
    lines = content.decode("utf-8").replace("\r\n ", "").replace("\r\n\t", "")[:-2].split("\r\n")
    open_parts: list[str] = []
    events: list[dict[str, str]] = []
    for line in lines:
        match = _LINE.fullmatch(line)
        assert match, line
        name, parameters, value = match.groups()
        if name == "BEGIN":
            open_parts.append(value)
            if value == "VEVENT":
                events.append({})
        elif name == "END":
            assert open_parts.pop() == value
        elif open_parts[-1] == "VEVENT":
            assert name not in events[-1], f"{name} stands twice"
            events[-1][name] = value
            events[-1][name + " parameters"] = parameters
    assert open_parts == []
    assert lines[0] == "BEGIN:VCALENDAR"
    assert {"VERSION:2.0", "METHOD:PUBLISH"} <= set(lines)
    return events


def subscribe(member: Membership, **wishes: Any) -> str:
    _, secret = create_feed(actor_of(member, "web"), **wishes)
    return f"/feeds/{secret}.ics"


def read(url: str, at: datetime = NOW, **headers: str) -> Any:
    with clock.hold(at):
        return browse().get(url, headers=headers)


def test_a_feed_is_read_without_signing_in_by_both_parsers(member: Membership) -> None:
    sponsor = make_sponsor(member.organisation, name="北京有名科技有限公司", certificate_until=date(2026, 4, 20))
    make_service(sponsor, on=date(2026, 3, 20))
    response = read(subscribe(member))
    assert response.headers["Content-Type"].startswith("text/calendar")
    events = read_strictly(response.content)
    calendar: Any = Calendar.from_ical(response.content)
    assert [str(e["UID"]) for e in calendar.walk("VEVENT")] == [e["UID"] for e in events]
    first = next(e for e in events if "certificate-sponsor" in e["UID"])
    assert first["DTSTART"] == "20260420"
    assert first["DTSTART parameters"] == ";VALUE=DATE"
    assert first["DTEND"] == "20260421"
    assert first["STATUS"] == "CONFIRMED"
    assert {"DTSTAMP", "LAST-MODIFIED", "SEQUENCE", "SUMMARY", "URL"} <= set(first)


def test_a_feed_carries_numbers_and_nobodys_name(member: Membership) -> None:
    sponsor = make_sponsor(member.organisation, name="张三", certificate_until=date(2026, 4, 20))
    content = read(subscribe(member)).content.decode().replace("\r\n ", "")
    assert sponsor.number in content
    assert "张三" not in content
    assert sponsor.person.name not in content


def test_the_same_dates_are_the_same_bytes_and_are_not_sent_twice(member: Membership) -> None:
    make_sponsor(member.organisation, certificate_until=date(2026, 4, 20))
    url = subscribe(member)
    first = read(url)
    again = read(url, NOW + timedelta(days=2))
    assert again.content == first.content
    unchanged = read(url, NOW, **{"If-None-Match": first.headers["ETag"]})
    assert (unchanged.status_code, unchanged.content) == (304, b"")


def test_a_moved_date_keeps_its_uid_and_counts_its_sequence_up(member: Membership) -> None:
    sponsor = make_sponsor(member.organisation, certificate_until=date(2026, 4, 20))
    url = subscribe(member)
    (before,) = read_strictly(read(url).content)
    Sponsor.objects.filter(pk=sponsor.pk).update(certificate_until=date(2027, 4, 20))
    (after,) = read_strictly(read(url, NOW + timedelta(hours=1)).content)
    assert after["UID"] == before["UID"]
    assert (before["SEQUENCE"], after["SEQUENCE"]) == ("0", "1")
    assert after["LAST-MODIFIED"] > before["LAST-MODIFIED"]
    assert after["DTSTART"] == "20270420"


def test_a_vanished_date_is_cancelled_for_ninety_days_and_then_forgotten(member: Membership) -> None:
    sponsor = make_sponsor(member.organisation, certificate_until=date(2026, 8, 20))
    url = subscribe(member)
    read(url)
    Sponsor.objects.filter(pk=sponsor.pk).update(certificate_until=None)
    (gone,) = read_strictly(read(url).content)
    assert (gone["STATUS"], gone["SEQUENCE"]) == ("CANCELLED", "1")
    (still,) = read_strictly(read(url, NOW + timedelta(days=89)).content)
    assert still == gone
    assert read_strictly(read(url, NOW + timedelta(days=91)).content) == []


def test_a_sponsors_feed_carries_that_sponsor_only(member: Membership) -> None:
    first, second = (make_sponsor(member.organisation, certificate_until=date(2026, 4, d)) for d in (20, 21))
    content = read(subscribe(member, sponsor_id=first.pk)).content.decode().replace("\r\n ", "")
    assert first.number in content
    assert second.number not in content


def test_a_feed_of_somebody_elses_sponsor_is_refused(member: Membership) -> None:
    with pytest.raises(RecordNotYours):
        subscribe(member, sponsor_id=make_sponsor().pk)
    assert not FeedAddress.objects.exists()


def test_a_revoked_feed_a_left_member_and_a_guess_all_answer_404(member: Membership) -> None:
    url, other = subscribe(member), subscribe(member)
    actor = actor_of(member, "web")
    revoke_feed(actor, FeedAddress.objects.order_by("pk")[0].pk)
    assert read(url).status_code == 404
    assert read(other).status_code == 200
    Membership.objects.filter(pk=member.pk).update(is_active=False)
    assert read(other).status_code == 404
    assert read("/feeds/guess.ics").status_code == 404


def test_only_the_hash_is_kept_and_the_secret_is_in_no_journal_entry(member: Membership) -> None:
    secret = subscribe(member).removeprefix("/feeds/").removesuffix(".ics")
    assert secret not in str(list(FeedAddress.objects.values()))
    assert secret not in str(list(Entry.objects.values()))


def test_the_feed_of_another_cannot_be_revoked(member: Membership) -> None:
    subscribe(member)
    other = actor_of(make_member(member.organisation, "applicant"), "web")
    with pytest.raises(FeedNotFound):
        revoke_feed(other, FeedAddress.objects.get().pk)
    assert FeedAddress.objects.get().revoked_at is None


def test_feeds_have_a_limit(member: Membership) -> None:
    for _ in range(MOST_FEEDS):
        subscribe(member)
    with pytest.raises(TooManyFeeds):
        subscribe(member)


def test_the_page_shows_the_address_once(member: Membership) -> None:
    client = browse(member)
    made = client.post("/calendar/feeds/", {"sponsor": ""})
    address = parse(made).css_first("#secret")
    assert address is not None
    assert read(address.text().partition("127.0.0.1")[2]).status_code == 200
    assert address.text() not in text_of(client.get("/calendar/feeds/"))
    client.post(f"/calendar/feeds/{FeedAddress.objects.get().pk}/revoke/")
    assert read(address.text().partition("127.0.0.1")[2]).status_code == 404


def make_told(key: str, on: date = date(2026, 5, 1), summary: str = "x") -> Told:
    return Told(key, on, summary, "", "/", 0, NOW)


def test_a_date_that_comes_back_is_no_longer_cancelled() -> None:
    told = {"a": make_told("a")}
    (gone,) = compute_next(told, [], NOW, WINDOW)
    (back,) = compute_next({"a": gone}, [make_told("a")], NOW + timedelta(days=1), WINDOW)
    assert gone.cancelled_at == NOW
    assert (back.cancelled_at, back.sequence) == (None, 2)


def test_a_date_that_passed_out_of_the_window_is_dropped_and_not_cancelled() -> None:
    assert compute_next({"a": make_told("a", date(2025, 12, 31))}, [], NOW, WINDOW) == []


@given(st.lists(st.lists(st.sampled_from("abc"), unique=True), max_size=6))
def test_a_sequence_never_goes_back_and_a_uid_is_never_lost_before_its_time(rounds: list[list[str]]) -> None:
    told: dict[str, Told] = {}
    for number, keys in enumerate(rounds):
        now = NOW + timedelta(days=number)
        following = {t.key: t for t in compute_next(told, map(make_told, keys), now, WINDOW)}
        assert set(told) <= set(following)
        assert all(following[k].sequence >= t.sequence for k, t in told.items())
        assert {k for k, t in following.items() if t.cancelled_at is None} == set(keys)
        told = following
    assert timedelta(days=len(rounds)) < KEPT_AFTER_CANCELLING


@given(st.text(max_size=120), st.text(max_size=300))
def test_any_text_is_written_so_that_both_parsers_read_it(summary: str, description: str) -> None:
    told = Told("case:1", date(2026, 5, 1), summary, description, "/cases/1/", 3, NOW)
    content = write_feed([told], 7, "https://beian.example.cn", "zh")
    (event,) = read_strictly(content)
    assert event["SEQUENCE"] == "3"
    (parsed,) = Calendar.from_ical(content).walk("VEVENT")
    assert str(parsed["UID"]) == event["UID"] == "case-1.7@openbeian"
