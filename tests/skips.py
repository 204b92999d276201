"""A skipped test is a test that did not run: only reasons listed here may skip one; any other fails the run.

`./openbeian test` loads this plug-in; it works with and without pytest-xdist.
"""

from __future__ import annotations

import pytest

ALLOWED = (
    "the shared folder is absent",
    "needs PostgreSQL",
)
_unexpected: list[str] = []


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.skipped and not hasattr(report, "wasxfail"):
        _note(report.nodeid, report.longrepr)


def pytest_collectreport(report: pytest.CollectReport) -> None:
    if report.skipped:
        _note(report.nodeid, report.longrepr)


def _note(where: str, why: object) -> None:
    reason = str(why[2] if isinstance(why, tuple) else why).removeprefix("Skipped: ")
    if not reason.startswith(ALLOWED):
        _unexpected.append(f"{where}: {reason}")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    if _unexpected and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for line in _unexpected:
        terminalreporter.write_line(f"skipped without leave (tests/skips.py): {line}", red=True)
