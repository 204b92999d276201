"""From notices to a message in the channel's language: one sentence each, grouped by whose they are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from openbeian.kernel.text import Language, Text
from openbeian.notifications.decisions import make_line
from openbeian.notifications.kinds import KINDS
from openbeian.notifications.models import Channel, Delivery, Notice
from openbeian.notifications.ports import Line, Message

REPEAT = Text("（可能重复：上次发送结果不明）", " (perhaps again: the last attempt's outcome is unknown)")
REFERENCE = Text("编号", "Reference")
OPEN = Text("打开", "Open")

MOST_LINES = 50
_KNOW_MOBILES = frozenset({"dingtalk", "wecom"})
_LONGEST_SENTENCE = 400
_NO_DAY = Text("未定", "not fixed")
_DIGEST_TITLE = Text("备案待办摘要：{count} 项", "Filing digest: {count} items")
_MORE = Text("另有 {count} 项，请登录查看。", "{count} more; sign in to see them.")
_NOBODY = Text("未指定负责人", "Nobody in charge")
_TEST_TITLE = Text("测试消息", "Test message")
_TEST_LINE = Text(
    "这是 OpenBeian 的测试消息，收到即表示渠道「{channel}」可用。",
    "A test from OpenBeian: if you can read this, the channel “{channel}” works.",
)


def render_sentence(notice: Notice, language: Language) -> str:
    """What a notice says, on one line."""
    kind = KINDS.get(notice.kind)
    title = Text(notice.title, notice.title_en or notice.title)
    if kind is None:
        return make_line(title(language), _LONGEST_SENTENCE)
    places: dict[str, object] = {
        "title": title,
        "due": _day(notice.due_on),
        "detail": Text(notice.detail_zh, notice.detail_en),
        "days": notice.occurrence.rpartition("+")[2],
    }
    sentence = (_is_late(notice) and kind.late_sentence) or kind.sentence
    return make_line(sentence.format(**places)(language), _LONGEST_SENTENCE)


def render_title(notice: Notice, language: Language) -> str:
    """What sort of notice it is."""
    kind = KINDS.get(notice.kind)
    if kind is None:
        return notice.kind
    return ((_is_late(notice) and kind.late_label) or kind.label)(language)


def _is_late(notice: Notice) -> bool:
    return notice.occurrence.endswith("#overdue")


def render_message(delivery: Delivery, portal_url: str) -> Message:
    """The message of a delivery. `portal_url` is the portal's own address without a slash at the end."""
    channel = delivery.channel
    language: Language = "en" if channel.language == "en" else "zh"
    title, lines = _render_body(delivery, channel, language, portal_url)
    return Message(
        key=delivery.key,
        language=language,
        title=title,
        lines=lines,
        link=f"{portal_url}/inbox/",
        mention=_list_mentioned(delivery, channel),
        is_repeat=delivery.is_repeat,
        attempt=delivery.attempts,
    )


def _list_mentioned(delivery: Delivery, channel: Channel) -> tuple[str, ...]:
    """Whom the channel always calls, and where its robot knows people by their mobile those whose notices these are."""
    named = channel.mention.split()
    if channel.kind in _KNOW_MOBILES:
        notices = delivery.notices.select_related("owner").filter(owner__isnull=False).order_by("due_on", "pk")
        named += [notice.owner.mobile for notice in notices[:MOST_LINES] if notice.owner and notice.owner.mobile]
    return tuple(dict.fromkeys(named))


def _render_body(
    delivery: Delivery, channel: Channel, language: Language, portal_url: str
) -> tuple[str, tuple[Line, ...]]:
    if delivery.is_test:
        return _TEST_TITLE(language), (Line(_TEST_LINE.format(channel=make_line(channel.name, 80))(language)),)
    notices = list(delivery.notices.select_related("owner").order_by("due_on", "pk"))
    if delivery.digest_of is None and len(notices) == 1:
        return render_title(notices[0], language), (_line(notices[0], language, portal_url),)
    return _DIGEST_TITLE.format(count=len(notices))(language), _digest(notices, language, portal_url)


def _digest(notices: Sequence[Notice], language: Language, portal_url: str) -> tuple[Line, ...]:
    """The most urgent first within each owner, what nobody owns last; bounded, because robots refuse long messages."""
    by_owner = sorted(notices, key=lambda n: (n.owner is None, n.owner.name if n.owner else "", n.due_on or date.max))
    lines = [_line(n, language, portal_url, grouped=True) for n in by_owner[:MOST_LINES]]
    if len(notices) > MOST_LINES:
        lines.append(Line(_MORE.format(count=len(notices) - MOST_LINES)(language), f"{portal_url}/inbox/"))
    return tuple(lines)


def _line(notice: Notice, language: Language, portal_url: str, *, grouped: bool = False) -> Line:
    owner = ""
    if grouped:
        owner = make_line(notice.owner.name, 80) if notice.owner else _NOBODY(language)
    return Line(render_sentence(notice, language), f"{portal_url}{notice.path}" if notice.path else "", owner)


def _day(day: date | None) -> Text:
    return Text(day.isoformat(), day.isoformat()) if day else _NO_DAY


def write_plain(message: Message, longest_bytes: int | None = None) -> str:
    """A message as plain lines, for letters and robots without markup; cut at whole lines where a robot has a limit."""
    head = f"【OpenBeian】{message.title}" + (REPEAT(message.language) if message.is_repeat else "")
    foot = f"{REFERENCE(message.language)} {message.reference}"
    written, owner = [head], ""
    room = (longest_bytes or 10**9) - len(head.encode()) - len(foot.encode()) - 40
    for line in message.lines:
        parts = [f"— {line.owner} —"] if line.owner and line.owner != owner else []
        owner = line.owner
        parts += [line.sentence, *([line.link] if line.link else [])]
        room -= sum(len(p.encode()) + 1 for p in parts)
        if room < 0:
            written.append("…")
            break
        written += parts
    return "\n".join([*written, foot])
