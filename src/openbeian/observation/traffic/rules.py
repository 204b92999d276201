"""The counting rules from `rulebook/traffic`: what a page view, a visit, a robot and an internal address is."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.metadata import version
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any

import yaml

from openbeian.kernel.text import Text
from openbeian.observation.traffic.errors import RulesUnusable

MEASURES = frozenset({"requests", "page_views", "robots_txt", "client_errors", "client_errors_percent"})


@dataclass(frozen=True, slots=True)
class BehaviourRule:
    """A visitor is a robot on a day when each measure reaches its number."""

    id: str
    name: Text
    when: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Duty:
    """A duty to keep logs: `months` or `days`, whichever is set."""

    id: str
    name: Text
    source: Text
    months: int
    days: int


@dataclass(frozen=True, slots=True)
class CountingRules:
    """Everything a figure depends on besides the log itself."""

    version: str
    definitions: Mapping[str, Text]
    page_methods: tuple[str, ...]
    page_statuses: tuple[tuple[int, int], ...]
    not_pages: tuple[str, ...]
    asset_suffixes: tuple[str, ...]
    idle_s: int
    agents_without_name_are_robots: bool
    behaviour: tuple[BehaviourRule, ...]
    internal_name: Text
    internal: tuple[IPv4Network | IPv6Network, ...]
    duties: tuple[Duty, ...]


def with_regions(rules: CountingRules, regions: str) -> CountingRules:
    """The same rules, their version naming the IP database too."""
    return replace(rules, version=f"{rules.version} · {regions}")


def own_networks() -> tuple[IPv4Network | IPv6Network, ...]:
    """The installation's own internal networks: OPENBEIAN_INTERNAL_NETWORKS, apart by blanks or commas.

    Raises: RulesUnusable for what is no network.
    """
    found = []
    for text in os.environ.get("OPENBEIAN_INTERNAL_NETWORKS", "").replace(",", " ").split():
        try:
            found.append(ip_network(text))
        except ValueError as fault:
            raise RulesUnusable(
                why=Text(
                    f"OPENBEIAN_INTERNAL_NETWORKS 中的 {text[:50]} 不是网段",
                    f"{text[:50]} in OPENBEIAN_INTERNAL_NETWORKS is no network",
                )
            ) from fault
    return tuple(found)


def rulebook_folder() -> Path:
    """Where the rulebook stands: beside the launcher, or beside `src` in a checkout."""
    root = os.environ.get("OPENBEIAN_ROOT")
    return (Path(root) if root else Path(__file__).resolve().parents[4]) / "rulebook" / "traffic"


def _read(folder: Path, name: str) -> dict[str, Any]:
    content = yaml.safe_load((folder / f"{name}.yaml").read_text(encoding="utf-8"))
    if not isinstance(content, dict) or content.get("id") != f"traffic.{name}":
        raise ValueError(f"{name}.yaml has no id traffic.{name}")
    return content


def _behaviour(source: Mapping[str, Any]) -> BehaviourRule:
    when = {str(measure): int(number) for measure, number in source["when"].items()}
    if not when or not set(when) <= MEASURES:
        raise ValueError(f"rule {source['id']} uses unknown measures {sorted(set(when) - MEASURES)}")
    return BehaviourRule(str(source["id"]), Text.read(source["name"]), when)


def load_rules(folder: Path | None = None) -> CountingRules:
    """Reads the four files of the traffic rulebook.

    Raises: RulesUnusable when a file is missing, a key is absent or a measure is unknown.
    """
    folder = folder or rulebook_folder()
    own = own_networks()
    listed = f" + {' '.join(map(str, own))}" if own else ""
    try:
        counting, robots, internal, retention = (
            _read(folder, n) for n in ("counting", "robots", "internal", "retention")
        )
        page = counting["page_view"]
        return CountingRules(
            version=f"counting {counting['version']} · robots {robots['version']} · internal {internal['version']}{listed}"
            f" · crawlerdetect {version('crawlerdetect')}",
            definitions={name: Text.read(text) for name, text in counting["definitions"].items()},
            page_methods=tuple(map(str, page["methods"])),
            page_statuses=tuple((int(low), int(high)) for low, high in page["statuses"]),
            not_pages=tuple(map(str, page["not_pages"])),
            asset_suffixes=tuple(map(str, page["asset_suffixes"])),
            idle_s=int(counting["visit"]["idle_minutes"]) * 60,
            agents_without_name_are_robots=robots["agents_without_name"] == "robot",
            behaviour=tuple(map(_behaviour, robots["rules"])),
            internal_name=Text.read(internal["name"]),
            internal=(*(ip_network(n) for n in internal["networks"]), *own),
            duties=tuple(
                Duty(
                    d["id"],
                    Text.read(d["name"]),
                    Text.read(d["source"]),
                    int(d.get("months", 0)),
                    int(d.get("days", 0)),
                )
                for d in retention["duties"]
            ),
        )
    except (OSError, ValueError, KeyError, TypeError, yaml.YAMLError) as fault:
        raise RulesUnusable(why=f"{type(fault).__name__}: {fault}") from fault
