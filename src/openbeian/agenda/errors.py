"""Refusals about feeds."""

from __future__ import annotations

from openbeian.kernel.errors import OpenBeianError
from openbeian.kernel.text import Text


class FeedNotFound(OpenBeianError):
    """Also for a feed that was revoked, and for one whose person has left: nobody can tell the difference."""

    code = "feed_not_found"
    status = 404
    message = Text(
        "没有这个日历地址，或它已被停用。请在“日历”页重新创建。",
        "There is no such calendar address, or it was revoked. Make a new one on the page “Calendar”.",
    )


class TooManyFeeds(OpenBeianError):
    code = "too_many_feeds"
    status = 409
    message = Text(
        "每人最多 {most} 个日历地址。请先停用不再使用的。",
        "A person has at most {most} calendar addresses. Revoke one that is no longer used.",
    )
