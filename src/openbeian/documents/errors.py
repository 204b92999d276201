"""Refusals of the documents package; each names the field and what to hand in instead."""

from __future__ import annotations

from openbeian.kernel.errors import OpenBeianError
from openbeian.kernel.text import Text


class UploadRefused(OpenBeianError):
    """A file that cannot be taken; its one fault says why and what to do."""

    code = "upload_refused"
    message = Text("文件未能上传。", "The file was not taken.")


class DocumentNotFound(OpenBeianError):
    code = "document_not_found"
    status = 404
    message = Text("没有这份文件，或您无权查看。", "There is no such document, or it is not yours to see.")


class DocumentDamaged(OpenBeianError):
    code = "document_damaged"
    status = 409
    message = Text(
        "这份文件在存储中缺失或已损坏，请联系管理员从备份恢复，或重新上传。",
        "This document is missing from the store or damaged. Ask the administrator to restore it, or upload it again.",
    )


class DocumentIsEvidence(OpenBeianError):
    code = "document_is_evidence"
    status = 409
    message = Text(
        "这份文件已随办件提交，作为证据保留，不能删除。可以另传一份替换它。",
        "This document went in with a submitted case and is kept as evidence. Upload another in its place.",
    )


class ExtractNotIssued(OpenBeianError):
    code = "extract_not_issued"
    status = 409
    message = Text("已注销的记录不再出具摘录。", "No extract is issued of a cancelled record.")


class TypesettingUnavailable(OpenBeianError):
    code = "typesetting_unavailable"
    status = 409
    message = Text(
        "缺少中文字体，无法生成 PDF。请安装 manimgx-fonts-cjk 或系统字体 fonts-noto-cjk 后重试。",
        "There is no Chinese font, so no PDF can be set. Install manimgx-fonts-cjk or the system's fonts-noto-cjk.",
    )


class PaperNotSet(OpenBeianError):
    code = "paper_not_set"
    status = 409
    message = Text(
        "文件过大或过于复杂，未能在限定时间和内存内排成一份 PDF。请改用 ZIP 打包，或减少材料。",
        "The files are too large or complex to be set as one PDF within bounds. Take the ZIP, or fewer papers.",
    )


class PaperNotFound(OpenBeianError):
    code = "paper_not_found"
    status = 404
    message = Text("没有这份文书，或您无权查看。", "There is no such paper, or it is not yours to see.")


class PackTooLarge(OpenBeianError):
    code = "pack_too_large"
    message = Text(
        "材料共 {count} 份、{size}，超过一次打包的上限（{most} 份、{limit}）。请分开下载。",
        "There are {count} documents of {size}, more than one pack takes ({most}, {limit}). Download them apart.",
    )
