"""The portal's menu: which pages a person's rights open, in groups, in the order they are used."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from openbeian.kernel.actor import Actor
from openbeian.kernel.text import Text


@dataclass(frozen=True, slots=True)
class Place:
    """One entry of the menu. `permissions`: any of them opens it; none means everybody signed in.
    `kinds`: which kinds of organisation it is of use to; none means all."""

    route: str
    label: Text
    icon: str
    permissions: tuple[str, ...] = ()
    match: str = ""
    kinds: tuple[str, ...] = ()


WORK = Text("工作", "Work")
RECORD = Text("档案", "Record")
SUPERVISION = Text("监督", "Supervision")
SYSTEM = Text("系统", "System")

PLACES: dict[Text, tuple[Place, ...]] = {
    WORK: (
        Place("today", Text("今日", "Today"), "sun"),
        Place("desk", Text("审核台", "Review desk"), "gavel", ("case.review", "case.decide"), "/desk/"),
        Place("obligations", Text("义务", "Obligations"), "calendar-check", ("record.read",), "/obligations/"),
        Place("cases", Text("办件", "Cases"), "files", ("case.read",), "/cases/"),
        Place("calendar", Text("日历", "Calendar"), "calendar-days", ("case.read",), "/calendar/"),
    ),
    RECORD: (
        Place("sponsors", Text("主体", "Sponsors"), "building-2", ("record.read",), "/sponsors/"),
        Place("services", Text("服务", "Services"), "globe", ("record.read",), "/services/"),
        Place("licences", Text("许可证", "Licences"), "badge-check", ("record.read",), "/licences/"),
    ),
    SUPERVISION: (
        Place("watch", Text("巡检", "Watch"), "radar", ("record.read",), "/watch/"),
        Place("findings", Text("问题", "Findings"), "flag", ("record.read",), "/findings/"),
        Place("reports", Text("年报", "Annual reports"), "clipboard-list", ("record.read",), "/reports/"),
        Place("inspections", Text("检查", "Inspections"), "clipboard-check", ("record.read",), "/inspections/"),
        Place("traffic", Text("访问量", "Traffic"), "chart-column", ("record.read",), "/traffic/"),
    ),
    SYSTEM: (
        Place(
            "interface",
            Text("对接", "Interface"),
            "plug",
            ("interface.read",),
            "/interface/",
            ("access_provider", "agency"),
        ),
        Place("rules", Text("规则", "Rules"), "scale", (), "/rules/"),
        Place("jobs", Text("任务", "Jobs"), "list-checks", ("import.run",), "/jobs/"),
        Place("journal", Text("日志", "Journal"), "scroll-text", ("journal.read", "installation.manage"), "/journal/"),
        Place("settings", Text("设置", "Settings"), "settings", (), "/settings/"),
    ),
}


@dataclass(frozen=True, slots=True)
class Link:
    """`heading`: of the group that begins with this link."""

    heading: Text | None
    label: Text
    url: str
    icon: str
    is_current: bool


def list_navigation(actor: Actor | None, path: str) -> list[Link]:
    """The menu of this actor with the current place marked; empty for the public."""
    if actor is None:
        return []
    links: list[Link] = []
    for heading, places in PLACES.items():
        before = len(links)
        for place in places:
            if place.permissions and not any(actor.may(p) for p in place.permissions):
                continue
            if place.kinds and actor.organisation_kind not in place.kinds:
                continue
            url = reverse(place.route)
            current = path == url or bool(place.match and path.startswith(place.match))
            links.append(Link(heading if len(links) == before else None, place.label, url, place.icon, current))
    return links
