"""Opens the YAML files under `rulebook/` that the content readers use; the law stays there, not in code."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from openbeian.kernel.text import Text
from openbeian.observation.content.errors import ContentRulebookInvalid


def rulebook_folder() -> Path:
    """The folder `rulebook/`: under OPENBEIAN_ROOT, else beside the nearest folder above this file.

    Raises: ContentRulebookInvalid when there is none.
    """
    root = os.environ.get("OPENBEIAN_ROOT")
    above = [Path(root)] if root else list(Path(__file__).resolve().parents)
    for folder in above:
        if (folder / "rulebook").is_dir():
            return folder / "rulebook"
    raise ContentRulebookInvalid(name="rulebook/", reason=Text("找不到目录", "the folder is not there"))


def read_rules(name: str, *, keys: Iterable[str]) -> Mapping[str, Any]:
    """One YAML mapping, for example `content/footer.yaml`; unknown and missing keys are refused.

    Raises: ContentRulebookInvalid naming the file and the key.
    """
    return read_rules_file(rulebook_folder() / name, keys=keys)


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
