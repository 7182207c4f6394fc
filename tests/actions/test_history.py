"""The history of an action in the reader's words and zone."""

from datetime import timedelta

import pytest

from aar_site import clock
from actions import history, services
from actions.models import Nudge, Reminder
from retros.models import Factor
from tests.factories import make_action, make_event, make_user


@pytest.fixture
def ines(db):
    return make_user("Ines")


def told(action, **more):
    return [(s.sentence, s.pairs, s.reason, s.who) for s in history.history(action, "UTC", **more)]


def test_from_proposal_to_effect_newest_first(ines):
    event, day = make_event(), clock.today() + timedelta(days=14)
    action = services.keep(event, by=ines, may_commit=False, title="Page the on-call", owner=ines, due_on=day, size="S")
    services.edit(action, by=ines, version=1, closed_when="A test page arrives.", then_commit=True)
    later = day + timedelta(days=7)
    services.redate(action, by=ines, due_on=later, reason="On call")
    services.close(action, by=ines, evidence="Build 418")

    def words(on):
        return f"{on.day} {on:%b %Y}"

    assert told(action) == [
        ("Done.", [], "Build 418", "Ines"),
        ("", [("Date", words(day), words(later))], "On call", "Ines"),
        ("Committed.", [("Closed when", "", "A test page arrives.")], "", "Ines"),
        (f"Proposed. Owner Ines, due {words(day)}, size S.", [], "", "Ines"),
    ]


def test_choices_are_told_by_their_labels(ines):
    action = make_action(make_event(), status="proposed")
    services.edit(action, by=ines, version=1, size="M", type="prevent", strength="stronger")
    assert told(action)[0][1] == [("Size", "", "M, days"), ("Type", "", "Prevent"), ("Strength", "", "Stronger")]


def test_who_cannot_open_the_event_does_not_read_its_factors(ines):
    event = make_event()
    text = "Sealed words, and as many of them as it takes to be longer than what a list of factors has room for"
    factor = Factor.objects.create(event=event, category="change", text=text, created_by=ines)
    action = make_action(event, status="proposed")
    services.edit(action, by=ines, version=1, factor=factor, size="S")
    assert text in str(told(action))
    assert "Sealed words" not in str(told(action, opens_event=False))


def test_a_rest_tells_the_split_it_came_from(ines):
    action = make_action(make_event(), "All hosts", owner=ines)
    _, rest = services.split(
        action,
        by=ines,
        title="Ten",
        closed_when="x",
        due_on=clock.today() + timedelta(days=20),
        rest_title="Others",
        version=1,
    )
    assert ("The rest is its own action", "", "Others") in told(rest)[0][1]
    assert told(rest)[0][0] == "Split."


def test_days_are_those_of_the_reader(ines):
    action = make_action(make_event(), owner=ines)
    services.start(action, by=ines)
    today = history.history(action, "UTC")[0]
    assert (today.ago, len(today.on)) == ("Today", 5)
    clock.move(timedelta(days=1))
    assert history.history(action, "UTC")[0].ago == "Yesterday"
    clock.move(timedelta(days=8))
    then = history.history(action, "UTC")[0]
    on = then.at.date()
    assert (then.ago, then.on) == (
        "9 days",
        f"{on.day} {on:%b}" + ("" if on.year == clock.today().year else f" {on.year}"),
    )


def test_one_query_for_any_history(ines, django_assert_num_queries):
    action = make_action(make_event(), owner=ines)
    for count in (1, 3):
        for _ in range(count):
            services.update(action, by=ines, note="x")
        with django_assert_num_queries(1):
            history.history(action, "UTC")


def test_who_was_told(ines):
    action = make_action(make_event(), owner=ines)
    reminder = Reminder.objects.create(person=ines, local_date=action.due_on)
    Nudge.objects.create(person=ines, action=action, due_on=action.due_on, level=30, reminder=reminder)
    assert [(t.on, t.who, t.words) for t in history.told(action)] == [(action.due_on, "Ines", "asked for a decision")]


@pytest.mark.parametrize(
    ("status", "late", "tag"),
    [("proposed", 0, ("off", "Proposed")), ("committed", -2, ("part", "Committed")), ("committed", 1, ("late", "1 day overdue")),
     ("in_progress", 30, ("late", "30 days overdue")), ("blocked", 0, ("now", "Blocked")), ("done", 9, ("ok", "Done")),
     ("dropped", 9, ("off", "Dropped"))],
)  # fmt: skip
def test_the_tag_of_a_row(ines, status, late, tag):
    extra = {"blocked_reason": "x"} if status == "blocked" else {}
    action = make_action(make_event(), status=status, **extra)
    today = action.due_on + timedelta(days=late) if action.due_on else clock.today()
    assert history.status_tag(action, today) == tag
