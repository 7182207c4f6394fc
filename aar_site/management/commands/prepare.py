"""Brings the database to this version and, while there is no administrator, prints the link of the first start."""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from aar_site.people import setup


class Command(BaseCommand):
    help = "Migrate, then print the link of the first start where nobody administers this installation yet."

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", interactive=False, verbosity=0)
        if link := setup.first_start_link(settings.BASE_URL):
            self.stdout.write(f"First start. Open this link to become the administrator:\n\n    {link}\n")
