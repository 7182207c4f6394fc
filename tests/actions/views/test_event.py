"""The tab of an event's actions, the form for a new one, the line, and the decision not to act, as a browser asks for them."""

import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from aar_site import clock
from actions.models import Action
from retros.models import Change, Event, Factor, RoomNote, State
from retros.services import meeting
from tests.factories import make_action, make_member

HTMX = {"headers": {"HX-Request": "true"}}


def as_(user):
    client = Client()
    client.force_login(user)
    return client


def url(name, cast):
    return reverse(name, args=[cast.event.code])


def line(cast, user, text, **more):
    fields = more.pop("fields", {})
    return as_(user).post(url("action_line", cast), {"title": text, "op": str(uuid.uuid4()), **fields}, **more)


def day(days):
    on = clock.today() + timedelta(days=days)
    return f"{on.day} {on:%b %Y}"


# --- The tab --------------------------------------------------------------------------------------------------------
def test_the_tab_shows_what_is_there_and_what_each_may_press(cast):
    make_action(cast.event, "Page the on-call", owner=cast.participant)
    body = {user: as_(user).get(url("event_actions", cast)).content.decode() for user in (cast.observer, cast.scribe)}
    assert all("Page the on-call" in page for page in body.values())
    classes = {user: page.split('<body class="')[1].split('"')[0].split() for user, page in body.items()}
    assert not {"may-propose-action", "may-commit-action"} & set(classes[cast.observer])
    assert {"may-propose-action", "may-commit-action"} <= set(classes[cast.scribe])


def test_the_manager_may_commit_on_the_tab_of_a_published_review(cast):
    Event.objects.filter(pk=cast.event.pk).update(state=State.PUBLISHED, published_at=cast.event.ended_at)
    page = as_(cast.manager).get(url("event_actions", cast)).content.decode()
    assert "may-commit-action" in page
    assert "may-commit-action" not in as_(cast.outsider).get(url("event_actions", cast)).content.decode().split(">")[1]
    response = as_(cast.manager).post(url("action_add", cast), {"title": "From the manager"})
    assert response.status_code == 303
    assert Action.objects.get().created_by == cast.manager


def test_the_tab_costs_the_same_for_one_and_three(cast, django_assert_num_queries):
    client = as_(cast.facilitator)
    client.get(url("event_actions", cast))  # what is remembered between requests is asked once
    for count in (1, 3):
        for _ in range(count):
            make_action(cast.event)
            make_member(cast.event)
        with django_assert_num_queries(11):
            client.get(url("event_actions", cast))


# --- The line -------------------------------------------------------------------------------------------------------
def test_a_complete_line_is_a_promise_when_the_scribe_keeps_it(cast):
    text = f"Stop the failover tool. Participant by {day(14)}, S. Closed when a test proves it"
    response = line(cast, cast.scribe, text, **HTMX)
    assert response.status_code == 200
    action = Action.objects.get()
    assert (action.title, action.owner, action.size, action.closed_when, action.status) == (
        "Stop the failover tool", cast.participant, "S", "A test proves it.", "committed",
    )  # fmt: skip
    page = response.content.decode()
    assert f'id="action-{action.pk}"' in page
    assert "Committed. Its owner is reminded" in page
    assert reverse("action_take_back", args=[action.pk]) in page


def test_the_same_line_of_a_participant_is_a_proposal(cast):
    text = f"Stop the failover tool. Participant by {day(14)}, S. Closed when a test proves it"
    page = line(cast, cast.participant, text, **HTMX).content.decode()
    assert Action.objects.get().status == "proposed"
    assert "the facilitator or the scribe can commit it" in page


def test_a_bare_line_is_kept_with_what_is_missing_named(cast):
    response = line(cast, cast.guest, "Improve monitoring @zoe", follow=True)
    page = response.content.decode()
    assert response.redirect_chain[0] == (f"{url('event_actions', cast)}#action-{Action.objects.get().pk}", 303)
    assert "Not understood: nobody here is called zoe." in page
    assert "To commit it: owner, date, size and “closed when”." in page
    assert Action.objects.get().owner_text == "zoe"


def test_sent_twice_it_is_one_action_and_both_are_answered_alike(cast):
    fields = {"op": str(uuid.uuid4())}
    said = f"{url('event_actions', cast)}#action-"
    first, again = (line(cast, cast.scribe, "Once", fields=fields) for _ in range(2))
    assert first["Location"] == again["Location"] == f"{said}{Action.objects.get().pk}"
    page = line(cast, cast.scribe, "Once", fields=fields, **HTMX).content.decode()
    assert "Kept as proposed." in page
    assert reverse("action_take_back", args=[Action.objects.get().pk]) in page
    Action.objects.all().delete()  # taken back meanwhile
    assert line(cast, cast.scribe, "Once", fields=fields)["Location"] == url("event_actions", cast)
    assert not Action.objects.exists()


@pytest.mark.parametrize("extra", [{}, HTMX], ids=["page", "htmx"])
def test_a_wrong_line_keeps_what_was_typed(cast, extra):
    response = line(cast, cast.scribe, "Stop the tool", fields={"due_on": "31 Feb", "closed_when": "A test"}, **extra)
    page = response.content.decode()
    assert response.status_code == 422
    assert "Enter a day such as 17 Dec" in page
    assert all(words in page for words in ("Stop the tool", "31 Feb", "A test"))
    assert not Action.objects.exists()
    assert response.headers.get("HX-Retarget") == ("#action-line" if extra else None)


@pytest.mark.parametrize("extra", [{}, HTMX], ids=["page", "htmx"])
def test_asking_about_the_wording_keeps_nothing(cast, extra):
    before = Event.objects.get(pk=cast.event.pk).change_seq
    text = f"Improve monitoring. Participant by {day(14)}, S"
    response = line(cast, cast.participant, text, fields={"then": "check"}, **extra)
    page = response.content.decode()
    assert response.status_code == 200
    assert "“Improve monitoring” has no end" in page
    assert "Read from the line: owner, date and size" in page
    assert "What would have been on the screen" in page
    assert not Action.objects.exists()
    assert Event.objects.get(pk=cast.event.pk).change_seq == before


# --- The whole form -------------------------------------------------------------------------------------------------
def test_committing_names_each_gap_beside_its_field_and_keeps_the_words(cast):
    data = {"title": "Improve monitoring", "reference": "OPS-1", "then": "commit"}
    response = as_(cast.facilitator).post(url("action_add", cast), data)
    page = response.content.decode()
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"owner", "due_on", "size", "closed_when"}
    assert "Four things to fix before this action can be kept" in page
    assert "Improve monitoring" in page
    assert "OPS-1" in page
    assert not Action.objects.exists()


def test_a_participant_who_asks_to_commit_proposes(cast):
    data = {
        "title": "x",
        "owner": cast.participant.pk,
        "due_on": day(9),
        "size": "S",
        "closed_when": "y",
        "then": "commit",
    }
    assert as_(cast.participant).post(url("action_add", cast), data).status_code == 303
    assert Action.objects.get().status == "proposed"
    assert as_(cast.scribe).post(url("action_add", cast), data).status_code == 303
    assert Action.objects.last().status == "committed"


def test_a_parked_idea_is_taken_into_the_form(cast):
    note = RoomNote.objects.create(
        event=cast.event,
        step_slug="timeline",
        parked_for="actions",
        text="Let the hub lose its vote",
        created_by=cast.guest,
    )
    response = as_(cast.guest).get(url("action_add", cast), {"idea": note.pk})
    assert response.context["form"]["title"].value() == "Let the hub lose its vote"
    assert f'<input type="hidden" name="idea" value="{note.pk}">' in response.content.decode()


@pytest.mark.parametrize("place", ["action_add", "action_line"])
def test_an_idea_that_became_an_action_waits_no_more_until_that_is_taken_back(cast, place):
    text = {"step_slug": "timeline", "parked_for": "actions", "text": "Let the hub lose its vote"}
    note = RoomNote.objects.create(event=cast.event, created_by=cast.guest, **text)
    parked = lambda: [n.pk for n in as_(cast.scribe).get(url("event_actions", cast)).context["acts"]["parked"]]  # noqa: E731
    assert parked() == [note.pk]
    client = as_(cast.participant)
    client.post(url(place, cast), {"title": "Take the vote from the hub", "idea": note.pk})
    assert parked() == []
    assert Change.objects.latest("seq").topics == "actions,notes"
    client.post(reverse("action_take_back", args=[Action.objects.get().pk]))
    assert parked() == [note.pk]
    assert Change.objects.latest("seq").topics == "actions,notes"


# --- Not to act -----------------------------------------------------------------------------------------------------
def test_deciding_not_to_act_stands_in_the_list_with_its_reason(cast):
    client = as_(cast.scribe)
    assert client.post(url("action_none", cast), {"reason": " "}).status_code == 422
    response = client.post(
        url("action_none", cast), {"reason": "Once in ten years", "review_on": "2027-01-15"}, follow=True
    )
    page = response.content.decode()
    assert "Decided not to act" in page
    assert "Once in ten years</p>" in page
    assert '<p class="fine">To be looked at again on Fri 15 Jan 2027.</p>' in page
    assert Action.objects.get().status == "dropped"


def test_the_decision_names_what_it_is_about_and_leads_back_into_the_room_while_it_is_open(cast):
    factor = Factor.objects.create(event=cast.event, text="The status page has no owner at night", category="ownership")
    meeting.start(cast.event, by=cast.facilitator)
    client, address = as_(cast.scribe), url("action_none", cast)
    page = client.get(f"{address}?factor={factor.pk}").content.decode()
    assert "The status page has no owner at night" in page
    room = reverse("room_detail", args=[cast.event.code])
    assert f'href="{room}">Cancel' in page
    refused = client.post(address, {"reason": "", "factor": factor.pk})
    assert "The status page has no owner at night" in refused.content.decode()
    assert client.post(address, {"reason": "x", "factor": "no number"}).status_code == 422
    kept = client.post(address, {"reason": "It moves to another team", "factor": factor.pk}, follow=True)
    assert kept.redirect_chain == [(room, 303)]
    assert "Recorded. The review says so" in kept.content.decode()
