"""Which licence does a business need? Answers from the catalogue, each with its rule, and "cannot tell" where it is so. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from openbeian.kernel.text import Text
from openbeian.rules.errors import NoRuleInForce, RuleUnknown
from openbeian.rules.licence_catalogue import Activity, Business, LicenceCatalogue, Statement
from openbeian.rules.resolver import Resolution, resolve
from openbeian.rules.rulebook import Rulebook

Area = Literal["", "one_province", "several"]
Share = Literal["", "none", "some"]
YesNo = Literal["", "yes", "no"]
Verdict = Literal["needed", "met", "not_met", "cannot_tell", "told"]


@dataclass(frozen=True, slots=True)
class Answers:
    """What was said; "" and None mean "do not know". `foreign_percent` is the foreign share in whole percent."""

    activities: tuple[str, ...] = ()
    area: Area = ""
    province: str = ""
    foreign: Share = ""
    foreign_percent: int | None = None
    pilot_area: str = ""
    capital_yuan: int | None = None
    is_company: YesNo = ""
    is_dishonest: YesNo = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One answer: the verdict, the sentence, and the ground (a resolved rule, or the statement's own source)."""

    verdict: Verdict
    text: Text
    ground: Resolution | None
    source: str = ""
    confidence: str = ""


@dataclass(frozen=True, slots=True)
class BusinessAdvice:
    """All that is said of one business that is needed."""

    business: Business
    because: tuple[Text, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Advice:
    """`verdict` sums up: needed, told (a filing or number only), or cannot_tell. `unknown` names what was not answered."""

    verdict: Verdict
    general: tuple[Line, ...]
    businesses: tuple[BusinessAdvice, ...]
    unknown: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class _Asking:
    """The answers with all that is needed to ground them."""

    answers: Answers
    catalogue: LicenceCatalogue
    rulebook: Rulebook
    on: date

    def ground(self, rule: str) -> Resolution | None:
        try:
            return resolve(self.rulebook, rule, self.on, self.answers.province or None) if rule else None
        except (NoRuleInForce, RuleUnknown):
            return None

    def line(self, verdict: Verdict, zh: str, en: str, rule: str, **places: object) -> Line:
        ground = self.ground(rule)
        # What no rule in force says, and what is mere hearsay, is never said as certain.
        if verdict in {"met", "not_met"} and (ground is None or not ground.is_certain):
            verdict = "cannot_tell"
        return Line(verdict, Text(zh, en).format(**places) if places else Text(zh, en), ground)

    def state(self, statement: Statement) -> Line:
        return Line(
            "told", statement.label, self.ground(statement.rule), statement.source, statement.confidence
        )  # fmt: skip

    def number(self, rule: str) -> int | None:
        ground = self.ground(rule)
        return ground.value if ground is not None and isinstance(ground.value, int) else None


def advise(answers: Answers, catalogue: LicenceCatalogue, rulebook: Rulebook, on: date) -> Advice:
    """The answer for a day. Unknown activities are left out of account, as a page never offers them."""
    asking = _Asking(answers, catalogue, rulebook, on)
    chosen = [catalogue.activities[a] for a in answers.activities if a in catalogue.activities]
    wanted: dict[str, list[Activity]] = {}
    for activity in chosen:
        if activity.business:
            wanted.setdefault(activity.business, []).append(activity)
    general = [*_say_others(asking, chosen)]
    if wanted:
        general += [*_say_authority(asking), *_say_capital(asking), *_say_applicant(asking)]
    businesses = tuple(_say_business(asking, catalogue.businesses[code], acts) for code, acts in wanted.items())
    summary: Verdict = "needed" if wanted else "told" if chosen else "cannot_tell"
    if not wanted and any(activity.needs == "unknown" for activity in chosen):
        summary = "cannot_tell"
    return Advice(summary, tuple(general), businesses, tuple(_list_unknown(answers, wanted=bool(wanted))))


def _say_others(asking: _Asking, chosen: list[Activity]) -> Iterator[Line]:
    for activity in chosen:
        name = activity.label
        if activity.needs == "filing":
            zh, en = "「{name}」：不需要经营许可，须办理备案。", "“{name}”: no licence, but a filing."
            yield asking.line("told", zh, en, activity.rule, name=name)
        elif activity.needs == "unknown" and activity.doubt is not None:
            text = Text("「{name}」：{doubt}", "“{name}”: {doubt}").format(name=name, doubt=activity.doubt)
            yield Line("cannot_tell", text, asking.ground(activity.rule))
        if activity.number:
            yield from _say_number(asking, activity)


def _say_number(asking: _Asking, activity: Activity) -> Iterator[Line]:
    found = next((r for r in asking.catalogue.number_ranges if r.prefix == activity.number), None)
    if found is None:
        return
    zh = "「{name}」：另须申请码号，如 {range}（{who}）；每年单独年报，并缴占用费。"
    en = "“{name}”: a number resource as well, such as {range} ({who}); it has its own yearly report and a fee."
    yield asking.line("told", zh, en, found.rule, name=activity.label, range=found.label, who=found.applicants)
    yield asking.line("told", "码号收取占用费，与许可证不收费不同。", "Numbers carry a fee, unlike licences.", "number.occupation_fee")  # fmt: skip


def _say_authority(asking: _Asking) -> Iterator[Line]:
    rule, area = asking.catalogue.common.rules["authority"], asking.answers.area
    if area == "one_province":
        yield asking.line("told", "只在一个省经营：向该省通信管理局申请。", "One province: apply to its administration.", rule)  # fmt: skip
    elif area == "several":
        yield asking.line("told", "在两个以上省份或全国经营：向工信部申请跨地区许可证。", "Two provinces or more: apply to the ministry (MIIT).", rule)  # fmt: skip
    else:
        zh = "没有说明经营范围，判断不了向谁申请：一个省找省局，两个以上省找工信部。"
        en = "The area is not known, so neither is the authority: one province its administration, more the ministry."
        yield asking.line("cannot_tell", zh, en, rule)


def _say_capital(asking: _Asking) -> Iterator[Line]:
    answers, common = asking.answers, asking.catalogue.common
    if not answers.area:
        zh = "注册资本下限取决于经营范围，判断不了。"
        yield asking.line("cannot_tell", zh, "The least capital depends on the area.", common.capital["several"])
        return
    rule = common.capital[answers.area]
    least = asking.number(rule)
    if least is None or answers.capital_yuan is None:
        shown = f"{least:,}" if least is not None else "?"
        zh, en = "注册资本须不少于 {n} 元；贵公司的数额没有填写。", "Registered capital of {n} yuan at least; yours was not told."  # fmt: skip
        yield asking.line("cannot_tell", zh, en, rule, n=shown)
    elif answers.capital_yuan >= least:
        yield asking.line("met", "注册资本达到 {n} 元的下限。", "Capital reaches the least of {n} yuan.", rule, n=f"{least:,}")  # fmt: skip
    else:
        zh, en = "注册资本低于 {n} 元，先增资再申请。", "Capital is below {n} yuan; raise it first."
        yield asking.line("not_met", zh, en, rule, n=f"{least:,}")


def _say_applicant(asking: _Asking) -> Iterator[Line]:
    answers = asking.answers
    company = {
        "yes": ("met", "申请人是公司。", "The applicant is a company."),
        "no": ("not_met", "增值电信业务只发给公司；个人、个体工商户、事业单位先设立公司。", "Only companies are licensed; set one up first."),
        "": ("cannot_tell", "申请人须是公司；没有说明，判断不了。", "The applicant must be a company; this was not told."),
    }  # fmt: skip
    dishonest = {
        "yes": ("not_met", "在失信名单上，移出后才能申请。", "On the dishonest list; apply after it is lifted."),
        "no": ("met", "不在失信名单上。", "Not on the dishonest list."),
        "": ("cannot_tell", "是否在失信名单上没有说明。", "Whether it is on the dishonest list was not told."),
    }
    for key, options, rule in (
        (answers.is_company, company, "licence.value_added.conditions"),
        (answers.is_dishonest, dishonest, "licence.applicant.not_dishonest"),
    ):
        verdict, zh, en = options[key]
        yield asking.line(verdict, zh, en, rule)  # type: ignore[arg-type]
    yield asking.line("told", "许可证不收费；要求付费的多为代理或诈骗。", "Licences are free; who asks for money is an agent or a fraud.", asking.catalogue.common.rules["fee"])  # fmt: skip


def _say_business(asking: _Asking, business: Business, activities: list[Activity]) -> BusinessAdvice:
    lines = [asking.line("needed", "属于 {code} 业务。", "This is {code}.", business.code_rule, code=business.code)]
    if lines[0].ground is None or not lines[0].ground.is_certain:
        zh = "业务代码 {code} 未对照目录原文，办理前请核对。"
        lines = [asking.line("cannot_tell", zh, "The code {code} was not checked against the catalogue itself.", business.code_rule, code=business.code)]  # fmt: skip
    lines += _say_foreign(asking, business)
    lines += [asking.state(s) for s in business.conditions + business.opening]
    for prefix in business.numbers:
        found = next((r for r in asking.catalogue.number_ranges if r.prefix == prefix), None)
        if found is not None:
            lines.append(asking.line("told", "可能另需码号：{r}。", "A number may be needed: {r}.", found.rule, r=found.label))  # fmt: skip
    return BusinessAdvice(business, tuple(a.label for a in activities), tuple(lines))


def _say_foreign(asking: _Asking, business: Business) -> Iterator[Line]:
    answers, common = asking.answers, asking.catalogue.common
    rule = business.foreign or common.rules["foreign"]
    cap = asking.number(rule)
    if answers.foreign == "none":
        yield asking.line("met", "没有外资，不受股比限制。", "No foreign share, so no cap applies.", rule)
        return
    if not answers.foreign or cap is None:
        yield asking.line("cannot_tell", "是否有外资没有说明，股比限制判断不了。", "Whether foreign money is in was not told.", rule)  # fmt: skip
        return
    named = next((a for a in common.pilot_areas if a.id == answers.pilot_area), None)
    if cap >= 100:
        zh, en = "{code} 的电商类业务可由外商独资；其他用途须先问主管部门。", "{code} for e-commerce may be wholly foreign; ask about other uses."  # fmt: skip
        yield asking.line("told", zh, en, rule, code=business.code)
    elif answers.foreign_percent is not None and answers.foreign_percent <= cap:
        yield asking.line("met", "外资 {p}% 不超过 {cap}%。", "A foreign share of {p}% is within {cap}%.", rule, p=answers.foreign_percent, cap=cap)  # fmt: skip
    elif named is not None and business.pilot == "all":
        zh, en = "在{area}，试点取消 {code} 的外资股比限制；须先取得工信部试点批复。", "In {area} the pilot lifts the cap for {code}; MIIT's pilot approval comes first."  # fmt: skip
        yield asking.line("told", zh, en, common.rules["pilot_services"], area=named.label, code=business.code)
    elif named is not None and business.pilot == "part":
        zh = "试点只放开 {code} 中的发布平台和递送、信息保护和处理；新闻、出版、视听、网络文化不在内。是否在内，判断不了。"
        en = "The pilot opens only parts of {code} (publishing platforms and delivery, protection and processing); whether yours is one cannot be told."  # fmt: skip
        yield asking.line("cannot_tell", zh, en, common.rules["pilot_services"], code=business.code)
    elif answers.foreign_percent is None:
        yield asking.line("cannot_tell", "外资上限 {cap}%；贵公司的比例没有填写。", "Foreign cap {cap}%; your share was not told.", rule, cap=cap)  # fmt: skip
    else:
        zh, en = (
            "外资 {p}% 超过 {cap}%，且不在试点范围。",
            "A foreign share of {p}% is above {cap}%, and no pilot applies.",
        )
        yield asking.line("not_met", zh, en, rule, p=answers.foreign_percent, cap=cap)


def _list_unknown(answers: Answers, *, wanted: bool) -> Iterator[Text]:
    if not answers.activities:
        yield Text("做什么业务", "what the business does")
    if wanted and not answers.area:
        yield Text("在哪里经营", "where it works")
    if wanted and not answers.foreign:
        yield Text("有没有外资", "whether foreign money is in")
    if wanted and answers.capital_yuan is None:
        yield Text("注册资本", "its registered capital")
