"""Facts about what is followed here beside the law."""

from __future__ import annotations

from openbeian.journal.events import event

PolicySwitchedOn = event(
    "policy.switched_on", "启用内部政策（非法律规定）", "A claim was switched on as policy, not law"
)
PolicySwitchedOff = event("policy.switched_off", "停用内部政策", "A policy was switched off")
ArrangementLoaded = event("arrangement.loaded", "录入年度放假安排", "A year's holiday arrangement was loaded")
ArrangementRemoved = event("arrangement.removed", "删除录入的放假安排", "A loaded holiday arrangement was removed")
