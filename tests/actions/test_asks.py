"""What one person is asked to do now: when it is asked, in which words, where its button leads, and when it is not asked."""

from datetime import timedelta
from typing import Any

import pytest

from aar_site import clock
from actions import asks
from actions.models import Action, Status
from retros.models import Event, Membership, Role, State
from retros.services import accounts
from tests.factories import make_account, make_action, make_event, make_member, make_team, make_user

DAY = timedelta(days=1)


def ahead(**span: float) -> Any:
    return clock.now() + timedelta(**span)


@pytest.fixture
def ines(db):
    return make_user("Ines")


def role(event: Event, user: Any, name: str = Role.PARTICIPANT, **extra: Any) -> Membership:
    return make_member(event, user, name, **extra)


def lead(user: Any, **extra: Any) -> asks.Task | None:
    """What an event of this kind asks of its facilitator."""
    extra.setdefault("ended_at", ahead(days=-1))
    extra.setdefault("started_at", ahead(days=-2))
    event = make_event("Forty-three seconds", facilitator=user, **extra)
    member = Membership.objects.get(event=event, user=user)
    return asks.lead_task(member, accounts.standings(event), user)


# --- Late reviews of a team --------------------------------------------------------------------------------------------
def late(title: str, team: Any, **extra: Any) -> Event:
    return make_event(title, team=team, started_at=ahead(days=-21), ended_at=ahead(days=-20), **extra)


def test_a_manager_sees_late_reviews_of_the_team_in_one_task(ines):
    team = make_team("Data", manager=ines)
    managed = [team.pk]
    late("One", team, facilitator=make_user())
    [task] = asks.late_reviews_tasks(ines, managed)
    assert (task.title, task.tag, task.shape) == ("The review of “One” is late", "Review due 6 days ago", "late")
    assert task.url == f"/events/?late=1&team={team.pk}"
    late("Two", team, state=State.DRAFT)
    [task] = asks.late_reviews_tasks(ines, managed)
    assert (task.title, task.tag) == ("Two reviews are late", "2 late")


def test_a_manager_is_not_told_twice_and_not_of_others(ines):
    team = make_team("Data", manager=ines)
    late("Led by Ines", team, facilitator=ines)
    late("Of another team", make_team("Net"))
    late("Published", team, state=State.PUBLISHED)
    make_event("In time", team=team, started_at=ahead(days=-2), ended_at=ahead(days=-1))
    assert asks.late_reviews_tasks(ines, [team.pk]) == []
    assert asks.late_reviews_tasks(ines, []) == []


@pytest.mark.parametrize("size", [1, 3])
def test_late_reviews_cost_one_query(ines, django_assert_num_queries, size):
    team = make_team("Data", manager=ines)
    for number in range(size):
        late(f"Review {number}", team)
    with django_assert_num_queries(1):
        assert len(asks.late_reviews_tasks(ines, [team.pk])) == 1


# --- Accounts ---------------------------------------------------------------------------------------------------------
def test_an_account_is_asked_for_until_its_deadline(ines):
    event = make_event("Forty-three seconds", accounts_due_at=ahead(days=3))
    task = asks.account_task(role(event, ines), None, ines)
    assert (task.title, task.go, task.shape) == ("Write what you saw in “Forty-three seconds”", "Write", "off")
    assert task.why.startswith("Until ")
    assert "Only you can read it" in task.why
    assert task.url == f"/e/{event.code}/account/"
    assert task.urgency == asks.SOON


def test_a_draft_is_gone_on_with_and_a_missed_deadline_is_late(ines):
    event = make_event(accounts_due_at=ahead(hours=-1))
    task = asks.account_task(role(event, ines), "draft", ines)
    assert (task.go, task.shape, task.urgency) == ("Go on writing", "late", asks.LATE)
    assert task.tag.startswith("Was due ")


@pytest.mark.parametrize("state", ["submitted", "declined"])
def test_who_has_answered_is_not_asked_again(ines, state):
    assert asks.account_task(role(make_event(accounts_due_at=ahead(days=3)), ines), state, ines) is None


def test_an_observer_writes_no_account_but_reads_once_they_are_open(ines):
    event = make_event("Forty-three seconds", meeting_at=ahead(days=2))
    observer = role(event, ines, Role.OBSERVER)
    assert asks.account_task(observer, None, ines) is None
    event.revealed_at = clock.now()
    task = asks.account_task(observer, None, ines)
    assert (task.title, task.url) == ("Read the accounts of “Forty-three seconds”", f"/e/{event.code}/read/")
    assert task.why.startswith("The room meets ")


@pytest.mark.parametrize("state", [State.MEETING, State.DRAFT, State.PUBLISHED])
def test_after_the_preparation_nothing_is_written(ines, state):
    assert asks.account_task(role(make_event(state=state), ines), None, ines) is None


# --- The room and the facilitator -------------------------------------------------------------------------------------
def test_an_open_room_comes_before_everything_late(ines):
    event = make_event("Forty-three seconds", state=State.MEETING)
    task = asks.room_task(role(event, ines))
    assert (task.title, task.why, task.url) == (
        "Join the room of “Forty-three seconds”",
        "You take part",
        f"/e/{event.code}/room/",
    )
    late = asks.Task(asks.LATE, clock.today() - 300 * DAY, "x", "late", "", "", "", "")
    assert (task.urgency, task.by) < (late.urgency, late.by)
    assert asks.room_task(role(make_event(), ines)) is None


def test_only_the_facilitator_is_asked_for_what_the_facilitator_does(ines):
    event = make_event(state=State.DRAFT)
    assert asks.lead_task(role(event, ines, Role.SCRIBE), [], ines) is None


def test_an_event_without_an_end_needs_one_first(ines):
    task = lead(ines, ended_at=None)
    assert (task.title, task.go, task.tag) == ("Say when “Forty-three seconds” ended", "Add the end", "No end yet")


@pytest.mark.parametrize(("severity", "shape"), [("sev1", "late"), ("sev4", "part")])
def test_the_meeting_belongs_within_five_days_of_a_serious_event_and_ten_of_another(ines, severity, shape):
    task = lead(ines, started_at=ahead(days=-8), ended_at=ahead(days=-7), severity=severity)
    assert task.title == "Set a time for the review of “Forty-three seconds”"
    assert task.shape == shape
    assert task.tag.startswith("Belonged by" if shape == "late" else "Belongs by")


def test_an_event_of_long_ago_is_asked_for_without_being_late(ines):
    long_ago = {"started_at": ahead(days=-3580), "ended_at": ahead(days=-3579)}
    task = lead(ines, **long_ago)
    assert (task.shape, task.tag, task.why) == ("part", "No time yet", "The event is long ago, so no day is too late")
    task = lead(ines, **long_ago, state=State.DRAFT)
    assert (task.shape, task.tag, task.why) == ("part", "Draft", "Its meeting is over")


def test_the_room_is_opened_from_a_quarter_of_an_hour_before(ines):
    assert lead(ines, meeting_at=ahead(minutes=14)).go == "Open the room"
    assert lead(ines, meeting_at=ahead(minutes=40)).go == "See what is ready"
    assert lead(ines, meeting_at=ahead(days=9)) is None


def test_after_the_deadline_the_accounts_are_opened_once(ines):
    task = lead(ines, meeting_at=ahead(days=1), accounts_due_at=ahead(hours=-1))
    assert (task.go, task.title) == ("Look and open", "Open the accounts of “Forty-three seconds”")
    task = lead(ines, meeting_at=ahead(days=1), accounts_due_at=ahead(hours=-1), revealed_at=clock.now())
    assert task.go == "See what is ready"


def test_missing_accounts_are_asked_for_by_name_while_few_are_missing(ines):
    event = make_event("Forty-three seconds", facilitator=ines, meeting_at=ahead(days=9), accounts_due_at=ahead(days=1))
    member = Membership.objects.get(event=event, user=ines)

    def task() -> asks.Task | None:
        return asks.lead_task(member, accounts.standings(event), ines)

    assert task() is None
    dele, hannah, marcus = make_user("Dele"), make_user("Hannah"), make_user("Marcus")
    for user in (dele, hannah, marcus):
        make_member(event, user)
    assert task().title == "Ask three people for what they saw"
    make_account(event, marcus)
    make_account(event, hannah, state="draft")
    assert (task().title, task().tag) == ("Ask Dele and Hannah for what they saw", "1 of 3 in")


@pytest.mark.parametrize(
    ("days", "shape", "tag"), [(-10, "part", "By "), (-15, "late", "Due "), (-14.1, "late", "Due ")]
)
def test_a_review_is_due_fourteen_days_after_its_event(ines, days, shape, tag):
    end = ahead(days=days)
    task = lead(ines, state=State.REVIEW, started_at=end - DAY, ended_at=end)
    assert (task.shape, task.go) == (shape, "Go to the review")
    assert task.tag.startswith(tag)


def test_reviews_that_nobody_leads_are_the_administrators_to_see(ines):
    event = make_event("Imported")
    make_event("Led", facilitator=make_user())
    make_event("Over", state=State.PUBLISHED)
    assert asks.leaderless_tasks(ines) == []
    (task,) = asks.leaderless_tasks(make_user("Ada", is_admin=True))
    assert (task.title, task.url) == ("Find a facilitator for “Imported”", f"/e/{event.code}/facilitator/")


# --- Actions ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("days", "tag", "go", "urgency"),
    [
        (8, None, None, None),
        (7, "Due ", "See where it stands", asks.SOON),
        (0, "Due today", "Close it", asks.TODAY),
        (-1, "1 day overdue", "Update or re-date", asks.LATE),
        (-29, "29 days overdue", "Update or re-date", asks.LATE),
        (-30, "30 days overdue", "Decide", asks.LATE),
    ],
)
def test_an_own_action_asks_from_a_week_before_and_for_a_decision_after_thirty_days(ines, days, tag, go, urgency):
    action = make_action(make_event("Search index"), "Rotate keys", owner=ines, due_on=clock.today() + days * DAY)
    found = asks.action_tasks([action], ines)
    if go is None:
        assert found == []
        return
    (task,) = found
    assert (task.go, task.urgency) == (go, urgency)
    assert task.tag.startswith(tag)
    assert task.why == "From “Search index” · size M"
    assert task.title == ("Decide: Rotate keys" if go == "Decide" else "Your action: Rotate keys")


def test_a_blocked_action_says_what_is_in_the_way(ines):
    action = make_action(
        make_event(), owner=ines, due_on=clock.today(), status=Status.BLOCKED, blocked_reason="No storage contract"
    )
    assert asks.action_tasks([action], ines)[0].why == "Blocked: No storage contract"


def test_the_effect_is_asked_about_between_thirty_and_ninety_days_after(ines):
    event = make_event()
    for days in (29, 31, 89, 91):
        make_action(event, f"{days} days", owner=ines, status=Status.DONE, closed_at=ahead(days=-days))
    make_action(event, "checked", owner=ines, status=Status.CHECKED, closed_at=ahead(days=-40))
    make_action(event, "somebody else’s", status=Status.DONE, closed_at=ahead(days=-40))
    titles = {task.title for task in asks.effect_tasks(asks.owned(ines), ines)}
    assert titles == {"Check the effect: 31 days", "Check the effect: 89 days"}


def test_what_lost_its_owner_is_for_the_teams_manager(ines):
    team, other = make_team(manager=ines), make_team()
    gone = make_user("Gone", is_active=False)
    action = make_action(make_event("Search index", team=team), "Rotate keys", owner=gone)
    make_action(make_event(team=other), "Elsewhere", owner=gone)
    make_action(make_event(team=team), "Owned", owner=make_user())
    make_action(make_event(team=team), "Closed", owner=gone, status=Status.DONE)
    (task,) = asks.unowned_tasks(ines, [team.pk])
    assert (task.title, task.url) == ("Find an owner: Rotate keys", f"/actions/{action.pk}/hand-over/")
    assert asks.unowned_tasks(ines, []) == []


def test_days_are_those_of_the_readers_calendar(ines):
    """In Kiritimati it is tomorrow already for fourteen hours of each day; what is due today there is not late there."""
    ines.time_zone = "Pacific/Kiritimati"
    action = make_action(make_event(), owner=ines, due_on=clock.today("Pacific/Kiritimati"))
    assert asks.action_tasks([action], ines)[0].tag == "Due today"
    ines.time_zone = "Pacific/Niue"
    behind = make_action(make_event(), owner=ines, due_on=clock.today("Pacific/Niue"))
    assert asks.action_tasks([behind], ines)[0].tag == "Due today"


def test_owned_leaves_out_what_is_proposed_dropped_or_somebody_elses(ines):
    event = make_event()
    mine = make_action(event, owner=ines)
    make_action(event, owner=ines, status=Status.PROPOSED)
    make_action(event, owner=ines, status=Status.DROPPED, closed_at=ahead(days=-40))
    make_action(event)
    assert asks.owned(ines) == [mine]
    assert Action.objects.count() == 4


# --- A new house ------------------------------------------------------------------------------------------------------
def test_the_first_administrator_is_led_step_by_step(db):
    ada = make_user("Ada", is_admin=True)

    def steps() -> list[tuple[str, str]]:
        return [(task.title, task.url) for task in asks.first_steps(ada)]

    team = ("Say who is in which team", "/settings/teams/add/")
    people, event = ("Add people", "/settings/people/add/"), ("Open your first event", "/events/new/")
    assert steps() == [team, people, event]
    member = make_user()
    assert steps() == [team, event]
    assert asks.first_steps(member) == []
    made = make_team()
    assert steps() == [event]
    made.delete()
    make_event()
    assert steps() == [], "who works without teams is not asked for ever"


def test_what_was_decided_against_is_looked_at_again_on_its_day(ines):
    event, today = make_event(), clock.today(ines.time_zone)
    dropped = {"status": "dropped", "created_by": ines}
    make_action(event, "Today", review_on=today, **dropped)
    make_action(event, "Later", review_on=today + timedelta(days=1), **dropped)
    make_action(event, "Somebody else's", review_on=today, status="dropped", created_by=make_user())
    (action,) = asks.owned(ines)
    (task,) = asks.effect_tasks([action], ines)
    assert (task.title, task.go, task.urgency) == ("Look again: Today", "Look again", asks.TODAY)
