"""Template tags: both languages side by side, icons, dates with the days that are left, masked values."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from lucide.templatetags.lucide import lucide

from openbeian.kernel import clock
from openbeian.kernel.text import Text
from openbeian.rules.procedures import Procedure

register = template.Library()


@register.simple_tag(takes_context=True)
def t(context: dict[str, Any], zh: str, en: str, **places: object) -> str:
    """`{% t "暂存" "Save draft" %}`: both languages stand where they are used, so neither can go missing."""
    sentence = en if context.get("language") == "en" else zh
    return sentence.format(**places) if places else sentence


@register.simple_tag(takes_context=True)
def say(context: dict[str, Any], text: Text | str | None) -> str:
    """A bilingual text in the reader's language."""
    if isinstance(text, Text):
        return text("en" if context.get("language") == "en" else "zh")
    return text or ""


@register.simple_tag
def icon(name: str, size: int = 18) -> SafeString:
    """A decorative icon, hidden from screen readers; the word beside it carries the meaning."""
    return _render_icon(name, size)


@lru_cache(maxsize=512)
def _render_icon(name: str, size: int) -> SafeString:
    return SafeString(lucide(name, size=size, aria_hidden="true", focusable="false", **{"class": "icon"}))


@register.filter
def day(value: date | datetime | None) -> str:
    """2026-03-01, the day in China."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = clock.legal_day(value)
    return value.isoformat()


@register.filter
def moment(value: datetime | None) -> str:
    """2026-03-01 14:05, China time."""
    return value.astimezone(clock.CHINA).strftime("%Y-%m-%d %H:%M") if value else ""


@register.filter
def unlocalised(value: float) -> str:
    """A number as drawings need it: 2026 and 12.5, whatever the language."""
    return f"{value:g}" if isinstance(value, float) else str(value)


@register.filter
def grouped(number: int) -> str:
    """1234567 as 1,234,567."""
    return f"{number:,}"


@register.simple_tag(takes_context=True)
def days_left(context: dict[str, Any], due_on: date | None) -> SafeString | str:
    """A due day and how many days are left, as a `<time>` with a tone for colour."""
    if due_on is None:
        return ""
    left = (due_on - clock.today()).days
    english = context.get("language") == "en"
    if left < 0:
        tone, words = "bad", f"{-left} days overdue" if english else f"已超 {-left} 天"
    elif left == 0:
        tone, words = "warn", "today" if english else "今天到期"
    else:
        tone = "warn" if left <= 3 else "calm"
        words = f"{left} days left" if english else f"还剩 {left} 天"
    return format_html(
        '<time class="due" data-tone="{}" datetime="{}">{} · {}</time>', tone, due_on.isoformat(), due_on, words
    )


@register.simple_tag(takes_context=True)
def verb_label(context: dict[str, Any], procedure: Procedure, verb: str) -> str:
    """What a verb of a procedure is called."""
    return say(context, procedure.flow.verbs.get(verb, verb))
