"""Reading connections and what went over them: a provider sees its own and nobody else's."""

from __future__ import annotations

from django.db.models import Count, Q, QuerySet

from openbeian.authority.errors import NotYourConnection
from openbeian.authority.models import Batch, Connection, Item, Question, ReceivedFile, Report
from openbeian.kernel.actor import Actor
from openbeian.registry.models import Provider


def list_connections(actor: Actor) -> QuerySet[Connection]:
    """The connections of the actor's own organisation."""
    connections = Connection.objects.select_related("provider").order_by("province", "pk")
    if actor.is_system:
        return connections
    if actor.organisation_id is None or not may_read(actor):
        return connections.none()
    return connections.filter(provider__organisation_id=actor.organisation_id)


def may_read(actor: Actor) -> bool:
    return actor.may("interface.read")


def get_connection(actor: Actor, connection_id: int) -> Connection:
    """Raises: NotYourConnection, also when there is none, so that nobody can tell the difference."""
    found = list_connections(actor).filter(pk=connection_id).first()
    if found is None:
        raise NotYourConnection
    return found


def find_own_provider(actor: Actor) -> Provider | None:
    """The register's entry of the actor's organisation, which a new connection is for."""
    if actor.organisation_id is None:
        return None
    return Provider.objects.filter(organisation_id=actor.organisation_id).first()


def list_reports(actor: Actor) -> QuerySet[Report]:
    """Reports of the actor's connections, the newest first."""
    reports = Report.objects.defer("content").select_related("connection__provider", "case", "batch", "created_by")
    return reports.filter(connection__in=list_connections(actor)).order_by("-pk")


def get_report(actor: Actor, report_id: int) -> Report:
    """Raises: NotYourConnection."""
    found = list_reports(actor).filter(pk=report_id).first()
    if found is None:
        raise NotYourConnection
    return found


def list_files(actor: Actor) -> QuerySet[ReceivedFile]:
    """Downloaded files of the actor's connections, the newest first; without their bytes."""
    return (
        ReceivedFile.objects.defer("archive")
        .filter(connection__in=list_connections(actor))
        .select_related("connection")
        .order_by("-pk")
    )


def list_batches(actor: Actor) -> QuerySet[Batch]:
    """Uploaded files of the actor's connections, the newest first; without their bytes."""
    return (
        Batch.objects.defer("archive")
        .filter(connection__in=list_connections(actor))
        .select_related("connection")
        .order_by("-pk")
    )


def list_items(actor: Actor) -> QuerySet[Item]:
    """What administrations sent for people to see: open ones first, then the newest."""
    items = Item.objects.defer("content").filter(connection__in=list_connections(actor))
    return items.select_related("connection", "file").order_by("-is_open", "-pk")


def get_item(actor: Actor, item_id: int) -> Item:
    """Raises: NotYourConnection."""
    found = Item.objects.filter(connection__in=list_connections(actor), pk=item_id).first()
    if found is None:
        raise NotYourConnection
    return found


def count_reports(actor: Actor) -> dict[str, int]:
    """How many reports stand in each state."""
    counted = Report.objects.filter(connection__in=list_connections(actor)).values("state")
    return {row["state"]: row["n"] for row in counted.annotate(n=Count("pk")).order_by()}


def list_questions(actor: Actor) -> QuerySet[Question]:
    """Uploads before the officers of the actor's administration: waiting ones first, the oldest on top."""
    questions = Question.objects.defer("content", "pictures")
    if not actor.may("case.decide") or actor.organisation_id is None:
        return questions.none()
    waiting = Q(state=Question.State.WAITING)
    return questions.filter(administration_id=actor.organisation_id).annotate(
        waits=Count("pk", filter=waiting)
    ).order_by("-waits", "pk")  # fmt: skip


def get_question(actor: Actor, question_id: int) -> Question:
    """Raises: NotYourConnection."""
    found = (
        Question.objects.filter(pk=question_id, administration_id=actor.organisation_id or 0).first()
        if actor.may("case.decide")
        else None
    )
    if found is None:
        raise NotYourConnection
    return found
