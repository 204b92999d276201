"""Where the addresses lie, with the five reasons that access providers use."""

from dataclasses import replace
from pathlib import Path

import pytest
from tests.observation.traffic.test_regions import write_database

from openbeian.kernel.answers import Answer
from openbeian.observation.probing.access import check_access, check_dns, see_access
from openbeian.observation.probing.errors import MainlandRangesUnusable
from openbeian.observation.probing.knowledge import ProbeKnowledge, load_knowledge, read_mainland_ranges, read_ranges
from openbeian.observation.probing.record import CheckResult, DnsAnswers, ResolverAnswer
from openbeian.observation.probing.settings import ProbeSettings
from openbeian.observation.traffic.errors import RegionDatabaseUnusable

DECLARED = ["120.24.0.0/16"]
PROVIDER = ["120.24.0.0/14", "2408:4000::/24"]


def access(
    addresses: list[str],
    *,
    aliases: tuple[str, ...] = (),
    declared: list[str] = DECLARED,
    provider: list[str] = PROVIDER,
    knowledge: ProbeKnowledge | None = None,
) -> CheckResult:
    knowledge = knowledge or load_knowledge()
    four, six = (tuple(a for a in addresses if (":" in a) is is_six) for is_six in (False, True))
    answers = DnsAnswers((ResolverAnswer("r", four, six, aliases),))
    ranges = read_ranges(declared)
    return check_access(see_access(answers, ranges, knowledge), ranges, read_ranges(provider), knowledge)


@pytest.mark.parametrize(
    ("addresses", "aliases", "declared", "outcome", "reason", "label"),
    [
        ([], (), DECLARED, Answer.CANNOT_TELL, "no_resolution", "无解析"),
        (["120.24.1.1"], (), DECLARED, Answer.MET, "", ""),
        (["120.24.1.1", "120.24.255.255"], (), DECLARED, Answer.MET, "", ""),
        (["120.25.1.1"], (), DECLARED, Answer.NOT_MET, "address_differs", "解析IP与备案IP不符"),
        (["120.24.1.1", "39.96.1.1"], (), DECLARED, Answer.NOT_MET, "address_differs", "解析IP与备案IP不符"),
        (["39.96.1.1"], (), DECLARED, Answer.NOT_MET, "not_accessed", "未接入"),
        (["104.16.1.1"], (), DECLARED, Answer.NOT_MET, "resolves_abroad", "解析至境外"),
        (["104.16.1.1"], (), ["104.16.0.0/16"], Answer.MET, "", ""),
        (["39.96.1.1"], ("x.site.cn.w.kunlunaq.com",), DECLARED, Answer.CANNOT_TELL, "suspected_cdn", "疑似CDN"),
        (["39.96.1.1"], ("notkunlunaq.com",), DECLARED, Answer.NOT_MET, "not_accessed", "未接入"),
        (["39.96.1.1"], (), [], Answer.CANNOT_TELL, "nothing_declared", "没有登记的地址段"),
        (["120.24.1.1", "2408:4001::1"], (), DECLARED, Answer.CANNOT_TELL, "nothing_declared", "没有登记的地址段"),
    ],
)
def test_where_the_addresses_lie(
    addresses: list[str], aliases: tuple[str, ...], declared: list[str], outcome: Answer, reason: str, label: str
) -> None:
    found = access(addresses, aliases=aliases, declared=declared)
    assert (found.outcome, found.reason) == (outcome, reason)
    if reason:
        assert load_knowledge().reasons[reason].label.zh == label


def test_the_installations_own_list_tells_what_is_abroad(tmp_path: Path) -> None:
    listed = tmp_path / "cn.txt"
    listed.write_text(
        "# mainland\n2|apnic|20261101|9|1|1|+1000\napnic|*|ipv4|*|9|summary\napnic|CN|ipv4|39.96.0.0|1048576|20150101|allocated\n"
        "apnic|JP|ipv4|1.0.16.0|4096|20110412|allocated\napnic|CN|ipv6|2408::|20|20150101|allocated\n120.24.0.0/14\n",
        "utf-8",
    )
    known = load_knowledge()
    knowledge = replace(known, mainland=read_mainland_ranges(listed))
    assert access(["1.0.16.1"], knowledge=knowledge).reason == "resolves_abroad"
    assert access(["39.97.1.1"], knowledge=knowledge).reason == "not_accessed"
    assert not knowledge.is_abroad("2408:100::1")
    assert knowledge.is_abroad("2600::1")


def test_an_ip_database_with_countries_tells_it_too_and_leaves_open_what_it_does_not_know(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = {
        "39.96.0.0/16": {"country": {"iso_code": "CN"}},
        "1.0.16.0/24": {"country": {"iso_code": "JP"}},
        "1.2.3.0/24": {"country": {"iso_code": "HK"}},
        "1.2.4.0/24": {"country": {"names": {"en": "somewhere"}}},
    }
    monkeypatch.setenv("OPENBEIAN_MAINLAND_RANGES", str(write_database(tmp_path / "countries.mmdb", places)))
    knowledge = load_knowledge()
    assert access(["1.0.16.1"], knowledge=knowledge).reason == "resolves_abroad"
    assert access(["39.96.1.1"], knowledge=knowledge).reason == "not_accessed"
    told = {each: knowledge.is_abroad(each) for each in ("1.2.3.4", "1.2.4.4", "9.9.9.9")}
    assert told == {"1.2.3.4": True, "1.2.4.4": False, "9.9.9.9": False}
    monkeypatch.setenv("OPENBEIAN_MAINLAND_RANGES", str(tmp_path / "missing.mmdb"))
    with pytest.raises(RegionDatabaseUnusable):
        load_knowledge()


def test_the_agent_gives_an_address_that_explains_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ProbeSettings.from_environment().user_agent.endswith("one page a visit)")
    monkeypatch.setenv("OPENBEIAN_PUBLIC_URL", "https://beian.example.cn")
    assert ProbeSettings.from_environment().user_agent.endswith("; +https://beian.example.cn)")
    monkeypatch.setenv("OPENBEIAN_PROBE_CONTACT", "watch@example.cn\r\nX-Evil: 1)")
    assert ProbeSettings.from_environment().user_agent.endswith("; +watch@example.cnX-Evil:1)")


@pytest.mark.parametrize("line", ["10.0.0.0/8", "apnic|CN|ipv4|1.0.1.0|x", "apnic|CN|ipv6|2408::|200", "nonsense"])
def test_a_bad_line_in_that_list_is_named(tmp_path: Path, line: str) -> None:
    listed = tmp_path / "cn.txt"
    listed.write_text(f"1.0.1.0/24\n{line}\n", "utf-8")
    with pytest.raises(MainlandRangesUnusable) as refusal:
        read_mainland_ranges(listed)
    assert "2" in refusal.value.text.zh


def test_one_resolver_without_the_name_is_worth_saying_and_no_fault() -> None:
    seen = (ResolverAnswer("a", ("8.8.8.8",)), ResolverAnswer("b", trouble="no_such_name"))
    found = check_dns(DnsAnswers(seen))
    assert (found.outcome, found.reason) == (Answer.MET, "resolvers_differ")
    assert "b: no_such_name" in found.detail.en


def test_every_reason_has_its_words_and_every_word_a_use() -> None:
    sources = [
        file.read_text("utf-8")
        for file in (Path(__file__).parents[3] / "src/openbeian/observation/probing").rglob("*.py")
    ]
    unused = {code for code in load_knowledge().reasons if not any(f'"{code}"' in source for source in sources)}
    assert unused == set()
    used = {"not_probed", "too_many_redirects", "number_form_differs", "words_to_review", "unknown_encoding"}
    assert used <= set(load_knowledge().reasons)
