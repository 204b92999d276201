"""What fields say to each other, to the register of providers and to the record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Set
from typing import TYPE_CHECKING, Any

from openbeian.cases.decisions.form_values import find_value
from openbeian.kernel.contacts import parse_mailbox, parse_phone
from openbeian.kernel.domains import parse_domain
from openbeian.kernel.errors import Fault, ValueRefused
from openbeian.kernel.ip_ranges import IpRange, parse_ip_range
from openbeian.kernel.text import Text

if TYPE_CHECKING:
    from openbeian.cases.decisions.checks import Surroundings

Values = Mapping[str, Any]


def find_relation_faults(
    values: Values, opened: Set[str], facts: Mapping[str, Any], around: Surroundings
) -> Iterator[Fault]:
    """Faults between fields. `opened`: the paths this procedure lets change; what it does not is not judged."""
    yield from _find_person_faults(values, opened, facts)
    yield from _find_phone_faults(values, opened, around)
    for i, service in enumerate(values.get("services", ())):
        yield from _find_domain_faults(service, f"services.{i}", opened, around)
        yield from _find_address_faults(service, f"services.{i}", opened, around)
        yield from _find_approval_hints(service, f"services.{i}", opened, around)
    yield from _find_repeated_domains(values, opened)
    yield from _find_limits(values, opened, facts, around)
    yield from _find_provider_faults(values, opened, facts, around)
    if not facts["procedure_ends"]:  # also what this procedure does not change: a listed site must get no new access
        yield from _find_blacklisted(around)
    if around.number_on_record and "sponsor.certificate_number" in opened:
        yield Fault(
            "sponsor.certificate_number",
            Text("该证件号码已有备案 {n}。", "This certificate already has the filing {n}.").format(
                n=around.number_on_record
            ),
            Text("撤销本笔，改办新增服务。", "Withdraw this case and add a service instead."),
            "sponsor.on_record",
        )


def _normal(read: Callable[[str], Any], text: str) -> str:
    try:
        read_value = read(text)
    except ValueRefused:
        return text.strip().lower()
    return str(getattr(read_value, "normal", read_value)).lower()


def _find_person_faults(values: Values, opened: Set[str], facts: Mapping[str, Any]) -> Iterator[Fault]:
    sponsor = values.get("sponsor", {})
    person = sponsor.get("person", {})
    if facts["sponsor_group"] == "person" and "sponsor.person.name" in opened:
        for field, label in (("name", "姓名"), ("certificate_number", "证件号码")):
            if person.get(field) and sponsor.get(field) and person[field].strip() != sponsor[field].strip():
                yield Fault(
                    f"sponsor.person.{field}",
                    Text(f"个人备案的负责人{label}应与主体一致。", "A person's own filing names that person here too."),
                    Text("填写主办者本人。", "Enter the sponsor's own."),
                    "person.is_sponsor",
                )
    for i, service in enumerate(values.get("services", ())):
        if service.get("person_is_sponsor_person"):
            continue
        other = service.get("person", {})
        different = other.get("certificate_number", "").strip() != person.get("certificate_number", "").strip()
        for field, read in (("mobile", parse_phone), ("email", parse_mailbox)):
            path = f"services.{i}.person.{field}"
            mine, theirs = other.get(field, ""), person.get(field, "")
            if path in opened and different and mine and theirs and _normal(read, mine) == _normal(read, theirs):
                yield Fault(
                    path,
                    Text("两位负责人不同，但联系方式相同。", "Two different persons share this contact."),
                    Text("各自填写本人的手机号码和邮箱。", "Give each person's own."),
                    "person.contact_shared",
                )


def _find_phone_faults(values: Values, opened: Set[str], around: Surroundings) -> Iterator[Fault]:
    paths = ["sponsor.person", *(f"services.{i}.person" for i in range(len(values.get("services", ()))))]
    for base in paths:
        mobile, emergency = (str(find_value(values, f"{base}.{f}") or "") for f in ("mobile", "emergency_phone"))
        path = f"{base}.emergency_phone"
        if path in opened and mobile and emergency and _normal(parse_phone, mobile) == _normal(parse_phone, emergency):
            yield Fault(
                path,
                Text("应急电话与手机号码相同。", "The emergency phone repeats the mobile."),
                Text("填写另一部可以联系到的电话。", "Give another phone."),
                "person.emergency_repeated",
            )
        if f"{base}.mobile" in around.reused_mobiles and f"{base}.mobile" in opened:
            yield Fault(
                f"{base}.mobile",
                Text("该手机号已用于其他主体的备案。", "This mobile stands in another sponsor's filing."),
                Text("换用本人的号码；同一人任职多家的，请准备说明。", "Use another number, or be ready to explain."),
                "person.mobile_reused",
                certain=False,
            )


def _find_domain_faults(service: Values, base: str, opened: Set[str], around: Surroundings) -> Iterator[Fault]:
    if service.get("kind") != "website" or f"{base}.domains" not in opened:
        return
    own = set()
    for text in service.get("domains") or ():
        try:
            own.add(parse_domain(text).registrable)
        except ValueRefused:
            continue
    for taken in sorted(own & around.taken_domains):
        yield Fault(
            f"{base}.domains",
            Text("域名 {d} 已在其他备案中。", "{d} stands in another filing.").format(d=taken),
            Text("先在原备案中注销或减去；本主体已备案的，请办新增接入。", "Have it removed there, or add an access."),
            "domain.conflict",
            taken,
        )
    home = str(service.get("home_url") or "")
    host = home.removeprefix("https://").removeprefix("http://").split("/")[0].split(":")[0]
    if home and own:
        try:
            fits = parse_domain(host).registrable in own
        except ValueRefused:
            fits = False
        if not fits:
            yield Fault(
                f"{base}.home_url",
                Text("首页网址不在所填域名之下。", "The home page is not under a domain given."),
                Text("如 www.{d}。", "Write it as www.{d}.").format(d=sorted(own)[0]),
                "service.home_url",
                home[:80],
            )


def _find_repeated_domains(values: Values, opened: Set[str]) -> Iterator[Fault]:
    seen: Counter[str] = Counter()
    for i, service in enumerate(values.get("services", ())):
        for domain in service.get("domains") or ():
            name = domain.strip().lower()
            seen[name] += 1
            if seen[name] == 2 and f"services.{i}.domains" in opened:
                yield Fault(
                    f"services.{i}.domains",
                    Text("域名重复：{d}。", "{d} is given twice.").format(d=name),
                    Text("每个域名只填一次。", "Give each domain once."),
                    "domain.repeated",
                    name,
                )


def _read_ranges(texts: Any) -> list[IpRange]:
    ranges = []
    for text in texts or ():
        try:
            ranges.append(parse_ip_range(text))
        except ValueRefused:
            continue
    return ranges


def _find_address_faults(service: Values, base: str, opened: Set[str], around: Surroundings) -> Iterator[Fault]:
    declared = _read_ranges(around.provider.address_ranges) if around.provider else []
    for i, access in enumerate(service.get("accesses") or ()):
        path = f"{base}.accesses.{i}.ip_ranges"
        if path not in opened:
            continue
        ranges = _read_ranges(access.get("ip_ranges"))
        for a, one in enumerate(ranges):
            if any(one.overlaps(other) for other in ranges[a + 1 :]):
                yield Fault(
                    path,
                    Text("地址段互相重叠：{r}。", "These ranges overlap: {r}.").format(r=one.normal),
                    Text("合并或去掉重复的地址。", "Merge them or drop the repetition."),
                    "access.overlap",
                    one.normal,
                )
            # An access on record names its own provider; only the case's own provider's ranges are known here.
            is_own = not access.get("provider_id")
            if is_own and declared and not any(d.contains(one) for d in declared):
                yield Fault(
                    path,
                    Text(
                        "{r} 不在接入服务商登记的地址段内。", "{r} is outside the provider's registered ranges."
                    ).format(r=one.normal),
                    Text(
                        "核对服务商分配的地址，或换选服务商。", "Check what the provider assigned, or choose another."
                    ),
                    "access.outside_ranges",
                    one.normal,
                )


def _find_approval_hints(service: Values, base: str, opened: Set[str], around: Surroundings) -> Iterator[Fault]:
    given = {a.get("kind") for a in (service.get("approvals") or {}).get("items", ())}
    for content in service.get("contents") or ():
        row = around.tables.content_types.find(content)
        missing = [a for a in (row.may_need if row else ()) if a not in given]
        if row and missing and f"{base}.approvals" in opened:
            names = "、".join(around.tables.prior_approvals.get(a).label.zh for a in missing)
            english = ", ".join(around.tables.prior_approvals.get(a).label.en for a in missing)
            yield Fault(
                f"{base}.approvals",
                Text(f"「{row.label.zh}」通常需要前置审批：{names}。", f"“{row.label.en}” usually needs: {english}."),
                Text("已取得的请填写文号；确不涉及的可以继续。", "Enter the approval; go on if it does not apply."),
                "service.approval_hint",
                certain=False,
            )


def _find_blacklisted(around: Surroundings) -> Iterator[Fault]:
    """Advice, no bar: whether a listed one may be filed is the administration's decision (its codes 1064, 1065)."""
    for found in around.blacklisted:
        yield Fault(
            found.path,
            Text(
                "「{shown}」在{administration}的黑名单中（{on} 收到）。",
                "“{shown}” stands on the blacklist of {administration}, received on {on}.",
            ).format(shown=found.shown, administration=found.administration, on=found.listed_on.isoformat()),
            Text(
                "管局很可能驳回（代码 1064、1065）；认为有误的，先向该管局申请移出，审核人员请先核实。",
                "The administration will most likely refuse it (codes 1064, 1065). If the entry is wrong, have it "
                "struck there first; reviewers clear this up before they forward the case.",
            ),
            "blacklist.listed",
            found.shown,
            certain=False,
        )


def _find_limits(values: Values, opened: Set[str], facts: Mapping[str, Any], around: Surroundings) -> Iterator[Fault]:
    services = values.get("services", ())
    total = around.services_on_record + len(services)
    if facts["sponsor_group"] == "person" and total > around.most_personal_services and "services.0.kind" in opened:
        yield Fault(
            f"services.{len(services) - 1}.kind",
            Text("个人名下的服务超过 {n} 项。", "A person may file at most {n} services.").format(
                n=around.most_personal_services
            ),
            Text("减少本次的服务，或先注销不用的。", "File fewer, or cancel unused ones first."),
            "filing.personal_sponsor.max_services",
        )


def _find_provider_faults(
    values: Values, opened: Set[str], facts: Mapping[str, Any], around: Surroundings
) -> Iterator[Fault]:
    provider = around.provider
    if "provider_id" not in opened or not values.get("provider_id"):
        return
    if provider is None:
        yield Fault(
            "provider_id",
            Text("名录中没有这家服务商，或已停用。", "No such provider in the register, or it is inactive."),
            Text("请重新选择。", "Choose again."),
            "provider.unknown",
        )
        return
    kinds = {s.get("kind") for s in values.get("services", ()) if s.get("kind")}
    if provider.service_kinds and not kinds <= set(provider.service_kinds):
        yield Fault(
            "provider_id",
            Text("{p} 不受理这类服务。", "{p} does not take this kind of service.").format(p=provider.name),
            Text("换选服务商，或分开办理。", "Choose another, or file separately."),
            "provider.kind",
        )
    if provider.provinces and facts["province"] and facts["province"] not in provider.provinces:
        yield Fault(
            "provider_id",
            Text("{p} 不受理该省的备案。", "{p} does not work in this province.").format(p=provider.name),
            Text("换选服务商。", "Choose another."),
            "provider.province",
        )
