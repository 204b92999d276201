"""The record, the public look-up and jobs over the API."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from ninja import Field, Path, Query, Router, Schema

from openbeian.documents.lookup import answer_public_question
from openbeian.entrypoints.api.shapes import (
    OPEN,
    REFUSALS,
    JobOut,
    Page,
    PageQuery,
    ServiceOut,
    SponsorOut,
    cut_page,
    show_fields,
)
from openbeian.entrypoints.web.actors import client_address
from openbeian.entrypoints.web.rate_limits import RateLimit
from openbeian.entrypoints.web.views.public import TOO_OFTEN
from openbeian.jobs.queries import get_job_of
from openbeian.kernel.actor import Actor, check_permitted
from openbeian.kernel.errors import OpenBeianError
from openbeian.privacy.masking import mask_certificate, mask_email, mask_mobile, mask_name
from openbeian.registry.asking import LONGEST_QUESTION
from openbeian.registry.models import Service, Sponsor
from openbeian.registry.queries import list_services_visible_to, list_sponsors_visible_to

router = Router(tags=["记录 record"])
_limit = RateLimit("api_lookup")


class TooOften(OpenBeianError):
    code = "too_many_requests"
    status = 429
    message = TOO_OFTEN


class Question(Schema):
    q: str = Field(min_length=1, max_length=LONGEST_QUESTION)


def _actor(request: HttpRequest) -> Actor:
    # Set by the token.
    actor: Actor = request.auth  # type: ignore[attr-defined]
    return actor


@router.get("/lookup", auth=None, response={200: dict[str, Any], **OPEN}, summary="公共查询 Public look-up")
def lookup(request: HttpRequest, asked: Query[Question]) -> dict[str, Any]:
    wait = _limit.seconds_to_wait(client_address(request), settings.PUBLIC_LOOKUPS_PER_MINUTE)
    if wait:
        raise TooOften(seconds=wait)
    return answer_public_question(asked.q)


@router.get("/sponsors", response={200: Page[SponsorOut], **REFUSALS}, summary="主体 Sponsors")
def list_sponsors(request: HttpRequest, paging: PageQuery) -> dict[str, Any]:
    check_permitted(_actor(request), "record.read")
    rows = list_sponsors_visible_to(_actor(request)).select_related("person").order_by("pk")
    return cut_page(rows, paging, _show_sponsor)


@router.get("/services", response={200: Page[ServiceOut], **REFUSALS}, summary="服务 Services")
def list_services(request: HttpRequest, paging: PageQuery) -> dict[str, Any]:
    check_permitted(_actor(request), "record.read")
    rows = list_services_visible_to(_actor(request)).prefetch_related("domains").order_by("pk")
    return cut_page(rows, paging, _show_service)


@router.get("/jobs/{job_id}", response={200: JobOut, **REFUSALS}, summary="任务 Job")
def show_job(request: HttpRequest, job_id: Path[int]) -> dict[str, Any]:
    check_permitted(_actor(request), "import.run")
    return show_fields(JobOut, get_job_of(_actor(request).organisation_id, job_id))


def _show_sponsor(sponsor: Sponsor) -> dict[str, Any]:
    person = sponsor.person
    return show_fields(
        SponsorOut,
        sponsor,
        name=mask_name(sponsor.name) if sponsor.nature == "individual" else sponsor.name,
        certificate_number=mask_certificate(sponsor.certificate_number),
        person={
            "name": mask_name(person.name),
            "mobile": mask_mobile(person.mobile),
            "email": mask_email(person.email),
        },
    )


def _show_service(service: Service) -> dict[str, Any]:
    return show_fields(ServiceOut, service, domains=sorted(d.domain for d in service.domains.all()))
