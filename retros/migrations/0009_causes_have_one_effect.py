"""A cause hangs below one effect; nothing ever kept a second one."""

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar = [("retros", "0008_a_closing_answer_counts_once")]

    operations: ClassVar = [migrations.RemoveField(model_name="whynode", name="also_causes")]
