"""Facts that supervision records."""

from __future__ import annotations

from openbeian.journal.events import event

SweepStarted = event("sweep.started", "手动开始一轮巡检", "A sweep was begun by hand")
SweepStopped = event("sweep.stopped", "提前结束一轮巡检", "A sweep was ended early")
SweepSettled = event("sweep.settled", "完成一轮巡检", "A sweep was settled")
SweepVoided = event(
    "sweep.voided", "一轮巡检多数站点不通，判为本方故障，不作数", "A sweep failed on our side and counts for nothing"
)
FindingOpened = event("finding.opened", "巡检确认一个问题", "The watch confirmed a finding")
FindingSeenAgain = event("finding.seen_again", "复查未通过，问题仍在", "A re-check found the fault still there")
FindingRecovering = event(
    "finding.recovering", "问题看来已消除，待复查", "A fault seems to be gone; it is checked again"
)
FindingClosed = event("finding.closed", "关闭问题", "A finding was closed")
FindingStarted = event("finding.started", "开始整改", "Work on a finding began")
FindingReportedFixed = event("finding.reported_fixed", "报告已整改，申请复查", "A finding was reported fixed")
FindingAssigned = event("finding.assigned", "指定问题负责人", "A finding was given to a person")
ExtensionAsked = event("finding.extension_asked", "申请延期整改", "An extension was asked for")
ExtensionGranted = event("finding.extension_granted", "同意延期", "An extension was granted")
ExtensionRefused = event("finding.extension_refused", "不同意延期", "An extension was refused")
FindingAppealed = event("finding.appealed", "对问题提出申诉", "A finding was appealed")
AppealGranted = event("finding.appeal_granted", "申诉成立", "An appeal was granted")
AppealRefused = event("finding.appeal_refused", "申诉不成立", "An appeal was refused")
RecheckAsked = event("finding.recheck_asked", "要求立即复查", "A re-check was asked for")
EvidenceKept = event("evidence.kept", "留存证据包", "An evidence pack was kept")
MaintenanceAnnounced = event("maintenance.announced", "登记维护窗口", "A maintenance window was announced")
MaintenanceCancelled = event("maintenance.cancelled", "取消维护窗口", "A maintenance window was cancelled")
PhraseTaught = event("phrase.taught", "登记允许短语", "A phrase was allowed")
PhraseRemoved = event("phrase.removed", "取消允许短语", "An allowed phrase was removed")
OutsideRowsCompared = event("outside_rows.compared", "比对外部登记信息", "Rows of an outside register were compared")
