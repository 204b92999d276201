"""Facts about annual reports and complaints."""

from __future__ import annotations

from openbeian.journal.events import event

ReportStarted = event("report.started", "开始填报年报", "An annual report was begun")
ReportSaved = event("report.saved", "暂存年报", "An annual report was saved")
ReportRefreshed = event("report.refreshed", "重新取数", "The figures of a report were drawn again")
ReportSubmitted = event("report.submitted", "报送年报", "An annual report was submitted")
ReportSubmittedLate = event("report.submitted_late", "补报年报", "An annual report was submitted late")
ReportReturned = event("report.returned", "年报退回修改", "An annual report was returned")
ReportMissed = event("report.missed", "登记逾期未报年报", "It was noted that no report came by the day of the order")
ReportListed = event("report.listed", "因年报列入不良名单", "A holder was put on the bad list for its report")
ReportRemoved = event("report.removed", "移出不良名单", "A holder was taken off the bad list")
InspectionTurned = event("report.inspection_turned", "年检（旧程序）进入下一步", "A former inspection moved on")
ComplaintReceived = event("complaint.received", "登记投诉", "A complaint was received")
ComplaintAnswered = event("complaint.answered", "答复投诉", "A complaint was answered")

OF_VERB = {
    "submit": ReportSubmitted,
    "submit_late": ReportSubmittedLate,
    "return": ReportReturned,
    "return_listed": ReportReturned,
    "list": ReportListed,
    "remove": ReportRemoved,
    "ask_supplement": InspectionTurned,
    "check_on_site": InspectionTurned,
    "certify": InspectionTurned,
    "fail": InspectionTurned,
}
