"""Refusals of supervision."""

from __future__ import annotations

from openbeian.kernel.errors import OpenBeianError
from openbeian.kernel.text import Text


class FindingNotYours(OpenBeianError):
    code = "finding_not_found"
    status = 404
    message = Text("没有这个问题，或您无权查看。", "There is no such finding, or it is not yours to see.")


class SiteNotYours(OpenBeianError):
    code = "watched_site_not_found"
    status = 404
    message = Text("没有这个巡检站点，或您无权查看。", "There is no such watched site, or it is not yours to see.")


class EvidenceNotYours(OpenBeianError):
    code = "evidence_not_found"
    status = 404
    message = Text("没有这份证据，或您无权查看。", "There is no such evidence, or it is not yours to see.")


class EvidenceDamaged(OpenBeianError):
    code = "evidence_damaged"
    status = 410
    message = Text(
        "证据文件缺失或与记录的摘要不符，不能作为证据。请从备份恢复 evidence 目录。",
        "The evidence file is missing or differs from its digest. Restore the evidence folder from a backup.",
    )


class TurnNotOpen(OpenBeianError):
    code = "finding_turn_not_open"
    status = 409
    message = Text(
        "这个问题现在是“{state}”，不能这样做。请刷新页面查看。",
        "The finding is “{state}” now; this cannot be done. Reload the page.",
    )


class DeciderAsked(OpenBeianError):
    code = "decider_asked"
    status = 409
    message = Text(
        "延期和申诉须由提出者以外的人决定。", "An extension or appeal is decided by somebody else than who asked."
    )


class ReasonMissing(OpenBeianError):
    code = "reason_missing"
    message = Text("请写明理由（2 至 500 字）。", "Give a reason (2 to 500 characters).")


class DayUnfit(OpenBeianError):
    code = "extension_day_unfit"
    message = Text(
        "延期的日期须晚于现在的期限 {due}，且不超过一年。",
        "The day asked for lies after the present limit {due} and within a year of it.",
    )


class OwnerUnfit(OpenBeianError):
    code = "finding_owner_unfit"
    message = Text("负责人须是本单位在职成员。", "The person in charge is an active member of the organisation.")


class WindowUnfit(OpenBeianError):
    code = "maintenance_unfit"
    message = Text(
        "维护窗口须有起止时间（结束晚于开始，最长 30 天，不能早于现在），并写明原因。",
        "A maintenance window has a start and a later end, at most 30 days, not in the past, and a reason.",
    )


class MaintenanceNotYours(OpenBeianError):
    code = "maintenance_not_found"
    status = 404
    message = Text("没有这个维护窗口，或您无权管理。", "There is no such maintenance window, or it is not yours.")


class PhraseUnfit(OpenBeianError):
    code = "phrase_unfit"
    message = Text(
        "短语须包含被命中的词“{term}”，2 至 60 字，并比单独的词长，否则整个词都会放过。",
        "The phrase contains the term “{term}”, has 2 to 60 characters and more than the term alone, or the term would never be found again.",
    )


class PhraseNotYours(OpenBeianError):
    code = "phrase_not_found"
    status = 404
    message = Text("没有这条允许短语，或您无权管理。", "There is no such phrase, or it is not yours to remove.")


class RowsUnreadable(OpenBeianError):
    code = "outside_rows_unreadable"
    message = Text(
        "没有读到可以比对的行。首行须是列名，至少有“备案号”和一列内容，最多 5000 行。",
        "No rows to compare were found. The first line names the columns: a filing number and at least one more, 5000 rows at most.",
    )


class SweepUnderWay(OpenBeianError):
    code = "sweep_under_way"
    status = 409
    message = Text(
        "已有一轮巡检正在进行；请等它完成或先停止它。",
        "A sweep is under way already; wait for its end, or stop it first.",
    )


class NothingToSweep(OpenBeianError):
    code = "nothing_to_sweep"
    status = 409
    message = Text(
        "备案记录中没有可巡检的网站；请先录入或导入备案。",
        "There is no website on record to sweep; enter or import filings first.",
    )


class SweepOver(OpenBeianError):
    code = "sweep_over"
    status = 409
    message = Text("这一轮巡检已经结束。", "This sweep has ended already.")
