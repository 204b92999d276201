"""`openbeian extra`: installs a locked set that few need, into a small environment of its own."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import click

from openbeian.entrypoints.cli.output import say
from openbeian.kernel.errors import OpenBeianError
from openbeian.kernel.text import Text

_REQUIREMENTS = Path(__file__).parents[5] / "requirements"
_EXTRAS = ("spark",)


class ExtraNotInstalled(OpenBeianError):
    code = "extra_not_installed"
    message = Text(
        "没能安装 {name}：{why}。请检查网络和磁盘空间后重试。",
        "{name} could not be installed: {why}. Check network and disk space, then try again.",
    )


@click.command(help="安装可选组件。 Installs an optional set: spark (about 500 MB).")
@click.argument("name", type=click.Choice(_EXTRAS))
def command(name: str) -> None:
    """Says so when it is there already."""
    install(name)
    say(Text(f"{name} 可用。", f"{name} is ready."))


def install(name: str) -> None:
    """Brings `<environment>/<name>` to the locked set; nothing happens twice. Raises: ExtraNotInstalled.

    What PyPI has as source only is built with tools that are locked, too (`<name>-build.txt`).
    """
    sets = [_REQUIREMENTS / f"{name}-build.txt", _REQUIREMENTS / f"{name}.txt"]
    wanted = hashlib.sha256(b"".join(path.read_bytes() for path in sets)).hexdigest()
    home = Path(sys.prefix) / name
    stamp = home / ".installed"
    if stamp.is_file() and stamp.read_text(encoding="ascii") == wanted:
        return
    say(Text(f"正在安装 {name}……", f"Installing {name} …"))
    pip = [str(home / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    try:
        for step in (
            [sys.executable, "-m", "venv", "--clear", str(home)],
            [*pip, "--require-hashes", "--only-binary", ":all:", "-r", str(sets[0])],
            [*pip, "--require-hashes", "--no-build-isolation", "-r", str(sets[1])],
        ):
            subprocess.run(step, check=True, stdout=sys.stderr)  # noqa: S603  fixed arguments
        stamp.write_text(wanted, encoding="ascii")
    except (OSError, subprocess.CalledProcessError) as fault:
        raise ExtraNotInstalled(name=name, why=str(fault)[:200]) from fault
