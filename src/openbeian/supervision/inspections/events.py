"""Facts that inspections record."""

from __future__ import annotations

from openbeian.journal.events import event

InspectionsDrawn = event("inspection.drawn", "随机抽取检查对象和检查员", "Inspections and inspectors were drawn by lot")
ConflictDeclared = event("inspection.conflict_declared", "声明利害关系（回避）", "A conflict of interest was declared")
InspectionSynchronised = event(
    "inspection.synchronised", "同步了检查记录", "Entries of an inspection were synchronised"
)
PhotoKept = event("inspection.photo_kept", "收下检查照片", "A photograph of an inspection was kept")
InspectionSigned = event("inspection.signed", "在检查记录上签名", "The record of an inspection was signed")
InspectionConcluded = event("inspection.concluded", "作出检查结论", "An inspection was concluded")
InspectionClosed = event("inspection.closed", "检查办结", "An inspection was closed")
InspectionOrdered = event("inspection.ordered", "指定检查一个单位", "An officer ordered an inspection")
FaultOpened = event("inspection_fault.opened", "检查发现一个问题，限期整改", "An inspection found a fault to put right")
FaultAssigned = event("inspection_fault.assigned", "指定问题负责人", "A finding was given to a person")
FaultStarted = event("inspection_fault.started", "开始整改检查发现的问题", "Work on an inspection's finding began")
FaultReportedFixed = event(
    "inspection_fault.reported_fixed", "报告已整改，提交证据", "A finding was reported fixed, with evidence"
)
FaultExtensionAsked = event("inspection_fault.extension_asked", "申请延期整改", "An extension was asked for")
FaultExtensionGranted = event("inspection_fault.extension_granted", "同意延期", "An extension was granted")
FaultExtensionRefused = event("inspection_fault.extension_refused", "不同意延期", "An extension was refused")
FaultAppealed = event("inspection_fault.appealed", "对检查发现提出申诉", "A finding was appealed")
FaultAppealGranted = event("inspection_fault.appeal_granted", "申诉成立", "An appeal was granted")
FaultAppealRefused = event("inspection_fault.appeal_refused", "申诉不成立", "An appeal was refused")
FaultFoundAgain = event("inspection_fault.found_again", "复查未通过", "A re-check found it still there")
FaultClosed = event("inspection_fault.closed", "复查通过，关闭", "A re-check found it in order")
