"""The counting rules are data: they load, they explain every figure, and what is wrong in them is named."""

from __future__ import annotations

import random
import shutil
from ipaddress import ip_network
from pathlib import Path

import duckdb
import pytest
from tests.observation.traffic.generator import AGENTS, INTERNAL, PUBLIC, Event, nginx_combined

from openbeian.observation.traffic.agents import (
    find_internal,
    internal_candidates,
    is_robot_agent,
    suspect_patterns,
)
from openbeian.observation.traffic.counting import FEW_AGENTS
from openbeian.observation.traffic.errors import RulesUnusable
from openbeian.observation.traffic.figures import ADDITIVE, DISTINCT
from openbeian.observation.traffic.report import count_traffic
from openbeian.observation.traffic.rules import load_rules, rulebook_folder


def test_every_measure_has_a_definition_in_both_languages() -> None:
    definitions = load_rules().definitions
    assert {*ADDITIVE, *DISTINCT, "robots", "peak"} <= set(definitions)
    assert all(text.zh and text.en for text in definitions.values())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("robots_txt: 1", "moon_phase: 1"),
        ("version:", "verse:"),
        ("rules:", "rules: ["),
        ("id: traffic.robots", "id: x"),
    ],
)
def test_rules_that_cannot_be_used_are_refused(old: str, new: str, tmp_path: Path) -> None:
    folder = tmp_path / "traffic"
    shutil.copytree(rulebook_folder(), folder)
    robots = folder / "robots.yaml"
    robots.write_text(robots.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(RulesUnusable):
        load_rules(folder)


def test_only_addresses_of_the_networks_are_internal_and_each_is_a_candidate() -> None:
    networks = load_rules().internal
    assert find_internal([*INTERNAL, *PUBLIC, "", "host.name", "fe80::1%eth0", "[::1]"], networks) == [
        *INTERNAL, "fe80::1%eth0", "[::1]",
    ]  # fmt: skip
    pattern = internal_candidates(networks)
    rng = random.Random(3)
    samples = [
        str(network[rng.randrange(min(network.num_addresses, 1 << 60))]) for network in networks for _ in range(50)
    ]
    samples += ["::ffff:10.0.0.1", *INTERNAL]
    rows = duckdb.execute("SELECT unnest(?) AS a EXCEPT SELECT a FROM (SELECT unnest(?) AS a) WHERE regexp_matches(a, ?)",
                          [samples, samples, pattern]).fetchall()  # fmt: skip
    assert rows == []


def test_an_installation_names_its_own_networks_and_the_version_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBEIAN_INTERNAL_NETWORKS", "203.0.113.0/24, 2001:db8::/32")
    rules = load_rules()
    assert find_internal(["203.0.113.7", "2001:db8::5", "198.51.100.1", "10.0.0.1"], rules.internal) == [
        "203.0.113.7", "2001:db8::5", "10.0.0.1",
    ]  # fmt: skip
    assert "203.0.113.0/24" in rules.version
    monkeypatch.setenv("OPENBEIAN_INTERNAL_NETWORKS", "10.0.0.0/99")
    with pytest.raises(RulesUnusable, match="OPENBEIAN_INTERNAL_NETWORKS"):
        load_rules()


def test_other_networks_are_data_too() -> None:
    assert find_internal(["203.0.113.5", "203.0.114.5"], [ip_network("203.0.113.0/24")]) == ["203.0.113.5"]


def test_the_engine_suspects_every_agent_on_the_crawler_list() -> None:
    agents = [
        *AGENTS,
        "YandexBot/3.0",
        "Yandex Search",
        "Sogou web spider/4.0",
        "Go-http-client/1.1",
        "python-requests/2.31",
        "okhttp/4.9",
    ]
    excluded, crawlers = suspect_patterns()
    suspected = {
        agent
        for (agent,) in duckdb.execute(
            "SELECT a FROM (SELECT unnest(?) AS a) WHERE regexp_matches(regexp_replace(a, $2, '', 'gi'), $3, 'i')".replace(
                "?", "$1"
            ),
            [agents, excluded, crawlers],
        ).fetchall()
    }
    assert {agent for agent in agents if agent and is_robot_agent(agent, nameless=True)} <= suspected


def test_many_agents_are_told_apart_as_few_are(tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    agents = [f"Mozilla/5.0 (Windows NT 10.0) Firefox/{i}.0" for i in range(FEW_AGENTS)] + [
        "Baiduspider/2.0",
        "",
        "curl/8",
    ]
    events = [Event(1_767_110_400 + i, "1.2.3.4", agent, "GET", "/", "", 200, 1, "") for i, agent in enumerate(agents)]
    log.write_text("".join(nginx_combined(event) + "\n" for event in events), encoding="utf-8")
    clients = count_traffic([str(log)]).services[0].total["clients"]
    assert (clients.people, clients.robots) == (FEW_AGENTS, 3)
