"""`openbeian lock`: makes requirements/*.txt anew from *.in, with hashes and without any index host."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import click

from openbeian.kernel.errors import OpenBeianError
from openbeian.kernel.text import Text

_FOLDER = Path(__file__).parents[5] / "requirements"


class UvMissing(OpenBeianError):
    code = "uv_missing"
    message = Text(
        "锁定依赖需要 uv（pip install uv），安装后重新运行。", "Locking needs uv (pip install uv); run this again then."
    )


@click.command(help="重新锁定依赖。 Locks the requirements anew.")
@click.option("--upgrade", is_flag=True, help="取各依赖的最新版本。 Take the newest versions.")
def command(upgrade: bool) -> None:
    """Runtime first: the test set is bound to its versions. Raises: UvMissing."""
    uv = shutil.which("uv")
    if uv is None:
        raise UvMissing
    for name in ("runtime", "test", "spark-build", "spark"):
        subprocess.run(  # noqa: S603  fixed arguments
            [
                *(uv, "pip", "compile", f"{name}.in", "--output-file", f"{name}.txt", "--quiet"),
                *("--python-version", "3.11", "--generate-hashes"),
                *("--no-header", "--no-annotate", "--no-emit-index-url"),
                *(["--upgrade"] if upgrade else []),
            ],
            cwd=_FOLDER,
            check=True,
        )
