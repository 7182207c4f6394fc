"""The list: who may know of what, where it stands, what is late, and at what cost."""

from datetime import UTC, datetime, timedelta

import pytest

from aar_site import clock
from retros.models import State
from retros.services import event_list
from tests.factories import make_cast, make_entry, make_event, make_member, make_team, make_user

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)


def ended(days: int, **extra):
    return make_event(started_at=NOW - timedelta(days=days, hours=1), ended_at=NOW - timedelta(days=days), **extra)


def titles(user, **extra) -> dict[str, list[str]]:
    return {
        state: [row.event.title for row in rows] for state, _, rows, _ in event_list.listing(user, **extra).sections
    }


def test_who_may_know_of_what(db):
    cast = make_cast()
    for who in ("facilitator", "participant", "observer", "guest"):
        assert titles(getattr(cast, who)) == {"preparing": ["Forty-three seconds"]}
    for who in ("manager", "admin"):
        row = event_list.listing(getattr(cast, who)).sections[0][2][0]
        assert (row.event.title, row.is_open, row.trace) == ("Forty-three seconds", False, None)
    assert titles(cast.outsider) == {}


def test_a_published_review_is_everybodys_unless_it_is_restricted_and_never_a_guests(db):
    make_event("open", state=State.PUBLISHED)
    make_event("restricted", state=State.PUBLISHED, is_restricted=True)
    assert titles(make_user()) == {"published": ["open"]}
    assert titles(make_user(is_guest=True)) == {}


def test_sections_stand_in_the_order_of_the_states_and_long_ones_are_cut(db):
    lead = make_user()
    for state in State:
        for _ in range(7):
            make_event(facilitator=lead, state=state, not_reviewed_reason="small")
    found = event_list.listing(lead)
    assert [(state, len(rows), left) for state, _, rows, left in found.sections] == [
        ("preparing", 7, 0), ("meeting", 7, 0), ("draft", 7, 0), ("review", 7, 0), ("published", 5, 2), ("not_reviewed", 5, 2),
    ]  # fmt: skip
    assert [left for *_, left in event_list.listing(lead, show_all=True).sections] == [0] * 6


def test_filters(db):
    lead, team = make_user(), make_team("Data")
    make_event("a", facilitator=lead, team=team)
    make_event("b", facilitator=lead, kind="launch")
    make_event("c", facilitator=lead, state=State.PUBLISHED, started_at=datetime(2025, 1, 1, tzinfo=UTC), ended_at=None)
    assert titles(lead, kind="launch") == {"preparing": ["b"]}
    assert titles(lead, team=team.pk) == {"preparing": ["a"]}
    assert titles(lead, year="2025")["published"] == ["c"]
    assert "published" not in titles(lead, year="2024")
    for nonsense in ({"kind": "x"}, {"year": "\u0662"}):
        assert titles(lead, **nonsense)["preparing"] == ["b", "a"]


@pytest.mark.parametrize(
    ("days", "extra", "late", "following"),
    [(3, {}, "", "Meeting by 2 Dec"), (6, {"severity": "sev1"}, "Meeting overdue", "Meeting by 24 Nov"),
     (6, {"severity": "sev1", "meeting_at": NOW + timedelta(days=1)}, "", "Meets on day 7"),
     (6, {"meeting_at": NOW + timedelta(days=1)}, "", "Meeting is set"),
     (3, {"state": "draft"}, "", "Publish by 6 Dec"), (15, {}, "Review due yesterday", "Meeting by 20 Nov"),
     (14, {"state": "review"}, "", "Publish by 25 Nov"), (20, {"state": "review"}, "Review due 6 days ago", "Publish by 19 Nov"),
     (400, {"state": "draft", "created_at": NOW - timedelta(days=400)}, "Review due in Nov 2025", "Publish by 4 Nov"),
     (20, {"state": "published"}, "", "Publish by 19 Nov")],
)  # fmt: skip
def test_what_is_late_and_what_comes_next(db, days, extra, late, following):
    event = ended(days, **extra)
    assert event_list.late_words(event) == late
    assert event_list.next_words(event) == following


@pytest.mark.parametrize(
    ("hours", "late"), [(1, "Review due today"), (20, "Review due yesterday"), (30, "Review due 2 days ago")]
)
def test_days_are_counted_on_a_calendar_as_the_tasks_of_the_first_page_are(db, monkeypatch, hours, late):
    event = make_event(state="draft", ended_at=datetime(2026, 11, 6, 22, 30, tzinfo=UTC))
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 11, 20, 22, 30, tzinfo=UTC) + timedelta(hours=hours))
    assert event_list.late_words(event) == late


def test_late_ones_can_be_seen_alone(db):
    lead = make_user()
    for title, days, more in (
        ("in time", 3, {}),
        ("late", 16, {}),
        ("late draft", 20, {"state": "draft", "held_at": NOW}),
    ):
        ended(days, title=title, facilitator=lead, **more)
    ended(30, title="published", state=State.PUBLISHED)
    assert titles(lead, late_only=True) == {"preparing": ["late"], "draft": ["late draft"]}
    found = event_list.listing(lead, late_only=True)
    assert (found.late, found.moving) == (2, 3)
    assert found.sections[1][2][0].held == "held 20 days after"


@pytest.mark.parametrize(
    ("days", "extra", "closing"),
    [(7, {}, False), (8, {}, True), (12, {}, True), (8, {"meeting_at": NOW + timedelta(days=1)}, False), (3, {"severity": "sev1"}, True),
     (11, {"state": "draft"}, False), (12, {"state": "draft"}, True), (30, {"state": "meeting"}, False)],
)  # fmt: skip
def test_a_window_that_closes_is_marked(db, days, extra, closing):
    lead = make_user()
    ended(days, facilitator=lead, **extra)
    [(_, _, [row], _)] = event_list.listing(lead).sections
    assert row.is_closing is closing


def test_an_event_without_an_end_is_not_late(db):
    event = make_event(started_at=NOW - timedelta(days=90), ended_at=None)
    assert (event_list.late_words(event), event_list.next_words(event)) == ("", "")


def test_the_headline_counts_what_moves_what_is_late_and_the_last_five(db):
    lead = make_user()
    for days in (3, 30):
        ended(days, facilitator=lead)
    for days in (5, 12, 20):
        ended(40, facilitator=lead, state=State.PUBLISHED, published_at=NOW - timedelta(days=40 - days))
    found = event_list.listing(lead)
    assert (found.moving, found.late, found.recent) == (2, 1, (2, 3))


def test_what_was_long_ago_when_it_was_opened_did_not_miss_its_day(db):
    lead = make_user()
    ended(40, facilitator=lead, state=State.PUBLISHED, published_at=NOW - timedelta(days=30))
    ended(400, facilitator=lead, state=State.PUBLISHED, published_at=NOW)
    assert event_list.listing(lead).recent == (1, 1)


@pytest.mark.parametrize("size", [1, 3])
def test_the_list_costs_the_same_for_any_size(db, django_assert_num_queries, size):
    lead = make_user()
    for state in State:
        for _ in range(size):
            event = make_event(facilitator=lead, state=state, not_reviewed_reason="small", team=make_team())
            make_member(event)
            make_entry(event)
            make_entry(event, minutes=5)
    with django_assert_num_queries(6):
        found = event_list.listing(lead)
        assert all(str(row.event.team) and row.when for _, _, rows, _ in found.sections for row in rows)
