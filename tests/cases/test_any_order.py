"""Whatever anybody does in whatever order: no state the procedure lacks, no number twice, no silent change on record.

A Hypothesis state machine drives each procedure through the public actions, with people of every side, strangers
included, codes right and wrong, time passing, stale pages and other procedures begun in between.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, precondition, rule
from tests.accounts.factories import make_actor, make_organisation
from tests.cases.factories import (
    PROMISES,
    add_papers,
    fill,
    flatten,
    make_service_values,
    make_sponsor_values,
    make_world,
)

from openbeian.cases.actions.change_list import change_list
from openbeian.cases.actions.confirm_person import confirm_person
from openbeian.cases.actions.expire_confirmations import expire_confirmations
from openbeian.cases.actions.forward_case import forward_case
from openbeian.cases.actions.grant_case import grant_case
from openbeian.cases.actions.lapse_cases import lapse_cases
from openbeian.cases.actions.record_confirmation import record_confirmation
from openbeian.cases.actions.save_draft import save_draft
from openbeian.cases.actions.start_case import start_case
from openbeian.cases.actions.submit_case import submit_case
from openbeian.cases.actions.take_up_case import take_up_case
from openbeian.cases.actions.turn_case import turn_case
from openbeian.cases.decisions.form_values import blank_form, with_value
from openbeian.cases.decisions.record_values import read_services, read_sponsor
from openbeian.cases.models import Case, SentMessage, SmsConfirmation
from openbeian.cases.queries import get_form, get_procedure, list_procedures
from openbeian.journal.models import Entry
from openbeian.journal.queries import verify_journal
from openbeian.kernel import clock
from openbeian.kernel.actor import SYSTEM, Actor
from openbeian.kernel.errors import OpenBeianError
from openbeian.registry.actions.cancel_service import cancel_service
from openbeian.registry.actions.record_access import record_access
from openbeian.registry.actions.record_service import record_service
from openbeian.registry.actions.record_sponsor import record_sponsor
from openbeian.registry.models import Access, Provider, Service, ServiceDomain, Sponsor

VERBS = ("take", "release", "approve", "return", "refuse", "withdraw", "abandon", "lapse")
SIDES = ("applicant", "reviewer", "second_reviewer", "officer", "stranger", "rival")
START = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


# Which states the walks came to, over the whole module: a walk that gets nowhere proves nothing.
REACHED: set[tuple[str, str | None]] = set()


class AnyOrder(RuleBasedStateMachine):
    """Each rule tries one act; a refusal is fine and must leave no trace, anything else must hold the invariants."""

    cases = Bundle("cases")
    procedure = "first_filing"

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        self.now = START
        self.seen_record: dict[str, str] = {}
        self.numbers: dict[int, str] = {}

    def teardown(self) -> None:
        REACHED.update(Case.objects.values_list("procedure", "steps__to_state"))
        assert verify_journal() == Entry.objects.count()
        transaction.set_rollback(True)
        self.savepoint.__exit__(None, None, None)

    def act(self, action: Any, *args: Any, **kwargs: Any) -> Any:
        """Runs an action at the machine's time; a refusal changes nothing at all."""
        with clock.hold(self.now):
            before = self.count_rows()
            try:
                with transaction.atomic():
                    return action(*args, **kwargs)
            except OpenBeianError as refusal:
                answer = refusal
            assert answer.text.zh
            assert answer.text.en
            assert self.count_rows() == before, f"{type(answer).__name__} left a trace"
            return None

    @staticmethod
    def count_rows() -> tuple[int, ...]:
        return tuple(m.objects.count() for m in (Entry, Case, Sponsor, Service, Access, SmsConfirmation))

    def actor(self, side: str) -> Actor:
        return self.people[side]

    @initialize(target=cases)
    def begin(self) -> Any:
        with clock.hold(self.now):
            world = self.world = make_world()
            other = make_organisation("access_provider")
            self.other_provider = Provider.objects.create(
                name="另一家接入商", kind="access_provider", organisation=other
            )
            self.other_reviewers = make_actor(other, "first_reviewer"), make_actor(other, "first_reviewer")
            self.people = {
                "applicant": world.applicant,
                "reviewer": world.reviewer,
                "second_reviewer": world.second_reviewer,
                "officer": world.officer,
                "stranger": make_actor(make_organisation("owner"), "applicant"),
                "rival": make_actor(make_organisation("access_provider"), "first_reviewer"),
            }
            # One sponsor with a site stands on record from the start, so that every procedure has something to do.
            self.put_on_record()
            if self.procedure == "cancel_sponsor":
                cancel_service(SYSTEM, Service.objects.get().pk, clock.today())
            begun = start_case(world.applicant, self.procedure, **self.subject(self.procedure, 0))
        return begun.pk

    def put_on_record(self) -> None:
        owner, today = self.world.owner.pk, clock.today()
        form = blank_form(get_form("filing"))
        for path, value in (
            flatten("sponsor.", make_sponsor_values()) | flatten("services.0.", make_service_values())
        ).items():
            form = with_value(form, path, value)
        form["provider_id"] = self.world.provider.pk
        (service,) = read_services(form)
        sponsor = record_sponsor(SYSTEM, owner, "京", read_sponsor(form), today)
        recorded = record_service(SYSTEM, sponsor.pk, service, today)
        record_access(SYSTEM, recorded.pk, service.accesses[0], today)

    def reviewers(self, case: int) -> tuple[Actor, Actor]:
        """The first and second reviewer of the case's provider."""
        if Case.objects.values_list("provider_id", flat=True).get(pk=case) == self.other_provider.pk:
            return self.other_reviewers
        return self.world.reviewer, self.world.second_reviewer

    @staticmethod
    def read_code(confirmation: SmsConfirmation) -> str:
        body = SentMessage.objects.get(key=f"code:{confirmation.pk}").body
        found = re.search(r"核验码 (\d{6})", body)
        assert found
        return found[1]

    @rule(
        target=cases,
        procedure=st.sampled_from([p.id for p in list_procedures() if p.form == "filing"]),
        side=st.sampled_from(("applicant", "applicant", "applicant", "stranger", "officer")),
        which=st.integers(0, 3),
    )
    def start(self, procedure: str, side: str, which: int) -> Any:
        case = self.act(start_case, self.actor(side), procedure, **self.subject(procedure, which))
        return multiple(case.pk) if case else multiple()

    def subject(self, procedure: str, which: int) -> dict[str, Any]:
        services = list(Service.objects.order_by("pk"))
        service = services[which % len(services)]
        match get_procedure(procedure).subject:
            case "sponsor":
                return {"sponsor_id": service.sponsor_id}
            case "service" | "access":
                # An access is added at another provider, and ended or changed at the one it is at.
                at = self.other_provider if procedure == "add_access" else self.world.provider
                return {"service_id": service.pk, "provider_id": at.pk}
            case _:
                return {"provider_id": self.world.provider.pk}

    @rule(case=cases, kind=st.sampled_from(("website", "app", "mini_program", "quick_app")), fresh=st.booleans())
    def type_everything(self, case: int, kind: str, fresh: bool) -> None:
        self.type_everything_into(case, kind, fresh=fresh)

    def type_everything_into(self, case: int, kind: str, *, fresh: bool) -> None:
        with clock.hold(self.now):
            row = Case.objects.get(pk=case)
            at = self.other_provider if row.procedure == "add_access" else self.world.provider
            typed = {"reason": "不再使用", "provider_id": str(at.pk), **PROMISES}
            if row.procedure == "add_access":
                access = {k: v for k, v in make_service_values().items() if k.startswith("accesses")}
                typed |= {f"services.0.{k}": v for k, v in access.items()}
            if "record_services" in get_procedure(row.procedure).outcome and fresh:
                self.act(self.fill_draft, row, kind)
                return
            if get_procedure(row.procedure).outcome[0].startswith("change"):
                mark = len(Entry.objects.all()) % 200 + 1
                typed |= {"sponsor.address": f"新地址{mark}号", "services.0.remark": f"改{mark}"}
                typed |= {"services.0.accesses.0.ip_ranges": [f"8.140.2.{mark}"]}
            self.act(self.type_and_attach, case, typed)

    def type_and_attach(self, case: int, typed: dict[str, Any]) -> None:
        add_papers(save_draft(self.world.applicant, case, typed))

    def fill_draft(self, row: Case, kind: str) -> None:
        sponsor = make_sponsor_values() if row.procedure == "first_filing" else {}
        fill(self.world, row, sponsor=sponsor, service=make_service_values(kind=kind))

    @rule(
        case=cases, change=st.sampled_from(("add", "remove")), path=st.sampled_from(("services", "services.0.accesses"))
    )
    def lengthen_or_shorten(self, case: int, change: Any, path: str) -> None:
        self.act(change_list, self.world.applicant, case, path, change, index=0)

    @rule(case=cases, side=st.sampled_from(("applicant", "applicant", "stranger", "reviewer")), stale=st.booleans())
    def submit(self, case: int, side: str, stale: bool) -> None:
        revision = 1 if stale else Case.objects.get(pk=case).revision
        self.act(submit_case, self.actor(side), case, revision=revision)

    @rule(case=cases, verb=st.sampled_from(VERBS), side=st.sampled_from(SIDES), reason=st.booleans())
    def turn(self, case: int, verb: str, side: str, reason: bool) -> None:
        reasons = [{"code": "certificate_unfit", "field": "sponsor.name"}] if reason else []
        self.act(turn_case, self.actor(side), case, verb, reasons=reasons)

    @rule(case=cases, steps=st.integers(1, 7))
    def go_on(self, case: int, steps: int) -> None:
        """What sensible people would do next, a few times, so that the far states are reached often."""
        for _ in range(steps):
            state = Case.objects.values_list("state", flat=True).get(pk=case)
            if state in {"draft", "needs_amendment"}:
                self.type_everything_into(case, "website", fresh=True)
                self.act(submit_case, self.world.applicant, case)
            elif state in {"awaiting_first_review", "amended"}:
                self.act(turn_case, self.reviewers(case)[0], case, "take")
            elif state == "in_first_review":
                self.act(turn_case, self.reviewers(case)[0], case, "approve")
            elif state == "awaiting_second_person":
                self.act(turn_case, self.reviewers(case)[1], case, "approve")
            elif state == "awaiting_sms":
                self.answer(case, right=True)
            elif state == "administration_review":
                self.act(grant_case, self.world.officer, case)
            elif state != "granted":
                self.act(take_up_case, self.world.applicant, case)

    @rule(case=cases, right=st.sampled_from((True, True, False)))
    def answer_codes(self, case: int, right: bool) -> None:
        self.answer(case, right=right)

    def answer(self, case: int, *, right: bool) -> None:
        for c in SmsConfirmation.objects.filter(case_id=case, state="waiting"):
            code = self.read_code(c) if right else "no code"
            with clock.hold(self.now):
                try:
                    confirm_person(SYSTEM, c.secret, code, c.mobile, c.certificate_tail)
                except OpenBeianError:
                    continue  # a wrong code is counted, on purpose: the one refusal that leaves a trace

    @rule(case=cases, side=st.sampled_from(("officer", "officer", "applicant", "reviewer", "rival")))
    def grant(self, case: int, side: str) -> None:
        self.act(grant_case, self.actor(side), case)

    @rule(case=cases, side=st.sampled_from(SIDES))
    def forward_or_record(self, case: int, side: str) -> None:
        self.act(forward_case, self.actor(side), case)
        self.act(record_confirmation, self.actor(side), case)

    @rule(case=cases, side=st.sampled_from(("applicant", "stranger")))
    def take_up(self, case: int, side: str) -> None:
        self.act(take_up_case, self.actor(side), case)

    @rule(case=cases, hours=st.sampled_from((1, 25, 24 * 31, 24 * 47)))
    def let_time_pass(self, case: int, hours: int) -> None:
        self.now += timedelta(hours=hours)
        round_number = Case.objects.values_list("confirmation_round", flat=True).get(pk=case)
        self.act(expire_confirmations, case, round_number)
        self.act(lapse_cases)

    @invariant()
    @precondition(lambda self: hasattr(self, "world"))
    def every_state_is_the_procedures_own(self) -> None:
        for case in Case.objects.all():
            procedure = get_procedure(case.procedure)
            assert case.state in {s.id for s in procedure.list_states()}, (case.procedure, case.state)
            assert case.is_open is not procedure.state(case.state).is_closed

    @invariant()
    @precondition(lambda self: hasattr(self, "world"))
    def no_number_and_no_domain_stands_twice(self) -> None:
        numbers = Counter(
            [*Sponsor.objects.values_list("number", flat=True), *Service.objects.values_list("number", flat=True)]
        )
        assert max(numbers.values()) == 1
        live = Counter(ServiceDomain.objects.filter(is_live=True).values_list("domain", flat=True))
        assert not live or max(live.values()) == 1
        for service in Service.objects.all():
            assert self.numbers.setdefault(service.pk, service.number) == service.number
        serials = sorted(int(n[-7:-1]) for n in Sponsor.objects.values_list("number", flat=True))
        assert serials == list(range(1, len(serials) + 1)), "numbers have a gap"

    @invariant()
    @precondition(lambda self: hasattr(self, "world"))
    def one_open_case_per_sponsor(self) -> None:
        open_cases = Case.objects.filter(is_open=True, sponsor__isnull=False)
        assert not open_cases or max(Counter(open_cases.values_list("sponsor_id", flat=True)).values()) == 1

    @invariant()
    @precondition(lambda self: hasattr(self, "world"))
    def the_record_changes_only_with_an_entry(self) -> None:
        told = Counter(
            f"{kind}:{i}"
            for kind, i in Entry.objects.filter(subject_kind__in=("sponsor", "service")).values_list(
                "subject_kind", "subject_id"
            )
        )
        for model, kind in ((Sponsor, "sponsor"), (Service, "service")):
            for row in model.objects.values():
                key, state = f"{kind}:{row['id']}", repr({k: v for k, v in row.items() if k not in _DERIVED})
                seen = f"{state}|{told[key]}"
                old = self.seen_record.get(key)
                if old is not None and old.rpartition("|")[0] != state:
                    assert told[key] > int(old.rpartition("|")[2]), f"{key} changed without a journal entry"
                assert told[key] > 0, f"{key} stands on record without a journal entry"
                self.seen_record[key] = seen


# Counted by the record of services and noted in their entries, not facts of their own.
_DERIVED = frozenset({"last_service_sequence", "changed_at"})


def drive(procedure: str, *, examples: int, steps: int, derandomize: bool = False) -> None:
    machine = type("AnyOrderOf", (AnyOrder,), {"procedure": procedure}).TestCase
    machine.settings = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        derandomize=derandomize,
        suppress_health_check=list(HealthCheck),
    )
    machine("runTest").runTest()


PROCEDURES = [p.id for p in list_procedures() if p.form == "filing"]


@pytest.mark.django_db
@pytest.mark.parametrize("procedure", PROCEDURES)
def test_no_order_of_acts_breaks_a_procedure(procedure: str) -> None:
    drive(procedure, examples=8, steps=20, derandomize=True)
    assert any(reached == procedure and state for reached, state in REACHED), "no case of the procedure moved at all"


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize("procedure", PROCEDURES)
def test_no_order_of_acts_breaks_a_procedure_in_many_more_tries(procedure: str) -> None:
    drive(procedure, examples=60, steps=60)
    assert (procedure, "granted") in REACHED
