"""`manage.py demo`: a living organisation in an empty database, and nowhere else."""

from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db.models import Count, F, Max
from django.test import Client
from django.urls import reverse

from aar_site import clock
from aar_site.outbox.models import Message
from aar_site.people import demo
from aar_site.people.models import Team, User
from actions.models import OPEN, Action, Status
from retros.document.stored import load
from retros.models import (
    AccountState,
    Change,
    Dispute,
    Event,
    Factor,
    Meeting,
    Occurrence,
    ParticipantAccount,
    Publication,
    Revision,
    SectionText,
    State,
)
from retros.services import schedule
from tests.factories import make_user


def run(*words: str, **options: Any) -> str:
    out = StringIO()
    call_command("demo", *words, stdout=out, stderr=StringIO(), **options)
    return out.getvalue()


@pytest.fixture(scope="module")
def told(django_db_setup: None, django_db_blocker: Any) -> Any:
    """The demo, made once for the tests that only look at it; gone afterwards."""
    with django_db_blocker.unblock():
        before = clock.now()
        run()
        after = clock.now()
        yield before, after
        run("--remove")


@pytest.fixture
def made(told: Any, db: None) -> Any:
    return told


def test_the_clock_is_where_it_was(made: Any) -> None:
    before, after = made
    assert before <= after <= clock.now()  # the last story that it tells ends before today
    between = [datetime.now(UTC), clock.now(), datetime.now(UTC)]
    assert between == sorted(between)


def test_forty_people_in_six_teams_and_nobody_is_real(made: Any) -> None:
    assert User.objects.count() == 40
    assert Team.objects.count() == 6
    assert not demo.real_people()
    assert not User.objects.filter(is_admin=True).exists()
    assert not Team.objects.annotate(n=Count("members")).filter(n__lt=6).exists()


def test_every_state_of_a_review_and_of_an_action_is_there(made: Any) -> None:
    assert set(Event.objects.values_list("state", flat=True)) == set(State.values)
    assert Event.objects.filter(state=State.PUBLISHED).count() >= 10
    assert set(Action.objects.values_list("status", flat=True)) == set(Status.values)
    today = clock.today()
    late = Action.objects.filter(status__in=OPEN, due_on__lt=today)
    assert late.count() >= 5
    assert late.filter(due_on__lt=today - timedelta(days=30)).exists(), "one that needs a decision"
    assert Action.objects.filter(status__in=OPEN, redated_count__gte=3).exists()
    assert Action.objects.filter(status__in=OPEN, owner__is_active=False).exists(), "one whose owner has left"
    assert set(ParticipantAccount.objects.values_list("state", flat=True)) == set(AccountState.values)
    assert Publication.objects.filter(version=2).count() >= 2
    assert Event.objects.filter(kind="recurring", occurrences__earlier__isnull=False).exists()
    assert Occurrence.objects.filter(earlier=None).exclude(text="").exists()


def test_people_remember_moments_differently_and_each_ending_is_told(made: Any) -> None:
    found = Dispute.objects.values_list("state", flat=True)
    assert sorted(set(found)) == ["kept", "open", "room", "settled"]
    for dispute in Dispute.objects.prefetch_related("recollections"):
        original, view = dispute.recollections.all()
        assert (original.is_original, view.is_original) == (True, False)
        assert view.author.memberships.filter(event=dispute.event).exists()
        assert (dispute.resolved_at or dispute.created_at) <= clock.now()


def test_a_year_lies_behind_and_one_meeting_is_next(made: Any) -> None:
    months = {
        (at.year, at.month) for at in Event.objects.exclude(published_at=None).values_list("published_at", flat=True)
    }
    assert len(months) >= 6
    assert min(
        Event.objects.exclude(published_at=None).values_list("published_at", flat=True)
    ) < clock.now() - timedelta(days=240)
    event = Event.objects.get(state=State.PREPARING, meeting_at__isnull=False)
    assert event.meeting_at is not None
    meets = event.meeting_at.astimezone(event.zone)
    assert timedelta(0) <= meets.date() - clock.today(event.time_zone) <= timedelta(days=3)
    # Its event ended on a weekday of its own: over a weekend the next working day lies past the window, and the page says so.
    is_after_weekend = meets.weekday() == 0 and meets.date() > clock.today(event.time_zone)
    assert schedule.warnings(event, event.meeting_at) == [] or is_after_weekend
    assert not event.is_revealed
    room = Meeting.objects.get(event__state=State.MEETING)
    assert room.since is None, "paused, so that its clock does not run for days"
    assert room.step is not None
    assert room.step.slug == "root-cause"


def test_nothing_happens_in_the_future_and_no_mail_waits(made: Any) -> None:
    now = clock.now()
    assert not Change.objects.filter(at__gt=now).exists()
    assert not Action.objects.filter(closed_at__gt=now).exists()
    assert not Event.objects.filter(published_at__gt=now).exists()
    assert not Message.objects.exists()


def test_changes_are_numbered_without_gaps_and_follow_in_time(made: Any) -> None:
    for event in Event.objects.all():
        rows = list(Change.objects.filter(event=event).values_list("seq", "at"))
        assert [seq for seq, _ in rows] == list(range(1, event.change_seq + 1)), event.title
        assert [at for _, at in rows] == sorted(at for _, at in rows), event.title


def test_promises_are_whole_and_point_into_their_own_event(made: Any) -> None:
    assert not Action.objects.exclude(factor=None).exclude(factor__event=F("event")).exists()
    for action in Action.objects.exclude(status__in=[Status.PROPOSED, Status.DROPPED]):
        assert action.owner_id, action.title
        assert action.committed_on, action.title
        action.full_clean()
    assert Factor.objects.kept().count() > 40


def test_texts_have_their_revisions_and_publications_can_be_read(made: Any) -> None:
    heads = dict(SectionText.objects.values_list("pk", "number"))
    newest = dict(Revision.objects.values_list("section").annotate(Max("number")))
    assert heads == newest
    for publication in Publication.objects.all():
        assert load(publication.tree).sections


@pytest.mark.parametrize("role", list(demo.ROLES))
def test_a_button_signs_in_and_the_pages_are_alive(made: Any, role: str) -> None:
    client = Client()
    page = client.get("/in/").content.decode()
    assert f'value="{role}"' in page
    answer = client.post("/in/demo/", {"role": role})
    assert answer.headers["Location"] == "/"
    home = client.get("/").content.decode()
    assert "Demo data" in home
    for address in (reverse("event_list"), "/actions/", "/actions/?view=all"):
        assert client.get(address).status_code == 200
    for event in Event.objects.visible_to(User.objects.get(email=f"{role}@demo.example")):
        page = client.get(f"/e/{event.code}/").content.decode()
        assert event.title in page


def test_one_real_person_switches_the_buttons_off_at_once(made: Any) -> None:
    make_user("Somebody real")
    client = Client()
    assert 'name="role"' not in client.get("/in/").content.decode()
    assert client.post("/in/demo/", {"role": "manager"}).status_code == 404
    assert client.get("/").status_code == 302


def test_a_role_that_is_none_signs_nobody_in(made: Any) -> None:
    client = Client()
    for role in ("", "admin", "amara", "facilitator@demo.example"):
        assert client.post("/in/demo/", {"role": role}).status_code == 404
    assert client.get("/in/demo/").status_code == 405
    assert "_auth_user_id" not in client.session
