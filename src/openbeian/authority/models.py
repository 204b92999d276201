"""Connections to administrations, what is reported over them, and what came back: tables and constraints, no workflow."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from openbeian.privacy.fields import SealedBinaryField, SealedJSONField, SealedTextField


class Connection(models.Model):
    """对接: one provider's account at one administration. Credentials are sealed and never shown again.

    One exchange per account at a time: who works holds `leased_as` until `leased_until`.
    """

    provider = models.ForeignKey("registry.Provider", models.PROTECT, related_name="+")
    province = models.CharField(max_length=1)
    url = models.CharField(max_length=200, help_text="http://host:port")
    provider_number = models.BigIntegerField(help_text="ispId, the number the administration issued")
    user = SealedTextField()
    password = SealedTextField()
    aes_key = SealedTextField()
    aes_offset = SealedTextField()
    encryption = models.PositiveSmallIntegerField(default=1)
    confirms_persons = models.BooleanField(
        default=False, help_text="codes are sent here before a report leaves; else the ministry sends them"
    )
    is_active = models.BooleanField(default=True)
    # What the administration itself said was last accepted, from before this installation's own batches.
    known_sequence = models.BigIntegerField(null=True)
    leased_as = models.CharField(max_length=40, blank=True)
    leased_until = models.DateTimeField(null=True)
    send_after = models.DateTimeField(null=True)
    send_attempts = models.PositiveIntegerField(default=0)
    receive_after = models.DateTimeField(null=True)
    receive_attempts = models.PositiveIntegerField(default=0)
    problem_zh = models.CharField(max_length=500, blank=True)
    problem_en = models.CharField(max_length=500, blank=True)
    problem_code = models.PositiveSmallIntegerField(null=True)
    answered_at = models.DateTimeField(null=True, help_text="when the administration last answered as specified")
    findings = models.JSONField(default=list, help_text="[{check, state, zh, en}] of the last examination")
    examined_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["provider", "province"], name="one_connection_per_province")
        ]

    def __str__(self) -> str:
        return f"{self.provider} · {self.province}"


class Batch(models.Model):
    """One file to upload: packed once, so that every attempt sends the same bytes. Forgotten after three months."""

    class State(models.TextChoices):
        WAITING = "waiting", "待发送"
        ACCEPTED = "accepted", "已接收"
        REFUSED = "refused", "被拒收"

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="batches")
    kind = models.CharField(max_length=40, help_text="as Report.kind")
    archive = SealedBinaryField(null=True)
    records = models.PositiveIntegerField(default=0)
    xml_bytes = models.PositiveIntegerField(default=0)
    sequence = models.BigIntegerField(null=True, help_text="written down before the file travels")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    reason_zh = models.CharField(max_length=500, blank=True)
    reason_en = models.CharField(max_length=500, blank=True)
    result_code = models.PositiveSmallIntegerField(null=True)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["connection", "sequence"],
                condition=models.Q(sequence__isnull=False),
                name="one_batch_per_sequence",
            )
        ]
        indexes: ClassVar = [models.Index(fields=["connection", "state", "sequence"], name="batches_of_connection")]

    @property
    def file_name(self) -> str:
        """The ZIP entry's name: what an administration quotes when it refuses the file as a whole."""
        return f"beian{self.pk}.xml"


class Report(models.Model):
    """One record to report, mapped and checked when it was written; what it holds is sealed."""

    class State(models.TextChoices):
        WAITING = "waiting", "待发送"
        PACKED = "packed", "发送中"
        SENT = "sent", "已接收，待结果"
        APPROVED = "approved", "已通过，待编号"
        DONE = "done", "已办结"
        REFUSED = "refused", "管局驳回"
        FAILED = "failed", "未能上报"
        ATTENTION = "attention", "需人工处理"
        TAKEN_OUT = "taken_out", "已撤出"
        REMOVED = "removed", "已从管局删除"

    connection = models.ForeignKey(Connection, models.PROTECT, related_name="reports")
    case = models.ForeignKey("cases.Case", models.SET_NULL, null=True, related_name="+")
    kind = models.CharField(max_length=40, help_text="the field of FilingReports, AddressReports or DomainReports")
    title = models.CharField(max_length=200, help_text="for lists; a natural person's name stands masked")
    content = SealedTextField(blank=True, help_text="an UploadData document with this one record")
    size_bytes = models.PositiveIntegerField()
    parts = models.JSONField(default=dict, help_text="our own number on the wire → what it stands for, as services.0")
    left_out = models.JSONField(default=list, help_text="papers the interface has no purpose for")
    authority_id = models.BigIntegerField(
        null=True, help_text="the administration's number of the reported address range or domain, once it has one"
    )
    is_held = models.BooleanField(default=False, help_text="leaves only once the persons named have confirmed here")
    batch = models.ForeignKey(Batch, models.SET_NULL, null=True, related_name="reports")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    reason_zh = models.CharField(max_length=500, blank=True)
    reason_en = models.CharField(max_length=500, blank=True)
    result_code = models.PositiveIntegerField(null=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["connection", "state", "id"], name="reports_of_connection"),
            models.Index(fields=["case"], name="reports_of_case"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.title}"


class ReportKey(models.Model):
    """A name under which an answer to a report may come: the operation, and what identifies the record in it."""

    report = models.ForeignKey(Report, models.CASCADE, related_name="keys")
    family = models.CharField(max_length=8, help_text="icp, ip, domains")
    operation = models.PositiveSmallIntegerField()
    value = models.CharField(max_length=128)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["family", "operation", "value"], name="reports_by_key")]


class ReceivedFile(models.Model):
    """One downloaded file, applied once: the unique name and digest are what keeps it from being applied again."""

    class State(models.TextChoices):
        APPLIED = "applied", "已处理"
        UNREADABLE = "unreadable", "无法读取"

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="received")
    name = models.CharField(max_length=128)
    digest = models.CharField(max_length=64)
    archive = SealedBinaryField(null=True)
    size_bytes = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State)
    holds = models.JSONField(default=dict, help_text="how many records of each kind")
    deviations = models.PositiveIntegerField(default=0)
    reason_zh = models.CharField(max_length=500, blank=True)
    reason_en = models.CharField(max_length=500, blank=True)
    received_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["connection", "name", "digest"], name="one_file_per_name_and_digest")
        ]
        indexes: ClassVar = [models.Index(fields=["connection", "-received_at"], name="received_of_connection")]


class Item(models.Model):
    """One thing an administration sent that a person should see: a task, a check's result, a notice, a blacklist entry."""

    file = models.ForeignKey(ReceivedFile, models.CASCADE, related_name="items")
    connection = models.ForeignKey(Connection, models.CASCADE, related_name="items")
    kind = models.CharField(max_length=40, help_text="the field of FilingNews or AddressNews it came in")
    title = models.CharField(max_length=300)
    note_zh = models.CharField(max_length=500, blank=True, help_text="what this installation has to say about it")
    note_en = models.CharField(max_length=500, blank=True)
    content = SealedTextField(help_text="a DownloadData document with this one record")
    is_open = models.BooleanField(default=True)
    report = models.ForeignKey(Report, models.SET_NULL, null=True, related_name="+", help_text="what answers it")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["connection", "is_open", "-id"], name="items_of_connection")]


class Counterpart(models.Model):
    """How an administration numbers a record of ours; changes and cancellations must name its numbers."""

    class Kind(models.TextChoices):
        SPONSOR = "sponsor", "主体"
        SERVICE = "service", "网站"

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="counterparts")
    kind = models.CharField(max_length=8, choices=Kind)
    record_id = models.BigIntegerField()
    authority_id = models.BigIntegerField()
    details = models.JSONField(default=dict, help_text="a site's domains and accesses with their numbers")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["connection", "kind", "record_id"], name="one_counterpart_per_record")
        ]


class ReceivedCode(models.Model):
    """One row of a code table that an administration sent (JCDM)."""

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="codes")
    table = models.CharField(max_length=40, help_text="the field of CodeTables")
    code = models.BigIntegerField()
    name = models.CharField(max_length=255)
    is_valid = models.BooleanField(default=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["connection", "table", "code"], name="one_row_per_code")
        ]


class FilingPassword(models.Model):
    """The digest of a filing password that a sponsor gave its provider; some reports must carry it."""

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="passwords")
    number = models.CharField(max_length=40, help_text="the sponsor's filing number")
    digest = SealedTextField()
    recorded_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["connection", "number"], name="one_password_per_number")
        ]


class Question(models.Model):
    """An uploaded record that lies before the officers of this installation (`authority simulate --decide desk`)."""

    class State(models.TextChoices):
        WAITING = "waiting", "待审核"
        APPROVED = "approved", "已通过"
        REFUSED = "refused", "已驳回"

    administration = models.ForeignKey("accounts.Organisation", models.PROTECT, related_name="+")
    reporter = models.BigIntegerField(help_text="ispId of who reported it")
    sequence = models.BigIntegerField()
    position = models.PositiveIntegerField()
    fingerprint = models.CharField(max_length=64, help_text="of the record, so that a bureau begun anew asks anew")
    kind = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    content = SealedJSONField(help_text="[{zh, en, rows: [{zh, en, value, personal}]}]")
    pictures = SealedJSONField(default=list, help_text="[{label, media_type, base64}]")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    opinion = models.CharField(max_length=500, blank=True)
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    reviewer_name = models.CharField(max_length=80, blank=True)
    asked_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["administration", "reporter", "sequence", "position", "fingerprint"], name="one_question"
            )
        ]
        indexes: ClassVar = [models.Index(fields=["administration", "state", "id"], name="questions_waiting")]
