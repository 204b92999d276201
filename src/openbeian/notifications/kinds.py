"""Every kind of notice: what it is called, its sentence in both languages, and which side of a case it is for."""

from __future__ import annotations

from dataclasses import dataclass

from openbeian.kernel.text import Text


@dataclass(frozen=True, slots=True)
class NoticeKind:
    """`sentence` has the places {title}, {due} and {detail}. `sides` hear of it when it is an event of the journal:
    applicant, provider, administration for cases, administrator for the organisation's own affairs; for findings
    applicant is who must rectify, administration who inspected. `late_label` and `late_sentence` take over once the day has passed.
    """

    name: str
    label: Text
    sentence: Text
    sides: tuple[str, ...] = ()
    late_label: Text | None = None
    late_sentence: Text | None = None


_CASE_EVENTS = (
    NoticeKind(
        "case.submitted",
        Text("有新的办件待初审", "A case awaits first review"),
        Text("「{title}」已提交，待初审。", "“{title}” was submitted and awaits first review."),
        ("provider",),
    ),
    NoticeKind(
        "case.approved",
        Text("初审通过", "First review approved"),
        Text("「{title}」初审通过，待提交管局。", "“{title}” passed first review and will be forwarded."),
        ("applicant",),
    ),
    NoticeKind(
        "case.returned",
        Text("办件被退回修改", "A case was returned"),
        Text("「{title}」被退回，请按意见修改后重新提交。", "“{title}” was returned. Amend it and submit it again."),
        ("applicant",),
    ),
    NoticeKind(
        "case.refused",
        Text("办件被驳回", "A case was refused"),
        Text("「{title}」被驳回，请查看原因。", "“{title}” was refused. Look at the reasons."),
        ("applicant",),
    ),
    NoticeKind(
        "case.forwarded",
        Text("办件提交管局", "A case was forwarded"),
        Text("「{title}」已提交管局。", "“{title}” was forwarded to the administration."),
        ("applicant", "administration"),
    ),
    NoticeKind(
        "case.confirmed",
        Text("短信核验完成", "SMS confirmation complete"),
        Text("「{title}」短信核验全部完成。", "All persons named in “{title}” confirmed by SMS."),
        ("applicant", "administration"),
    ),
    NoticeKind(
        "case.confirmation_failed",
        Text("短信核验未通过", "SMS confirmation failed"),
        Text(
            "「{title}」短信核验未通过，已退回，请重新提交。", "SMS confirmation of “{title}” failed. Submit it again."
        ),
        ("applicant",),
    ),
    NoticeKind(
        "case.granted",
        Text("准予备案", "A filing was granted"),
        Text(
            "「{title}」已准予备案，请在网站底部标明备案号。", "“{title}” was granted. Show its number in the footer."
        ),
        ("applicant", "provider"),
    ),
    NoticeKind(
        "case.warned",
        Text("草稿即将失效", "A draft is about to lapse"),
        Text(
            "「{title}」已多日没有进展，请继续办理，否则将失效。",
            "“{title}” has stood still for days. Go on with it, or it lapses.",
        ),
        ("applicant",),
    ),
    NoticeKind(
        "case.lapsed",
        Text("办件已失效", "A case lapsed"),
        Text("「{title}」超期失效，资料仍保留，可继续备案。", "“{title}” lapsed. Its data is kept; take it up again."),
        ("applicant",),
    ),
    NoticeKind(
        "case.withdrawn",
        Text("申请人撤销办件", "A case was withdrawn"),
        Text("「{title}」已由申请人撤销。", "The applicant withdrew “{title}”."),
        ("provider",),
    ),
    NoticeKind(
        "case.abandoned",
        Text("申请人放弃办件", "A case was abandoned"),
        Text("「{title}」已由申请人放弃。", "The applicant abandoned “{title}”."),
        ("provider",),
    ),
)
_FINDING_EVENTS = (
    NoticeKind(
        "finding.opened",
        Text("巡检确认一个问题", "The watch confirmed a finding"),
        Text("「{title}」请于 {due} 前整改。{detail}", "“{title}”: put it right by {due}. {detail}"),
        ("applicant", "provider"),
    ),
    NoticeKind(
        "finding.seen_again",
        Text("复查未通过", "A re-check failed"),
        Text("「{title}」复查时问题仍在，期限 {due}。", "“{title}”: the fault is still there, due {due}."),
        ("applicant",),
    ),
    NoticeKind(
        "finding.closed",
        Text("问题已关闭", "A finding was closed"),
        Text("「{title}」已关闭。", "“{title}” is closed."),
        ("applicant",),
    ),
    NoticeKind(
        "finding.extension_asked",
        Text("有延期申请待决定", "An extension awaits a decision"),
        Text("「{title}」申请延期，请决定。", "An extension is asked for “{title}”. Decide on it."),
        ("administrator", "provider"),
    ),
    NoticeKind(
        "finding.extension_granted",
        Text("延期申请获准", "An extension was granted"),
        Text("「{title}」延期获准，新的期限 {due}。", "More time for “{title}”: it is due on {due} now."),
        ("applicant",),
    ),
    NoticeKind(
        "finding.extension_refused",
        Text("延期申请未获准", "An extension was refused"),
        Text("「{title}」延期未获准，期限仍为 {due}。", "No more time for “{title}”: it stays due on {due}."),
        ("applicant",),
    ),
    NoticeKind(
        "finding.appealed",
        Text("有申诉待决定", "An appeal awaits a decision"),
        Text("「{title}」提出申诉，请决定。", "“{title}” is appealed against. Decide on it."),
        ("administrator", "provider"),
    ),
    NoticeKind(
        "finding.appeal_granted",
        Text("申诉成立", "An appeal was granted"),
        Text("「{title}」申诉成立，已关闭。", "The appeal against “{title}” was granted; it is closed."),
        ("applicant",),
    ),
    NoticeKind(
        "finding.appeal_refused",
        Text("申诉不成立", "An appeal was refused"),
        Text("「{title}」申诉不成立，请于 {due} 前整改。", "The appeal was refused. Put “{title}” right by {due}."),
        ("applicant",),
    ),
)
_FAULT_EVENTS = (
    NoticeKind(
        "inspection_fault.opened",
        Text("检查发现问题，限期整改", "An inspection found something to put right"),
        Text("「{title}」请于 {due} 前整改。{detail}", "“{title}”: put it right by {due}. {detail}"),
        ("applicant",),
    ),
    NoticeKind(
        "inspection_fault.reported_fixed",
        Text("整改已报告，待复查", "A finding was reported fixed and awaits its re-check"),
        Text("「{title}」报告已整改，请复查，期限 {due}。", "“{title}” was reported fixed. Check it again; due {due}."),
        ("administration",),
    ),
    NoticeKind(
        "inspection_fault.found_again",
        Text("现场复查未通过", "An inspection's re-check failed"),
        Text("「{title}」复查时问题仍在，期限 {due}。", "“{title}”: the fault is still there, due {due}."),
        ("applicant",),
    ),
    NoticeKind(
        "inspection_fault.closed",
        Text("检查问题已关闭", "An inspection's finding was closed"),
        Text("「{title}」复查通过，已关闭。", "“{title}” was found in order and is closed."),
        ("applicant",),
    ),
    NoticeKind(
        "inspection_fault.extension_asked",
        Text("检查问题的延期申请待决定", "An extension of an inspection's finding awaits a decision"),
        Text("「{title}」申请延期，请决定。", "An extension is asked for “{title}”. Decide on it."),
        ("administration",),
    ),
    NoticeKind(
        "inspection_fault.extension_granted",
        Text("检查问题的延期获准", "An extension of an inspection's finding was granted"),
        Text("「{title}」延期获准，新的期限 {due}。", "More time for “{title}”: it is due on {due} now."),
        ("applicant",),
    ),
    NoticeKind(
        "inspection_fault.extension_refused",
        Text("检查问题的延期未获准", "An extension of an inspection's finding was refused"),
        Text("「{title}」延期未获准，期限仍为 {due}。", "No more time for “{title}”: it stays due on {due}."),
        ("applicant",),
    ),
    NoticeKind(
        "inspection_fault.appealed",
        Text("检查问题的申诉待决定", "An appeal against an inspection's finding awaits a decision"),
        Text("「{title}」提出申诉，请决定。", "“{title}” is appealed against. Decide on it."),
        ("administration",),
    ),
    NoticeKind(
        "inspection_fault.appeal_granted",
        Text("检查问题的申诉成立", "An appeal against an inspection's finding was granted"),
        Text("「{title}」申诉成立，已关闭。", "The appeal against “{title}” was granted; it is closed."),
        ("applicant",),
    ),
    NoticeKind(
        "inspection_fault.appeal_refused",
        Text("检查问题的申诉不成立", "An appeal against an inspection's finding was refused"),
        Text("「{title}」申诉不成立，请于 {due} 前整改。", "The appeal was refused. Put “{title}” right by {due}."),
        ("applicant",),
    ),
)
_REPORT_EVENTS = (
    NoticeKind(
        "report.submitted",
        Text("收到一份年报", "An annual report came in"),
        Text("「{title}」已报送。", "“{title}” was submitted."),
        ("administration",),
    ),
    NoticeKind(
        "report.submitted_late",
        Text("收到一份补报的年报", "An annual report came in late"),
        Text("「{title}」已补报。", "“{title}” was submitted late."),
        ("administration",),
    ),
    NoticeKind(
        "report.returned",
        Text("年报被退回修改", "An annual report was returned"),
        Text(
            "「{title}」被退回，请按意见修改后重新报送。{detail}",
            "“{title}” was returned. Amend it and submit it again. {detail}",
        ),
        ("applicant",),
    ),
    NoticeKind(
        "report.listed",
        Text("因年报列入不良名单", "Put on the bad list for an annual report"),
        Text(
            "「{title}」：已列入不良名单，会影响许可证延续、投标和合作；请尽快补报，确认后移出。{detail}",
            "“{title}”: you are on the bad list, which weighs on renewal, tenders and contracts. Make up for it soon. {detail}",
        ),
        ("applicant",),
    ),
    NoticeKind(
        "report.removed",
        Text("移出不良名单", "Taken off the bad list"),
        Text("「{title}」：已移出不良名单。", "“{title}”: you are off the bad list."),
        ("applicant",),
    ),
)
_OWN_AFFAIRS = (
    NoticeKind(
        "member.joined",
        Text("新成员加入", "A member joined"),
        Text("有新成员加入本单位。", "A person joined your organisation."),
        ("administrator",),
    ),
    NoticeKind(
        "token.issued",
        Text("创建接口令牌", "An API token was issued"),
        Text(
            "本单位有人创建了接口令牌；如非本意，请立即吊销。",
            "Somebody made an API token; revoke it if nobody should.",
        ),
        ("administrator",),
    ),
)
_REMINDERS = (
    NoticeKind(
        "reminder.review",
        Text("审核时限将到或已过", "A review is due or overdue"),
        Text("「{title}」待审核，时限 {due}。{detail}", "“{title}” waits for review, due {due}. {detail}"),
    ),
    NoticeKind(
        "reminder.amendment",
        Text("退回的办件还未修改", "A returned case still waits"),
        Text("「{title}」退回后还未修改提交。{detail}", "“{title}” was returned and still waits for you. {detail}"),
    ),
    NoticeKind(
        "reminder.sms",
        Text("短信核验即将超时", "SMS confirmation is running out"),
        Text(
            "「{title}」还有人没有完成短信核验，{due} 前不完成将被退回。{detail}",
            "Somebody named in “{title}” has not confirmed by SMS; it goes back after {due}. {detail}",
        ),
    ),
    NoticeKind(
        "reminder.obligation",
        Text("义务到期提醒", "An obligation is due"),
        Text("「{title}」应于 {due} 前完成。{detail}", "“{title}” is due on {due}. {detail}"),
        late_label=Text("义务已逾期", "An obligation is overdue"),
        late_sentence=Text("「{title}」已逾期，期限为 {due}。{detail}", "“{title}” is overdue since {due}. {detail}"),
    ),
)
_ESCALATION = NoticeKind(
    "escalation",
    Text("多次提醒无人处理", "Nobody acted on a reminder"),
    Text(
        "提醒后 {days} 天仍无人处理：「{title}」，时限 {due}。{detail}",
        "{days} days after the reminder nobody has acted: “{title}”, due {due}. {detail}",
    ),
)

KINDS: dict[str, NoticeKind] = {
    k.name: k
    for k in (*_CASE_EVENTS, *_FINDING_EVENTS, *_FAULT_EVENTS, *_REPORT_EVENTS, *_REMINDERS, _ESCALATION, *_OWN_AFFAIRS)
}
