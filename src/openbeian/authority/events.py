"""Facts about the exchange with administrations."""

from __future__ import annotations

from openbeian.journal.events import event

ConnectionSaved = event("authority.connection_saved", "保存管局对接设置", "The settings of a connection were saved")
ReportWritten = event("authority.report_written", "生成上报记录", "A report to the administration was written")
BatchAccepted = event("authority.batch_accepted", "管局接收了上报文件", "The administration accepted a file")
BatchRefused = event("authority.batch_refused", "管局拒收上报文件", "The administration refused a file")
FileApplied = event("authority.file_applied", "处理了管局下发文件", "A file from the administration was applied")
FileSetAside = event(
    "authority.file_set_aside", "管局下发文件无法读取，已搁置", "A file could not be read and was set aside"
)
ReportRetried = event("authority.report_retried", "重新上报", "A report was put back to be sent again")
ReportTakenOut = event("authority.report_taken_out", "撤出上报记录", "A report was taken out")
ItemClosed = event("authority.item_closed", "办结管局下发事项", "Something the administration sent was dealt with")
PasswordRecorded = event("authority.password_recorded", "登记备案密码", "A filing password was recorded")
QuestionDecided = event("authority.question_decided", "审核了接口上报", "An officer decided about an uploaded record")
QuestionRevealed = event(
    "authority.question_revealed", "查看了上报的个人信息", "Personal data of an upload was revealed"
)
CallRefused = event("authority.call_refused", "拒绝了接口调用", "A call over the interface was refused")
