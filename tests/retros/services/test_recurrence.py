"""A third event with the same service and factor proposes a review of what recurs: computed, of what the reader may see."""

from datetime import timedelta
from typing import Any

import pytest

from aar_site.people.models import Service
from retros.models import Event, Factor, State
from retros.services import events, recurrence
from tests.factories import START, make_event, make_service, make_user


def happen(lead: Any, days: int, service: Service, category: str = "change", **extra: Any) -> Event:
    event = make_event(facilitator=lead, started_at=START + timedelta(days=days), ended_at=None, **extra)
    event.services.add(service)
    Factor.objects.create(event=event, category=category, text="x")
    return event


@pytest.fixture
def lead(db):
    return make_user("Ines")


@pytest.fixture
def third(lead):
    """The third of three, as its facilitator sees it."""
    search = make_service("search")
    return [happen(lead, day, search) for day in (0, 60, 180)][-1]


def test_a_third_time_within_180_days_is_proposed_with_its_reason(third, lead):
    found = recurrence.proposal(third, lead)
    assert found is not None
    assert (found.service, found.category) == ("search", "Change and release")
    assert [event.started_at for event in found.events] == [START + timedelta(days=day) for day in (0, 60, 180)]
    assert found.title == "Change and release in search, again"


@pytest.mark.parametrize(
    "what", ["late", "service", "category", "removed", "restricted", "foreign", "recurring", "undated"]
)
def test_what_is_not_a_third_time(third, lead, what):
    second = Event.objects.exclude(pk=third.pk).latest("started_at")
    if what == "late":
        Event.objects.filter(pk=third.pk).update(started_at=START + timedelta(days=181))
    if what == "service":
        second.services.set([make_service()])
    if what == "category":
        second.factors.update(category="capacity")
    if what == "removed":
        second.factors.update(removed_at=START)
    if what == "restricted":
        Event.objects.filter(pk=second.pk).update(is_restricted=True)
    if what == "foreign":
        second.memberships.all().delete()
    if what == "recurring":
        Event.objects.filter(pk=second.pk).update(kind="recurring")
    if what == "undated":
        Event.objects.filter(pk=third.pk).update(started_at=None)
    third.refresh_from_db()
    assert recurrence.proposal(third, lead) is None


def test_a_published_one_of_others_counts(third, lead):
    second = Event.objects.exclude(pk=third.pk).latest("started_at")
    second.memberships.all().delete()
    Event.objects.filter(pk=second.pk).update(state=State.PUBLISHED, published_at=START + timedelta(days=70))
    assert recurrence.proposal(third, lead) is not None


@pytest.mark.parametrize("reason", ["", "Known, and cheap."])
def test_the_proposal_goes_once_it_is_taken_up_or_declined(third, lead, reason):
    events.open_event(by=lead, kind="recurring", title="Again", occurrences=[third], no_review_reason=reason)
    assert recurrence.proposal(third, lead) is None


def test_a_guest_is_proposed_nothing(third, lead):
    lead.is_guest = True
    assert recurrence.proposal(third, lead) is None


def test_a_recurring_issue_names_what_its_writer_may_open(lead):
    mine, foreign, secret = make_event(facilitator=lead), make_event(), make_event(facilitator=lead, is_restricted=True)
    issue = make_event(kind="recurring", facilitator=lead)
    linked = make_event(facilitator=lead, is_restricted=True)
    issue.occurrences.create(earlier=linked)
    issue.occurrences.create(earlier=make_event())
    assert set(recurrence.choosable(lead, issue)) == {mine, linked}
    keys = [str(event.pk) for event in (mine, foreign, secret)]
    assert list(recurrence.opened_from(lead, [*keys, "x", "9" * 40])) == [mine]
