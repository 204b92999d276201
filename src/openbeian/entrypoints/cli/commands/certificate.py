"""`openbeian certificate`: whether a signed paper is genuine and unchanged."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import click

from openbeian.entrypoints.cli.output import language, print_json, say
from openbeian.kernel.errors import OpenBeianError
from openbeian.kernel.text import Text

if TYPE_CHECKING:
    from openbeian.privacy.signing import SigningKeys

LARGEST_SIGNATURE_BYTES = 4096
LARGEST_KEYS_BYTES = 1 << 20


class FileAbsent(OpenBeianError):
    code: ClassVar[str] = "file_absent"
    message = Text("读不到文件 {file}：{why}。", "{file} cannot be read: {why}.")


@click.group(help="文书：核验签名。 Papers: verify their signature.")
def command() -> None:
    """The group `openbeian certificate`."""
    import django

    django.setup()


@command.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--keys",
    "keys_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="对方公布的公钥文件（其网站 /verify/keys.json）。 Keys published by another installation.",
)
@click.option("--json", "as_json", is_flag=True, help="总是 JSON。 JSON in any case.")
@click.pass_context
def verify(context: click.Context, file: Path, keys_file: Path | None, as_json: bool) -> None:
    """核验 FILE：签名在文件内，或旁边的 FILE.sig。 Checks FILE against the signature in it or in FILE.sig beside it.

    Exit code 0 when it is genuine, 2 when it was changed, is not from here, or is not signed.
    """
    from openbeian.documents.verification import verify_file

    keys = _read_keys(keys_file)
    beside = file.with_name(f"{file.name}.sig")
    try:
        with file.open("rb") as content:
            found = verify_file(content, keys, _read_small(beside) if beside.is_file() else None)
    except OSError as absent:
        raise FileAbsent(file=file, why=absent.strerror or "?") from absent
    # Of another installation's papers nothing is on record here.
    is_ours = found.verdict == "genuine" and keys_file is None
    record = _find_record(found.signature.statement.code) if is_ours and found.signature else None
    print_json({"file": str(file), **found.as_json(), "record": record})
    say(found.message(language()))
    if found.verdict != "genuine":
        context.exit(2)


def _read_small(file: Path) -> bytes:
    with file.open("rb") as content:
        return content.read(LARGEST_SIGNATURE_BYTES + 1)


def _read_keys(file: Path | None) -> SigningKeys:
    from openbeian.documents.paper import get_signing_keys
    from openbeian.privacy.signing import PublishedKeysUnfit, SigningKeys

    if file is None:
        return get_signing_keys()
    try:
        with file.open("rb") as content:
            told = json.loads(content.read(LARGEST_KEYS_BYTES))
    except OSError as absent:
        raise FileAbsent(file=file, why=absent.strerror or "?") from absent
    except (ValueError, RecursionError) as broken:
        raise PublishedKeysUnfit(why="JSON") from broken
    return SigningKeys.read_published(told)


def _find_record(code: str) -> dict[str, Any] | None:
    """What this installation knows of the paper: when it was issued, and whether the record still says so."""
    from openbeian.documents.lookup import verify_extract, verify_paper

    found = verify_extract(code) or verify_paper(code)
    if found is None:
        return None
    told = found.as_json()
    return {key: told[key] for key in ("code", "issued_on", "is_current", "note")}
