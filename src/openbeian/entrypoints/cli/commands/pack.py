"""`openbeian pack`: the materials of a case as one signed ZIP or PDF."""

from __future__ import annotations

from pathlib import Path

import click

from openbeian.entrypoints.cli.acting import get_cli_actor, in_whose_name
from openbeian.entrypoints.cli.output import print_json, say
from openbeian.kernel.text import Text


@click.command()
@click.argument("reference")
@click.option("--out", required=True, type=click.Path(path_type=Path, dir_okay=False), help="*.zip 或 *.pdf。 FILE.")
@in_whose_name
@click.option("--json", "as_json", is_flag=True, help="总是 JSON。 JSON in any case.")
def command(reference: str, out: Path, email: str, organisation: str, as_json: bool) -> None:
    """把办件 REFERENCE 的全部材料打包，附哈希清单和签名。 Packs the case REFERENCE, with hashes and signature."""
    import django

    django.setup()
    from openbeian.cases.actions.build_pack import build_pack
    from openbeian.cases.queries import list_cases_visible_to
    from openbeian.documents.signatures import measure_bytes
    from openbeian.entrypoints.cli.case_files import CaseUnknown
    from openbeian.wiring import get_portal_url

    actor = get_cli_actor(email, organisation)
    case = list_cases_visible_to(actor).filter(reference=reference[:20]).first()
    if case is None:
        raise CaseUnknown(reference=reference[:20])
    form = "pdf" if out.suffix.lower() == ".pdf" else "zip"
    aside = out.with_name(f".{out.name}.part")
    try:
        with aside.open("w+b") as file:
            paper = build_pack(actor, case.pk, "pdf" if form == "pdf" else "zip", get_portal_url(), file)
        content = aside.read_bytes()
        aside.replace(out)
    finally:
        aside.unlink(missing_ok=True)
    measured = measure_bytes(content)
    print_json(
        {
            "reference": case.reference,
            "file": str(out),
            "code": paper.code,
            "size_bytes": measured.size_bytes,
            "sha256": measured.sha256,
        }
    )
    say(
        Text(
            "已写入 {file}；可用“openbeian certificate verify”核验。",
            "Written to {file}; `openbeian certificate verify` checks it.",
        ).format(file=out)
    )
