"""What happened with access logs."""

from __future__ import annotations

from openbeian.journal.events import event

TrafficSaved = event("traffic.saved", "保存访问日志统计", "Counts of access logs were saved")
