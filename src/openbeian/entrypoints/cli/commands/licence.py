"""`openbeian licence`: lists, shows and imports licences in the name of a member; JSON on stdout."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from openbeian.entrypoints.cli.acting import in_whose_name
from openbeian.entrypoints.cli.output import print_json, say
from openbeian.kernel.errors import OpenBeianError
from openbeian.kernel.text import Text

if TYPE_CHECKING:
    from openbeian.kernel.actor import Actor
    from openbeian.registry.models import Licence

F = TypeVar("F", bound=Callable[..., Any])


class LicenceUnknown(OpenBeianError):
    code = "licence_unknown"
    status = 404
    message = Text("没有许可证 {number}，或您无权查看。", "There is no licence {number} for you to see.")


class RowsRefused(OpenBeianError):
    code = "rows_refused"
    message = Text(
        "{n} 行有误，未导入；其余已导入。改正后可再次导入同一文件。",
        "{n} rows were refused; the others are on record. Correct them and import the file again.",
    )


@click.group(help="许可证：列表、查看、导入。 Licences: list, show, import.")
@in_whose_name
@click.pass_context
def command(context: click.Context, email: str, organisation: str) -> None:
    """The group `openbeian licence`."""
    import django

    django.setup()
    context.obj = (email, organisation)


def as_json(run: F) -> F:
    """Gives a command --json, which it speaks anyway."""
    return click.option("--json", "json_", is_flag=True, expose_value=False, help="总是 JSON。 JSON in any case.")(run)


def _actor(context: click.Context) -> Actor:
    from openbeian.entrypoints.cli.acting import get_cli_actor

    return get_cli_actor(*context.obj)


@command.command("list")
@as_json
@click.pass_context
def list_command(context: click.Context) -> None:
    """每行一张许可证 JSON。 One line of JSON per licence."""
    actor = _actor(context)
    from openbeian.registry.queries import list_licences_visible_to

    for licence in list_licences_visible_to(actor).order_by("valid_until", "pk").iterator():
        print_json(describe(licence))


@command.command()
@click.argument("number")
@as_json
@click.pass_context
def show(context: click.Context, number: str) -> None:
    """一张许可证及其义务。 One licence with what it owes."""
    actor = _actor(context)
    from openbeian.obligations.queries import list_for_subject
    from openbeian.registry.queries import list_licences_visible_to

    licence = list_licences_visible_to(actor).filter(number=number[:40]).first()
    if licence is None:
        raise LicenceUnknown(number=number[:40])
    owed = list_for_subject(actor, "licence", licence.pk)
    print_json({**describe(licence), "obligations": [shown.as_json() for shown in owed]})


@command.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@as_json
@click.pass_context
def import_command(context: click.Context, file: Path) -> int:
    """导入 CSV 或 XLSX；有误的行逐项列出，已有的许可证更新。 Faulty rows are told, those on record are changed.

    列名：许可证号、持证人、统一社会信用代码、发证日期、有效期至、业务种类（如 B21、B25:未开通）、覆盖范围、发证机关、法定代表人、
    注册资本、股东、主要管理人员、网站和App、特别规定事项、主体备案号。
    """
    actor = _actor(context)
    from openbeian.obligations.actions.follow_record import follow_record
    from openbeian.registry.actions.change_licence import change_licence
    from openbeian.registry.actions.record_licence import record_licence
    from openbeian.registry.licence_sheet import read_licence_sheet
    from openbeian.registry.models import Licence

    counts = {"recorded": 0, "changed": 0, "refused": 0}
    refusals: list[dict[str, Any]] = []
    on_record = dict(Licence.objects.filter(organisation_id=actor.organisation_id or 0).values_list("number", "pk"))
    sheet = read_licence_sheet(file)
    for place, row in sheet.rows:
        try:
            known = on_record.get(str(row.get("number", "")).strip())
            if known:
                change_licence(actor, known, row)
            else:
                licence = record_licence(actor, row)
                on_record[licence.number] = licence.pk
            counts["changed" if known else "recorded"] += 1
        except OpenBeianError as refusal:
            counts["refused"] += 1
            refusals.append({"row": place, **refusal.as_json()})
    follow_record()
    print_json({**counts, "refusals": refusals, "unread_columns": list(sheet.unread)})
    if sheet.unread:
        say(_UNREAD.format(columns="、".join(sheet.unread)))
    for refused in refusals:
        for fault in refused["faults"] or [{"field": "", "message": refused["message"], "fix": {"zh": "", "en": ""}}]:
            say(_sentence(refused["row"], fault))
    if counts["refused"]:
        say(RowsRefused.message.format(n=counts["refused"]))
        return 2
    return 0


_UNREAD = Text(
    "未读取的列：{columns}。列名写成 许可证号、持证人、统一社会信用代码、发证日期、有效期至、业务种类、覆盖范围 等。",
    "Columns that were not read: {columns}. `licence import --help` names those that are.",
)


def _sentence(row: int, fault: dict[str, Any]) -> Text:
    zh, en = (f"{fault['field']}: {fault['message'][la]} {fault['fix'][la]}" for la in ("zh", "en"))
    return Text(f"第 {row} 行 {zh}", f"Row {row} {en}")


def describe(licence: Licence) -> dict[str, Any]:
    """One line of `licence list`."""
    return {
        "number": licence.number,
        "holder": licence.holder,
        "sponsor": licence.sponsor.number if licence.sponsor else None,
        "issued_on": licence.issued_on.isoformat(),
        "valid_until": licence.valid_until.isoformat(),
        "is_end_printed": licence.is_end_printed,
        "businesses": licence.businesses,
        "areas": licence.areas,
        "authority": licence.authority,
        "standing": licence.standing,
        "special_terms": licence.special_terms,
    }
