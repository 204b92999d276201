"""The record: tables and constraints, no workflow.

Sponsors hold services; a service has domains and accesses; numbers come from one series per administration
and year, and from one sequence per sponsor. A cancelled record keeps its row and its number for good.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from openbeian.privacy.fields import SealedJSONField, SealedTextField


class Standing(models.TextChoices):
    """Where a record stands."""

    ACTIVE = "active", "正常"
    SHELL = "shell", "空壳"
    CANCELLED = "cancelled", "已注销"


class NumberSeries(models.Model):
    """The next filing number of one administration in one year; its row lock allots without gaps or doubles."""

    province = models.CharField(max_length=1)
    year = models.PositiveSmallIntegerField()
    last_serial = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["province", "year"], name="one_series_per_year")]


class LicenceSeries(models.Model):
    """The next licence number of one authority in one year, as NumberSeries is for filings."""

    authority = models.CharField(max_length=4)
    year = models.PositiveSmallIntegerField()
    last_serial = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["authority", "year"], name="one_licence_series_per_year")
        ]


class Provider(models.Model):
    """An entry of the provider register: an agency or access provider that an applicant may choose, or an
    outside portal where the filing is made instead."""

    class Kind(models.TextChoices):
        ACCESS_PROVIDER = "access_provider", "接入服务商"
        AGENCY = "agency", "代办机构"
        OUTSIDE_PORTAL = "outside_portal", "外部平台"

    name = models.CharField(max_length=200, unique=True)
    kind = models.CharField(max_length=20, choices=Kind)
    organisation = models.OneToOneField(
        "accounts.Organisation",
        models.PROTECT,
        null=True,
        related_name="provider_entry",
        help_text="set when its reviewers work in this installation",
    )
    provinces = models.JSONField(default=list, help_text="abbreviations it works in; empty means all")
    licences = models.JSONField(default=list, help_text="licence numbers, as 京B1-20260001")
    address_ranges = models.JSONField(default=list, help_text="'192.0.2.0-192.0.2.255' normal form")
    service_kinds = models.JSONField(default=list, help_text="which kinds of service it takes")
    contact = models.CharField(max_length=200, blank=True)
    portal_url = models.URLField(blank=True)
    channel = models.CharField(
        max_length=10,
        default="inside",
        choices=[("inside", "平台内"), ("interface", "接口"), ("outside", "外部")],
        help_text="how its cases reach the administration",
    )
    is_active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name


class Person(models.Model):
    """A responsible person as named on a filing; each filing names its own, even if the human is the same."""

    name = SealedTextField()
    mobile = SealedTextField()
    mobile_fingerprint = models.CharField(max_length=32, db_index=True)
    emergency_phone = SealedTextField(blank=True)
    email = SealedTextField()
    email_fingerprint = models.CharField(max_length=32, db_index=True, default="")
    certificate_type = models.CharField(max_length=40)
    certificate_number = SealedTextField()
    certificate_fingerprint = models.CharField(max_length=32, db_index=True)
    certificate_from = models.DateField(null=True)
    certificate_until = models.DateField(null=True, help_text="last valid day; empty means 长期")


class Sponsor(models.Model):
    """主办单位: who answers for the services. A different certificate number is a different sponsor."""

    organisation = models.ForeignKey(
        "accounts.Organisation", models.PROTECT, related_name="sponsors", help_text="whose record it is"
    )
    number = models.CharField(max_length=40, unique=True, help_text="京ICP备2026000123号")
    province = models.CharField(max_length=1)
    nature = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    initials = models.CharField(max_length=200, blank=True, db_index=True, help_text="pinyin initials, lower case")
    name_grams = models.TextField(default="", help_text="see name_grams.compute_grams; indexed by name_index")
    region = models.CharField(max_length=6, help_text="GB/T 2260")
    address = SealedTextField()
    certificate_type = models.CharField(max_length=40)
    certificate_number = SealedTextField()
    certificate_fingerprint = models.CharField(max_length=32, db_index=True)
    certificate_address = SealedTextField(blank=True)
    certificate_until = models.DateField(null=True)
    legal_representative = SealedTextField(blank=True)
    remark = models.CharField(max_length=200, blank=True)
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    standing = models.CharField(max_length=10, choices=Standing, default=Standing.ACTIVE)
    # The one sequence from which all kinds of service take their suffix; never goes back.
    last_service_sequence = models.PositiveIntegerField(default=0)
    granted_on = models.DateField()
    confirmed_on = models.DateField(help_text="granted, changed in full or re-confirmed last on this day")
    cancelled_on = models.DateField(null=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["certificate_fingerprint"],
                condition=~models.Q(standing="cancelled"),
                name="one_live_sponsor_per_certificate",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["organisation", "standing"], name="sponsors_of_organisation"),
            models.Index(fields=["province", "standing"], name="sponsors_of_province"),
            models.Index(fields=["name"], name="sponsors_by_name"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.number}"


class Service(models.Model):
    """互联网信息服务: a website, app, mini-program or quick app."""

    class Kind(models.TextChoices):
        WEBSITE = "website", "网站"
        APP = "app", "App"
        MINI_PROGRAM = "mini_program", "小程序"
        QUICK_APP = "quick_app", "快应用"

    sponsor = models.ForeignKey(
        Sponsor,
        models.PROTECT,
        related_name="services",
        db_index=False,  # one_service_per_sequence begins with it
    )
    sequence = models.PositiveIntegerField()
    number = models.CharField(max_length=48, unique=True, help_text="京ICP备2026000123号-1A")
    kind = models.CharField(max_length=12, choices=Kind)
    name = models.CharField(max_length=120)
    initials = models.CharField(max_length=120, blank=True, db_index=True)
    name_grams = models.TextField(default="", help_text="see name_grams.compute_grams; indexed by name_index")
    home_url = models.CharField(max_length=300, blank=True)
    contents = models.JSONField(default=list)
    languages = models.JSONField(default=list)
    approvals = models.JSONField(default=list, help_text="[{kind, number}]; empty means 'none of these' was said")
    app = models.JSONField(default=dict, help_text="platforms, package, public key, digest of an app")
    remark = models.CharField(max_length=200, blank=True)
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    standing = models.CharField(max_length=10, choices=Standing, default=Standing.ACTIVE)
    granted_on = models.DateField()
    cancelled_on = models.DateField(null=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["sponsor", "sequence"], name="one_service_per_sequence")
        ]
        indexes: ClassVar = [models.Index(fields=["name"], name="services_by_name")]

    def __str__(self) -> str:
        return f"{self.name} {self.number}"


class ServiceDomain(models.Model):
    """A registrable domain (A-label) that a service answers under."""

    service = models.ForeignKey(Service, models.CASCADE, related_name="domains")
    domain = models.CharField(max_length=253, help_text="A-label, lower case")
    is_live = models.BooleanField(default=True, help_text="false once its service is cancelled")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["domain"], condition=models.Q(is_live=True), name="one_live_filing_per_domain"
            )
        ]
        indexes: ClassVar = [models.Index(fields=["domain"], name="services_by_domain")]


class Access(models.Model):
    """接入: through which provider, how and where a service reaches the net."""

    service = models.ForeignKey(Service, models.CASCADE, related_name="accesses")
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="accesses")
    mode = models.CharField(max_length=40)
    place = models.CharField(max_length=6, help_text="GB/T 2260 province code of the machines")
    ip_ranges = models.JSONField(default=list)
    granted_on = models.DateField()
    cancelled_on = models.DateField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["service", "provider"],
                condition=models.Q(cancelled_on__isnull=True),
                name="one_live_access_per_provider",
            )
        ]


class Licence(models.Model):
    """经营许可证: who may run which telecom businesses, where and until when, as printed on the licence."""

    organisation = models.ForeignKey("accounts.Organisation", models.PROTECT, related_name="licences")
    sponsor = models.ForeignKey(Sponsor, models.PROTECT, null=True, related_name="licences")
    number = models.CharField(max_length=40, help_text="京B2-20260001, 合字B2-20260001, 京ICP证030173号")
    holder = models.CharField(max_length=200)
    certificate_fingerprint = models.CharField(max_length=32, db_index=True, help_text="of the holder's certificate")
    issued_on = models.DateField()
    valid_until = models.DateField(help_text="last valid day")
    is_end_printed = models.BooleanField(default=True, help_text="false where it was counted from the day of issue")
    businesses = models.JSONField(default=list, help_text="[{code, opened}], codes of code_tables/businesses.yaml")
    areas = models.JSONField(default=list, help_text="abbreviations of provinces, or ['nationwide']")
    authority = models.CharField(max_length=4, help_text="the province's abbreviation, or miit")
    standing = models.CharField(max_length=10, choices=Standing, default=Standing.ACTIVE)
    special_terms = models.CharField(max_length=1000, blank=True)
    certificate_number = SealedTextField(default="", blank=True)
    legal_representative = SealedTextField(default="", blank=True)
    capital_yuan = models.BigIntegerField(null=True)
    shareholders = models.JSONField(default=list, help_text="[{name, percent, is_foreign}], percent as text")
    people = SealedJSONField(default=list, help_text="[{name, role}] of the key people")
    sites = models.JSONField(default=list, help_text="sites and apps listed on the licence, one text each")
    # 视为准予延续: the authority was silent, the term runs on by law, and no paper says so yet.
    is_deemed = models.BooleanField(default=False)
    paper_awaited_from = models.DateField(null=True, help_text="since when a paper is to be obtained")
    recorded_on = models.DateField()
    cancelled_on = models.DateField(null=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "number"], name="one_licence_per_number"),
            models.CheckConstraint(
                condition=models.Q(valid_until__gte=models.F("issued_on")), name="licence_ends_last"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["organisation", "standing"], name="licences_of_organisation")]

    def __str__(self) -> str:
        return self.number


class NumberResource(models.Model):
    """码号资源: a short number assigned to a licence holder, with a yearly report of its own."""

    organisation = models.ForeignKey("accounts.Organisation", models.PROTECT, related_name="number_resources")
    licence = models.ForeignKey(Licence, models.PROTECT, null=True, related_name="number_resources")
    number = models.CharField(max_length=20)
    kind = models.CharField(max_length=20, help_text="the range: 95, 96, 1062, 1069 …")
    assigned_on = models.DateField()
    standing = models.CharField(max_length=10, choices=Standing, default=Standing.ACTIVE)
    recorded_on = models.DateField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "number"], name="one_number_resource_per_number")
        ]

    def __str__(self) -> str:
        return self.number


class Blacklisting(models.Model):
    """黑名单: a domain or a sponsor's certificate that an administration says may not be filed.

    It counts for the cases of the provider it was sent to, and for nobody else's: what stands behind a provider's
    connection is that provider's word. Only a fingerprint of the certificate's number is kept; the record it came in
    lies sealed with what received it.
    """

    class Kind(models.TextChoices):
        DOMAIN = "domain", "域名"
        CERTIFICATE = "certificate", "证件"

    provider = models.ForeignKey(Provider, models.CASCADE, related_name="+", help_text="whom it was sent to")
    province = models.CharField(max_length=1, help_text="of the administration that listed it")
    kind = models.CharField(max_length=11, choices=Kind)
    value = models.CharField(max_length=253, help_text="registrable domain (A-label), or the number's fingerprint")
    shown = models.CharField(max_length=300, help_text="as listed; a certificate's number is left out")
    listed_on = models.DateField(help_text="when the list came here")
    struck_on = models.DateField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["provider", "province", "kind", "value"], name="listed_once_per_administration"
            )
        ]
        indexes: ClassVar = [models.Index(fields=["provider", "kind", "value"], name="blacklist_by_value")]
