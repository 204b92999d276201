"""Imports an uploaded portfolio in the background, with the rights that who asked for it has by then."""

from __future__ import annotations

from typing import Any

from openbeian.accounts.acting import find_actor_of
from openbeian.jobs.decisions import Progress
from openbeian.registry.actions.import_portfolio import import_portfolio
from openbeian.registry.portfolio_report import MOST_PROBLEMS
from openbeian.registry.portfolio_uploads import forget_upload, read_upload
from openbeian.registry.sheets.reading import reading_sheet


def import_upload(arguments: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """The arguments are those of `request_import`. Safe to begin again: rows already taken over are found unchanged.

    Raises: UploadGone, SheetUnreadable and the refusals of `import_portfolio`.
    """
    organisation_id, upload = arguments["organisation"], arguments["upload"]
    actor = find_actor_of(arguments["user"], organisation_id, "worker")
    with reading_sheet(read_upload(organisation_id, upload)) as sheet:
        report = import_portfolio(
            actor, sheet, partial=arguments["partial"], update=arguments["update"], progress=progress
        )
    forget_upload(organisation_id, upload)
    return report.as_json(most=MOST_PROBLEMS)
