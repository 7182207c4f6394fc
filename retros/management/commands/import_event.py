"""Reads the facts of one event from a YAML or JSON file and stores them as an event in preparation."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from aar_site.people.models import Team, User, normal_email
from retros.exchange import restore
from retros.exchange.load import load
from retros.exchange.reading import MAX_OWN_BYTES, Unreadable, read
from retros.exchange.schema import Invalid, parse
from retros.models import TimelineEntry


class Command(BaseCommand):
    help = "Store the event described by a YAML or JSON file; prints one line of JSON. A bad file costs one line and exit 2."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--team", help="name of the team that owns the event")
        parser.add_argument("--facilitator", metavar="EMAIL", help="who facilitates its review and may open it")

    def handle(self, *args: Any, **options: Any) -> None:
        file: Path = options["file"]
        team = self._found(Team.objects.filter(name=options["team"]), "team", options["team"])
        email = normal_email(options["facilitator"] or "")
        facilitator = self._found(User.objects.filter(email=email, is_active=True), "person", options["facilitator"])
        try:
            with file.open("rb") as opened:
                data = read(opened.read(MAX_OWN_BYTES + 1))
            store: Any = restore.load if restore.is_own(data) else lambda data, **who: load(parse(data), **who)
            event, found = store(data, team=team, facilitator=facilitator)
        except OSError as error:
            raise self._refusal(file, error.strerror) from None
        except (Unreadable, Invalid) as error:
            raise self._refusal(file, error) from None
        except ValidationError as error:
            raise self._refusal(file, " ".join(error.messages)) from None
        answer = {
            "code": event.code,
            "title": event.title,
            "entries": TimelineEntry.objects.filter(event=event).count(),
            "actions": len(data.get("actions") or []),
            "warnings": [{"kind": w.kind, "detail": w.detail} for w in found],
        }
        self.stdout.write(json.dumps(answer, ensure_ascii=False))

    def _refusal(self, file: Path, why: object) -> CommandError:
        """One line, whatever the file and its words are called."""
        return CommandError(" ".join(f"{file}: {why}".split()), returncode=2)

    def _found(self, rows: Any, what: str, name: str | None) -> Any:
        if not name:
            return None
        row = rows.first()
        if row is None:
            raise CommandError(f"There is no {what} '{name}'.", returncode=2)
        return row
