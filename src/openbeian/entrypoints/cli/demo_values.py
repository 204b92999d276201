"""Values of the demo world: people, organisations and services that exist nowhere, with numbers that check out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Any

from stdnum.cn import ric, uscc

from openbeian.registry.decisions import PersonValues, SponsorValues

# nature, kind of certificate, words of the name; the certificate numbers of these kinds are credit codes.
_NATURES = (
    ("enterprise", "business_licence", "北京演示{word}科技有限公司", "91"),
    ("enterprise", "business_licence", "北京演示{word}文化传媒有限公司", "91"),
    ("institution", "institution_registration", "北京演示{word}研究所", "12"),
    ("government", "credit_code_government", "北京演示{word}服务局", "11"),
    ("social_organisation", "social_organisation_registration", "北京演示{word}协会", "51"),
    ("individual", "resident_id", "", ""),
    ("private_non_enterprise", "private_non_enterprise_registration", "北京演示{word}学校", "52"),
    ("foundation", "foundation_registration", "北京演示{word}基金会", "53"),
)
_WORDS = [
    "云帆",
    "青禾",
    "星河",
    "远山",
    "白鹭",
    "晨光",
    "松涛",
    "银杏",
    "海棠",
    "朝露",
    "春笋",
    "秋池",
    "飞雁",
    "清泉",
    "暖阳",
    "竹影",
    "流萤",
    "素心",
    "听雨",
    "望月",
]
_FAMILY = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨"
_GIVEN = ["明", "芳", "伟", "静", "磊", "娜", "强", "敏", "洋", "丽", "涛", "雪", "鹏", "婷", "超", "慧"]
_SITES = ["书店", "花坊", "茶馆", "相册", "菜谱", "课堂", "画廊", "工坊", "游记", "影集", "手账", "菜园"]
_REGION = "110101"
KINDS = ("website", "app", "mini_program", "quick_app")
CONTENTS = ("unit_portal", "blog", "online_pictures", "software_download")


@dataclass(slots=True)
class Invention:
    """Makes value after value, the same ones for the same seed, no number twice."""

    random: Random
    count: int = 0

    def next(self) -> int:
        self.count += 1
        return self.count

    def credit_code(self, prefix: str) -> str:
        body = f"{prefix}{_REGION}DEM0{self.next():05d}"
        return body + str(uscc.calc_check_digit(body))

    def resident_id(self) -> str:
        body = f"{_REGION}19{self.random.randint(70, 99)}{self.random.randint(1, 12):02d}15{self.next() % 1000:03d}"
        return body + str(ric.calc_check_digit(body + "0"))

    def person(self) -> PersonValues:
        number = self.next()
        return PersonValues(
            name=self.random.choice(_FAMILY) + self.random.choice(_GIVEN),
            certificate_type="resident_id",
            certificate_number=self.resident_id(),
            certificate_from=date(2020, 1, 1),
            certificate_until=date(2040, 1, 1),
            mobile=f"1380000{number:04d}",
            emergency_phone=f"1390000{number:04d}",
            email=f"person{number}@demo.example.cn",
        )

    def sponsor(self, number: int) -> SponsorValues:
        """The n-th sponsor; natures take turns."""
        nature, certificate, pattern, prefix = _NATURES[number % len(_NATURES)]
        person = self.person()
        is_person = nature == "individual"
        address = f"北京市东城区演示路{number + 1}号"
        return SponsorValues(
            nature=nature,
            name=person.name if is_person else pattern.format(word=self.word(number)),
            region=_REGION,
            certificate_type=certificate,
            certificate_number=person.certificate_number if is_person else self.credit_code(prefix),
            certificate_address=address,
            certificate_until=person.certificate_until if is_person else None,
            address=address,
            legal_representative="" if is_person else person.name,
            remark="",
            person=person,
        )

    def word(self, number: int) -> str:
        return _WORDS[number % len(_WORDS)] + ("" if number < len(_WORDS) else _SITES[number % len(_SITES)][0])

    def service(self, kind: str) -> dict[str, Any]:
        """A service in the form's own fields, without accesses."""
        number = self.next()
        values: dict[str, Any] = {
            "kind": kind,
            "name": self.random.choice(_WORDS) + self.random.choice(_SITES),
            "contents": [self.random.choice(CONTENTS)],
            "languages": ["simplified_chinese"],
            "approvals": {"none": True, "items": []},
            "remark": "演示数据，用来了解备案系统的办理过程，内容全部虚构。",
            "person_is_sponsor_person": True,
        }
        by_kind: dict[str, dict[str, Any]] = {
            "website": {"domains": [f"demo{number}-site.cn"], "home_url": f"www.demo{number}-site.cn"},
            "app": {
                "platforms": ["android"],
                "package_name": f"cn.demo{number}.app",
                "public_key": f"{number:064x}",
                "signature_digest": f"{number:032x}",
            },
            "mini_program": {"platform_name": "微信", "app_id": f"wxdemo{number:06d}"},
            "quick_app": {"package_name": f"cn.demo{number}.quick"},
        }
        return values | by_kind[kind]
