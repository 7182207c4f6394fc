"""A nudge names its person; an action that was split off names where it came from."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def name_the_person(apps, schema_editor):
    for nudge in apps.get_model("actions", "Nudge").objects.select_related("reminder").iterator():
        nudge.person_id = nudge.reminder.person_id
        nudge.save(update_fields=["person"])


class Migration(migrations.Migration):
    dependencies = [
        ("actions", "0002_status_in_the_sources_words"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="action",
            name="split_from",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="actions.action",
            ),
        ),
        migrations.AddField(
            model_name="nudge",
            name="person",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.RunPython(name_the_person, migrations.RunPython.noop, elidable=True),
        migrations.AlterField(
            model_name="nudge",
            name="person",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.RemoveConstraint(model_name="nudge", name="nudge_once_a_level"),
        migrations.AddConstraint(
            model_name="nudge",
            constraint=models.UniqueConstraint(
                fields=("person", "action", "due_on", "level"), name="nudge_once_a_level"
            ),
        ),
    ]
