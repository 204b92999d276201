"""Facts about feeds."""

from __future__ import annotations

from openbeian.journal.events import event

FeedCreated = event("feed.created", "创建日历订阅地址", "A calendar feed address was made")
FeedRevoked = event("feed.revoked", "停用日历订阅地址", "A calendar feed address was revoked")
