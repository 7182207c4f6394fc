"""Writes the review of an event as Markdown or PDF into a folder."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from retros.document import markdown, pdf
from retros.document.build import name_of
from retros.models import Event
from retros.services import publishing


class Command(BaseCommand):
    help = "Write aar-[date]-[event-name].md (or .pdf); prints the path. An unknown code costs one line and exit 2."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("code")
        parser.add_argument("--format", choices=["md", "pdf"], default="md")
        parser.add_argument("--paper", choices=["a4", "letter"], default="a4")
        parser.add_argument("-o", "--output", type=Path, default=Path(), metavar="DIR")

    def handle(self, *args: Any, **options: Any) -> None:
        event = Event.objects.select_related("team").filter(code=options["code"]).first()
        if event is None:
            raise CommandError(f"There is no event '{options['code']}'.", returncode=2)
        whole, _ = publishing.exported(event)
        try:
            if options["format"] == "pdf":
                content = pdf.render(whole, paper=options["paper"])
            else:
                content = markdown.render(whole).encode()
            folder: Path = options["output"]
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / name_of(whole, options["format"])
            path.write_bytes(content)
        except pdf.NoPdf as refusal:
            raise CommandError(str(refusal), returncode=2) from None
        except OSError as error:
            raise CommandError(f"{options['output']}: {error.strerror}", returncode=2) from None
        self.stdout.write(str(path))
