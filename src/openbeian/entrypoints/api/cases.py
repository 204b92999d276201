"""办件 over the API: list, read, start, write, submit."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Path, Router, Status

from openbeian.cases.actions.save_draft import save_draft
from openbeian.cases.actions.start_case import start_case
from openbeian.cases.actions.submit_case import submit_case
from openbeian.cases.decisions.form_values import find_value
from openbeian.cases.models import Case
from openbeian.cases.queries import get_case, list_cases_visible_to, list_procedures
from openbeian.entrypoints.api.masked import is_masked, mask_form
from openbeian.entrypoints.api.shapes import (
    REFUSALS,
    CaseChange,
    CaseOut,
    CaseStart,
    CaseSubmit,
    CaseWithForm,
    Page,
    PageQuery,
    cut_page,
    show_fields,
)
from openbeian.kernel.actor import Actor
from openbeian.kernel.errors import Fault, OpenBeianError
from openbeian.kernel.text import Text

router = Router(tags=["办件 cases"])

LONGEST_TEXT = 2_000
MOST_ITEMS = 200
CaseId = Path[int]


class ValuesUnfit(OpenBeianError):
    code = "values_unfit"
    message = Text("有的值不能写入，已逐项列出；没有写入任何值。", "Some values cannot be written; nothing was.")


class ProcedureUnknown(OpenBeianError):
    code = "procedure_unknown"
    message = Text(
        "没有这种办件：{procedure}。可用：{known}。", "There is no procedure {procedure}; there are {known}."
    )


def _show(case: Case) -> dict[str, Any]:
    return show_fields(CaseOut, case)


def _show_whole(case: Case) -> dict[str, Any]:
    return show_fields(CaseWithForm, case, form=mask_form(case.form))


def _actor(request: HttpRequest) -> Actor:
    # Set by the token.
    actor: Actor = request.auth  # type: ignore[attr-defined]
    return actor


@router.get("", response={200: Page[CaseOut], **REFUSALS}, summary="列表 List, newest first")
def list_cases(request: HttpRequest, paging: PageQuery) -> dict[str, Any]:
    return cut_page(list_cases_visible_to(_actor(request)).order_by("-saved_at", "-pk"), paging, _show)


@router.post("", response={201: CaseWithForm, **REFUSALS}, summary="开始办件 Start")
def start(request: HttpRequest, body: CaseStart) -> Status[Any]:
    known = {p.id for p in list_procedures()}
    if body.procedure not in known:
        raise ProcedureUnknown(procedure=body.procedure, known=", ".join(sorted(known)))
    case = start_case(
        _actor(request),
        body.procedure,
        sponsor_id=body.sponsor_id,
        service_id=body.service_id,
        provider_id=body.provider_id,
    )
    return Status(201, _show_whole(case))


@router.get("/{case_id}", response={200: CaseWithForm, **REFUSALS}, summary="查看 Read")
def show(request: HttpRequest, case_id: CaseId) -> dict[str, Any]:
    return _show_whole(get_case(_actor(request), case_id))


@router.patch("/{case_id}", response={200: CaseWithForm, **REFUSALS}, summary="填写 Write values by path")
def change(request: HttpRequest, case_id: CaseId, body: CaseChange) -> dict[str, Any]:
    actor = _actor(request)
    form = get_case(actor, case_id).form
    faults = [fault for path, value in body.values.items() if (fault := _object_to(form, path, value))]
    if faults:
        raise ValuesUnfit(faults=faults)
    return _show_whole(save_draft(actor, case_id, body.values, revision=body.revision))


@router.post("/{case_id}/submit", response={200: CaseWithForm, **REFUSALS}, summary="提交 Submit")
def submit(request: HttpRequest, case_id: CaseId, body: CaseSubmit) -> dict[str, Any]:
    return _show_whole(submit_case(_actor(request), case_id, revision=body.revision))


def _object_to(form: dict[str, Any], path: str, value: Any) -> Fault | None:
    """What is wrong with writing this value there: no such field, another type, too long, or masked by ourselves."""
    try:
        now = find_value(form, path)
    except (KeyError, IndexError, TypeError, ValueError):
        return _fault(path, "field", "没有这个字段。", "There is no such field.")
    if is_masked(path, value):
        return _fault(
            path, "masked", "这是打码后的值，请发送原值或不发送。", "This value is masked; send it whole or not at all."
        )
    if not _fits(now, value):
        return _fault(path, "type", "值的类型或长度不对。", "The value has the wrong type or is too long.")
    return None


def _fits(now: Any, value: Any) -> bool:
    match now:
        case bool():
            return isinstance(value, bool)
        case list():
            is_plain = not any(isinstance(item, dict) for item in now)
            return is_plain and isinstance(value, list) and len(value) <= MOST_ITEMS and all(map(_is_text, value))
        case dict():
            return now.keys() == {"none", "items"} and _is_approvals(value)
        case None:
            return isinstance(value, bool) or _is_text(value)
        case _:
            return _is_text(value)


def _is_approvals(value: Any) -> bool:
    if not isinstance(value, dict) or value.keys() != {"none", "items"} or not isinstance(value["items"], list):
        return False
    return (
        isinstance(value["none"], bool)
        and len(value["items"]) <= MOST_ITEMS
        and all(
            isinstance(i, dict) and i.keys() == {"kind", "number"} and all(map(_is_text, i.values()))
            for i in value["items"]
        )
    )


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST_TEXT and "\0" not in value


def _fault(path: str, rule: str, zh: str, en: str) -> Fault:
    fix = Text("字段与类型见 GET /api/cases/{id} 的 form。", "Fields and types: `form` of GET /api/cases/{id}.")
    return Fault(path[:200], Text(zh, en), fix, f"values.{rule}")
