"""Refusals about cases."""

from __future__ import annotations

from openbeian.kernel.errors import OpenBeianError
from openbeian.kernel.text import Text


class CaseIncomplete(OpenBeianError):
    code = "case_incomplete"
    message = Text("还有 {count} 处需要修改，已全部列出。", "{count} things need fixing; all of them are listed.")


class CaseNotYours(OpenBeianError):
    code = "case_not_found"
    status = 404
    message = Text("没有这笔办件，或您无权查看。", "There is no such case, or it is not yours to see.")


class CaseMovedOn(OpenBeianError):
    code = "case_moved_on"
    status = 409
    message = Text(
        "这笔办件已经更新（现为「{state}」），您看到的是旧页面。请刷新后再操作。",
        "This case has moved on (now “{state}”) and your page is stale. Reload and look again.",
    )


class TurnNotPossible(OpenBeianError):
    code = "turn_not_possible"
    status = 409
    message = Text("「{state}」状态下，您不能执行「{verb}」。", "You cannot do “{verb}” while the case is “{state}”.")


class CaseFrozen(OpenBeianError):
    code = "case_frozen"
    status = 409
    message = Text("办件在「{state}」状态，内容不能修改。", "The case is “{state}”; its content cannot be changed now.")


class SecondPersonNeeded(OpenBeianError):
    code = "second_person_needed"
    status = 409
    message = Text("注销类业务须由另一名审核员复核。", "Cancellations need a second reviewer, other than yourself.")


class OpenCaseExists(OpenBeianError):
    code = "open_case_exists"
    status = 409
    message = Text(
        "该主体已有在办的办件 {reference}（{label}）。先完成、撤销或放弃那一笔。",
        "This sponsor already has an open case {reference} ({label}). Finish, withdraw or abandon that one first.",
    )


class ProcedureUnfit(OpenBeianError):
    code = "procedure_unfit"
    status = 409
    message = Text("不能办理「{label}」：{why}", "“{label}” does not fit: {why}")


class ReasonsMissing(OpenBeianError):
    code = "reasons_missing"
    message = Text("请至少选择一个原因；选「其他」须写明。", "Choose at least one reason; “other” needs words.")


class EvidenceMissing(OpenBeianError):
    code = "evidence_missing"
    message = Text(
        "记录外部平台的结果须上传凭证（截图或通知）。",
        "Recording an outside result needs evidence: a screenshot or notice.",
    )


class CodeWrong(OpenBeianError):
    code = "code_wrong"
    message = Text(
        "核验码、手机号码或证件后六位不符，还可再试 {left} 次。",
        "The code, mobile or last six characters do not match; {left} tries left.",
    )


class ConfirmationOver(OpenBeianError):
    code = "confirmation_over"
    status = 410
    message = Text(
        "核验已结束（已完成、超时或错误次数过多）。如办件被退回，修改后会重新发送。",
        "This confirmation is over: done, out of time, or too many wrong codes. A returned case sends new codes.",
    )


class ChannelFixed(OpenBeianError):
    code = "channel_fixed"
    status = 409
    message = Text(
        "「{state}」状态下，这笔办件不能改走外部通道。",
        "The case cannot be taken to the outside channel while it is “{state}”.",
    )


class ListFull(OpenBeianError):
    code = "list_full"
    message = Text(
        "「{label}」须有 {minimum} 至 {maximum} 项，此处不能再增减。",
        "“{label}” holds {minimum} to {maximum} items; it cannot be changed further here.",
    )
