"""Channels, due items and members for the tests of notifications."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from openbeian.accounts.models import Organisation
from openbeian.kernel import clock
from openbeian.notifications.actions.remind import remind
from openbeian.notifications.models import Channel
from openbeian.notifications.ports import DueItem

_count = itertools.count(1)


def make_channel(organisation: Organisation, kind: str = "webhook", **fields: Any) -> Channel:
    address = "person@example.cn" if kind == "email" else "https://hook.example.cn/x?key=t0ken"
    return Channel.objects.create(
        **{
            "organisation": organisation,
            "kind": kind,
            "name": "测试渠道",
            "address": address,
            "created_at": clock.now(),
        }
        | fields
    )


def make_item(organisation: Organisation, **fields: Any) -> DueItem:
    number = next(_count)
    return DueItem(
        **{
            "key": f"test:{number}",
            "stage": "due",
            "kind": "reminder.obligation",
            "organisation_id": organisation.pk,
            "permission": "case.write",
            "title": f"年报 {number}",
            "subject": ("service", str(number)),
            "path": f"/services/{number}/",
            "due_on": date(2026, 3, 31),
        }
        | fields
    )


@dataclass
class Items:
    """A source of due items that lists what it was given."""

    items: list[DueItem] = field(default_factory=list)

    def list_due_items(self, today: date) -> Iterable[DueItem]:
        return list(self.items)


def remind_of(*items: DueItem) -> dict[str, int]:
    return remind([Items(list(items))])
