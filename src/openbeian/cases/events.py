"""Facts that cases record."""

from __future__ import annotations

from openbeian.journal.events import event

CaseStarted = event("case.started", "开始办理", "A case was started")
CaseSaved = event("case.saved", "保存了填写内容", "The form was saved")
CaseSubmitted = event("case.submitted", "提交审核", "The case was submitted")
CaseTaken = event("case.taken", "开始审核", "A reviewer took the case")
CaseReleased = event("case.released", "放回审核队列", "A reviewer put the case back")
CaseApproved = event("case.approved", "初审通过", "First review approved the case")
CaseReturned = event("case.returned", "退回修改", "The case was returned for amendment")
CaseRefused = event("case.refused", "驳回", "The case was refused")
CaseWithdrawn = event("case.withdrawn", "撤销", "The applicant withdrew the case")
CaseAbandoned = event("case.abandoned", "放弃", "The applicant abandoned the case")
CaseLapsed = event("case.lapsed", "超期失效", "The case lapsed after too long without progress")
CaseWarned = event("case.warned", "提醒即将失效", "A warning was sent that the case will lapse")
CaseForwarded = event("case.forwarded", "提交管局", "The case was forwarded to the administration")
CaseConfirmed = event("case.confirmed", "短信核验全部完成", "All persons confirmed by SMS")
CaseConfirmationFailed = event("case.confirmation_failed", "短信核验未通过，退回", "SMS confirmation failed")
CaseGranted = event("case.granted", "准予备案或许可", "The administration granted the case")
CaseAccepted = event("case.accepted", "受理申请", "The application was accepted")
CaseNotAccepted = event("case.not_accepted", "不予受理", "The application was not accepted")
CaseDeemedAccepted = event(
    "case.deemed_accepted", "逾期未告知补正，视为受理", "The application counts as accepted, the authority being silent"
)
CaseInspected = event("case.inspected", "安排现场核查，停止计时", "An on-site inspection began; the clock stands")
CaseHeard = event("case.heard", "举行听证，停止计时", "A hearing began; the clock stands")
CaseResumed = event("case.resumed", "恢复审查", "The review was resumed")
CaseDeemedGranted = event(
    "case.deemed_granted", "逾期未作决定，视为准予延续", "The renewal counts as granted, the authority being silent"
)
CaseTakenUp = event("case.taken_up", "继续办理", "A closed case was taken up again")
CaseChannelChanged = event("case.channel_changed", "改走外部通道", "The case was taken to the outside channel")
CodeSent = event("case.code_sent", "发送短信核验码", "A confirmation code was sent")
CodeWrong = event("case.code_wrong", "核验码错误", "A wrong code was entered")
PersonConfirmed = event("case.person_confirmed", "负责人完成核验", "A named person confirmed")
PersonalDataRevealed = event("case.personal_revealed", "查看了个人信息原文", "Personal data was revealed")
PackBuilt = event("case.pack_built", "打包下载了办件材料", "The materials of a case were packed")

OF_VERB = {
    "submit": CaseSubmitted,
    "take": CaseTaken,
    "release": CaseReleased,
    "approve": CaseApproved,
    "return": CaseReturned,
    "refuse": CaseRefused,
    "withdraw": CaseWithdrawn,
    "abandon": CaseAbandoned,
    "lapse": CaseLapsed,
    "forward": CaseForwarded,
    "confirm": CaseConfirmed,
    "fail_confirmation": CaseConfirmationFailed,
    "grant": CaseGranted,
    "take_up_again": CaseTakenUp,
    "accept": CaseAccepted,
    "refuse_acceptance": CaseNotAccepted,
    "deem_accepted": CaseDeemedAccepted,
    "inspect": CaseInspected,
    "hold_hearing": CaseHeard,
    "resume": CaseResumed,
    "deem_granted": CaseDeemedGranted,
}
