"""Refusals about annual reports and complaints."""

from __future__ import annotations

from openbeian.kernel.errors import OpenBeianError
from openbeian.kernel.text import Text


class ReportNotYours(OpenBeianError):
    code = "report_not_found"
    status = 404
    message = Text("没有这份年报，或您无权查看。", "There is no such report, or it is not yours to see.")


class ReportOnRecord(OpenBeianError):
    code = "report_on_record"
    status = 409
    message = Text(
        "{number} {year} 年度已有一份（{state}），请继续那一份。",
        "{number} already has a report for {year} ({state}); go on with that one.",
    )


class ReportNotOwed(OpenBeianError):
    code = "report_not_owed"
    status = 409
    message = Text("{number} 不需要报送 {year} 年度：{why}", "{number} owes no report for {year}: {why}")


class ReportMovedOn(OpenBeianError):
    code = "report_moved_on"
    status = 409
    message = Text(
        "这份年报已在别处更新（现为「{state}」），您看到的是旧页面。请刷新后再操作。",
        "This report changed elsewhere (now “{state}”) and your page is stale. Reload and look again.",
    )


class ReportFrozen(OpenBeianError):
    code = "report_frozen"
    status = 409
    message = Text(
        "年报在「{state}」状态，内容不能修改。", "The report is “{state}”; its content cannot be changed now."
    )


class ReportIncomplete(OpenBeianError):
    code = "report_incomplete"
    message = Text("还有 {count} 处需要修改，已全部列出。", "{count} things need fixing; all of them are listed.")


class ReportTurnNotPossible(OpenBeianError):
    code = "report_turn_not_possible"
    status = 409
    message = Text("「{state}」状态下，您不能执行「{verb}」。", "You cannot do “{verb}” while the report is “{state}”.")


class WindowClosed(OpenBeianError):
    code = "report_window_closed"
    status = 409
    message = Text(
        "{year} 年度的报送窗口是 {opens} 至 {closes}，现在不能报送：{why}",
        "Reports for {year} are taken from {opens} to {closes}; not now: {why}",
    )


class ListingUnfit(OpenBeianError):
    code = "listing_unfit"
    message = Text("不能列入不良名单，问题已逐项列出。", "This holder cannot be listed; the reasons are given.")


class ReportReasonsMissing(OpenBeianError):
    code = "report_reasons_missing"
    message = Text("请至少选择一个原因；选「其他」须写明。", "Choose at least one reason; “other” needs words.")


class ComplaintUnfit(OpenBeianError):
    code = "complaint_unfit"
    message = Text("投诉登记有误，请逐项改正。", "The complaint has faults; correct each of them.")


class ComplaintNotYours(OpenBeianError):
    code = "complaint_not_found"
    status = 404
    message = Text("没有这条投诉，或您无权查看。", "There is no such complaint, or it is not yours to see.")


class ReportNotHandedIn(OpenBeianError):
    code = "report_not_handed_in"
    status = 409
    message = Text("年报报送之后才有回执。", "There is a receipt once the report has been handed in.")
