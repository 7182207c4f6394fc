"""Of the causes below one effect each has a place of its own, and what says how it held is a defence."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("retros", "0018_causes_are_a_chain")]

    operations: ClassVar = [
        migrations.RemoveField(model_name="whynode", name="has_held"),
        migrations.AddConstraint(
            model_name="whynode",
            constraint=models.CheckConstraint(
                condition=models.Q(("defence", ""), ("kind", "defence"), _connector="OR"),
                name="why_that_held_is_a_defence",
            ),
        ),
        migrations.AddConstraint(
            model_name="whynode",
            constraint=models.UniqueConstraint(
                condition=models.Q(("parent__isnull", False)), fields=("parent", "rank"), name="why_rank_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="whynode",
            constraint=models.UniqueConstraint(
                condition=models.Q(("parent__isnull", True)), fields=("event", "rank"), name="why_effect_rank_once"
            ),
        ),
    ]
