"""`openbeian bench`: runs one of the benchmarks in `bench/` of the checkout."""

from __future__ import annotations

import ast
import importlib
import os
import sys
from collections.abc import Callable
from pathlib import Path

import click

from openbeian.kernel.errors import OpenBeianError
from openbeian.kernel.text import Text


class BenchmarksAbsent(OpenBeianError):
    code = "benchmarks_absent"
    message = Text(
        "这里没有 bench 文件夹；请在源代码目录中运行。", "There is no bench folder here; run this in a checkout."
    )


def _root() -> Path:
    named = os.environ.get("OPENBEIAN_ROOT")
    return Path(named) if named else Path(__file__).resolve().parents[5]


def _offers_run(file: Path) -> bool:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return any(isinstance(node, ast.FunctionDef) and node.name == "run" for node in tree.body)


class Benchmarks(click.Group):
    """Each module of `bench/` with a function `run(arguments)` is a command; it reads its own arguments."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        files = sorted((_root() / "bench").glob("*.py"))
        return [f.stem.replace("_", "-") for f in files if _offers_run(f)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if not (_root() / "bench").is_dir():
            raise BenchmarksAbsent
        if cmd_name not in self.list_commands(ctx):
            return None
        if str(_root()) not in sys.path:
            sys.path.insert(0, str(_root()))
        module = importlib.import_module(f"bench.{cmd_name.replace('-', '_')}")
        return _command(cmd_name, module.run, (module.__doc__ or "").split("\n")[0])


def _command(name: str, run: Callable[[list[str]], int | None], summary: str) -> click.Command:
    def call(arguments: tuple[str, ...]) -> int:
        return run(list(arguments)) or 0

    return click.Command(
        name,
        callback=call,
        params=[click.Argument(["arguments"], nargs=-1, type=click.UNPROCESSED)],
        short_help=summary,
        context_settings={"ignore_unknown_options": True, "help_option_names": []},
    )


command = Benchmarks(help="性能基准，结果为比率。 Benchmarks; the figures are ratios.")
