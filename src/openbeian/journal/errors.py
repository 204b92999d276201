"""Refusals of the journal."""

from __future__ import annotations

from openbeian.kernel.errors import OpenBeianError
from openbeian.kernel.text import Text


class JournalIsAppendOnly(OpenBeianError):
    code = "journal_append_only"
    status = 409
    message = Text(
        "日志只能追加，不能修改或删除。", "The journal is append-only; entries are neither changed nor deleted."
    )


class JournalBroken(OpenBeianError):
    code = "journal_broken"
    message = Text(
        "日志链在第 {sequence} 条断开：{why}。该条及其后的记录不可信。",
        "The journal breaks at entry {sequence}: {why}. That entry and those after it cannot be trusted.",
    )
