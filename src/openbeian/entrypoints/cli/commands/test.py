"""`openbeian test`: installs what the tests need and runs them all, on SQLite and on PostgreSQL."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import click

from openbeian.entrypoints.cli.commands.extra import install
from openbeian.entrypoints.cli.output import say
from openbeian.kernel.errors import OpenBeianError
from openbeian.kernel.text import Text

_ROOT = Path(__file__).parents[5]
_LOCAL_SERVER = ("127.0.0.1", 5432)
_LOCAL_URL = "postgresql://postgres@127.0.0.1:5432/openbeian"
# What a package is there for, by a program it brings.
_PACKAGES = {"chromium": "chromium", "fc-list": "fontconfig", "pdftoppm": "poppler-utils"}
_FONT_PACKAGE = "fonts-noto-cjk"
_FOR_SLOW_PROOFS = {"java": "openjdk-17-jre-headless"}


class TestToolsMissing(OpenBeianError):
    code = "test_tools_missing"
    message = Text(
        "测试还需要：{packages}。请以 root 运行：apt-get install -y {packages}",
        "The tests also need: {packages}. As root: apt-get install -y {packages}",
    )


@click.command(
    context_settings={"ignore_unknown_options": True},
    help="安装测试所需并运行全部测试。 Installs what the tests need and runs them all; extra arguments go to pytest.",
)
@click.option("--slow", is_flag=True, help="连同几分钟的证明一起运行。 Also the proofs that take minutes.")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(slow: bool, arguments: tuple[str, ...]) -> int:
    """Every test that uses the database runs on PostgreSQL first, when one is named or answers on this machine;
    then everything runs on SQLite, so that the last line is the whole suite's summary. Exit code: pytest's.
    """
    _install_tools(slow=slow)
    speed = "" if slow else "not slow"
    if url := _find_postgres():
        say(Text("在 PostgreSQL 上运行用到数据库的测试……", "Running the tests that use the database on PostgreSQL …"))
        marks = " and ".join(m for m in ("django_db", "not browser", "not either_database", speed) if m)
        code = _run_pytest(url, marks, arguments)
        # 5: the arguments chose no test that uses the database.
        if code not in {0, 5}:
            return code
    return _run_pytest("", speed, arguments)


def _run_pytest(url: str, marks: str, arguments: tuple[str, ...]) -> int:
    environment = {k: v for k, v in os.environ.items() if k != "OPENBEIAN_TEST_DATABASE_URL"}
    if url:
        environment["OPENBEIAN_TEST_DATABASE_URL"] = url
    pytest = [sys.executable, "-m", "pytest", "-q", "-p", "tests.skips", "-n", "2", *(["-m", marks] if marks else [])]
    return subprocess.run(  # noqa: S603  our own tests
        [*pytest, *arguments], cwd=_ROOT, env=environment, check=False
    ).returncode


def _find_postgres() -> str:
    """The URL that the environment names, else that of a local server that trusts us, else nothing."""
    if url := os.environ.get("OPENBEIAN_TEST_DATABASE_URL"):
        return url
    with socket.socket() as trial:
        trial.settimeout(1)
        if trial.connect_ex(_LOCAL_SERVER) != 0:
            return ""
    import psycopg

    try:
        psycopg.connect(_LOCAL_URL.replace("/openbeian", "/postgres"), connect_timeout=3).close()
    except psycopg.OperationalError:
        return ""
    return _LOCAL_URL


def _install_tools(*, slow: bool) -> None:
    """Raises: TestToolsMissing where this user cannot install packages; ExtraNotInstalled."""
    if slow:
        install("spark")
    programs = _PACKAGES | _FOR_SLOW_PROOFS if slow else _PACKAGES
    missing = [package for program, package in programs.items() if shutil.which(program) is None]
    if not _has_chinese_font():
        missing.append(_FONT_PACKAGE)
    if not missing:
        return
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        raise TestToolsMissing(packages=" ".join(missing))
    say(Text("正在安装：{p}", "Installing: {p}").format(p=" ".join(missing)))
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for step in (["update", "-q"], ["install", "-qy", "--no-install-recommends", *missing]):
        subprocess.run([apt, *step], env=environment, check=True, stdout=sys.stderr)  # noqa: S603  fixed package names


def _has_chinese_font() -> bool:
    listing = shutil.which("fc-list")
    if listing is None:
        return False
    return bool(subprocess.run([listing, ":lang=zh", "family"], capture_output=True, check=False).stdout)  # noqa: S603
