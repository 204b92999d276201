"""The public look-up: what stands on record under a domain, a number or a name, with nothing personal in it.

By domain and by number it is one query; by name a few short ones over the name index.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db import connection

from openbeian.kernel.text import Text
from openbeian.privacy.masking import mask_name
from openbeian.registry.asking import Question, read_question
from openbeian.registry.decisions import PERSONAL_NATURE
from openbeian.registry.models import Service, Standing
from openbeian.registry.name_grams import compute_phrase
from openbeian.registry.name_index import join_named
from openbeian.rules.code_tables import load_code_tables

MOST_RECORDS = 50
STANDINGS: dict[str, Text] = {
    "active": Text("正常", "On record"),
    "shell": Text("空壳", "Shell (no access)"),
    "cancelled": Text("已注销", "Cancelled"),
}
KINDS: dict[str, Text] = {
    "website": Text("网站", "Website"),
    "app": Text("App", "App"),
    "mini_program": Text("小程序", "Mini-program"),
    "quick_app": Text("快应用", "Quick app"),
    "": Text("主体", "Sponsor"),
}


@dataclass(frozen=True, slots=True)
class PublicRecord:
    """A service as the public sees it, or a sponsor without services (kind empty). A person's name is masked."""

    number: str
    name: str
    kind: str
    nature: str
    sponsor_number: str
    sponsor_name: str
    domains: tuple[str, ...]
    granted_on: str
    standing: str

    @property
    def kind_label(self) -> Text:
        return KINDS.get(self.kind, Text(self.kind, self.kind))

    @property
    def nature_label(self) -> Text:
        nature = load_code_tables().natures.find(self.nature)
        return nature.label if nature else Text(self.nature, self.nature)

    @property
    def standing_label(self) -> Text:
        return STANDINGS[self.standing]

    def as_json(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "name": self.name,
            "kind": self.kind or "sponsor",
            "sponsor": {"number": self.sponsor_number, "name": self.sponsor_name, "nature": self.nature},
            "domains": list(self.domains),
            "granted_on": self.granted_on,
            "standing": self.standing,
        }


@dataclass(frozen=True, slots=True)
class Answer:
    """What was understood and what was found; `is_partial` when more records answer than are shown."""

    question: Question
    records: tuple[PublicRecord, ...] = ()
    is_partial: bool = False


def look_up(text: str) -> Answer:
    """What stands on record under whatever a person typed. Never raises for what they typed."""
    question = read_question(text)
    if question.kind == "nothing":
        return Answer(question)
    if question.kind == "name":
        return _answer(question, _fetch_named(question.value))
    with connection.cursor() as cursor:
        cursor.execute(sql_for(question.kind), [question.value])
        rows = cursor.fetchall()
    return _answer(question, rows)


@lru_cache(maxsize=8)
def sql_for(kind: str) -> str:
    """The one query that answers for a domain or a number; its one parameter is the question's value."""
    text = "group_concat(x.domain, ' ')" if connection.vendor == "sqlite" else "string_agg(x.domain, ' ')"
    domains = f"(SELECT {text} FROM registry_servicedomain x WHERE x.service_id = s.id)"  # noqa: S608
    columns = (
        "s.number, s.name, s.kind, s.granted_on, s.standing, "
        f"p.number, p.name, p.nature, p.granted_on, p.standing, {domains}"
    )
    joined = {
        "domain": "registry_servicedomain d JOIN registry_service s ON s.id = d.service_id "
        "JOIN registry_sponsor p ON p.id = s.sponsor_id WHERE d.domain = %s AND d.is_live",
        "service_number": "registry_service s JOIN registry_sponsor p ON p.id = s.sponsor_id WHERE s.number = %s",
        "sponsor_number": "registry_sponsor p LEFT JOIN registry_service s ON s.sponsor_id = p.id "
        f"WHERE p.number = %s ORDER BY s.sequence LIMIT {MOST_RECORDS + 1}",
        "ids": "registry_service s JOIN registry_sponsor p ON p.id = s.sponsor_id WHERE s.id IN ({marks})",
    }[kind]
    return f"SELECT {columns}{', s.id' if kind == 'ids' else ''} FROM {joined}"  # noqa: S608  no value stands in it


def _fetch_named(name: str) -> list[Any]:
    """Rows of services whose own or whose sponsor's name holds the text: the same name, then a beginning, then a part.

    Personal sponsors are found by their services only, so that nobody learns a name by guessing at it.
    """
    found: dict[int, None] = {}
    phrase = compute_phrase(name)
    room = MOST_RECORDS + 1
    for by_prefix in (True, False):
        for table in ("registry_service", "registry_sponsor"):
            if len(found) < room:
                found.update(dict.fromkeys(_list_ids(table, name, phrase, by_prefix=by_prefix)))
    wanted = list(found)[:room]
    if not wanted:
        return []
    with connection.cursor() as cursor:
        cursor.execute(sql_for("ids").format(marks=", ".join(["%s"] * len(wanted))), wanted)
        rows = {row[-1]: row[:-1] for row in cursor.fetchall()}
    return [rows[i] for i in wanted if i in rows]


def _list_ids(table: str, name: str, phrase: str, *, by_prefix: bool) -> list[int]:
    """Ids of live services that answer by their own name, or by their sponsor's."""
    room = MOST_RECORDS + 1
    if by_prefix:
        # Byte order on both databases: the index of the names serves it.
        source, matching, parameters = f"{table} t", _prefix_condition(table), [name, name + "\U0010ffff"]
    else:
        source, matching, parameters = join_named(table, phrase)
    live = f"t.standing <> '{Standing.CANCELLED}'"
    order = "ORDER BY t.name" if by_prefix else ""
    sql = f"SELECT t.id FROM {source} WHERE {matching} AND {live} {order} LIMIT {room}"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        ids = [row[0] for row in cursor.fetchall()]
    if table == "registry_service" or not ids:
        return ids
    of_sponsors = Service.objects.filter(sponsor_id__in=ids).exclude(standing=Standing.CANCELLED)
    return list(of_sponsors.order_by("sponsor_id", "sequence").values_list("pk", flat=True)[:room])


def _prefix_condition(table: str) -> str:
    least, below = (
        ("t.name >= %s", "t.name < %s") if connection.vendor == "sqlite" else ("t.name ~>=~ %s", "t.name ~<~ %s")
    )
    nobody = f" AND t.nature <> '{PERSONAL_NATURE}'" if table == "registry_sponsor" else ""
    return f"{least} AND {below}{nobody}"


def _answer(question: Question, rows: list[Any]) -> Answer:
    records = tuple(_read_row(row) for row in rows[:MOST_RECORDS])
    return Answer(question, records, is_partial=len(rows) > MOST_RECORDS)


def _read_row(row: tuple[Any, ...]) -> PublicRecord:
    number, name, kind, granted_on, standing, p_number, p_name, nature, p_granted_on, p_standing, domains = row
    sponsor_name = mask_name(p_name) if nature == PERSONAL_NATURE else p_name
    if number is None:
        return PublicRecord(
            p_number, sponsor_name, "", nature, p_number, sponsor_name, (), str(p_granted_on), p_standing
        )
    return PublicRecord(
        number, name, kind, nature, p_number, sponsor_name, tuple((domains or "").split()), str(granted_on), standing
    )
