"""Refusals about policies and loaded arrangements."""

from __future__ import annotations

from openbeian.kernel.errors import OpenBeianError
from openbeian.kernel.text import Text


class PolicyAlreadyOn(OpenBeianError):
    code = "policy_already_on"
    status = 409
    message = Text("这一说法已经启用为政策，无需重复操作。", "That claim already is the policy; nothing was changed.")


class PolicyNotFound(OpenBeianError):
    code = "policy_not_found"
    status = 404
    message = Text("没有这项政策，或它不归您管理。", "There is no such policy, or it is not yours to change.")


class ArrangementNotLoaded(OpenBeianError):
    code = "arrangement_not_loaded"
    status = 404
    message = Text(
        "没有录入过 {year} 年的放假安排；规则库自带的安排不能删除。",
        "No arrangement was loaded for {year}; the rulebook's own cannot be removed.",
    )
