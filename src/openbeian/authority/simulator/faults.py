"""Faults a simulated bureau commits on purpose, read from a YAML file, chosen by a seeded die."""

from __future__ import annotations

import random
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, cast, get_args

import yaml

from openbeian.authority.errors import AuthorityError
from openbeian.authority.interface import get_interface
from openbeian.kernel.text import Text

Kind = Literal["drop_before", "drop_after", "duplicate", "delay", "truncate", "wrong_hash", "reorder", "status", "slow"]

_LONGEST_S: Final = 60.0
_KEYS: Final = {"fault", "method", "probability", "seconds", "status"}


class FaultsUnreadable(AuthorityError):
    """The file of faults is not one."""

    code = "faults_unreadable"
    status = 422
    message = Text(
        "故障文件有误：{reason}。格式见对接指南。",
        "The file of faults is wrong: {reason}. The authority-interface guide shows its form.",
    )


@dataclass(frozen=True, slots=True)
class FaultRule:
    """How often a method suffers a fault; `method` empty means all, `seconds` at most 60."""

    fault: Kind
    method: str = ""
    probability: float = 1.0
    seconds: float = 0.2
    status: int = 503


class Faults:
    """Rolls the die for each call; the same seed and order of calls give the same faults."""

    def __init__(self, rules: Sequence[FaultRule] = (), seed: int = 0) -> None:
        self.rules = tuple(rules)
        self._die = random.Random(seed)  # noqa: S311  a reproducible die, no secret
        self._lock = threading.Lock()

    def roll(self, method: str) -> dict[Kind, FaultRule]:
        """The faults this call suffers, by kind."""
        with self._lock:
            return {
                rule.fault: rule
                for rule in self.rules
                if rule.method in {"", method} and self._die.random() < rule.probability
            }


def read_faults(path: Path) -> Faults:
    """Faults from YAML: `seed: 7` and `rules:`, a list of `{fault, method, probability, seconds, status}`.

    Raises: FaultsUnreadable.
    """
    try:
        source = yaml.safe_load(path.read_text(encoding="utf-8"))
        rules = [_read_rule(entry) for entry in source["rules"]]
        return Faults(rules, int(source.get("seed", 0)))
    except (OSError, yaml.YAMLError, KeyError, TypeError, AttributeError, ValueError) as error:
        raise FaultsUnreadable(reason=str(error)[:200]) from error


def _read_rule(entry: dict[str, object]) -> FaultRule:
    if set(entry) - _KEYS:
        raise ValueError(f"unknown keys {sorted(set(entry) - _KEYS)}")
    fault, method = entry["fault"], str(entry.get("method", ""))
    if fault not in get_args(Kind):
        raise ValueError(f"no such fault: {fault}")
    if method and method not in get_interface().methods:
        raise ValueError(f"no such method: {method}")
    return FaultRule(
        fault=cast(Kind, fault),
        method=method,
        probability=float(str(entry.get("probability", 1))),
        seconds=min(float(str(entry.get("seconds", 0.2))), _LONGEST_S),
        status=int(str(entry.get("status", 503))),
    )
