"""A blacklist counts for the provider it was sent to. The table is made anew, since no release ever filled it."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0006_blacklist"),
    ]

    operations = [
        migrations.DeleteModel("Blacklisting"),
        migrations.CreateModel(
            name="Blacklisting",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "provider",
                    models.ForeignKey(
                        help_text="whom it was sent to",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="registry.provider",
                    ),
                ),
                ("province", models.CharField(help_text="of the administration that listed it", max_length=1)),
                ("kind", models.CharField(choices=[("domain", "域名"), ("certificate", "证件")], max_length=11)),
                (
                    "value",
                    models.CharField(
                        help_text="registrable domain (A-label), or the number's fingerprint", max_length=253
                    ),
                ),
                ("shown", models.CharField(help_text="as listed; a certificate's number is left out", max_length=300)),
                ("listed_on", models.DateField(help_text="when the list came here")),
                ("struck_on", models.DateField(null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["provider", "kind", "value"], name="blacklist_by_value")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("provider", "province", "kind", "value"), name="listed_once_per_administration"
                    )
                ],
            },
        ),
    ]
