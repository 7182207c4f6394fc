"""Writes the review of an event as Markdown or PDF into a folder, or everything of it as its own file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import yaml
from django.core.management.base import BaseCommand, CommandError

from retros.document import markdown, pdf
from retros.document.build import name_of
from retros.exchange import dump
from retros.models import Event
from retros.services import publishing


class Command(BaseCommand):
    help = "Write aar-[date]-[event-name].md, .pdf, or .yaml (its own file, which comes in again); prints the path."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("code")
        parser.add_argument("--format", choices=["md", "pdf", "yaml"], default="md")
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
            elif options["format"] == "yaml":
                content = yaml.safe_dump(dump.whole(event), allow_unicode=True, sort_keys=False).encode()
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
