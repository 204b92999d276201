"""What an administration answered to our reports: finds the report, and moves its case through the cases' own actions.

Machine results and human reviews of one file are put together first, so that a refusal carries every code and
opinion at once. A case that cannot move any more is no reason to stop the others: its report waits for a person.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from openbeian.authority.errors import CaseElsewhere
from openbeian.authority.interface import explain_processing, find_reason, judge_processing
from openbeian.authority.mapping.resources import find_resource_kind
from openbeian.authority.messages.download import AddressNews, DomainNews, FilingNews, Finding
from openbeian.authority.models import Batch, Connection, Report, ReportKey
from openbeian.cases.actions.grant_case import grant_case
from openbeian.cases.actions.record_confirmation import record_confirmation
from openbeian.cases.actions.turn_case import turn_case
from openbeian.cases.models import Case
from openbeian.cases.queries import get_procedure
from openbeian.kernel import clock
from openbeian.kernel.actor import SYSTEM
from openbeian.kernel.errors import OpenBeianError
from openbeian.kernel.text import Text

UNANSWERED = (Report.State.PACKED, Report.State.SENT, Report.State.APPROVED)
NUMBERED_KINDS = frozenset({"new_filings", "new_sites"})
"""Kinds whose approval is complete only with the numbers, which come with the published filing."""
REVIEWED_KINDS = frozenset({"new_filings", "new_sites", "new_accesses", "changes", "cancellations"})
"""Kinds that a person at the administration decides about; the others get the machine's result alone."""

_ADDRESS_RESULTS = {
    "sources": "source_results",
    "allocations": "allocation_results",
    "broadcasts": "broadcast_results",
    "customer_owned": "customer_owned_results",
}
Waiting = dict[str, list[tuple[int, str, int]]]
"""Reports that wait for an answer, by the name it may come under: number, kind, operation; the oldest first."""

_NAMES_AT_ONCE = 500
_SETTLED = ("state", "ended_at", "reason_zh", "reason_en", "result_code")
_OWN_FILE = re.compile(r"beian(\d{1,18})\.xml")
_FIRST_GENERAL_CODE = 5000
_STORED = 1060
"""A note beside other records' results, and all the answer that a paper handed in on its own gets."""


@dataclass(slots=True)
class Verdict:
    """All that one file says about one report."""

    codes: list[tuple[int, str]] = field(default_factory=list)
    opinions: list[str] = field(default_factory=list)
    reviews: list[bool] = field(default_factory=list)

    @property
    def is_refused(self) -> bool:
        return False in self.reviews or any(judge_processing(code) == "refused" for code, _ in self.codes)

    @property
    def is_approved(self) -> bool:
        is_accepted = True in self.reviews or any(judge_processing(code) == "accepted" for code, _ in self.codes)
        return is_accepted and not self.is_refused

    @property
    def is_our_fault(self) -> bool:
        """Codes about the file, the account or the program say nothing about the case."""
        refusing = [code for code, _ in self.codes if judge_processing(code) == "refused"]
        return bool(refusing) and all(code >= _FIRST_GENERAL_CODE for code in refusing) and not self.reviews

    @property
    def main_code(self) -> int | None:
        refusing = [code for code, _ in self.codes if judge_processing(code) == "refused"]
        return next(iter(refusing or [code for code, _ in self.codes]), None)

    def describe(self) -> Text:
        """The codes with what they mean and what to do, the bureau's words, and the reviewers' opinions."""
        known = [explain_processing(code) for code, _ in self.codes]
        said = [_say(code, words) for code, words in self.codes]
        zh = [f"{words}。{k.fix.zh}" for k, words in zip(known, said, strict=True)]
        en = [f"{k.number} {k.meaning.en}. {k.fix.en}" for k in known]
        opinions = [f"审核意见：{opinion}" for opinion in self.opinions]
        return Text(" ".join([*zh, *opinions])[:500], " ".join([*en, *opinions])[:500])

    def list_reasons(self) -> list[dict[str, str]]:
        """The refusal's reasons in the cases' form: one per code, and the opinions."""
        reasons = [
            {"code": find_reason(code), "note": f"管局代码 {_say(code, words)}"}
            for code, words in self.codes
            if judge_processing(code) == "refused"
        ]
        reasons += [{"code": "authority_finding", "note": f"管局审核意见：{opinion}"} for opinion in self.opinions]
        return reasons or [{"code": "authority_finding", "note": "管局未写明原因"}]


def apply_filing_answers(connection: Connection, news: FilingNews) -> None:
    """Results and reviews of reports about filings. In the caller's transaction."""
    verdicts: dict[int, Verdict] = {}
    reviewed = {(review.operation, str(review.record_id)) for review in news.reviews}
    names = [*(result.record for result in news.results), *(review.record_id for review in news.reviews)]
    waiting = read_waiting(connection, "icp", names)
    for result in news.results:
        if _refuse_whole_file(connection, result.findings):
            continue
        is_reviewed = (result.operation, result.record) in reviewed
        for report_id in find_reports(
            connection, "icp", result.operation, result.record, is_reviewed=is_reviewed, waiting=waiting
        ):
            verdicts.setdefault(report_id, Verdict()).codes += _read_findings(result.findings)
    for review in news.reviews:
        for report_id in find_reports(
            connection, "icp", review.operation, review.record_id, is_reviewed=True, waiting=waiting
        ):
            verdict = verdicts.setdefault(report_id, Verdict())
            verdict.reviews.append(review.outcome == 1)
            if review.opinion and review.outcome != 1:
                verdict.opinions.append(review.opinion)
    for report_id, verdict in verdicts.items():
        _settle(report_id, verdict)


def apply_resource_answers(connection: Connection, family: str, news: AddressNews | DomainNews) -> None:
    """Results of reports about IP addresses or domain names. In the caller's transaction."""
    if isinstance(news, DomainNews):
        groups: list[tuple[Sequence[str], Sequence[Any]]] = [(("added", "changed", "removed"), news.results)]
    else:
        groups = [
            ([f"{what}_{kind}" for what in ("new", "changed", "removed")], getattr(news, field))
            for kind, field in _ADDRESS_RESULTS.items()
        ]
    for kinds, results in groups:
        for result in results:
            verdict = Verdict(codes=_read_findings(result.findings))
            for value in (result.own_id, result.authority_id):
                for report_id in find_reports(connection, family, result.operation, value, kinds=kinds):
                    _settle(report_id, verdict)
                    if verdict.is_approved and result.authority_id is not None:
                        _note_number(report_id, result.authority_id)


def _note_number(report_id: int, authority_id: int) -> None:
    """A change or removal must name the administration's number; what was removed stands no more."""
    report = Report.objects.get(pk=report_id)
    Report.objects.filter(pk=report_id).update(authority_id=authority_id)
    if report.kind.startswith("removed"):
        earlier = Report.objects.filter(
            connection_id=report.connection_id, authority_id=authority_id, state=Report.State.DONE, pk__lt=report_id
        )
        family = find_resource_kind(report.kind)
        same = [r.pk for r in earlier.only("kind") if find_resource_kind(r.kind) == family]
        Report.objects.filter(pk__in=same).update(state=Report.State.REMOVED)


def find_reports(
    connection: Connection,
    family: str,
    operation: int | None,
    value: object,
    *,
    kinds: Sequence[str] = (),
    is_reviewed: bool | None = None,
    waiting: Waiting | None = None,
) -> Sequence[int]:
    """The unanswered report that goes under this name: the oldest, since answers come in the order of reports.

    `kinds` narrows where the answer says what it is about. `is_reviewed` tells whether a person at the bureau decided:
    V3.0's operations cannot tell a change of a subject from the answer to a task about it, so where both wait, what
    nobody reviewed does not decide about a case. `waiting` is what `read_waiting` found beforehand.
    """
    if value is None:
        return []
    held = waiting if waiting is not None else read_waiting(connection, family, [value])
    found = [
        (pk, kind)
        for pk, kind, answered_by in held.get(_spell(value), ())
        if operation in (None, answered_by) and (not kinds or kind in kinds)
    ]
    if is_reviewed is not None and len({kind in REVIEWED_KINDS for _, kind in found}) > 1:
        found = [(pk, kind) for pk, kind in found if (kind in REVIEWED_KINDS) == is_reviewed]
    return [pk for pk, _ in found[:1]]


def read_waiting(connection: Connection, family: str, values: Iterable[object]) -> Waiting:
    """The unanswered reports under any of these names, the oldest first; asked for once a file, not once a record."""
    held: Waiting = {}
    wanted = sorted({_spell(value) for value in values if value is not None})
    for start in range(0, len(wanted), _NAMES_AT_ONCE):
        keys = ReportKey.objects.filter(
            family=family, value__in=wanted[start : start + _NAMES_AT_ONCE],
            report__connection=connection, report__state__in=UNANSWERED,
        )  # fmt: skip
        rows = keys.order_by("report_id", "pk").values_list("value", "report_id", "report__kind", "operation")
        for value, number, kind, operation in rows:
            held.setdefault(value, []).append((number, kind, operation))
    return held


def _spell(value: object) -> str:
    return str(value)[:128]


def grant_report(report: Report, sponsor_number: str = "", service_numbers: Sequence[str] = ()) -> bool:
    """Grants the report's case with the authority's numbers; False when the case can move no more."""

    def grant(case: Case) -> None:
        if case.state == "awaiting_sms":  # the ministry asked the persons itself, or there would be no decision
            record_confirmation(SYSTEM, case.pk)
        grant_case(SYSTEM, case.pk, sponsor_number=sponsor_number, service_numbers=service_numbers)

    return _end(report, Report.State.DONE, grant)


def _settle(report_id: int, verdict: Verdict) -> None:
    report = Report.objects.select_for_update(of=("self",)).defer("content").get(pk=report_id)
    if report.state not in UNANSWERED:
        return
    if verdict.is_refused:
        words = verdict.describe()
        report.reason_zh, report.reason_en, report.result_code = words.zh, words.en, verdict.main_code
        if verdict.is_our_fault:
            report.state = Report.State.FAILED
            report.save(update_fields=_SETTLED)
            return
        reasons = verdict.list_reasons()
        _end(report, Report.State.REFUSED, lambda case: _refuse(case, reasons))
    elif verdict.is_approved or (report.kind == "materials" and verdict.main_code == _STORED):
        if report.kind in NUMBERED_KINDS:
            report.state = Report.State.APPROVED
            report.save(update_fields=["state"])
        else:
            grant_report(report)


def _refuse(case: Case, reasons: Iterable[dict[str, str]]) -> None:
    turn_case(SYSTEM, case.pk, "refuse", reasons=reasons)


def _end(report: Report, state: str, move: Callable[[Case], None]) -> bool:
    """Closes the report and moves its case; what the case refuses is kept on the report, for a person."""
    report.ended_at, report.state = clock.now(), state
    moved = True
    if report.case_id is not None:
        try:
            with transaction.atomic():
                case = Case.objects.select_related("provider", "sponsor").get(pk=report.case_id)
                if case.channel != "interface" or not case.is_open:
                    raise CaseElsewhere(state=get_procedure(case.procedure).state(case.state).label)
                move(case)
        except OpenBeianError as refusal:
            report.state, moved = Report.State.ATTENTION, False
            report.reason_zh = f"{report.reason_zh} {refusal.text.zh}".strip()[:500]
            report.reason_en = f"{report.reason_en} {refusal.text.en}".strip()[:500]
    report.save(update_fields=_SETTLED)
    return moved


def _refuse_whole_file(connection: Connection, findings: Iterable[Finding]) -> bool:
    """A file refused as a whole is named in the finding's words; its reports wait for a person, its cases stay."""
    for finding in findings:
        named = _OWN_FILE.search(finding.text or "")
        if named is None or (finding.code or 0) < _FIRST_GENERAL_CODE:
            continue
        batch = Batch.objects.filter(connection=connection, pk=int(named[1])).first()
        if batch is None:
            continue
        words = Verdict(codes=_read_findings([finding])).describe()
        Report.objects.filter(batch=batch, state__in=UNANSWERED).update(
            state=Report.State.FAILED, reason_zh=words.zh, reason_en=words.en, result_code=finding.code
        )
        return True
    return False


def _read_findings(findings: Iterable[Finding]) -> list[tuple[int, str]]:
    return [(finding.code, (finding.text or "")[:200]) for finding in findings if finding.code is not None]


def _say(code: int, words: str) -> str:
    """A code with its meaning, and the bureau's words where they say more."""
    meaning = explain_processing(code).meaning.zh
    return f"{code} {meaning}" + (f"（{words}）" if words and words != meaning else "")
