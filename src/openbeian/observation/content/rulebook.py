"""Opens the YAML files under `rulebook/` that the content readers use; the law stays there, not in code."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from openbeian.kernel.text import Text
from openbeian.observation.content.errors import ContentRulebookInvalid
from openbeian.rules.rulebook import rulebook_path


def read_rules(name: str, *, keys: tuple[str, ...]) -> Mapping[str, Any]:
    """One YAML mapping, for example `content/footer.yaml`, read once a process; unknown and missing keys are refused.

    Raises: ContentRulebookInvalid naming the file and the key.
    """
    named = os.environ.get("OPENBEIAN_RULEBOOK"), os.environ.get("OPENBEIAN_ROOT")
    return _read_once(name, keys, named)


@lru_cache(maxsize=16)
def _read_once(name: str, keys: tuple[str, ...], named: tuple[str | None, str | None]) -> Mapping[str, Any]:
    # Asked at every page: even finding the folder would take longer than judging a footer. `named` is what decides it.
    return read_rules_file(rulebook_path() / name, keys=keys)


def read_rules_file(path: Path, *, keys: Iterable[str]) -> Mapping[str, Any]:
    """As `read_rules`, for a file anywhere (an installation's own lexicon)."""
    try:
        content = yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as fault:
        raise ContentRulebookInvalid(name=path.name, reason=type(fault).__name__) from fault
    if not isinstance(content, dict):
        raise ContentRulebookInvalid(name=path.name, reason=Text("应为映射", "a mapping is expected"))
    odd = set(content) ^ set(keys)
    if odd:
        raise ContentRulebookInvalid(
            name=path.name,
            reason=Text("多出或缺少键：{odd}", "keys too many or missing: {odd}").format(odd=sorted(odd)),
        )
    return content
