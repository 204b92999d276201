"""Refusals of the record."""

from __future__ import annotations

from openbeian.kernel.errors import OpenBeianError
from openbeian.kernel.text import Text


class SponsorOnRecord(OpenBeianError):
    code = "sponsor_on_record"
    status = 409
    message = Text(
        "该证件号码已有备案 {number}。请改办新增服务。",
        "This certificate already has the filing {number}. Add a service instead.",
    )


class DomainOnRecord(OpenBeianError):
    code = "domain_on_record"
    status = 409
    message = Text(
        "域名 {domain} 已在其他备案中。先在原备案中注销或减去。",
        "The domain {domain} stands in another filing. Have it removed there first.",
    )


class RecordNotYours(OpenBeianError):
    code = "record_not_found"
    status = 404
    message = Text("没有这条记录，或您无权查看。", "There is no such record, or it is not yours to see.")


class ServicesRemain(OpenBeianError):
    code = "services_remain"
    status = 409
    message = Text(
        "名下还有 {count} 项服务未注销，先逐一注销服务。",
        "{count} services are still on record; cancel each of them first.",
    )


class NumberTaken(OpenBeianError):
    code = "number_taken"
    status = 409
    message = Text("号码 {number} 已在记录中。请核对后再填。", "The number {number} is already on record. Check it.")


class SeriesExhausted(OpenBeianError):
    code = "series_exhausted"
    status = 409
    message = Text("{province} {year} 年的号段已用完。", "The numbers of {province} for {year} are used up.")


class NumberNotOfService(OpenBeianError):
    code = "number_not_of_service"
    message = Text(
        "{number} 不是服务备案号。请填写带「-1」「-2A」等后缀的号码。",
        "{number} is not a service's number. Enter it with its suffix, as -1 or -2A.",
    )


class ProviderUnfit(OpenBeianError):
    code = "provider_unfit"
    message = Text("服务商登记有误，请逐项改正。", "The provider's entry has faults; correct each of them.")


class ProviderNameTaken(OpenBeianError):
    code = "provider_name_taken"
    status = 409
    message = Text("「{name}」已登记。请修改原有登记。", "“{name}” is registered already. Change that entry.")


class ProviderMissing(OpenBeianError):
    code = "provider_missing"
    status = 404
    message = Text("没有这条登记，或您无权查看。", "There is no such entry, or it is not yours to see.")


_UNREADABLE = {
    "absent": Text("打不开文件：{why}。请检查路径与权限。", "The file cannot be opened: {why}. Check path and rights."),
    "large": Text(
        "文件超过 {megabytes} MB。请拆成几个文件分别导入。",
        "The file is larger than {megabytes} MB. Split it and import the parts.",
    ),
    "empty": Text("文件是空的。请下载模板填写。", "The file is empty. Download the template and fill it in."),
    "kind": Text(
        "这不是 xlsx 或 CSV 文件。请在表格软件中“另存为”.xlsx 后再导入。",
        "This is neither xlsx nor CSV. Save it as .xlsx in your sheet program and import that.",
    ),
    "encoding": Text(
        "读不懂文件的编码。请另存为 .xlsx，或“CSV UTF-8”。",
        "The file's encoding cannot be read. Save it as .xlsx or as CSV UTF-8.",
    ),
    "damaged": Text(
        "文件已损坏或设有密码。请用表格软件打开后另存为 .xlsx。",
        "The file is damaged or has a password. Open it in a sheet program and save it as .xlsx.",
    ),
    "wide": Text(
        "表格的列太多。请只保留模板中的列。", "The sheet has too many columns. Keep only those of the template."
    ),
    "long": Text(
        "表格超过 {rows} 行。请拆成几个文件分别导入。",
        "The sheet has more than {rows} rows. Split it and import the parts.",
    ),
    "limits": Text(
        "表格占用的行列过大。请把有内容的区域复制到模板后再导入。",
        "The sheet spans too much. Copy the filled part into the template and import that.",
    ),
}


class LicenceUnfit(OpenBeianError):
    code = "licence_unfit"
    message = Text("许可证信息有误，请逐项改正。", "The licence has faults; correct each of them.")


class LicenceOnRecord(OpenBeianError):
    code = "licence_on_record"
    status = 409
    message = Text(
        "许可证 {number} 已在记录中。请改为变更。", "The licence {number} is on record already. Change that entry."
    )


class NothingToRenew(OpenBeianError):
    code = "nothing_to_renew"
    status = 409
    message = Text(
        "许可证 {number} 没有一项业务已开通，不予延续。先开通业务并更新记录。",
        "No business of the licence {number} is open, so nothing is renewed. Open one and bring the record up to date.",
    )


class NumberResourceUnfit(OpenBeianError):
    code = "number_resource_unfit"
    message = Text("码号信息有误，请逐项改正。", "The number resource has faults; correct each of them.")


class SheetUnreadable(OpenBeianError):
    code = "sheet_unreadable"
    message = _UNREADABLE["damaged"]

    @classmethod
    def because(cls, reason: str, **places: object) -> SheetUnreadable:
        """The refusal for one of the reasons that the reading process knows."""
        return cls(_UNREADABLE.get(reason, cls.message).format(**places))


class ColumnsMissing(OpenBeianError):
    code = "columns_missing"
    message = Text(
        "表头缺少必填的列：{columns}。请对照模板改正第 {row} 行。",
        "The heading lacks required columns: {columns}. Correct row {row} after the template.",
    )


class HeadingMissing(OpenBeianError):
    code = "heading_missing"
    message = Text(
        "前 20 行里没有找到表头。请使用模板的表头，不要改动。",
        "No heading was found in the first 20 rows. Keep the template's heading.",
    )


class UploadGone(OpenBeianError):
    code = "upload_gone"
    status = 410
    message = Text(
        "上传的文件已过期或已导入。请重新上传。", "The uploaded file has expired or was imported. Upload it again."
    )
