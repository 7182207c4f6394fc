"""A closing answer keeps the random id of the form that sent it, so that a second press is no second answer."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("retros", "0007_an_account_knows_its_window")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="closinganswer",
            name="op",
            field=models.UUIDField(editable=False, null=True, unique=True),
        ),
    ]
