"""Cases on the command line: a file in the shape of the form, and cases as JSON.

Imported only by `openbeian case`, after Django has been set up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction

from openbeian.cases.actions.change_list import change_list
from openbeian.cases.actions.save_draft import save_draft
from openbeian.cases.actions.start_case import start_case
from openbeian.cases.actions.submit_case import submit_case
from openbeian.cases.decisions.checks import compute_facts, list_required_papers
from openbeian.cases.decisions.form_values import find_value
from openbeian.cases.models import Case
from openbeian.cases.queries import get_form, get_materials, get_procedure, get_reasons, list_procedures
from openbeian.documents.actions.store_document import store_document
from openbeian.documents.decisions import refuse_upload
from openbeian.entrypoints.web.views.case_papers import find_limits
from openbeian.kernel.actor import Actor
from openbeian.kernel.errors import Fault, OpenBeianError
from openbeian.kernel.text import Text
from openbeian.registry.models import Provider, Service, Sponsor
from openbeian.registry.queries import list_services_visible_to, list_sponsors_visible_to
from openbeian.rules.code_tables import load_code_tables
from openbeian.rules.forms import Field, Form

LARGEST_FILE_BYTES = 1_000_000
_DEEPEST = 12
_TICKS = {"true": True, "yes": True, "on": True, "是": True, "false": False, "no": False, "off": False, "否": False}
_HEAD = frozenset({"procedure", "provider", "number", "materials"})


class CaseFileUnfit(OpenBeianError):
    code = "case_file_unfit"
    message = Text("文件不能使用，问题已全部列出。", "The file cannot be used; everything wrong is listed.")


class CaseUnknown(OpenBeianError):
    code = "case_not_found"
    status = 404
    message = Text("没有办件 {reference}，或您无权查看。", "There is no case {reference}, or it is not yours to see.")


def describe_case(case: Case) -> dict[str, Any]:
    """One line of `case list`; nothing of the form."""
    procedure = get_procedure(case.procedure)
    return {
        "reference": case.reference,
        "procedure": case.procedure,
        "state": case.state,
        "state_label": procedure.state(case.state).label.as_json(),
        "waits_for": procedure.state(case.state).waits_for,
        "sponsor": case.title,
        "services": case.service_names,
        "due_on": case.due_on.isoformat() if case.due_on else None,
        "is_open": case.is_open,
        "saved_at": case.saved_at.isoformat(),
    }


def describe_case_in_full(case: Case) -> dict[str, Any]:
    """`case show`: the way so far, with reasons and their fixes. Personal data stays in the portal."""
    reasons = get_reasons().reasons
    steps = [
        {
            "verb": step.verb,
            "from": step.from_state,
            "to": step.to_state,
            "at": step.at.isoformat(),
            "by": step.actor_name,
            "note": step.note,
            "reasons": [
                {**r, "fix": reasons[r["code"]].fix.as_json() if r.get("code") in reasons else None}
                for r in step.reasons
            ],
        }
        for step in case.steps.order_by("pk")
    ]
    return {**describe_case(case), "revision": case.revision, "steps": steps}


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A file read: what to start, the values by path, how many entries each list needs, and papers by material."""

    procedure: str
    number: str
    provider: str
    values: dict[str, Any]
    lists: dict[str, int]
    materials: Mapping[str, Any]
    folder: Path


class _NoAliases(yaml.BaseLoader):
    """Every scalar stays the text that was written; aliases, which can make a small file endless, are refused."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("aliases are not allowed")
        return super().compose_node(parent, index)


def read_case_file(path: Path) -> CaseFile:
    """Raises: CaseFileUnfit, naming every key that has no place in the form."""
    try:
        if path.stat().st_size > LARGEST_FILE_BYTES:
            raise _unfit("", Text("文件超过 1 MB。", "The file is larger than 1 MB."))
        document = yaml.load(path.read_text("utf-8-sig"), _NoAliases)  # noqa: S506 – makes plain texts only
    except (OSError, UnicodeDecodeError) as absent:
        raise _unfit("", Text("文件无法读取。", "The file cannot be read.")) from absent
    except (yaml.YAMLError, RecursionError) as broken:
        mark = getattr(broken, "problem_mark", None)
        line = str(mark.line + 1) if mark else "?"
        raise _unfit("", Text("第 {n} 行不是有效的 YAML。", "Line {n} is no valid YAML.").format(n=line)) from broken
    known = {p.id: p for p in list_procedures()}
    if not isinstance(document, dict) or document.get("procedure") not in known:
        choices = "、".join(known)
        raise _unfit("procedure", Text("procedure 应为：{c}。", "procedure is one of: {c}.").format(c=choices))
    form = get_form(known[document["procedure"]].form)
    reading = _Reading()
    for key, value in document.items():
        if key not in _HEAD:
            reading.read(form, str(key), value)
    materials = document.get("materials") or {}
    if not isinstance(materials, dict):
        reading.refuse("materials")
    if reading.faults:
        raise CaseFileUnfit(faults=reading.faults)
    return CaseFile(
        document["procedure"],
        str(document.get("number") or ""),
        str(document.get("provider") or ""),
        reading.values,
        reading.lists,
        materials,
        path.parent,
    )


def _unfit(field: str, message: Text) -> CaseFileUnfit:
    fix = Text("改正后重新执行；什么都没有写入。", "Put it right and run again; nothing was written.")
    return CaseFileUnfit(faults=[Fault(field, message, fix, "case_file")])


class _Reading:
    """Walks a document along the form and gathers values by path, list lengths and faults."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self.lists: dict[str, int] = {}
        self.faults: list[Fault] = []

    def refuse(self, path: str) -> None:
        message = Text("表单没有「{p}」，或写法不对。", "The form has no “{p}”, or it is written wrongly.")
        fix = Text("对照表单的字段名称和层次。", "Compare the names and the nesting of the form's fields.")
        self.faults.append(Fault(path[:120], message.format(p=path[:120]), fix, "case_file.unknown"))

    def read(self, form: Form, path: str, value: Any) -> None:
        field = form.find_field(path)
        if field is None or path.count(".") > _DEEPEST:
            self.refuse(path)
        elif field.type == "group" and isinstance(value, dict):
            for key, child in value.items():
                self.read(form, f"{path}.{key}", child)
        elif field.type == "list" and isinstance(value, list):
            self.lists[path] = len(value)
            for i, item in enumerate(value[: field.maximum + 1]):
                if not isinstance(item, dict):
                    self.refuse(f"{path}.{i}")
                    continue
                for key, child in item.items():
                    self.read(form, f"{path}.{i}.{key}", child)
        else:
            self._read_leaf(field, path, value)

    def _read_leaf(self, field: Field, path: str, value: Any) -> None:
        reader = _LEAVES.get(field.type, _read_text)
        read = reader(value) if field.type not in {"group", "list"} else None
        if read is None:
            self.refuse(path)
        else:
            self.values[path] = read


def _read_text(value: Any) -> str | None:
    return value[:8000] if isinstance(value, str) else None


def _read_texts(value: Any) -> list[str] | None:
    if isinstance(value, str):
        return [value] if value else []
    return value if isinstance(value, list) and all(isinstance(v, str) for v in value) else None


def _read_tick(value: Any) -> bool | None:
    return _TICKS.get(value.lower()) if isinstance(value, str) else None


def _read_approvals(value: Any) -> dict[str, Any] | None:
    if value == "none":
        return {"none": True, "items": []}
    if not isinstance(value, list) or not all(isinstance(v, dict) for v in value):
        return None
    return {"none": False, "items": [{"kind": str(v.get("kind")), "number": str(v.get("number") or "")} for v in value]}


_LEAVES: dict[str, Callable[[Any], Any]] = {
    "choices": _read_texts,
    "domains": _read_texts,
    "ip_ranges": _read_texts,
    "boolean": _read_tick,
    "promise": _read_tick,
    "approvals": _read_approvals,
}


def submit_case_file(actor: Actor, file: CaseFile) -> Case:
    """Starts, fills in and submits in one transaction: refused, nothing is left but files that a job sweeps up.

    Raises: CaseFileUnfit, CaseIncomplete with every fault, UploadRefused, and what starting and submitting refuse.
    """
    with transaction.atomic():
        provider = _find_provider(file.provider)
        sponsor, service = _find_record(actor, file.number)
        case = start_case(
            actor,
            file.procedure,
            sponsor_id=sponsor.pk if sponsor else None,
            service_id=service.pk if service else None,
            provider_id=provider.pk if provider else None,
        )
        for path, count in sorted(file.lists.items()):
            for _ in range(count - len(find_value(case.form, path) or ())):
                case = change_list(actor, case.pk, path, "add")
        typed = {**file.values, **({"provider_id": str(provider.pk)} if provider else {})}
        case = save_draft(actor, case.pk, typed)
        for material, owner, paper in _list_papers(case, file):
            limits = find_limits(get_materials(get_procedure(case.procedure).form)[material], case.province)
            content = _read_paper(paper, limits.max_bytes, material)
            store_document(
                actor, ("case", case.pk), material=material, name=paper.name, content=content, limits=limits, path=owner
            )
        return submit_case(actor, case.pk)


def _find_provider(text: str) -> Provider | None:
    """By id or by name. Raises: CaseFileUnfit."""
    if not text:
        return None
    by_id = Provider.objects.filter(pk=int(text), is_active=True) if text.isdecimal() and len(text) < 10 else None
    found = (by_id.first() if by_id is not None else None) or Provider.objects.filter(name=text, is_active=True).first()
    if found is None:
        raise _unfit("provider", Text("名录中没有「{t}」。", "The register has no “{t}”.").format(t=text[:80]))
    return found


def _find_record(actor: Actor, number: str) -> tuple[Sponsor | None, Service | None]:
    """What the file's number stands for: a sponsor or one of its services. Raises: CaseFileUnfit."""
    if not number:
        return None, None
    service = list_services_visible_to(actor).filter(number=number).first()
    if service is not None:
        return service.sponsor, service
    sponsor = list_sponsors_visible_to(actor).filter(number=number).first()
    if sponsor is None:
        raise _unfit("number", Text("记录中没有 {t}。", "Nothing on record under {t}.").format(t=number[:60]))
    return sponsor, None


def _list_papers(case: Case, file: CaseFile) -> Iterator[tuple[str, str, Path]]:
    """Material, owner and file of each paper given; one of a service is given as a list in the services' order.

    Raises: CaseFileUnfit for a paper that this case does not ask for.
    """
    procedure = get_procedure(case.procedure)
    facts = compute_facts(procedure, case.form, load_code_tables())
    asked: dict[str, list[str]] = {}
    for material, owner, _ in list_required_papers(procedure, get_materials(procedure.form), case.form, facts):
        asked.setdefault(material.id, []).append(owner)
    for name, given in file.materials.items():
        papers = _read_texts(given)
        if name not in asked or papers is None:
            choices = "、".join(asked)
            raise _unfit(
                f"materials.{name}", Text("这笔业务要的材料是：{c}。", "This case asks for: {c}.").format(c=choices)
            )
        owners = asked[name] if len(asked[name]) > 1 else asked[name] * len(papers)
        for owner, paper in zip(owners, papers, strict=False):
            yield name, owner, file.folder / paper


def _read_paper(paper: Path, most: int, material: str) -> bytes:
    """At most one byte more than allowed, so that the check still sees that it is too much."""
    try:
        with paper.open("rb") as file:
            return file.read(most + 1)
    except OSError:
        raise refuse_upload("empty", f"materials.{material}") from None
