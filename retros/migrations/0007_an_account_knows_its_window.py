"""An account says which opened page saved it last, so that an old window is told instead of writing over a newer one."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("retros", "0006_dates_of_the_kinds_say_how_exact_they_are")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="participantaccount",
            name="saved_count",
            field=models.PositiveIntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name="participantaccount",
            name="saved_page",
            field=models.UUIDField(editable=False, null=True),
        ),
    ]
