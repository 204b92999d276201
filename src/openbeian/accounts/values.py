"""Reads the few values that accounts take from forms, so that every door refuses the same ones."""

from __future__ import annotations

from openbeian.accounts.errors import ValueMissing
from openbeian.kernel.contacts import parse_mailbox
from openbeian.kernel.errors import Fault
from openbeian.kernel.text import Text

LONGEST_NAME = 80


def check_name(value: str, field: str, *, longest: int = LONGEST_NAME) -> str:
    """A name on one line, trimmed. Raises: ValueMissing with the fault's field."""
    name = " ".join(value.split())
    if not name:
        raise ValueMissing(
            faults=[Fault(field, Text("未填写。", "It is empty."), Text("请填写。", "Fill it in."), "required")]
        )
    if len(name) > longest or not name.isprintable():
        raise ValueMissing(
            Text("有一项过长或含不可见字符。", "Something is too long or holds invisible characters."),
            faults=[
                Fault(
                    field,
                    Text(f"超过 {longest} 字或含不可见字符。", f"It is over {longest} characters or not all visible."),
                    Text("请缩短或重新输入。", "Shorten it or type it again."),
                    "name.length",
                    name[:longest],
                )
            ],
        )
    return name


def check_email(value: str) -> str:
    """An address in lower case, as people sign in with it. Raises: ValueRefused."""
    return parse_mailbox(value.strip()).lower()
