"""The demo's cases: one in every state of the flow, each brought there by the people who would do it."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from PIL import Image

from openbeian.cases.actions.confirm_person import confirm_person
from openbeian.cases.actions.grant_case import grant_case
from openbeian.cases.actions.lapse_cases import lapse_cases
from openbeian.cases.actions.save_draft import save_draft
from openbeian.cases.actions.start_case import start_case
from openbeian.cases.actions.submit_case import submit_case
from openbeian.cases.actions.turn_case import turn_case
from openbeian.cases.checking import read_surroundings
from openbeian.cases.decisions.checks import compute_facts, list_required_papers
from openbeian.cases.decisions.record_values import write_sponsor
from openbeian.cases.models import Case, SentMessage
from openbeian.cases.queries import get_materials, get_procedure
from openbeian.documents.actions.store_document import store_document
from openbeian.documents.decisions import UploadLimits
from openbeian.entrypoints.cli.demo_values import KINDS, Invention
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor
from openbeian.registry.models import Provider, Service, Standing

_LARGEST_PAPER_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Cast:
    """Who acts in the demo, and through which entries of the register."""

    applicant: Actor
    agent: Actor
    reviewer: Actor
    second_reviewer: Actor
    officer: Actor
    provider: Provider
    outside_provider: Provider


@dataclass(frozen=True, slots=True)
class _Plan:
    """A case begun some days ago, and what was done to it since, six hours apart."""

    procedure: str
    days_ago: int
    verbs: str = ""
    by_agent: bool = False
    outside: bool = False


_REVIEWED = "submit take approve"
_PLANS = (
    _Plan("first_filing", 1),
    _Plan("first_filing", 12, by_agent=True),
    _Plan("first_filing", 33),
    _Plan("first_filing", 60),
    _Plan("first_filing", 1, "submit"),
    _Plan("first_filing", 2, "submit", by_agent=True),
    _Plan("add_service", 2, "submit"),
    _Plan("first_filing", 2, "submit take"),
    _Plan("first_filing", 3, "submit take", by_agent=True),
    _Plan("cancel_service", 3, _REVIEWED),
    _Plan("cancel_service", 2, _REVIEWED, by_agent=True),
    _Plan("first_filing", 4, "submit take return"),
    _Plan("first_filing", 5, "submit take return", by_agent=True),
    _Plan("first_filing", 5, "submit take return submit"),
    _Plan("first_filing", 3, "submit record_take record_approve", outside=True),
    _Plan("first_filing", 1, _REVIEWED),
    _Plan("first_filing", 1, _REVIEWED, by_agent=True),
    _Plan("first_filing", 6, f"{_REVIEWED} confirm"),
    _Plan("first_filing", 9, f"{_REVIEWED} confirm", by_agent=True),
    _Plan("first_filing", 12, f"{_REVIEWED} confirm grant"),
    _Plan("first_filing", 15, f"{_REVIEWED} confirm grant", by_agent=True),
    _Plan("first_filing", 18, f"{_REVIEWED} confirm decline"),
    _Plan("first_filing", 8, "submit take refuse"),
    _Plan("first_filing", 7, "submit withdraw"),
    _Plan("first_filing", 10, "abandon"),
)
_REASON = {"code": "certificate_address_mismatch", "field": "sponsor.certificate_address", "note": ""}


def create_demo_cases(invention: Invention, cast: Cast, now: datetime) -> None:
    """Brings each plan to its state; what stood still for too long has lapsed by today."""
    for number, plan in enumerate(_PLANS):
        actor = cast.agent if plan.by_agent else cast.applicant
        at = now - timedelta(days=plan.days_ago)
        with clock.hold(at):
            story = _Story(cast, actor, _begin(invention, cast, actor, plan, number))
        for verb in plan.verbs.split():
            # A quarter of a day between two steps, and never later than now.
            at = min(at + timedelta(hours=6), now)
            with clock.hold(at):
                story.tell(verb)
    with clock.hold(now):
        lapse_cases()


@dataclass(slots=True)
class _Story:
    """One case, and the people around it."""

    cast: Cast
    actor: Actor
    case: Case

    def tell(self, verb: str) -> None:
        cast, number = self.cast, self.case.pk
        match verb:
            case "submit":
                submit_case(self.actor, number)
            case "abandon" | "withdraw":
                turn_case(self.actor, number, verb)
            case "take" | "approve":
                turn_case(cast.reviewer, number, verb)
            case "record_take" | "record_approve":
                self._record(verb.removeprefix("record_"))
            case "return" | "refuse":
                turn_case(cast.reviewer, number, verb, reasons=[_REASON], note="演示：地址与证件不一致")
            case "confirm":
                self._confirm()
            case "grant":
                grant_case(cast.officer, number)
            case "decline":
                turn_case(cast.officer, number, "refuse", reasons=[_REASON])

    def _record(self, verb: str) -> None:
        """What was done on somebody else's portal, noted by the applicant with a picture of it."""
        evidence = store_document(
            self.actor,
            ("case", self.case.pk),
            material="evidence",
            name="外部平台截图.png",
            content=_draw_paper(),
            limits=UploadLimits(max_bytes=_LARGEST_PAPER_BYTES),
        )
        turn_case(self.actor, self.case.pk, verb, evidence=evidence)

    def _confirm(self) -> None:
        """Every named person reads the code in the message and enters it."""
        for confirmation in self.case.confirmations.order_by("pk"):
            message = SentMessage.objects.get(key=f"code:{confirmation.pk}")
            code = re.search(r"核验码 (\d{6})", message.body)
            assert code is not None
            confirm_person(self.actor, confirmation.secret, code[1], confirmation.mobile, confirmation.certificate_tail)


def _begin(invention: Invention, cast: Cast, actor: Actor, plan: _Plan, number: int) -> Case:
    """A filled draft with its papers; a draft that nobody submits is filled in half."""
    provider = cast.outside_provider if plan.outside else cast.provider
    service = invention.service(KINDS[number % len(KINDS)])
    typed = _flatten("verification.", dict.fromkeys(("truthful", "no_unapproved_content", "informed_persons"), True))
    typed |= {"provider_id": str(provider.pk), "reason": "演示：服务不再提供"}
    typed |= _flatten(
        "services.0.",
        {**service, "accesses.0.mode": "cloud", "accesses.0.place": "110000", "accesses.0.ip_ranges": ["8.140.2.9"]},
    )
    if plan.procedure == "first_filing":
        case = start_case(actor, plan.procedure)
        typed |= _flatten("sponsor.", write_sponsor(invention.sponsor(100 + number)))
        if not plan.verbs:
            typed = {path: value for path, value in typed.items() if path.startswith("sponsor.")}
    else:
        on_record = _find_quiet_service(actor)
        subject = {"sponsor_id": on_record.sponsor_id}
        if plan.procedure != "add_service":
            subject = {"service_id": on_record.pk}
        case = start_case(actor, plan.procedure, provider_id=provider.pk, **subject)
    case = save_draft(actor, case.pk, typed)
    if plan.verbs:
        _hand_in_papers(actor, case)
    return case


def _find_quiet_service(actor: Actor) -> Service:
    """A live service of the actor's whose sponsor has no case under way."""
    assert actor.organisation_id is not None
    services = Service.objects.filter(
        sponsor__organisation_id=actor.organisation_id, standing=Standing.ACTIVE, sponsor__standing=Standing.ACTIVE
    )
    return services.exclude(sponsor__cases__is_open=True).order_by("pk")[0]


def _hand_in_papers(actor: Actor, case: Case) -> None:
    """Every paper the case asks for: a grey picture, since nobody in this world has an identity card."""
    procedure, around = get_procedure(case.procedure), read_surroundings(case)
    facts = compute_facts(procedure, case.form, around.tables)
    limits = UploadLimits(max_bytes=_LARGEST_PAPER_BYTES)
    for material, path, _ in list_required_papers(procedure, get_materials(procedure.form), case.form, facts):
        store_document(
            actor,
            ("case", case.pk),
            material=material.id,
            name="演示材料.png",
            content=_draw_paper(),
            limits=limits,
            path=path,
        )


@lru_cache(maxsize=1)
def _draw_paper() -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (640, 640), (214, 218, 224)).save(content, "PNG")
    return content.getvalue()


def _flatten(prefix: str, values: dict[str, Any]) -> dict[str, Any]:
    """Nested values as the paths that a page sends."""
    flat: dict[str, Any] = {}
    for key, value in values.items():
        if isinstance(value, dict) and key != "approvals":
            flat |= _flatten(f"{prefix}{key}.", value)
        else:
            flat[f"{prefix}{key}"] = value
    return flat
