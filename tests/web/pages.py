"""Reading and sending the portal's pages in tests: a person's form as a browser would post it."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict
from django.test import Client
from selectolax.lexbor import LexborHTMLParser as HTMLParser
from selectolax.lexbor import LexborNode as Node

from openbeian.accounts.models import User
from openbeian.cases.models import Case
from openbeian.kernel.actor import Actor
from tests.cases.factories import World, make_service_values, make_sponsor_values


def sign_in(actor: Actor) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=actor.user_id))
    return client


def parse(response: Any) -> HTMLParser:
    return HTMLParser(response.content.decode())


def text_of(response: Any) -> str:
    """What a reader of the page reads, on one line."""
    body = parse(response).css_first("main") or parse(response).body
    words = " ".join(body.text(separator=" ").split()) if body else ""
    return words.replace(" ：", "：")


def read_form(tree: HTMLParser, selector: str = "#section-form") -> dict[str, list[str]]:
    """What a browser would send of a form as it stands."""
    form = tree.css_first(selector)
    assert form is not None, selector
    fields: dict[str, list[str]] = {}
    for control in form.css("input, select, textarea"):
        name = control.attributes.get("name")
        if name:
            fields.setdefault(name, []).extend(_values_of(control))
    return {name: values for name, values in fields.items() if values}


def _values_of(control: Node) -> list[str]:
    if control.tag == "select":
        return [o.attributes.get("value") or "" for o in control.css("option") if "selected" in o.attributes][:1] or [
            ""
        ]
    if control.tag == "textarea":
        return [(control.text() or "").removeprefix("\n")]
    kind = control.attributes.get("type", "text")
    if kind in {"checkbox", "radio"}:
        return [control.attributes.get("value") or "on"] if "checked" in control.attributes else []
    return [] if kind == "file" else [control.attributes.get("value") or ""]


def type_values(fields: dict[str, list[str]], values: dict[str, Any]) -> dict[str, list[str]]:
    """The form after a person typed values by path, as each kind of field sends them."""
    typed = dict(fields)
    for path, value in values.items():
        shown = {entry.partition("|")[0] for entry in fields.get("shown", [])}
        assert path in shown, f"the page does not ask for {path}"
        if isinstance(value, bool):
            typed.pop(path, None)
            if value:
                typed[path] = ["on"]
        elif isinstance(value, dict):
            typed[path] = [i["kind"] for i in value["items"]]
            if value["none"]:
                typed[f"{path}:none"] = ["on"]
        elif value == "long_term":
            typed[f"{path}:none"] = ["on"]
        elif path.endswith(".region"):
            typed |= {f"{path}:1": [value[:2] + "0000"], f"{path}:2": [value[:4] + "00"], f"{path}:3": [value]}
        elif isinstance(value, list):
            is_lines = path.rpartition(".")[2] in {"domains", "ip_ranges", "app_domains"}
            typed[path] = ["\n".join(value)] if is_lines else value
        else:
            typed[path] = [value]
    return typed


def encode(fields: dict[str, list[str]]) -> str:
    query = QueryDict(mutable=True)
    for name, values in fields.items():
        query.setlist(name, values)
    return query.urlencode()


def post(client: Client, url: str, fields: dict[str, list[str]], **headers: Any) -> Any:
    return client.post(url, encode(fields), content_type="application/x-www-form-urlencoded", **headers)


def fill_section(client: Client, case: Case, section: str, values: dict[str, Any], go: str = "stay") -> Any:
    """Opens a step, types what is asked there in the order in which fields appear, and presses a button.

    A choice can bring up further fields, so what is not there yet is typed on the page that the save brings.
    """
    url = f"/cases/{case.pk}/form/{section}/"
    left = dict(values)
    for _ in range(4):
        fields = read_form(parse(client.get(url)))
        shown = {entry.partition("|")[0] for entry in fields.get("shown", [])}
        now = {path: value for path, value in left.items() if path in shown}
        left = {path: value for path, value in left.items() if path not in shown}
        response = post(client, url, {**type_values(fields, now), "go": [go if not left else "stay"]})
        if not left:
            return response
    raise AssertionError(f"the page never asked for {sorted(left)}")


def make_values(world: World) -> dict[str, dict[str, Any]]:
    """Valid values of a first filing by the step at which they are asked."""
    from tests.cases.factories import flatten

    service = make_service_values()
    services = {f"services.0.{k}": v for k, v in service.items() if "accesses" not in k}
    return {
        "sponsor": flatten("sponsor.", make_sponsor_values()),
        "services": services,
        "access": {
            "provider_id": str(world.provider.pk),
            **{f"services.0.{k}": v for k, v in service.items() if "accesses" in k},
        },
        "verification": {
            "verification.truthful": True,
            "verification.no_unapproved_content": True,
            "verification.informed_persons": True,
        },
    }
