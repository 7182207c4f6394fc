"""Fills an empty database with an invented organisation and its reviews, for looking around and for measuring."""

from argparse import ArgumentParser
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import IntegrityError

from aar_site.people.models import User
from actions.demo import making


class Command(BaseCommand):
    help = "Fill an empty database with an invented organisation of forty people and a year of its reviews."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--again", action="store_true", help="take the demo out first, with what was tried in it")
        parser.add_argument(
            "--scale", type=int, default=0, metavar="N", help="add events for measuring, up to N, five actions each"
        )
        parser.add_argument("--remove", action="store_true", help="take the demo out, and put nothing in")

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", interactive=False, verbosity=0)
        try:
            making.check(again=options["again"] or options["remove"])
        except making.Refused as refusal:
            raise CommandError(str(refusal), returncode=2) from None
        if options["again"] or options["remove"]:
            making.take_out()
        if options["remove"]:
            self.stdout.write("The demo is gone. The database is empty.")
            return
        try:
            told = making.make(self._say) if options["verbosity"] else making.make()
        except IntegrityError:
            raise CommandError("Another command is making the demo right now. Wait for it.", returncode=2) from None
        more = options["scale"] - len(told)
        if more > 0:
            making.make_many(more)
        whole = f"{User.objects.count()} people, {len(told) + max(more, 0):,} events."
        if options["verbosity"]:
            self.stdout.write(f"{whole} Start the server: the sign-in page has a button for each role.")

    def _say(self, done: int, whole: int) -> None:
        if not self.stderr.isatty():
            return
        self.stderr.write(f"\r{done} of {whole}", ending="\n" if done == whole else "")
        self.stderr.flush()
