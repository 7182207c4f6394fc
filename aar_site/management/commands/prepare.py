"""Brings the database to this version and, while there is no administrator, prints the link of the first start."""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connection

from aar_site.people import setup


class Command(BaseCommand):
    help = "Migrate, then print the link of the first start where nobody administers this installation yet."

    def handle(self, *args: Any, **options: Any) -> None:
        bring_up_to_date()
        if link := setup.first_start_link(settings.BASE_URL):
            self.stdout.write(f"First start. Open this link to become the administrator:\n\n    {link}\n")


def bring_up_to_date() -> None:
    """Migrate. On PostgreSQL a statement may then take its time; it still waits only briefly for a lock."""
    try:
        connection.ensure_connection()
    except OperationalError as error:
        why = str(error).strip().splitlines()[0]
        remedy = "See that it runs, and that DATABASE_URL and DATABASE_PASSWORD are right."
        raise CommandError(f"The database does not answer ({why}). {remedy}") from None
    if connection.vendor == "postgresql":
        refuse_other_letters(connection.connection.info.parameter_status("server_encoding"))
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = 0")
    call_command("migrate", interactive=False, verbosity=0)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("RESET statement_timeout")


def refuse_other_letters(encoding: str) -> None:
    """A database that cannot hold every letter would refuse some people's names, with an error at the moment they are typed."""
    if encoding != "UTF8":
        remedy = "Make it anew:  createdb --encoding UTF8 --template template0 NAME"
        raise CommandError(f"The database keeps text as {encoding}, which does not hold every letter. {remedy}")
