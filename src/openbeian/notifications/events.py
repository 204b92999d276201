"""Facts about notification channels; what was sent is told by the log of deliveries, not by the journal."""

from __future__ import annotations

from openbeian.journal.events import event

ChannelAdded = event("channel.added", "添加通知渠道", "A notification channel was added")
ChannelChanged = event("channel.changed", "修改通知渠道", "A notification channel was changed")
EscalationChanged = event("escalation.changed", "修改无人处理时的上报天数", "The days before escalation were changed")
