"""What stands on record of a licence, in the words of an extract."""

from __future__ import annotations

from openbeian.documents.extracts import Section
from openbeian.documents.papers import PaperContent
from openbeian.kernel.provinces import find_province
from openbeian.kernel.text import Text
from openbeian.registry.licence_values import MINISTRY, NATIONWIDE
from openbeian.registry.lookup import STANDINGS
from openbeian.registry.models import Licence
from openbeian.rules.code_tables import load_code_tables

_OPENED = {True: Text("已开通", "opened"), False: Text("未开通", "not opened")}
_EVERYWHERE = Text("全国", "nationwide")
_MINISTRY = Text("工业和信息化部", "Ministry of Industry and Information Technology")


def describe_licence(licence: Licence) -> PaperContent:
    """The licence as it stands on record now; nothing personal stands in it."""
    end = licence.valid_until.isoformat()
    counted = Text(f"{end}（按发证日期推算）", f"{end} (counted from the day of issue)")
    facts: tuple[tuple[Text, str | Text], ...] = (
        (Text("许可证编号", "Licence number"), licence.number),
        (Text("持证人", "Holder"), licence.holder),
        (Text("发证机关", "Authority"), _name_authority(licence.authority)),
        (Text("发证日期", "Issued on"), licence.issued_on.isoformat()),
        (Text("有效期至", "Valid until"), end if licence.is_end_printed else counted),
        (Text("业务覆盖范围", "Areas"), _name_areas(licence.areas)),
        (Text("状态", "State"), STANDINGS[licence.standing]),
        *(((Text("特别规定事项", "Special terms"), licence.special_terms),) if licence.special_terms else ()),
    )
    tables = load_code_tables()
    businesses = []
    for held in licence.businesses:
        known = tables.businesses.find(held["code"])
        label = known.label if known else Text(held["code"], held["code"])
        businesses.append((Text(f"{held['code']} {label.zh}", label.en), _OPENED[bool(held["opened"])]))
    return PaperContent(
        (
            Section(Text("许可证", "Licence"), facts),
            Section(Text("业务种类", "Businesses"), tuple(businesses)),
        )
    )


def _name_authority(authority: str) -> Text:
    province = find_province(authority)
    if authority == MINISTRY or province is None:
        return _MINISTRY if authority == MINISTRY else Text(authority, authority)
    name = province.name
    return Text(f"{name.zh}通信管理局", f"Communications administration of {name.en}")


def _name_areas(areas: list[str]) -> Text:
    if areas == [NATIONWIDE]:
        return _EVERYWHERE
    names = [p.name if (p := find_province(a)) else Text(a, a) for a in areas]
    return Text("、".join(n.zh for n in names) or "—", ", ".join(n.en for n in names) or "—")
