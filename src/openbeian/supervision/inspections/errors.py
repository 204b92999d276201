"""Refusals about inspections; each says what to do instead."""

from __future__ import annotations

from openbeian.kernel.errors import Fault, OpenBeianError
from openbeian.kernel.text import Text


class InspectionNotYours(OpenBeianError):
    code = "inspection_not_found"
    status = 404
    message = Text("没有这次检查，或您无权查看。", "There is no such inspection, or it is not yours to see.")


class DrawUnfit(OpenBeianError):
    code = "draw_unfit"
    message = Text("不能抽取，问题已列出。", "The draw cannot be held; the reasons are listed.")


class OrderUnfit(OpenBeianError):
    code = "inspection_order_unfit"
    message = Text("不能指定检查，问题已逐项列出。", "This inspection cannot be ordered; the reasons are listed.")


class NothingToDraw(OpenBeianError):
    code = "nothing_to_draw"
    status = 409
    message = Text(
        "没有可抽取的对象：本辖区没有记录，或都在 {days} 天内检查过。",
        "There is nothing to draw from: no records here, or all inspected within {days} days.",
    )


class InspectorsMissing(OpenBeianError):
    code = "inspectors_missing"
    status = 409
    message = Text(
        "“{title}”没有足够的检查员：需要 {count} 名与其无利害关系的检查员。请先邀请检查员。",
        "There are too few inspectors for “{title}”: {count} without a conflict of interest are needed. Invite some first.",
    )


class InspectionOver(OpenBeianError):
    code = "inspection_over"
    status = 409
    message = Text(
        "检查已作出结论，不能再改。手机上未同步的内容仍在手机里，可作为补充材料另行记录。",
        "This inspection has been concluded and cannot be changed. What is not synchronised stays on the phone.",
    )


class SyncUnfit(OpenBeianError):
    code = "sync_unfit"
    message = Text(
        "同步的内容无法读取。手机上的内容没有丢失，请更新页面后再试。",
        "What was sent could not be read. Nothing on the phone is lost; reload the page and try again.",
    )


class PictureUnfit(OpenBeianError):
    code = "picture_unfit"
    message = Text("照片或签名没有收下。", "The picture or signature was not taken.")


class NotConcluded(OpenBeianError):
    code = "inspection_incomplete"
    status = 409
    message = Text("还不能下结论，缺的已全部列出。", "It cannot be concluded yet; everything missing is listed.")


def fault(field: str, rule: str, message: Text, fix: Text, value: str = "") -> Fault:
    """A fault of this package, its rule under `inspection.`."""
    return Fault(field, message, fix, f"inspection.{rule}", value)
