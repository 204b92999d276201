"""Channels and what they want to hear, notices, the messages that carried them, and the inbox."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from openbeian.notifications.decisions import CHANNEL_KINDS, DEFAULT_ESCALATION_DAYS
from openbeian.privacy.fields import SealedTextField


class Channel(models.Model):
    """A way to reach somebody: of a whole organisation, or of one person in it when `person` is set.

    Hours are hours of the day in China. The address holds a robot's token or a person's mailbox and is sealed.
    """

    organisation = models.ForeignKey("accounts.Organisation", models.CASCADE, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    kind = models.CharField(max_length=10, choices=[(k, t.zh) for k, t in CHANNEL_KINDS.items()])
    name = models.CharField(max_length=80)
    address = SealedTextField(blank=True)
    secret = SealedTextField(blank=True)
    mention = SealedTextField(blank=True, help_text="mobiles after @, separated by spaces, or `all`")
    language = models.CharField(max_length=2, default="zh", choices=[("zh", "中文"), ("en", "English")])
    is_digest = models.BooleanField(default=False)
    digest_hour = models.PositiveSmallIntegerField(default=9)
    quiet_from = models.PositiveSmallIntegerField(null=True)
    quiet_until = models.PositiveSmallIntegerField(null=True)
    # Everything, also what later versions add; otherwise what its subscriptions name.
    takes_all = models.BooleanField(default=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation", "person"], condition=models.Q(kind="inbox"), name="one_inbox_per_member"
            )
        ]
        indexes: ClassVar = [models.Index(fields=["organisation", "is_active"], name="channels_of_organisation")]

    def __str__(self) -> str:
        return self.name


class Subscription(models.Model):
    """That a channel which does not take everything takes this kind of notice."""

    channel = models.ForeignKey(Channel, models.CASCADE, related_name="subscriptions")
    kind = models.CharField(max_length=60)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["channel", "kind"], name="subscribed_once")]


class Delivery(models.Model):
    """One message on its way through one channel, carrying one notice or a digest of many, and the proof of it.

    `SENDING` without an end means that a worker died between claiming and noting. What became of a letter its postman
    knows; of anything else nobody does, so it goes out again under the same key.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "等待发送"
        SENDING = "sending", "发送中"
        DELIVERED = "delivered", "已送达"
        FAILED = "failed", "失败"

    channel = models.ForeignKey(Channel, models.CASCADE, related_name="deliveries")
    # The same at every attempt: Message-ID of a letter, idempotency key of a webhook.
    key = models.CharField(max_length=40, unique=True)
    digest_of = models.CharField(max_length=30, null=True, unique=True, help_text="channel and day of a digest")
    is_test = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    is_repeat = models.BooleanField(default=False, help_text="sent again after an attempt of unknown outcome")
    # Under this name the outcome of the last attempt is kept in the data folder of the machine that made it.
    postman = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField()
    tried_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    # What the other side answered, last: the proof, or why it failed.
    answer = models.CharField(max_length=500, blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["channel", "-created_at"], name="deliveries_of_channel")]


class Notice(models.Model):
    """One thing one channel is told about one occurrence; the constraint is what keeps it from being told twice.

    `title` is safe for any group: a natural person's name stands masked in it.
    """

    channel = models.ForeignKey(Channel, models.CASCADE, related_name="notices")
    occurrence = models.CharField(max_length=120, help_text="event:17, or a due item and its stage")
    item = models.CharField(max_length=100, blank=True, help_text="the due item, whatever its stage")
    kind = models.CharField(max_length=60)
    title = models.CharField(max_length=200)
    title_en = models.CharField(max_length=200, blank=True, help_text="empty where the title is only names")
    detail_zh = models.CharField(max_length=300, blank=True)
    detail_en = models.CharField(max_length=300, blank=True)
    due_on = models.DateField(null=True)
    path = models.CharField(max_length=200, blank=True, help_text="where in the portal to act")
    subject_kind = models.CharField(max_length=30)
    subject_id = models.CharField(max_length=40)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    delivery = models.ForeignKey(Delivery, models.SET_NULL, null=True, related_name="notices")
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["channel", "occurrence"], name="told_once_per_channel")
        ]
        indexes: ClassVar = [
            models.Index(fields=["item", "created_at"], name="notices_of_item"),
            models.Index(fields=["-created_at"], name="notices_by_time"),
            models.Index(fields=["channel"], condition=models.Q(delivery__isnull=True), name="notices_to_send"),
        ]


class InboxItem(models.Model):
    """A notice in a person's inbox on the portal; being here is its delivery, `read_at` the proof that it was seen."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    notice = models.OneToOneField(Notice, models.CASCADE, related_name="inbox_item")
    read_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["person"], condition=models.Q(read_at__isnull=True), name="inbox_unread")
        ]


class EscalationPolicy(models.Model):
    """After how many days without anybody acting an organisation's administrators hear of it; 0 is never."""

    organisation = models.OneToOneField("accounts.Organisation", models.CASCADE, related_name="+")
    after_days = models.PositiveSmallIntegerField(default=DEFAULT_ESCALATION_DAYS)
