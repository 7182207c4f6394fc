"""The section 'Action items' in the document, the gate, the room and the page on which a review is prepared."""

from datetime import date, timedelta

import pytest
from django.template.loader import render_to_string

from aar_site import clock
from actions import sections, services
from retros.document import markdown, tree
from retros.models import Event, Factor, RoomNote, WhyNode
from tests.factories import make_action, make_event, make_team, make_user


@pytest.fixture
def event(db):
    return make_event("Now", team=make_team(), severity="sev1")


def park(event, text="Let the hub lose its vote"):
    return RoomNote.objects.create(
        event=event, step_slug="timeline", parked_for="actions", text=text, created_by=make_user("Yuki")
    )


def slugs(event):
    return [finding.slug for finding in sections.gate(event)]


# --- Document and gate ----------------------------------------------------------------------------------------------
def test_a_row_names_owner_day_and_status(event):
    make_action(event, "Page the on-call", owner=make_user("Femi"), type="detect")
    (table,) = [block for block in sections.build(event) if isinstance(block, tree.Table)]
    (row,) = table.rows
    assert row[0].startswith("Page the on-call")
    assert row[1:] == ["Femi", "2026-12-04", "Detect", "Committed"]


def test_a_decision_not_to_act_says_why_and_until_when(event):
    services.decide_not_to_act(event, by=make_user(), reason="Once in ten years", review_on=date(2027, 1, 15))
    (table,) = [block for block in sections.build(event) if isinstance(block, tree.Table)]
    assert table.rows[0][0].split("\n")[1:] == ["Because: Once in ten years", "To be looked at again on: 2027-01-15"]


def test_a_review_without_actions_says_so_and_where_to_add_one(event):
    assert any(isinstance(block, tree.Missing) for block in sections.build(event))


def test_the_gate_advises_and_never_blocks(event):
    assert slugs(event) == ["actions-none"]
    make_action(event, strength="weaker")
    assert slugs(event) == ["actions-weaker"]
    make_action(event, status="proposed")
    assert slugs(event) == ["actions-weaker", "actions-proposed"]
    make_action(event, strength="stronger")
    assert slugs(event) == ["actions-proposed"]
    assert not any(finding.blocks for finding in sections.gate(event))


def test_a_decision_not_to_act_is_enough_for_the_gate(event):
    make_action(event, status="dropped")
    assert slugs(event) == []


def test_the_tab_counts_what_is_not_closed(event):
    assert sections.open_count(event) is None
    make_action(event)
    make_action(event, status="proposed")
    make_action(event, status="done")
    assert sections.open_count(event) == 2


# --- The room -------------------------------------------------------------------------------------------------------
def test_the_room_shows_carried_first_then_parked_then_new(event):
    today = clock.today()
    earlier = make_event("Earlier", state="published", team=event.team)
    make_action(earlier, "Old promise", due_on=today - timedelta(days=3), redated_count=2)
    make_action(event, "New promise", due_on=today + timedelta(days=20))
    make_action(event, "Bare idea", status="proposed")
    make_action(event, "Given up", status="dropped")
    park(event)
    found = sections.room_context(event)
    assert found["counts"] == "1 carried over, 1 committed, 1 proposed, 1 dropped"
    (carried,) = found["carried"]
    assert (carried["due"], carried["late"], carried["redated"]) == ("3 days overdue", True, "re-dated twice")
    assert [row["words"] for row in found["rows"]] == ["Committed", "Proposed", "Dropped"]
    assert found["rows"][1]["missing"] == "owner, date, size and “closed when”"
    page = render_to_string("actions/_actions.html", {"event": event, "acts": found})
    places = [page.index(words) for words in ("Old promise", "Let the hub lose its vote", "New promise", "Bare idea")]
    assert places == sorted(places)


def test_a_complete_proposal_can_be_committed(event):
    make_action(
        event, status="proposed", owner=make_user(), due_on=clock.today() + timedelta(days=9), size="S", closed_when="x"
    )
    (row,) = sections.room_context(event)["rows"]
    assert (row["words"], row["missing"]) == ("Can be committed", "")


def test_a_published_review_shows_its_own_actions_only(event):
    make_action(make_event("Earlier", state="published", team=event.team))
    park(event)
    Event.objects.filter(pk=event.pk).update(state="published", published_at=event.ended_at)
    event.refresh_from_db()
    found = sections.room_context(event)
    assert (found["carried"], found["parked"], found["counts"]) == ([], [], "")


def test_what_the_room_pushes_is_the_same_bytes_for_everybody(event):
    make_action(event)
    make_action(event, status="proposed")
    pages = {
        render_to_string("actions/_room_actions.html", {"event": event, "part": sections.room_context(event)})
        for _ in range(2)
    }
    (page,) = pages
    assert "csrfmiddlewaretoken" not in page
    assert 'name="op" value=""' in page
    assert 'name="op" value="' not in page.replace('name="op" value=""', "")


def test_the_room_costs_the_same_for_one_and_three(event, django_assert_num_queries):
    for count in (1, 3):
        for _ in range(count):
            make_action(event, owner=make_user())
            make_action(make_event(state="published", team=event.team))
            park(event)
        with django_assert_num_queries(12):
            render_to_string("actions/_room_actions.html", {"event": event, "part": sections.room_context(event)})


def test_opening_and_aside_name_what_comes_up_again(event):
    earlier = make_event("Search index rebuilt twice", state="published", team=event.team)
    make_action(earlier, "Alert on failover", owner=make_user("Ines"), due_on=clock.today() - timedelta(days=3))
    opening = render_to_string("actions/_carried_opening.html", sections.opening_context(event))
    assert "Still open from earlier reviews" in opening
    assert "3 days overdue" in opening
    guest, member = make_user(is_guest=True), make_user()
    links = [
        render_to_string("actions/_carried_aside.html", {**sections.aside_context(event, u), "user": u}).count("<a ")
        for u in (guest, member)
    ]
    assert links == [0, 1]


def test_nothing_is_drawn_where_nothing_comes_up(event):
    assert render_to_string("actions/_carried_opening.html", sections.opening_context(event)).strip() == ""
    assert "<section" not in render_to_string("actions/_carried_aside.html", sections.aside_context(event, None))


def test_on_the_page_a_row_leads_to_its_action_and_a_date_stays_whole(event):
    action = make_action(event, "Alert on failover", due_on=date(2026, 12, 4))
    (table,) = sections.build(event)
    page = render_to_string("document/_table.html", {"block": table})
    assert f'<td><a href="/actions/{action.pk}/">Alert on failover</a>' in page
    assert "<td><time>2026-12-04</time></td>" in page
    exported = render_to_string("document/_print_table.html", {"block": table}) + "".join(markdown._block(table, 2))
    assert "/actions/" not in exported
    bare = render_to_string("document/_table.html", {"block": tree.Table(table.head, table.rows)})
    assert "<b>Alert on failover</b>" in bare, "published before rows led anywhere"


# --- What nothing answers yet -----------------------------------------------------------------------------------------
def test_causes_and_factors_without_an_answer_are_open_ends(event):
    cause = WhyNode.objects.create(event=event, text="Quorum counts the hub", is_root_cause=True)
    WhyNode.objects.create(event=event, text="A step on the way", rank=1)
    factor = Factor.objects.create(event=event, category="diagnosis", text="Flat lag looks like late metrics")
    Factor.objects.create(event=event, category="helped", text="Webhooks could be paused")
    assert [end["text"] for end in sections.open_ends(event)] == [cause.text, factor.text]
    said = "actions/_open_ends.html"
    assert "Nothing answers 2 causes and factors yet" in render_to_string(
        said, {"event": event, "acts": sections.room_context(event)}
    )
    make_action(event, cause=cause)
    titles = [finding.title for finding in sections.gate(event)]
    assert "One factor has no action" in titles
    second = Factor.objects.create(event=event, category="process", text="Nobody saw the queue grow", rank=9)
    assert "2 factors have no action" in [finding.title for finding in sections.gate(event)]
    assert "Nothing answers 2 factors yet" in render_to_string(
        said, {"event": event, "acts": sections.room_context(event)}
    )
    second.delete()
    assert "Nothing answers one factor yet" in render_to_string(
        said, {"event": event, "acts": sections.room_context(event)}
    )
    make_action(event, status="dropped", factor=factor)  # a decision against is an answer
    assert sections.open_ends(event) == []
    assert "actions-open-ends" not in slugs(event)


def test_the_mix_of_strengths_asks_where_all_depends_on_memory(event):
    make_action(event, strength="weaker")
    make_action(event, strength="weaker")
    assert sections.room_context(event)["strengths"] == (
        "By strength: two weaker. Each of them depends on somebody remembering: what would work without?"
    )
    make_action(event, strength="stronger")
    assert sections.room_context(event)["strengths"] == "By strength: one stronger, two weaker."


def test_a_proposal_says_at_each_gap_how_to_close_it(event):
    action = make_action(event, "Bare", status="proposed")
    page = render_to_string("actions/_actions.html", {"event": event, "acts": sections.room_context(event)})
    for field, words in (
        ("owner", "Add the owner"),
        ("due_on", "Add the date"),
        ("closed_when", "Say when it is closed"),
    ):
        assert f"/actions/{action.pk}/form/?field={field}" in page
        assert words in page
    make_action(event, "Past", status="proposed", due_on=clock.today() - timedelta(days=1))
    page = render_to_string("actions/_actions.html", {"event": event, "acts": sections.room_context(event)})
    assert "Change the date" in page  # it has one, and it has passed
