"""Inspections without a database: the lot, what several devices said of an item, and what a photograph must tell. Pure."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from openbeian.kernel.text import Text


class State(StrEnum):
    """Where an inspection stands."""

    PLANNED = "planned"
    UNDER_WAY = "under_way"
    RECTIFYING = "rectifying"
    CLOSED = "closed"


STATES: dict[str, Text] = {
    State.PLANNED: Text("待检查", "To be done"),
    State.UNDER_WAY: Text("检查中", "Under way"),
    State.RECTIFYING: Text("整改中", "Being rectified"),
    State.CLOSED: Text("已办结", "Closed"),
}

ANSWERS: dict[str, Text] = {
    "met": Text("符合", "In order"),
    "not_met": Text("不符合", "Not in order"),
    "cannot_tell": Text("无法判断", "Cannot tell"),
    "not_applicable": Text("不涉及", "Does not apply"),
}

ROLES: dict[str, Text] = {
    "inspector_1": Text("检查员一", "First inspector"),
    "inspector_2": Text("检查员二", "Second inspector"),
    "inspected": Text("被检查单位", "The inspected"),
}

SEED_LENGTH = (4, 120)
FUTURE_TOLERANCE = timedelta(minutes=10)
OLDEST_PHOTO = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One of those that may be drawn: `key` names it for good (as `licence:12`), `weight` multiplies its chance."""

    key: str
    weight: int


def count_draws(population: int, share_percent: int, at_least: int, at_most: int) -> int:
    """How many are drawn: the share rounded up, within its bounds, never more than there are."""
    share = math.ceil(population * share_percent / 100)
    return min(population, max(at_least, min(share, at_most)))


def draw(candidates: Iterable[Candidate], count: int, seed: str) -> list[str]:
    """The keys drawn, in the order of the lot. Whoever has the seed and the list draws the same again, anywhere.

    Each candidate's ticket is u^(1/weight) with u from SHA-256 of seed and key; the highest win. That is weighted
    sampling without replacement (Efraimidis and Spirakis, 2006), and neither order nor platform matters.
    """
    ranked = sorted((_ticket(seed, c), c.key) for c in candidates if c.weight > 0)
    return [key for _, key in reversed(ranked[-count:])] if count > 0 else []


def _ticket(seed: str, candidate: Candidate) -> float:
    # log(u)/w orders like u^(1/w) and loses nothing to rounding near one.
    return math.log(_uniform(seed, candidate.key)) / candidate.weight


def _uniform(seed: str, key: str) -> float:
    """Between 0 and 1, neither of them: 53 bits of SHA-256."""
    digest = hashlib.sha256(f"{seed}\n{key}".encode()).digest()
    return ((int.from_bytes(digest[:8], "big") >> 11) + 0.5) / (1 << 53)


def assign(
    drawn: Sequence[str], inspectors: Sequence[int], barred: Mapping[str, frozenset[int]], count: int, seed: str
) -> dict[str, list[int]]:
    """For each key drawn `count` inspectors by lot, none of whom is barred from it, the work spread evenly.

    A key for which there are too few is left out: the caller refuses the draw.
    """
    load = dict.fromkeys(inspectors, 0)
    assigned: dict[str, list[int]] = {}
    for key in drawn:
        free = [i for i in inspectors if i not in barred.get(key, frozenset())]
        if len(free) < count:
            continue
        chosen = sorted(free, key=lambda i: (load[i], _uniform(seed, f"{key}\n{i}")))[:count]
        for one in chosen:
            load[one] += 1
        assigned[key] = chosen
    return assigned


@dataclass(frozen=True, slots=True)
class Said:
    """One entry of a device about an item. `bases` are the entries its author saw and replaces."""

    uuid: str
    item: str
    answer: str
    note: str
    bases: tuple[str, ...]


def find_heads(entries: Iterable[Said]) -> dict[str, list[Said]]:
    """For each item what nobody has replaced. One: the answer. Several: devices that did not know of each other.

    The order in which entries arrive makes no difference, and nothing that was said is ever lost.
    """
    listed = list(entries)
    replaced = {base for e in listed for base in e.bases}
    heads: dict[str, list[Said]] = {}
    for entry in listed:
        if entry.uuid not in replaced:
            heads.setdefault(entry.item, []).append(entry)
    return {item: sorted(of_item, key=lambda e: e.uuid) for item, of_item in heads.items()}


def is_conflict(heads: Sequence[Said]) -> bool:
    """Whether unreplaced entries say different things; the same said twice is no quarrel."""
    return len({(h.answer, h.note) for h in heads}) > 1


def digest_answers(heads: Mapping[str, Sequence[Said]]) -> str:
    """SHA-256 of what stands, so that a signature can tell which answers were signed."""
    lines = [f"{i}\t{h.answer}\t{h.note}" for i in sorted(heads) for h in heads[i]]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


class PhotoTime(StrEnum):
    """Where a photograph's time comes from."""

    EXIF = "exif"
    TYPED = "typed"


PHOTO_TIMES: dict[str, Text] = {
    PhotoTime.EXIF: Text("照片自带", "from the photograph"),
    PhotoTime.TYPED: Text("检查员填写", "typed by the inspector"),
}


@dataclass(frozen=True, slots=True)
class PhotoMoment:
    """When a photograph was taken and how we know; `doubt` is a reason to look twice, empty without one."""

    at: datetime
    source: PhotoTime
    doubt: str


DOUBTS: dict[str, Text] = {
    "": Text("", ""),
    "typed": Text("照片没有自带时间，由检查员填写", "The photograph bears no time; the inspector typed it"),
    "old": Text("拍摄时间早于检查开始一天以上", "Taken more than a day before the inspection began"),
}


def judge_photo_time(
    exif: datetime | None, typed: datetime | None, *, began_at: datetime, now: datetime
) -> PhotoMoment | None:
    """The photograph's own time counts, else what was typed; one that lies ahead is none. None without either."""
    latest = now + FUTURE_TOLERANCE
    for at, source in ((exif, PhotoTime.EXIF), (typed, PhotoTime.TYPED)):
        if at is not None and at <= latest:
            doubt = "" if source is PhotoTime.EXIF else "typed"
            return PhotoMoment(at, source, "old" if at < began_at - OLDEST_PHOTO else doubt)
    return None
