"""One action in the browser: its page, its form, and every way in which it moves."""

import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from aar_site import clock
from aar_site.outbox.models import Message
from aar_site.people.models import User
from actions import services
from actions.models import Action, Status
from retros.models import Change, Factor
from tests.factories import make_action, make_user

HTMX = {"headers": {"HX-Request": "true"}}


def as_(user):
    client = Client()
    client.force_login(user)
    return client


def url(name, action, *more):
    return reverse(name, args=[action.pk, *more])


def move(user, action, slug, **fields):
    return as_(user).post(url("action_move", action, slug), fields)


def day(days):
    on = clock.today() + timedelta(days=days)
    return f"{on.day} {on:%b %Y}"


@pytest.fixture
def action(cast):
    due = clock.today() + timedelta(days=20)
    return make_action(cast.event, "Page the on-call", owner=cast.participant, due_on=due)


def offered(user, action):
    response = as_(user).get(url("action_detail", action))
    return [slug for slug, _ in (*response.context["moves"], *response.context["rarer"])]


# --- Its page -------------------------------------------------------------------------------------------------------
def test_each_sees_the_ways_that_are_open_to_them(cast, action):
    assert offered(cast.participant, action) == ["close", "start", "redate", "block", "split", "hand-over", "drop"]
    assert offered(cast.admin, action) == ["close", "start", "block"]
    assert offered(cast.scribe, action) == ["hand-over"]
    assert offered(cast.observer, action) == []
    assert offered(cast.facilitator, make_action(cast.event, status="proposed")) == ["drop"]  # nobody to take it from


@pytest.mark.parametrize(
    ("status", "ways"),
    [("proposed", ["hand-over", "drop"]), ("in_progress", ["close", "redate", "block", "split", "hand-over", "drop"]),
     ("blocked", ["unblock", "close", "redate", "block", "split", "hand-over", "drop"]), ("done", ["check", "reopen"]),
     ("checked", ["reopen"]), ("dropped", ["reopen"])],
)  # fmt: skip
def test_the_ways_of_each_state(cast, status, ways):
    extra = {"blocked_reason": "x"} if status == "blocked" else {}
    due = clock.today() + timedelta(days=20)
    action = make_action(cast.event, status=status, owner=cast.participant, due_on=due, **extra)
    assert offered(cast.facilitator, action) == ways


def test_an_owner_from_outside_reads_the_action_and_the_title_of_its_review_only(cast):
    owner = make_user("Outer")
    factor = Factor.objects.create(event=cast.event, category="change", text="Sealed words", created_by=cast.scribe)
    due = clock.today() + timedelta(days=9)
    action = services.keep(
        cast.event, by=cast.scribe, may_commit=True, title="Tell the vendor", owner=owner, due_on=due, size="S",
        closed_when="The ticket is linked.", factor=factor,
    )  # fmt: skip
    for name in ("action_detail", "action_edit"):
        page = as_(owner).get(url(name, action)).content.decode()
        assert "Forty-three seconds" in page
        assert "Sealed words" not in page
        assert f"/e/{cast.event.code}/" not in page
    assert "Sealed words" in as_(cast.observer).get(url("action_detail", action)).content.decode()


def test_an_imported_one_shows_the_source_s_words(cast):
    action = make_action(
        cast.event, status="proposed", owner_text="Database team", due_text="end of Q4", status_text="in flight"
    )
    page = as_(cast.observer).get(url("action_detail", action)).content.decode()
    assert "“Database team”" in page
    assert "Due “end of Q4”" in page
    assert "It came with the imported file, as “in flight”" in page


def test_its_page_costs_the_same_however_long_its_history(cast, action, django_assert_num_queries):
    client = as_(cast.participant)
    client.get(url("action_detail", action))  # what is remembered between requests is asked once
    for count in (1, 3):
        for _ in range(count):
            services.update(action, by=cast.participant, note="x")
        with django_assert_num_queries(9):
            client.get(url("action_detail", action))


def test_a_factor_that_was_removed_is_not_shown_until_it_is_back(cast, action):
    factor = Factor.objects.create(event=cast.event, category="design", text="One copy only", created_by=cast.scribe)
    Action.objects.filter(pk=action.pk).update(factor=factor)
    assert "One copy only" in as_(cast.participant).get(url("action_detail", action)).content.decode()
    Factor.objects.update(removed_at=clock.now())
    assert "One copy only" not in as_(cast.participant).get(url("action_detail", action)).content.decode()
    form = as_(cast.scribe).get(url("action_edit", action)).context["form"]
    assert form.initial["factor"] is None


# --- What it says ---------------------------------------------------------------------------------------------------
def test_an_imported_proposal_is_completed_and_committed(cast):
    action = make_action(cast.event, "Forbid it", status="proposed", owner_text="Database team", due_text="end of Q4")
    client = as_(cast.facilitator)
    response = client.post(url("action_edit", action), {"title": "Forbid it", "version": 1, "then": "commit"})
    assert response.status_code == 422
    assert "The source says “Database team”." in str(response.context["form"].errors["owner"])
    data = {"title": "Forbid it", "owner": cast.participant.pk, "due_on": day(9), "size": "S", "closed_when": "A test"}
    response = client.post(url("action_edit", action), {**data, "version": 1, "then": "commit"})
    assert response.status_code == 303
    assert Action.objects.get().status == "committed"


def test_somebody_was_quicker_and_both_texts_stand_there(cast):
    action = make_action(cast.event, "First", status="proposed")
    services.edit(action, by=cast.scribe, version=1, title="Theirs")
    response = as_(cast.facilitator).post(url("action_edit", action), {"title": "Mine", "version": 1})
    page = response.content.decode()
    assert response.status_code == 409
    assert "Theirs" in page
    assert "Mine" in page
    assert Action.objects.get().title == "Theirs"
    again = as_(cast.facilitator).post(
        url("action_edit", action), {"title": "Both", "version": response.context["version"]}
    )
    assert again.status_code == 303
    assert Action.objects.get().title == "Both"


def test_in_the_room_a_conflict_or_an_error_lands_in_its_own_form(cast):
    action = make_action(cast.event, "First", status="proposed")
    services.edit(action, by=cast.scribe, version=1, title="Theirs")
    client = as_(cast.facilitator)
    stale = client.post(url("action_edit", action), {"title": "Mine", "version": 1}, **HTMX)
    empty = client.post(url("action_edit", action), {"title": "", "version": 2}, **HTMX)
    assert (stale.status_code, empty.status_code) == (409, 422)
    for response in (stale, empty):
        assert response["HX-Retarget"] == f"#form-action-{action.pk}"
        assert f'id="form-action-{action.pk}"' in response.content.decode()
    kept = client.post(url("action_edit", action), {"title": "Kept", "version": 2}, **HTMX)
    assert 'id="part-actions"' in kept.content.decode()


def test_committing_in_the_list_and_what_is_missing_opens_the_form(cast, action):
    bare = make_action(cast.event, "Bare", status="proposed")
    response = as_(cast.scribe).post(url("action_commit", bare), **HTMX)
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"owner", "due_on", "size", "closed_when"}
    Action.objects.filter(pk=action.pk).update(status=Status.PROPOSED)
    op = {"op": str(uuid.uuid4())}
    for _ in range(2):
        response = as_(cast.scribe).post(url("action_commit", action), op, **HTMX)
        assert response.status_code == 200
    assert "Committed. Its owner is reminded" in response.content.decode()
    assert Action.objects.get(pk=action.pk).version == 2


def test_asking_about_the_wording_of_an_edit_keeps_nothing(cast, action):
    data = {"title": "Improve monitoring", "then": "check"}
    fragment = as_(cast.participant).post(url("action_edit", action), data, **HTMX).content.decode()
    page = as_(cast.participant).post(url("action_edit", action), data)
    assert "has no end" in fragment
    assert "<html" not in fragment
    assert page.status_code == 200
    assert "has no end" in page.content.decode()
    assert Action.objects.get(pk=action.pk).version == 1


def test_an_owner_from_outside_the_review_never_gets_its_list(cast):
    make_action(cast.event, "What only the review knows")
    action = make_action(cast.event, "First", status="proposed", owner=cast.outsider)
    client, page = as_(cast.outsider), url("action_detail", action)
    for fields in ({"title": "Mine", "owner": cast.outsider.pk, "version": 1}, {"use": "theirs"}):
        response = client.post(url("action_edit", action), fields, **HTMX)
        assert (response.status_code, response.get("Location")) == (303, page)
    assert Action.objects.get(pk=action.pk).title == "Mine"


def test_a_closed_one_has_no_form(cast):
    response = as_(cast.facilitator).get(url("action_edit", make_action(cast.event, status="done")))
    assert response.status_code == 409
    assert "This action is done now." in response.content.decode()


def test_the_writer_takes_a_slip_back(cast):
    action = services.keep(cast.event, by=cast.guest, may_commit=False, title="A slip")
    assert as_(cast.facilitator).post(url("action_take_back", action)).status_code == 403
    response = as_(cast.guest).post(url("action_take_back", action), **HTMX)
    assert "Taken back." in response.content.decode()
    assert not Action.objects.exists()


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_taken_back_twice_by_a_double_press_is_answered_alike(cast, headers):
    action = services.keep(cast.event, by=cast.guest, may_commit=False, title="A slip")
    press = {"op": str(uuid.uuid4())}
    first, second = (as_(cast.guest).post(url("action_take_back", action), press, **headers) for _ in range(2))
    assert (second.status_code, second.content, second.get("Location")) == (
        first.status_code, first.content, first.get("Location"),
    )  # fmt: skip
    assert not Action.objects.exists()
    assert as_(cast.participant).post(url("action_take_back", action), press, **headers).status_code == 404


@pytest.mark.parametrize(
    ("slug", "fields"), [("close", {"evidence": "Build 418"}), ("hand-over", {"owner": "guest"})]
)  # fmt: skip
def test_a_move_pressed_twice_is_one_and_answered_alike(cast, action, slug, fields):
    fields = {name: cast.guest.pk if value == "guest" else value for name, value in fields.items()}
    press = {**fields, "op": str(uuid.uuid4())}
    for _ in range(2):
        response = as_(cast.participant).post(url("action_move", action, slug), press)
        assert (response.status_code, response["Location"]) == (303, url("action_detail", action))
    assert Change.objects.filter(subject=f"action:{action.pk}").count() == 1


def test_handed_out_of_sight_it_leads_back_to_the_list(cast):
    due = clock.today() + timedelta(days=20)
    action = make_action(cast.event, owner=cast.outsider, due_on=due)
    response = move(cast.outsider, action, "hand-over", owner=cast.admin.pk)
    assert (response.status_code, response["Location"]) == (303, reverse("action_list"))
    assert as_(cast.outsider).get(response["Location"]).status_code == 200


# --- Ways to move ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("slug", "fields", "status"),
    [("start", {}, "in_progress"), ("block", {"reason": "No rack"}, "blocked"), ("close", {"evidence": "Build 418"}, "done"),
     ("drop", {"reason": "Service is gone"}, "dropped"), ("update", {"note": "Half done"}, "committed")],
)  # fmt: skip
def test_each_way_leads_to_its_state_and_stands_in_the_history(cast, action, slug, fields, status):
    response = as_(cast.participant).post(url("action_move", action, slug), fields, follow=True)
    assert response.redirect_chain == [(url("action_detail", action), 303)]
    assert Action.objects.get(pk=action.pk).status == status
    page = response.content.decode()
    assert all(words in page for words in fields.values())


@pytest.mark.parametrize("slug", ["block", "close", "drop", "redate", "split", "hand-over", "update"])
def test_left_empty_it_says_what_it_needs_and_changes_nothing(cast, action, slug):
    response = move(cast.participant, action, slug)
    assert response.status_code == 422
    assert response.context["form"].errors
    assert "This field is required" not in response.content.decode()
    assert Action.objects.get(pk=action.pk).version == 1


def test_what_a_rule_refuses_stands_above_the_form_with_what_was_typed(cast, action):
    same = f"{action.due_on.day} {action.due_on:%b %Y}"
    response = move(cast.participant, action, "redate", due_on=same, reason="On call for weeks")
    page = response.content.decode()
    assert response.status_code == 409
    assert "That is the date it has" in page
    assert "On call for weeks" in page


def test_a_new_date_is_counted_and_its_reason_read(cast, action):
    assert move(cast.participant, action, "redate", due_on=day(30), reason="On call").status_code == 303
    page = as_(cast.observer).get(url("action_detail", action)).content.decode()
    assert "Re-dated once" in page
    assert "“On call”" in page


def test_the_new_owner_is_mailed_and_may_now_move_it(cast, action):
    assert move(cast.facilitator, action, "hand-over", owner=cast.guest.pk, reason="Knows it").status_code == 303
    assert list(Message.objects.values_list("kind", "person")) == [("handed_over", cast.guest.pk)]
    assert move(cast.guest, action, "start").status_code == 303
    assert move(cast.participant, action, "close", evidence="x").status_code == 403


def test_a_split_leaves_two(cast, action):
    data = {"title": "Ten hosts", "closed_when": "Ten are listed", "due_on": day(10), "rest_title": "The others"}
    assert move(cast.participant, action, "split", **data).status_code == 303
    assert list(Action.objects.values_list("title", "status")) == [
        ("Ten hosts", "committed"),
        ("The others", "proposed"),
    ]


def test_a_split_that_somebody_was_quicker_than_shows_both_texts_and_makes_no_second_rest(cast, action):
    form = as_(cast.participant).get(url("action_move", action, "split")).context["form"]
    assert form["version"].value() == 1
    services.split(action, by=cast.facilitator, title="Theirs", closed_when="Five are listed", due_on=action.due_on,
        rest_title="Their rest", version=1)  # fmt: skip
    mine = {"title": "Mine", "closed_when": "Ten are listed", "due_on": day(10), "rest_title": "My rest"}
    response = move(cast.participant, action, "split", **mine, version=1)
    page = response.content.decode()
    assert response.status_code == 409
    assert [
        words for words in (*mine.values(), "Theirs", "Five are listed", "split it again") if words not in page
    ] == []
    assert list(Action.objects.values_list("title", flat=True)) == ["Theirs", "Their rest"]
    theirs = move(cast.participant, action, "split", **mine, version=1, use="theirs")
    assert (theirs.status_code, theirs["Location"]) == (303, url("action_detail", action))
    assert Action.objects.count() == 2
    again = move(cast.participant, action, "split", **mine, version=response.context["form"]["version"].value())
    assert again.status_code == 303
    assert list(Action.objects.values_list("title", flat=True)) == ["Mine", "Their rest", "My rest"]
    history = as_(cast.participant).get(url("action_detail", action)).content.decode()
    assert "Five are listed" in history


def test_opening_one_again_whose_date_has_passed_asks_for_another(cast, action):
    move(cast.participant, action, "close", evidence="Build 418")
    clock.move(timedelta(days=31))
    response = move(cast.participant, action, "reopen", reason="It happened again")
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"due_on"}
    assert "It happened again" in response.content.decode()
    assert move(cast.participant, action, "reopen", reason="It happened again", due_on=day(9)).status_code == 303


def test_an_owner_who_left_is_named_with_it_while_the_action_is_open(cast, action):
    page = url("action_detail", action)
    assert "Cannot sign in any more" not in as_(cast.manager).get(page).content.decode()
    User.objects.filter(pk=cast.participant.pk).update(is_active=False)
    assert "Cannot sign in any more" in as_(cast.manager).get(page).content.decode()
    type(action).objects.filter(pk=action.pk).update(status="dropped", drop_reason="Not missed", closed_at=clock.now())
    assert "Cannot sign in any more" not in as_(cast.manager).get(page).content.decode()


def test_opening_one_again_whose_owner_left_asks_for_another(cast, action):
    move(cast.participant, action, "close", evidence="Build 418")
    assert "owner" not in as_(cast.manager).get(url("action_move", action, "reopen")).context["form"].fields
    User.objects.filter(pk=cast.participant.pk).update(is_active=False)
    response = move(cast.manager, action, "reopen", reason="It happened again")
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"owner"}
    assert "Participant cannot sign in any more." in response.content.decode()
    assert move(cast.manager, action, "reopen", reason="It happened again", owner=cast.guest.pk).status_code == 422
    assert move(cast.manager, action, "reopen", reason="It happened again", owner=cast.outsider.pk).status_code == 303
    action.refresh_from_db()
    assert (action.status, action.owner) == ("committed", cast.outsider)


def test_the_effect_is_checked_after_thirty_days_not_before(cast, action):
    move(cast.participant, action, "close", evidence="Build 418")
    assert offered(cast.participant, action) == ["reopen"]
    assert move(cast.participant, action, "check", note="Paged twice").status_code == 409
    clock.move(timedelta(days=30))
    assert offered(cast.participant, action) == ["check", "reopen"]
    assert move(cast.participant, action, "check", note="Paged twice").status_code == 303
    assert Action.objects.get(pk=action.pk).status == "checked"


def test_a_way_that_is_closed_or_unknown(cast, action):
    response = as_(cast.participant).get(url("action_move", action, "unblock"))
    assert response.status_code == 409
    assert "This action is committed now. Its page says what can be done." in response.content.decode()
    assert as_(cast.participant).get(url("action_move", action, "paint")).status_code == 404
    assert Action.objects.get(pk=action.pk).version == 1


# --- Thirty days on -------------------------------------------------------------------------------------------------
def test_thirty_days_on_a_decision_is_asked_for_with_four_ways_out(cast, action):
    Action.objects.filter(pk=action.pk).update(due_on=clock.today() - timedelta(days=29))
    assert "needs a decision" not in as_(cast.participant).get(url("action_detail", action)).content.decode()
    Action.objects.filter(pk=action.pk).update(due_on=clock.today() - timedelta(days=30))
    page = as_(cast.participant).get(url("action_detail", action)).content.decode()
    assert "Four ways out." in page
    assert page.count("/decide/?way=") == 4
    decide = as_(cast.participant).get(url("action_decide", action), {"way": "split"})
    assert decide.context["slug"] == "split"
    assert f'action="{url("action_move", action, "split")}"' in decide.content.decode()
    assert as_(cast.participant).get(url("action_decide", action), {"way": "x"}).context["slug"] == "redate"
    assert [slug for slug, _ in as_(cast.admin).get(url("action_decide", action)).context["ways"]] == ["close", "block"]


def test_decided_already_the_link_of_the_mail_leads_to_its_page(cast, action):
    move(cast.participant, action, "drop", reason="Gone")
    response = as_(cast.participant).get(url("action_decide", action), follow=True)
    assert response.redirect_chain == [(url("action_detail", action), 303)]
    assert "Gone" in response.content.decode()
