"""Where `manage.py demo` makes nothing, and what it makes for measuring."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from aar_site import clock
from aar_site.people.models import User
from actions.models import Action
from retros.models import Event
from tests.factories import make_event, make_user


def run(*words: str, **options: Any) -> str:
    out = StringIO()
    call_command("demo", *words, stdout=out, stderr=StringIO(), **options)
    return out.getvalue()


def refused(*words: str) -> str:
    with pytest.raises(CommandError) as error:
        run(*words)
    assert error.value.returncode == 2
    assert "\n" not in str(error.value)
    return str(error.value)


def test_a_database_with_a_real_person_is_refused(db: None) -> None:
    make_user("Somebody real")
    for words in ([], ["--again"], ["--remove"], ["--scale", "20"]):
        assert "not of the demo" in refused(*words)
    assert User.objects.count() == 1


def test_events_without_people_are_not_overwritten(db: None) -> None:
    make_event("Imported")
    assert "--again" in refused()
    assert Event.objects.get().title == "Imported"


def test_scale_adds_bulk_rows_that_keep_the_rules(db: None) -> None:
    assert "40 events" in run("--scale", "40")
    assert Event.objects.count() == 40
    bulk = Action.objects.filter(event__title__contains=", case ")
    assert bulk.count() == 22 * 5
    for action in bulk.select_related("event", "owner")[:30]:
        action.full_clean()
    assert not bulk.filter(closed_at__gt=clock.now()).exists()
    run("--remove")
    assert not User.objects.exists()
    assert not Event.objects.exists()
