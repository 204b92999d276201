"""`openbeian lint`: every check that reads the sources without running them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click

from openbeian.entrypoints.cli.output import say

_ROOT = Path(__file__).parents[5]
_BIN = Path(sys.executable).parent
_THIRD_PARTY = re.compile(r"\.(min\.js|min\.css|ttf|otf|ttc|woff2?|eot)$")
_YAML_RULES = (
    "{extends: default, rules: {line-length: disable, document-start: disable, comments: disable,"
    " comments-indentation: disable, braces: disable, brackets: disable, commas: disable, indentation: disable,"
    " truthy: disable, empty-lines: disable, colons: disable, hyphens: disable}}"
)
_PROGRAMS: dict[str, list[str]] = {
    "ruff check": ["ruff", "check", "."],
    "ruff format": ["ruff", "format", "--check", "."],
    "mypy": ["mypy"],
    "import-linter": ["lint-imports", "--no-cache"],
    "djlint": ["djlint", "--lint", "--quiet", "src/openbeian"],
    "yamllint": ["yamllint", "--strict", "-d", _YAML_RULES, "rulebook"],
}


@click.command(help="检查代码、模板、规则文件。 Checks sources, templates and the rulebook's files.")
def command() -> int:
    """Runs all checks, whatever fails on the way; exit code 1 if any did."""
    checks: dict[str, Callable[[], str]] = {name: _as_check(arguments) for name, arguments in _PROGRAMS.items()}
    checks |= {"launcher": _check_launcher, "locked requirements": _check_locks, "tracked files": _check_tracked}
    failed = []
    for name, check in checks.items():
        complaint = check()
        say(f"{'✗' if complaint else '✓'} {name}")
        if complaint:
            failed.append(name)
            click.echo(complaint)
    return 1 if failed else 0


def _as_check(arguments: list[str]) -> Callable[[], str]:
    program, *rest = arguments
    return lambda: _run(str(_BIN / program), *rest)


def _run(*arguments: str) -> str:
    """What the program complained of, or nothing."""
    environment = {**os.environ, "PYTHONPATH": str(_ROOT / "src"), "OPENBEIAN_ENVIRONMENT": "test"}
    done = subprocess.run(  # noqa: S603  fixed programs of the locked requirements
        arguments, cwd=_ROOT, env=environment, capture_output=True, text=True, check=False
    )
    return (done.stdout + done.stderr).strip() or f"exit code {done.returncode}" if done.returncode else ""


def _check_launcher() -> str:
    return _run("/bin/sh", "-n", "openbeian") or _run("/bin/bash", "-n", ".ci/run")


def _check_locks() -> str:
    """A lock that names an index host works only where it was made."""
    locks = sorted((_ROOT / "requirements").iterdir())
    return "\n".join(f"{file.name} names a host" for file in locks if "://" in file.read_text())


def _check_tracked() -> str:
    """Fonts and minified assets come with packages; a copy in the repository grows old."""
    tracked = subprocess.run(
        ["git", "ls-files"],  # noqa: S607
        cwd=_ROOT,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.splitlines()
    return "\n".join(f"{name} does not belong in the repository" for name in tracked if _THIRD_PARTY.search(name))
