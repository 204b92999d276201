"""What the authority's interface can refuse: one class for each way in which a caller must react."""

from __future__ import annotations

from typing import ClassVar

from openbeian.kernel.errors import OpenBeianError
from openbeian.kernel.text import Text


class DocumentNotSendable(OpenBeianError):
    """A message breaks the grammar or asks for what V3.0 cannot carry; each fault names its field."""

    code = "document_not_sendable"
    message = Text(
        "报文不能通过 V3.0 接口发送，原因逐条列出。更正后重试，或改走管局窗口并登记结果。",
        "The message cannot travel over interface V3.0; each reason is listed. Correct it, or use the "
        "administration's own counter or portal and record the result.",
    )


class DocumentUnreadable(OpenBeianError):
    """Bytes that are not an XML message we may read: wrong encoding, DTD, not well-formed, too large or too deep.

    `processing_code` is the data-processing code (Jgdm) an administration answers with.
    """

    code = "document_unreadable"
    message = Text(
        "报文无法读取：{reason}。请让发送方重新生成。",
        "The message is unreadable: {reason}. Ask the sender to make it again.",
    )

    def __init__(self, reason: Text, processing_code: int = 5001) -> None:
        super().__init__(reason=reason)
        self.processing_code = processing_code


class EnvelopeRefused(OpenBeianError):
    """A sealed file that cannot be opened; `result_code` is the specified msg_code for it."""

    code = "envelope_refused"
    status = 400
    message = Text(
        "密封文件无法打开：{reason}。核对两端的密钥、偏移量和算法；都一致的，由发送方用原文件重发。",
        "The sealed file cannot be opened: {reason}. Check that both ends have the same key, offset and algorithms; if "
        "they do, the sender sends the original file again.",
    )

    def __init__(self, result_code: int, reason: Text) -> None:
        super().__init__(reason=reason)
        self.result_code = result_code


class ProfileMissing(OpenBeianError):
    """There is no such connection profile."""

    code = "authority_profile_missing"
    status = 404
    message = Text(
        "没有名为“{name}”的连接档案。先运行 openbeian authority profile {name}。",
        "There is no connection profile “{name}”. Run openbeian authority profile {name} first.",
    )


class ProfileUnsafe(OpenBeianError):
    """A connection profile is malformed, or others on this machine may read it."""

    code = "authority_profile_unsafe"
    message = Text("连接档案不可用：{reason}。", "The connection profile cannot be used: {reason}.")


class AuthorityError(OpenBeianError):
    """The root of what a call to the authority can end in; `result_code` is its msg_code where it gave one."""

    code = "authority_error"
    status = 502
    outcome_known: ClassVar[bool] = True
    """False when the authority may or may not have accepted what was sent."""

    def __init__(self, message: Text | None = None, *, result_code: int | None = None, **places: object) -> None:
        text = message or self.message
        super().__init__(text.format(**places) if places else text)
        self.result_code = result_code


class NotAnswered(AuthorityError):
    """No usable answer: not reached, too slow, cut off, too large, or not the protocol. Whether it was accepted is unknown."""

    code = "authority_not_answered"
    outcome_known = False
    message = Text(
        "没有得到管局的有效应答：{reason}。请稍后重试；上报前先查询上一次上报。",
        "No usable answer came from the authority: {reason}. Try later; query the previous upload before sending again.",
    )


class CredentialsRefused(AuthorityError):
    """The account, password or authentication data were refused (4, 5, 12, 16)."""

    code = "authority_credentials_refused"


class RightRefused(AuthorityError):
    """The provider may not do this here (13, 19)."""

    code = "authority_right_refused"


class FileRefused(AuthorityError):
    """This file will not be accepted as it is (6-11, 17, 18, 21)."""

    code = "authority_file_refused"


class SequenceBroken(AuthorityError):
    """The sequence has a gap (14); `missing` are the numbers the authority asks for."""

    code = "authority_sequence_broken"

    def __init__(
        self, message: Text | None = None, *, result_code: int | None = None, missing: tuple[int, ...] = ()
    ) -> None:
        super().__init__(message, result_code=result_code)
        self.missing = missing


class TryLater(AuthorityError):
    """The authority asks for patience: backlog, hours, limits, maintenance (15, 20, 22, 901, 902)."""

    code = "authority_try_later"
    status = 503


class UnclearRefusal(AuthorityError):
    """The authority refused without a reason we can act on (999 and codes the specification does not name)."""

    code = "authority_unclear"
    outcome_known = False


class CaseElsewhere(OpenBeianError):
    """An answer came for a case that no longer goes over the interface."""

    code = "authority_case_elsewhere"
    status = 409
    message = Text(
        "办件现为「{state}」，不再经接口办理，管局的答复没有自动执行。请核对后在办件中处理。",
        "The case is “{state}” by now and no longer goes over the interface, so the answer was not carried out. "
        "Compare the two and act in the case.",
    )


class NotYourConnection(OpenBeianError):
    """There is no such connection, report or file, or it is another provider's."""

    code = "authority_not_found"
    status = 404
    message = Text(
        "没有这项对接记录，或您无权查看。", "There is no such record of the interface, or it is not yours to see."
    )


class ReportNotMovable(OpenBeianError):
    """A report that is on its way or answered cannot be retried or taken out."""

    code = "authority_report_not_movable"
    status = 409
    message = Text(
        "这条记录现为「{state}」，不能{verb}。文件已在途中的，等管局给出结果。",
        "The report is “{state}” and cannot be moved so. While its file is on the way, wait for the answer.",
    )


class ConnectionUnfit(OpenBeianError):
    """The settings of a connection are wrong; each fault names its field."""

    code = "authority_connection_unfit"
    message = Text("对接设置有误，请逐条改正。", "The settings of the connection are wrong; put each right.")


class QuestionSettled(OpenBeianError):
    """An uploaded record was decided about before, or a refusal brings no opinion."""

    code = "authority_question_settled"
    status = 409
    message = Text("这条上报已经审核过。", "This upload was decided about before.")


class OpinionMissing(OpenBeianError):
    code = "authority_opinion_missing"
    message = Text("驳回须写明意见，上报单位会看到。", "A refusal needs an opinion; the reporting unit reads it.")


class ItemNotAnswerable(OpenBeianError):
    """An item that asks for no report, was dealt with before, or deviates so much that it cannot be sent back."""

    code = "authority_item_not_answerable"
    status = 409
    message = Text(
        "这一项不需要或不能经接口答复，请直接标为已办结。",
        "This one needs no answer over the interface, or cannot get one; note it as dealt with.",
    )


class NoOfficersHere(OpenBeianError):
    """`--decide desk` was asked for a province whose administration does not work in this installation."""

    code = "authority_no_officers_here"
    message = Text(
        "本系统没有「{province}」的通信管理局。先建立该单位和审核员，或改用 --decide approve、refuse、hold。",
        "No administration of “{province}” works in this installation. Set it up with its officers first, or use "
        "--decide approve, refuse or hold.",
    )
