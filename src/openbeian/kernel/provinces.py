"""The 31 areas of the Chinese mainland that have a communications administration, and the characters that stand for them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from openbeian.kernel.errors import Problem, ValueRefused
from openbeian.kernel.text import Text


@dataclass(frozen=True, slots=True)
class Province:
    """One area: `abbreviation` is the one filing numbers carry, `aliases` the other customary ones.

    That filings use 蜀, 黔, 滇 and 陇 rather than 川, 贵, 云 and 甘 is seen on many numbers but stands in no rule
    (confidence M), so every alias folds onto the same province.
    `code` is the two-digit GB/T 2260 code.
    """

    abbreviation: str
    code: str
    name: Text
    administration: Text
    aliases: tuple[str, ...] = ()

    @property
    def abbreviations(self) -> tuple[str, ...]:
        return (self.abbreviation, *self.aliases)

    @property
    def region_code(self) -> str:
        """The six-digit GB/T 2260 code."""
        return f"{self.code}0000"


# abbreviation (aliases after it), GB/T 2260, Chinese name, English name
_AREAS = """
京 11 北京市 Beijing
津 12 天津市 Tianjin
冀 13 河北省 Hebei
晋 14 山西省 Shanxi
蒙 15 内蒙古自治区 Inner Mongolia
辽 21 辽宁省 Liaoning
吉 22 吉林省 Jilin
黑 23 黑龙江省 Heilongjiang
沪 31 上海市 Shanghai
苏 32 江苏省 Jiangsu
浙 33 浙江省 Zhejiang
皖 34 安徽省 Anhui
闽 35 福建省 Fujian
赣 36 江西省 Jiangxi
鲁 37 山东省 Shandong
豫 41 河南省 Henan
鄂 42 湖北省 Hubei
湘 43 湖南省 Hunan
粤 44 广东省 Guangdong
桂 45 广西壮族自治区 Guangxi
琼 46 海南省 Hainan
渝 50 重庆市 Chongqing
蜀川 51 四川省 Sichuan
黔贵 52 贵州省 Guizhou
滇云 53 云南省 Yunnan
藏 54 西藏自治区 Tibet
陕 61 陕西省 Shaanxi
陇甘 62 甘肃省 Gansu
青 63 青海省 Qinghai
宁 64 宁夏回族自治区 Ningxia
新 65 新疆维吾尔自治区 Xinjiang
"""


def _read(line: str) -> Province:
    abbreviations, code, zh, en = line.split(" ", 3)
    return Province(
        abbreviations[0],
        code,
        Text(zh, en),
        Text(f"{zh}通信管理局", f"{en} Communications Administration"),
        tuple(abbreviations[1:]),
    )


PROVINCES: tuple[Province, ...] = tuple(map(_read, _AREAS.split("\n")[1:-1]))
"""All 31, in the order of GB/T 2260."""

ABBREVIATIONS = "".join(a for p in PROVINCES for a in p.abbreviations)
"""Every character that stands for a province, aliases included."""


@cache
def _index() -> dict[str, Province]:
    index: dict[str, Province] = {}
    for province in PROVINCES:
        short = province.name.zh.removesuffix("省").removesuffix("市")
        for ending in ("壮族自治区", "回族自治区", "维吾尔自治区", "自治区"):
            short = short.removesuffix(ending)
        for key in (*province.abbreviations, province.code, province.region_code, province.name.zh, short):
            index[key] = province
        index[province.name.en.lower()] = province
    return index


def find_province(text: str) -> Province | None:
    """The province an abbreviation, alias, name (with or without 省/市/自治区) or code stands for."""
    return _index().get(text) or _index().get(text.lower())


def get_province(text: str) -> Province:
    """Like `find_province`. Raises: ValueRefused when nothing mainland answers to it."""
    province = find_province(text.strip())
    if province is None:
        raise ValueRefused(
            Problem(
                Text("“{text}”不是内地省、自治区、直辖市。", "“{text}” is no mainland province.").format(
                    text=text[:20]
                ),
                Text("请填写如“京”“粤”“广东省”或“44”。", "Give one such as 京, 粤, 广东省 or 44."),
                "province.unknown",
            ),
            text[:20],
        )
    return province


def find_province_of_region(code: str) -> Province | None:
    """The province a six-digit region code lies in."""
    return _index().get(code[:2]) if len(code) == 6 else None
