"""The columns of a portfolio: what each is called in sheets people already have, whether it must be filled, how to hide it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from openbeian.kernel.text import Text
from openbeian.privacy.masking import mask_certificate, mask_email, mask_middle, mask_mobile, mask_name

Group = Literal["sponsor", "service"]
Mask = Callable[[str], str]
_NO_HINT = Text("", "")


@dataclass(frozen=True, slots=True)
class Column:
    """One column; `required` means in every row of its group, `mask` hides personal values wherever they are shown."""

    key: str
    heading: Text
    group: Group
    required: bool = False
    synonyms: tuple[str, ...] = ()
    mask: Mask | None = None
    hint: Text = _NO_HINT
    example: str = ""

    def show(self, value: str) -> str:
        """The value as a report may hold it."""
        return self.mask(value) if self.mask else value


def _mask_all_but_head(value: str) -> str:
    return mask_middle(value, head=2, tail=0)


_CODE = Text("从“代码表”中选择。", "Choose from the sheet of codes.")
_SEVERAL = Text("多项用逗号或换行分隔。", "Separate several by commas or line breaks.")
_AS_SPONSOR = Text("留空表示与主体负责人相同。", "Empty means the sponsor's person.")

COLUMNS: tuple[Column, ...] = (
    Column(
        "sponsor.number",
        Text("主体备案号", "Filing number"),
        "sponsor",
        True,
        ("备案号", "主体备案/许可证号", "ICP备案号", "备案/许可证号", "filing number"),
        hint=Text("如 京ICP备2026000123号，不带“-1”。", "As 京ICP备2026000123号, without -1."),
        example="京ICP备2026000123号",
    ),
    Column(
        "sponsor.name",
        Text("主办单位名称", "Sponsor"),
        "sponsor",
        True,
        ("主体名称", "单位名称", "主办者名称", "主办者", "公司名称", "sponsor"),
        example="北京示例科技有限公司",
    ),
    Column(
        "sponsor.nature",
        Text("单位性质", "Nature"),
        "sponsor",
        True,
        ("主办单位性质", "主体性质", "主办者性质", "性质"),
        hint=_CODE,
        example="企业",
    ),
    Column(
        "sponsor.certificate_type",
        Text("证件类型", "Certificate type"),
        "sponsor",
        True,
        ("主体证件类型", "主办单位证件类型", "单位证件类型"),
        hint=_CODE,
        example="营业执照",
    ),
    Column(
        "sponsor.certificate_number",
        Text("证件号码", "Certificate number"),
        "sponsor",
        True,
        ("主体证件号码", "主办单位证件号码", "单位证件号码", "统一社会信用代码", "证件号"),
        mask_certificate,
        example="91110000MA00000009",
    ),
    Column(
        "sponsor.region",
        Text("所在地", "Region"),
        "sponsor",
        True,
        ("主体所在地", "省市县", "省市区", "行政区划", "行政区划代码", "主办单位所在地"),
        hint=Text("到区县的全称，或 6 位代码。", "The full name down to the county, or its six digits."),
        example="北京市东城区",
    ),
    Column(
        "sponsor.address",
        Text("通信地址", "Address"),
        "sponsor",
        True,
        ("主体通信地址", "通讯地址", "单位地址", "主办单位通信地址", "地址", "详细地址"),
        _mask_all_but_head,
        example="示例路1号",
    ),
    Column(
        "sponsor.certificate_address",
        Text("证件住所", "Address on the certificate"),
        "sponsor",
        False,
        ("主体证件住所", "注册地址", "住所", "证件地址"),
        _mask_all_but_head,
    ),
    Column(
        "sponsor.certificate_until",
        Text("证件有效期至", "Certificate valid until"),
        "sponsor",
        False,
        ("证件到期日", "证件有效期"),
        hint=Text("日期或“长期”。", "A day, or 长期."),
        example="长期",
    ),
    Column(
        "sponsor.legal_representative",
        Text("法定代表人", "Legal representative"),
        "sponsor",
        False,
        ("法人", "法人代表", "法定代表人姓名", "投资人或主管单位"),
        mask_name,
    ),
    Column(
        "sponsor.person.name",
        Text("主体负责人", "Responsible person"),
        "sponsor",
        True,
        ("主体负责人姓名", "负责人", "负责人姓名", "联系人", "主办单位负责人"),
        mask_name,
        example="张示例",
    ),
    Column(
        "sponsor.person.certificate_type",
        Text("主体负责人证件类型", "Person's certificate type"),
        "sponsor",
        False,
        ("负责人证件类型",),
        hint=_CODE,
        example="居民身份证",
    ),
    Column(
        "sponsor.person.certificate_number",
        Text("主体负责人证件号码", "Person's certificate number"),
        "sponsor",
        False,
        ("负责人证件号码", "身份证号", "负责人身份证号"),
        mask_certificate,
        example="110101199003070011",
    ),
    Column(
        "sponsor.person.mobile",
        Text("主体负责人手机", "Person's mobile"),
        "sponsor",
        True,
        ("主体负责人手机号", "主体负责人手机号码", "负责人手机", "手机", "手机号", "手机号码", "联系电话"),
        mask_mobile,
        example="13800138000",
    ),
    Column(
        "sponsor.person.emergency_phone",
        Text("主体负责人应急电话", "Person's emergency phone"),
        "sponsor",
        False,
        ("应急电话", "应急联系电话", "座机", "办公电话"),
        mask_mobile,
    ),
    Column(
        "sponsor.person.email",
        Text("主体负责人邮箱", "Person's e-mail"),
        "sponsor",
        False,
        ("主体负责人电子邮箱", "邮箱", "电子邮箱", "电子邮件", "email", "e-mail"),
        mask_email,
        example="person@example.cn",
    ),
    Column(
        "sponsor.granted_on",
        Text("主体备案日期", "Sponsor granted on"),
        "sponsor",
        False,
        ("主体审核通过日期", "主体审核时间"),
        hint=Text("留空时取服务的备案日期。", "Empty means the service's day."),
        example="2026-03-02",
    ),
    Column(
        "service.number",
        Text("服务备案号", "Service number"),
        "service",
        True,
        ("网站备案号", "服务备案/许可证号", "网站备案/许可证号", "APP备案号"),
        hint=Text("如 京ICP备2026000123号-1。", "As 京ICP备2026000123号-1."),
        example="京ICP备2026000123号-1",
    ),
    Column(
        "service.kind",
        Text("服务类型", "Kind"),
        "service",
        False,
        ("互联网信息服务类型", "类型"),
        hint=Text("留空时由服务备案号的后缀得出。", "Empty: told by the number's suffix."),
        example="网站",
    ),
    Column(
        "service.name",
        Text("服务名称", "Service name"),
        "service",
        True,
        ("网站名称", "APP名称", "App名称", "小程序名称", "应用名称"),
        example="示例之家",
    ),
    Column(
        "service.domains",
        Text("域名", "Domains"),
        "service",
        False,
        ("网站域名", "备案域名", "domain", "domains"),
        hint=_SEVERAL,
        example="example.cn",
    ),
    Column(
        "service.home_url",
        Text("首页网址", "Home page"),
        "service",
        False,
        ("网站首页网址", "网站首页", "首页URL", "首页地址", "网址", "url"),
        example="www.example.cn",
    ),
    Column(
        "service.contents",
        Text("服务内容", "Contents"),
        "service",
        False,
        ("网站服务内容", "服务内容类型", "内容类型"),
        hint=_SEVERAL,
        example="单位门户网站",
    ),
    Column(
        "service.languages",
        Text("语言", "Languages"),
        "service",
        False,
        ("网站语言",),
        hint=_SEVERAL,
        example="中文简体",
    ),
    Column(
        "service.person.name",
        Text("服务负责人", "Service's person"),
        "service",
        False,
        ("网站负责人", "网站负责人姓名", "服务负责人姓名", "APP负责人"),
        mask_name,
        hint=_AS_SPONSOR,
    ),
    Column(
        "service.person.certificate_type",
        Text("服务负责人证件类型", "Service's person's certificate type"),
        "service",
        False,
        ("网站负责人证件类型",),
        hint=_CODE,
    ),
    Column(
        "service.person.certificate_number",
        Text("服务负责人证件号码", "Service's person's certificate number"),
        "service",
        False,
        ("网站负责人证件号码", "网站负责人身份证号"),
        mask_certificate,
    ),
    Column(
        "service.person.mobile",
        Text("服务负责人手机", "Service's person's mobile"),
        "service",
        False,
        ("网站负责人手机", "网站负责人手机号", "服务负责人手机号"),
        mask_mobile,
    ),
    Column(
        "service.person.email",
        Text("服务负责人邮箱", "Service's person's e-mail"),
        "service",
        False,
        ("网站负责人邮箱", "网站负责人电子邮箱"),
        mask_email,
    ),
    Column(
        "access.provider",
        Text("接入服务商", "Access provider"),
        "service",
        False,
        ("接入商", "接入服务商名称", "网站接入服务商", "云服务商"),
        hint=Text("与服务商名录中的名称一致。", "Named as in the provider register."),
    ),
    Column(
        "access.mode",
        Text("接入方式", "Mode of access"),
        "service",
        False,
        ("网站接入方式",),
        hint=_CODE,
        example="云接入",
    ),
    Column(
        "access.place",
        Text("服务器放置地", "Place of the servers"),
        "service",
        False,
        ("服务器所在地", "放置地", "接入地"),
        hint=Text("省、自治区、直辖市。", "The province."),
        example="北京市",
    ),
    Column(
        "access.ip_ranges",
        Text("IP地址", "IP addresses"),
        "service",
        False,
        ("IP", "IP地址段", "服务器IP", "网站IP"),
        hint=_SEVERAL,
    ),
    Column(
        "service.granted_on",
        Text("备案日期", "Granted on"),
        "service",
        True,
        ("审核通过日期", "审核通过时间", "服务备案日期", "通过日期", "备案时间", "审核时间", "网站审核通过日期"),
        hint=Text("如 2023-05-01。", "As 2023-05-01."),
        example="2026-03-02",
    ),
)
BY_KEY = {column.key: column for column in COLUMNS}
SPONSOR_KEYS = tuple(c.key for c in COLUMNS if c.group == "sponsor")
SERVICE_KEYS = tuple(c.key for c in COLUMNS if c.group == "service")


def squeeze_heading(text: str) -> str:
    """A heading without blanks, stars, remarks in brackets and colons, in lower case: `*手机号（必填）` is 手机号."""
    bare = text[:100]
    for opening, closing in ("（）", "()", "【】", "[]"):
        while (start := bare.find(opening)) >= 0:
            end = bare.find(closing, start)
            bare = bare[:start] + (bare[end + 1 :] if end > start else "")
    return "".join(c for c in bare if c.isalnum() or c in "/-").lower()


_BY_HEADING = {
    squeeze_heading(name): column.key
    for column in COLUMNS
    for name in (column.heading.zh, column.heading.en, column.key, *column.synonyms)
}


def place_columns(heading: Sequence[str]) -> dict[str, int]:
    """Which column of the sheet holds which value; of two with the same name the first. Unknown columns are left out."""
    placed: dict[str, int] = {}
    for index, text in enumerate(heading):
        key = _BY_HEADING.get(squeeze_heading(text))
        if key is not None:
            placed.setdefault(key, index)
    return placed
