"""Every route × every role × own and foreign records, against a golden list that people read.

`tests/golden/permissions.txt` holds one line per route, method and role: the answer for the role's own record and, where
the route names a record, for the same record of strangers. Three promises hold whatever the list says: nobody
gets in without the permission that the route names, a stranger's record is never shown and never changed, and
the public sees only what is marked public. `./openbeian test tests/web/test_permission_matrix.py --golden` writes it anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.test.client import ClientHandler
from django.urls import URLPattern, URLResolver, get_resolver

from openbeian.accounts.actions.issue_token import issue_token
from openbeian.accounts.decisions import permissions_of
from openbeian.accounts.models import ApiToken, Invitation, Membership, User
from openbeian.agenda.actions.create_feed import create_feed
from openbeian.agenda.models import FeedAddress
from openbeian.authority.models import Item, Question, ReceivedFile, Report
from openbeian.cases.actions.grant_case import grant_case
from openbeian.cases.actions.start_case import start_case
from openbeian.cases.models import Case
from openbeian.documents.models import Document
from openbeian.jobs.models import Job
from openbeian.journal.models import Entry
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor
from openbeian.notifications.models import Channel
from openbeian.obligations.actions.recompute_obligations import recompute_obligations
from openbeian.obligations.models import Obligation
from openbeian.observation.probing.record import CheckKind
from openbeian.policies.actions.switch_policy_on import switch_policy_on
from openbeian.registry.actions.record_licence import record_licence
from openbeian.registry.models import Service, Sponsor
from openbeian.supervision.actions.announce_maintenance import announce_maintenance
from openbeian.supervision.actions.follow_services import follow_services
from openbeian.supervision.actions.teach_phrase import teach_phrase
from openbeian.supervision.inspections.actions.conclude_inspection import conclude_inspection
from openbeian.supervision.inspections.actions.draw_inspections import draw_inspections
from openbeian.supervision.models import Finding, WatchedSite
from openbeian.supervision.reporting.actions.receive_complaint import receive_complaint
from openbeian.supervision.reporting.actions.start_report import start_report
from tests.accounts.factories import make_actor, make_member, make_organisation, make_user
from tests.authority.connections import make_connection
from tests.cases.factories import World, approve, make_credit_code, make_sponsor_values, make_submitted_case, make_world
from tests.cases.test_filing_flow import confirm_all
from tests.supervision.inspection_factories import fill_in as inspect
from tests.supervision.records import see

GOLDEN = Path(__file__).parents[1] / "golden" / "permissions.txt"
CONVERTER = re.compile(r"<(?:(\w+):)?(\w+)>")


@dataclass
class Side:
    """One world with a granted filing, a case in review, a draft, and everything a route may name."""

    world: World
    places: dict[str, object]


def build(province: str, region: str) -> Side:
    world = make_world(province=province)
    granted = approve(world, make_submitted_case(world, sponsor=make_sponsor_values(region=region)))
    confirm_all(granted)
    grant_case(world.officer, granted.pk)
    sponsor = Sponsor.objects.get(organisation=world.owner)
    in_review = approve(world, make_submitted_case(world, sponsor=make_sponsor_values(region=region)))
    confirm_all(in_review)
    start_case(world.applicant, "change_sponsor", sponsor_id=sponsor.pk)
    administrator = make_actor(world.owner, "administrator")
    issue_token(world.applicant, name="脚本", days=30)
    invitation = Invitation.objects.create(
        organisation=world.owner,
        email=f"new-{province}@example.cn",
        roles=["applicant"],
        secret_hash=f"{ord(province):064d}",
        invited_by_id=administrator.user_id,
        created_at=clock.now(),
        expires_at=clock.now(),
    )
    job = Job.objects.create(
        kind="none", key=f"none:{province}", organisation=world.owner, run_at=clock.now(), created_at=clock.now()
    )
    return Side(
        world,
        {
            "case_id": in_review.pk,
            "document_id": Document.objects.filter(subject_id=str(in_review.pk)).first().pk,  # type: ignore[union-attr]
            "sponsor_id": sponsor.pk,
            "service_id": Service.objects.get(sponsor=sponsor).pk,
            "organisation_id": world.owner.pk,
            "membership_id": Membership.objects.get(user_id=administrator.user_id).pk,
            "invitation_id": invitation.pk,
            "provider_id": world.provider.pk,
            "token_id": ApiToken.objects.get(membership__organisation=world.owner).pk,
            "job_id": job.pk,
            "upload": f"{world.owner.pk}-{'0' * 32}",
            **build_surroundings(world, administrator),
        },
    )


def build_surroundings(world: World, administrator: Actor) -> dict[str, object]:
    """What is kept around a filing: a calendar feed, a channel, something owed, a policy."""
    channel = Channel.objects.create(
        organisation=world.owner, kind="webhook", name="群", address="https://example.cn/", created_at=clock.now()
    )
    create_feed(world.applicant)
    recompute_obligations(everything=True)
    own = Obligation.objects.filter(organisation=world.owner)
    watched = build_watch(world)
    policy = switch_policy_on(administrator, "filing.reconfirmation.cycle", "two_years", organisation_id=world.owner.pk)
    licence = record_licence(world.applicant, make_licence_values(world.administration.province))
    complaint = {"received_on": "2026-01-05", "channel": "phone", "subject": "退费"}
    return {
        "channel_id": channel.pk,
        "feed_id": FeedAddress.objects.get(membership__organisation=world.owner).pk,
        "obligation_id": own.values_list("pk", flat=True)[0],
        "setting_id": policy.pk,
        "item_id": 0,
        "licence_id": licence.pk,
        "report_id": start_report(world.applicant, licence.pk, 2025).pk,
        "complaint_id": receive_complaint(world.applicant, complaint).pk,
        **build_interface(world),
        **watched,
        **build_inspection(world),
    }


def build_inspection(world: World) -> dict[str, object]:
    """An inspection of the owner's licence with a finding."""
    inspectors = [make_actor(world.administration, "inspector") for _ in range(2)]
    held = draw_inspections(world.officer, "licences_special", "2026131")
    inspection = held.inspections.get(organisation=world.owner)
    inspect(inspectors[0], inspection, logs__retention="只留存 30 天")
    conclude_inspection(inspectors[0], inspection.pk)
    return {"draw_id": held.pk, "inspection_id": inspection.pk, "fault_id": inspection.faults.get().pk}


def build_interface(world: World) -> dict[str, object]:
    """A connection with a report that failed and an item, and an upload before the officers."""
    connection = make_connection(world, province=world.administration.province)
    report = Report.objects.create(
        connection=connection, kind="new_filings", title="测试", size_bytes=1, state="failed", created_at=clock.now()
    )
    file = ReceivedFile.objects.create(
        connection=connection, name="a.xml", digest="0" * 64, size_bytes=1, state="applied", received_at=clock.now()
    )
    item = Item.objects.create(file=file, connection=connection, kind="notices", title="整改", content="")
    question = Question.objects.create(
        administration=world.administration,
        reporter=1,
        sequence=1,
        position=0,
        fingerprint="0" * 64,
        kind="new_filings",
        title="测试",
        content=[],
        asked_at=clock.now(),
    )
    return {
        "connection_id": connection.pk,
        "outgoing_id": report.pk,
        "authority_item_id": item.pk,
        "resource_kind": "sources",
        "question_id": question.pk,
    }


def build_watch(world: World) -> dict[str, object]:
    """A watched site with a finding, its evidence, a maintenance window and an allowed phrase."""
    service = Service.objects.get(sponsor__organisation=world.owner)
    follow_services(service.pk)
    site = WatchedSite.objects.select_related("service__sponsor").get(service=service)
    for minutes in (10, 5):
        see(site, {CheckKind.FOOTER_NUMBER: "number_missing"}, at=clock.now() - timedelta(minutes=minutes))
    starts = clock.now() + timedelta(hours=1)
    window = announce_maintenance(world.applicant, service.pk, starts, starts + timedelta(hours=1), "更换证书")
    phrase = teach_phrase(world.applicant, f"最佳{world.owner.pk}", "最佳", "站名")
    finding = Finding.objects.get(site=site)
    return {
        "site_id": site.pk,
        "finding_id": finding.pk,
        "pack_id": finding.packs.values_list("pk", flat=True)[0],
        "window_id": window.pk,
        "phrase_id": phrase.pk,
    }


def make_licence_values(province: str) -> dict[str, object]:
    return {
        "number": f"{province}B2-20240001",
        "holder": "示例信息有限公司",
        "certificate_number": make_credit_code(),
        "issued_on": "2024-03-02",
        "businesses": "B21",
        "areas": province,
    }


# What a route may name that belongs to nobody in particular.
NEUTRAL: dict[str, object] = {
    "section_id": "sponsor",
    "form_id": "economy",
    "verb": "take",
    "kind": "csv",
    "form": "csv",
    "secret": "nobody-knows-this",
    "code": "NOBODYKNOWSTHIS",
    "rule_id": "filing.draft.lapse",
    "year": 2026,
    "position": 0,
    "deed": "start",
    "number": 0,
    "sweep_id": 0,
}


def list_routes(
    patterns: list[URLPattern | URLResolver], prefix: str = ""
) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Path, name and permissions of every route of ours."""
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from list_routes(pattern.url_patterns, path)
        else:
            yield path, pattern.name or "", getattr(pattern.callback, "permissions", ())


def fill_in(path: str, places: dict[str, object]) -> str:
    def value(match: re.Match[str]) -> str:
        # Two parts may call different records the same: one of them says whose it is.
        name = match[2] if (own := f"{path.partition('/')[0]}.{match[2]}") not in places else own
        if name not in places and name not in NEUTRAL:
            raise AssertionError(
                f"/{path}: say in this test what <{name}> is for one's own and for a stranger's record"
            )
        return str(places.get(name, NEUTRAL.get(name)))

    return "/" + CONVERTER.sub(value, path)


def names_record(path: str, places: dict[str, object]) -> bool:
    return any(name in places for _, name in CONVERTER.findall(path))


@pytest.fixture
def sides(db: None) -> tuple[Side, Side]:
    return build("京", "110101"), build("沪", "310101")


def roles_of(world: World) -> dict[str, Actor | None]:
    agency = make_organisation("agency")
    operator = make_user("平台管理员", is_superuser=True)
    make_member(make_organisation("operator"), "administrator", user=operator)
    return {
        "anonymous": None,
        "applicant": world.applicant,
        "agent": make_actor(agency, "agent"),
        "first_reviewer": world.reviewer,
        "officer": world.officer,
        "inspector": make_actor(world.administration, "inspector"),
        "auditor": make_actor(world.owner, "auditor"),
        "administrator": make_actor(world.owner, "administrator"),
        "operator": Actor(
            operator.pk, operator.name, None, "operator", frozenset(),
            permissions_of(["administrator"], runs_installation=True), "web", runs_installation=True,
        ),
    }  # fmt: skip


def sign_in(actor: Actor | None) -> str:
    """The cookies of somebody signed in; signing in anew for each request would take a third of the time."""
    client = Client()
    if actor is not None:
        client.force_login(User.objects.get(pk=actor.user_id))
    return client.cookies.output(header="", sep=";")


# One chain of middleware for all requests: building it lists the static files anew, which takes longer than most answers.
HANDLER = ClientHandler(enforce_csrf_checks=False)


def ask(cookies: str, method: str, url: str) -> tuple[int, bool, bool]:
    """Status, whether it leads to the sign-in page, and whether anything was written; all of it undone."""
    with transaction.atomic():
        before = Entry.objects.count(), Case.objects.count()
        cache.clear()  # rate limits are tested elsewhere; here every request is the first
        client = Client(raise_request_exception=False)
        client.handler = HANDLER
        client.cookies.load(cookies)
        response = client.generic(method, url) if method == "GET" else client.post(url)
        wrote = (Entry.objects.count(), Case.objects.count()) != before
        to_sign_in = response.status_code == 302 and "/accounts/login/" in response["Location"]
        transaction.set_rollback(True)
    return response.status_code, to_sign_in, wrote


@pytest.mark.either_database
def test_every_route_answers_every_role_as_the_golden_list_says(
    sides: tuple[Side, Side], request: pytest.FixtureRequest
) -> None:
    own, foreign = sides
    roles = roles_of(own.world)
    signed_in = {role: sign_in(actor) for role, actor in roles.items()}
    lines, broken = [], []
    for path, name, permissions in sorted(set(list_routes(get_resolver().url_patterns))):
        if path.startswith(("accounts/", "api/")) or "(?P" in path:
            continue  # allauth's own pages name no records; the API has a matrix of its own
        for method in ("GET", "POST"):
            for role, actor in roles.items():
                status, to_sign_in, _ = ask(signed_in[role], method, fill_in(path, own.places))
                shown = "sign-in" if to_sign_in else str(status)
                holds = permissions in {("public",), ("signed in",)} or (
                    actor is not None and any(actor.may(p) for p in permissions)
                )
                if (
                    name not in FOR_MACHINES
                    and permissions != ("public",)
                    and (actor is None or not holds)
                    and status < 300
                ):
                    broken.append(f"{role} got into {method} {name} without {permissions}")
                if status >= 500:
                    broken.append(f"{method} {name} fails for {role}: {status}")
                if names_record(path, own.places):
                    status, to_sign_in, wrote = ask(signed_in[role], method, fill_in(path, foreign.places))
                    shown += " " + ("sign-in" if to_sign_in else str(status))
                    is_everybodys = name in EVERYBODYS_TO_MANAGE and role == "operator"
                    if (status < 300 or wrote) and not is_everybodys:
                        broken.append(f"{role} reached a stranger's record by {method} {name}: {status}")
                lines.append(f"{name} {method} {role} {shown}")
    assert not broken, "\n".join(broken)
    text = "\n".join(lines) + "\n"
    if request.config.getoption("--golden"):
        GOLDEN.write_text(text, encoding="utf-8")
    assert text == GOLDEN.read_text(encoding="utf-8"), (
        "answers differ from the golden list; read the diff, then --golden"
    )


# Who runs the installation manages every organisation's people, and the provider register, by right.
EVERYBODYS_TO_MANAGE = frozenset(
    {"organisation_of", "resend_invitation", "revoke_invitation", "invite_person", "change_member", "change_provider"}
)

# Open to every program on this machine, which the test's client stands for; see tests/web/test_metrics.py.
FOR_MACHINES = frozenset({"metrics"})
