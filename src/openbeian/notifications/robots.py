"""What the group robots of all vendors have in common: HTTP 200 says nothing, the code in the reply's body does."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from openbeian.notifications.decisions import mask_answer
from openbeian.notifications.errors import MessageRefused, MessageUndelivered
from openbeian.notifications.guarded_post import GuardedPost, Reply


def post_to_robot(
    network: GuardedPost, url: str, payload: dict[str, Any], codes: tuple[str, ...], busy: Collection[int], secret: str
) -> str:
    """The robot's own answer when its code is 0. `codes` are the fields that may hold it, `busy` the codes that pass.

    Raises: MessageRefused for any other code, MessageUndelivered for `busy` ones and for what is no reply at all.
    """
    content = json.dumps(payload, ensure_ascii=False).encode()
    reply = network.post(url, content, {"Content-Type": "application/json; charset=utf-8"})
    answer = mask_answer(f"HTTP {reply.status} {reply.text}", secret, url)
    code = _read_code(reply, codes)
    if code is None:
        if 400 <= reply.status < 500 and reply.status not in {408, 429}:
            raise MessageRefused(answer)
        raise MessageUndelivered(answer)
    if code == 0:
        return answer
    if code in busy:
        raise MessageUndelivered(answer)
    raise MessageRefused(answer)


def _read_code(reply: Reply, codes: tuple[str, ...]) -> int | None:
    try:
        body: Any = json.loads(reply.body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(body, dict):
        return None
    found = [body[name] for name in codes if isinstance(body.get(name), int)]
    return next(iter(found), None)
