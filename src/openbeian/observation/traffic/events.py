"""What happened with access logs."""

from __future__ import annotations

from openbeian.journal.events import event

TrafficSaved = event("traffic.saved", "保存访问日志统计", "Counts of access logs were saved")
TrafficVisitorsForgotten = event(
    "traffic.visitors_forgotten", "删除访问统计中的访客标识", "The visitors in traffic counts were forgotten"
)
