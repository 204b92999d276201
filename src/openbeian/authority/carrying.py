"""Carries cases over the interface: the adapter behind `cases.ports.Carrier`, in the case's own transaction."""

from __future__ import annotations

from collections.abc import Sequence

from openbeian.authority.errors import DocumentNotSendable
from openbeian.authority.interface import get_interface
from openbeian.authority.mapping.case_reports import Mapped, map_case
from openbeian.authority.mapping.codes import Codes
from openbeian.authority.mapping.ground import Ground, KnownSite, Numbering, Picture, RecordedService, read_access
from openbeian.authority.mapping.pictures import PURPOSES, fit_picture
from openbeian.authority.models import Connection, Counterpart, FilingPassword, ReceivedCode, Report
from openbeian.authority.reporting import begin_report, complete_report, wake_exchange
from openbeian.cases.models import Case
from openbeian.cases.queries import get_procedure
from openbeian.documents.errors import DocumentDamaged
from openbeian.documents.queries import list_documents_of, read_content
from openbeian.kernel.actor import Actor
from openbeian.kernel.errors import Fault
from openbeian.kernel.text import Text
from openbeian.privacy.masking import mask_name
from openbeian.registry.decisions import PERSONAL_NATURE
from openbeian.registry.models import Standing
from openbeian.registry.record_values import service_values

_SCANS = "prior_approval"
_REPLACE = Text(
    "换成 JPG 或 PNG 图片后重试，或改走外部通道。", "Hand in a JPG or PNG instead, or take the outside channel."
)


class InterfaceCarrier:
    """Maps a case onto its report and puts it into the outbox of its provider's connection."""

    def list_obstacles(self, case: Case) -> Sequence[Fault]:
        """Why the case could not be forwarded now; empty when it could. Writes nothing."""
        connection = find_connection(case)
        if connection is None:
            return [_no_connection()]
        ground, faults = _read_ground(connection, case, 1)
        return [*_map(case, ground).faults, *faults]

    def take_case(self, actor: Actor, case: Case) -> bool:
        """Writes the report; True when the persons named confirm here before it leaves.

        Raises: DocumentNotSendable with a fault per field.
        """
        connection = find_connection(case)
        if connection is None:
            raise DocumentNotSendable(faults=[_no_connection()])
        report = begin_report(actor, connection, _title(case))
        ground, faults = _read_ground(connection, case, report.pk)
        mapped = _map(case, ground)
        if mapped.faults or faults:
            raise DocumentNotSendable(faults=[*mapped.faults, *faults])
        with_sms = "sms" in get_procedure(case.procedure).with_features
        report.case, report.parts = case, ground.numbering.parts
        report.is_held = with_sms and connection.confirms_persons
        report.left_out = _list_left_out(case)
        complete_report(actor, report, mapped.kind, mapped.upload, mapped.keys)
        return report.is_held

    def release_case(self, case: Case) -> None:
        """A held report leaves with the next exchange, which is asked for at once."""
        held = Report.objects.filter(case=case, is_held=True, state=Report.State.WAITING)
        for report in held.select_related("connection"):
            wake_exchange(report.connection, f"c{report.pk}")


def find_connection(case: Case) -> Connection | None:
    """The connection of the case's provider to the administration of its province, if one is open."""
    return (
        Connection.objects.select_related("provider")
        .filter(provider=case.provider, province=case.province, is_active=True)
        .first()
    )


def _map(case: Case, ground: Ground) -> Mapped:
    return map_case(get_procedure(case.procedure).outcome, case.form, ground)


def _read_ground(connection: Connection, case: Case, report_id: int) -> tuple[Ground, list[Fault]]:
    pictures, faults = _read_pictures(case)
    sponsor = case.sponsor
    services = list(sponsor.services.exclude(standing=Standing.CANCELLED).order_by("sequence")) if sponsor else []
    counterparts = Counterpart.objects.filter(connection=connection)
    subject = counterparts.filter(kind="sponsor", record_id=sponsor.pk).first() if sponsor else None
    sites = counterparts.filter(kind="service", record_id__in=[s.pk for s in services])
    number = sponsor.number if sponsor else ""
    password = FilingPassword.objects.filter(connection=connection, number=number).first() if number else None
    ground = Ground(
        provider_number=connection.provider_number,
        provider_id=connection.provider_id,
        numbering=Numbering(report_id),
        codes=Codes(read_received_codes(connection)),
        sponsor_number=number,
        sponsor_authority_id=subject.authority_id if subject else None,
        sites={str(c.record_id): _known(c) for c in sites},
        on_record=tuple(RecordedService(str(s.pk), s.number, service_values(s)) for s in services),
        password_digest=password.digest if password else None,
        pictures=pictures,
    )
    return ground, faults


def _known(counterpart: Counterpart) -> KnownSite:
    details = counterpart.details
    accesses = tuple(read_access(kept) for kept in details.get("accesses", ()))
    return KnownSite(counterpart.authority_id, details.get("domains", {}), accesses)


def read_received_codes(connection: Connection) -> dict[str, dict[int, str]]:
    """The valid rows of the code tables that the administration has sent."""
    tables: dict[str, dict[int, str]] = {}
    for row in ReceivedCode.objects.filter(connection=connection, is_valid=True).order_by("code"):
        tables.setdefault(row.table, {})[row.code] = row.name
    return tables


def _read_pictures(case: Case) -> tuple[tuple[Picture, ...], list[Fault]]:
    """The papers that travel, small enough for the wire, and a fault for each that cannot."""
    bound = get_interface().limits.scan_bytes
    pictures, faults = [], []
    for document in list_documents_of("case", case.pk):
        purpose = PURPOSES.get(document.material)
        if purpose is None and document.material != _SCANS:
            continue
        try:
            fitted = fit_picture(
                read_content(document), document.media_type, bound, only_jpeg=document.material == _SCANS
            )
        except DocumentDamaged as damaged:
            faults.append(Fault(document.path or document.material, damaged.text, _REPLACE, "v3.attachment"))
            continue
        if fitted is None:
            message = Text(
                f"V3.0 接口只收图片，“{document.original_name}”不是",
                f"interface V3.0 takes pictures only, and “{document.original_name}” is none",
            )
            faults.append(Fault(document.path or document.material, message, _REPLACE, "v3.attachment"))
            continue
        # A sponsor's paper has no path, or the sponsor's own; the wire knows subject and site only.
        path = document.path if document.path.startswith("services.") else ""
        pictures.append(Picture(document.material, path, fitted[0], purpose, fitted[1]))
    return tuple(pictures), faults


def _list_left_out(case: Case) -> list[str]:
    """Papers without a purpose on the wire: they stay here as evidence, and the list says so."""
    materials = (d.material for d in list_documents_of("case", case.pk))
    return sorted({m for m in materials if m not in PURPOSES and m != _SCANS})


def _title(case: Case) -> str:
    is_person = case.form["sponsor"]["nature"] == PERSONAL_NATURE
    return f"{case.reference} {mask_name(case.title) if is_person else case.title}"


def _no_connection() -> Fault:
    message = Text(
        "接入服务商没有与该省管局的对接，或对接已停用",
        "the provider has no open connection to this province's administration",
    )
    fix = Text(
        "在「对接」页建立连接，或改走外部通道。",
        "Set up a connection on the interface's page, or take the outside channel.",
    )
    return Fault("provider_id", message, fix, "v3.connection")
