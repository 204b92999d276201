"""Refusals of obligations."""

from __future__ import annotations

from openbeian.kernel.errors import OpenBeianError
from openbeian.kernel.text import Text


class ObligationNotYours(OpenBeianError):
    code = "obligation_not_found"
    status = 404
    message = Text("没有这项义务，或您无权查看。", "There is no such obligation, or it is not yours to see.")


class ObligationSettled(OpenBeianError):
    code = "obligation_settled"
    status = 409
    message = Text("这项义务已经了结。请刷新页面查看。", "This obligation is settled already. Reload the page.")


class StandingDuty(OpenBeianError):
    code = "standing_duty"
    status = 409
    message = Text(
        "这是持续义务，不能一次办完；确不适用的，可说明理由后豁免。",
        "This is a standing duty, never done once for all. Waive it with a reason if it does not apply.",
    )


class ReasonMissing(OpenBeianError):
    code = "reason_missing"
    message = Text(
        "请写明理由或凭证（2 至 500 字），以便日后核查。",
        "Give a reason or the evidence (2 to 500 characters), for later checks.",
    )


class EvidenceUnfit(OpenBeianError):
    code = "evidence_unfit"
    message = Text("没有这份材料，或不属于本单位。请重新选择。", "There is no such document of yours. Choose another.")


class LeadTimesUnfit(OpenBeianError):
    code = "lead_times_unfit"
    message = Text(
        "提前天数应由大到小，最多 6 个，每个 0 至 1000 天，如 180, 120, 90。",
        "Lead times fall, at most six, each 0 to 1000 days, as 180, 120, 90.",
    )


class KindUnknown(OpenBeianError):
    code = "obligation_kind_unknown"
    message = Text("没有“{kind}”这类义务。", "There is no kind of obligation “{kind}”.")


class PersonUnfit(OpenBeianError):
    code = "person_in_charge_unfit"
    message = Text(
        "责任人须是本单位在岗的成员。请重新选择。", "Who is in charge must be an active member of yours. Choose again."
    )


class RecordUnassignable(OpenBeianError):
    code = "record_unassignable"
    status = 404
    message = Text(
        "没有这条记录，或它不属于本单位。请刷新页面后重新选择。",
        "There is no such record of yours. Reload the page and choose again.",
    )
