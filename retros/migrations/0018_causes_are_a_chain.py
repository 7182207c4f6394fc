"""A defence says what became of it, a cause may lead to a second effect, the room discusses one cause, and places are counted anew."""

from itertools import groupby
from typing import Any, ClassVar

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import aar_site.clock


def fill(apps: Any, schema: Any) -> None:
    """What had held is a defence that held. Two causes at one place below one effect get places of their own, in their order."""
    rows = apps.get_model("retros", "WhyNode").objects
    rows.filter(has_held=True).update(kind="defence", defence="held")
    for _, group in groupby(
        rows.order_by("event", "parent", "rank", "id"), key=lambda row: (row.event_id, row.parent_id)
    ):
        for rank, row in enumerate(group):
            if row.rank != rank:
                rows.filter(pk=row.pk).update(rank=rank)


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("retros", "0017_meetings_rest_and_change_hands"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations: ClassVar = [
        migrations.CreateModel(
            name="SharedCause",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(default=aar_site.clock.now, editable=False)),
                ("removed_at", models.DateTimeField(editable=False, null=True)),
                (
                    "cause",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="also_leads", to="retros.whynode"
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "effect",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="also_causes", to="retros.whynode"
                    ),
                ),
                (
                    "event",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="shared_causes", to="retros.event"
                    ),
                ),
            ],
            options={"ordering": ["id"]},
        ),
        migrations.AddConstraint(
            model_name="sharedcause",
            constraint=models.UniqueConstraint(fields=("cause", "effect"), name="shared_cause_once"),
        ),
        migrations.AddConstraint(
            model_name="sharedcause",
            constraint=models.CheckConstraint(
                condition=models.Q(("cause", models.F("effect")), _negated=True),
                name="shared_cause_is_not_its_own_effect",
            ),
        ),
        migrations.AddField(
            model_name="meeting",
            name="cause",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="retros.whynode"
            ),
        ),
        migrations.AddField(
            model_name="whynode",
            name="defence",
            field=models.CharField(
                blank=True,
                choices=[
                    ("held", "Held"),
                    ("present", "In place, did not hold"),
                    ("absent", "Expected, absent"),
                    ("bypassed", "Bypassed"),
                    ("belief", "Believed to hold, did not"),
                ],
                default="",
                max_length=8,
                verbose_name="what became of the defence",
            ),
            preserve_default=False,
        ),
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
    ]
