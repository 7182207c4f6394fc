"""The table of the database cache, so that no set-up step can be forgotten."""

from django.core.management import call_command
from django.db import migrations


def make_table(apps, schema_editor):
    call_command("createcachetable", database=schema_editor.connection.alias, verbosity=0)


def drop_table(apps, schema_editor):
    schema_editor.execute("DROP TABLE IF EXISTS hindcast_cache")


class Migration(migrations.Migration):
    dependencies = [("aar_site", "0001_people_and_outbox")]

    operations = [migrations.RunPython(make_table, drop_table)]
