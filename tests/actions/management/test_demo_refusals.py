"""Where `manage.py demo` makes nothing, and what it makes for measuring."""

import shutil
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from aar_site import clock
from aar_site.people.models import User
from actions.demo import stories
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


@pytest.fixture
def few(db: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A demo of the same organisation with two events, which is made sooner."""
    (tmp_path / "events").mkdir()
    for name in ("organisation.yaml", "events/notebooks-proxy.yaml", "events/cluster-nodes.yaml"):
        shutil.copy(stories.HERE / name, tmp_path / name)
    monkeypatch.setattr(stories, "HERE", tmp_path)


def test_twice_is_refused_and_again_rebuilds_the_same(few: None) -> None:
    run()
    shape = list(Event.objects.order_by("pk").values_list("title", "state", "change_seq"))
    Event.objects.update(title="Tried out")
    assert "--again" in refused()
    run("--again")
    assert list(Event.objects.order_by("pk").values_list("title", "state", "change_seq")) == shape
    assert len(shape) == 2
    assert User.objects.count() == 40


def test_scale_adds_bulk_rows_that_keep_the_rules(few: None) -> None:
    assert "24 events" in run("--scale", "24")
    assert Event.objects.count() == 24
    assert Action.objects.count() == 24 * 5
    bulk = Action.objects.filter(event__title__contains=", case ")
    for action in bulk.select_related("event", "owner"):
        action.full_clean()
    assert not bulk.filter(closed_at__gt=clock.now()).exists()
    run("--remove")
    assert not User.objects.exists()
    assert not Event.objects.exists()
