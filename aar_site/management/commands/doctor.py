"""Examines this installation: a line for each finding, with what to do; changes nothing."""

from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection
from django.utils.module_loading import autodiscover_modules

from aar_site.health import examinations
from aar_site.words import counted


class Command(BaseCommand):
    help = "Examine versions, settings, database, processes, mails and the rules across rows. Exit code 1 on a fault."
    requires_system_checks = ()  # they are among the lines

    def handle(self, *args: Any, **options: Any) -> None:
        autodiscover_modules("doctor")  # that of each wing
        faults = warnings = 0
        for line in examinations.examine():
            self.stdout.write(f"{line.mark} {line.words}")
            if line.fix:
                self.stdout.write(f"  → {line.fix}")
            faults += line.mark == "✗"
            warnings += line.mark == "!"
        self.stdout.write(f"\n{counted(faults, 'fault')}, {warnings} to look at")
        connection.close()
        if faults:
            raise SystemExit(1)
