"""Pages of disputes: everybody who takes part adds a view, its author changes it, facilitator and scribe decide; and the room."""

import html
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.test import Client

from retros.document import markdown
from retros.document.build import build
from retros.document.tree import Moments
from retros.models import Dispute, Recollection, State, TimelineEntry
from retros.services import disputes, meeting
from retros.when import When
from tests.factories import START, make_entry

WHY = "The query log has it."


@pytest.fixture
def entry(cast: Any) -> TimelineEntry:
    return make_entry(cast.event, "The topology is wrong", minutes=10, created_by=cast.scribe)


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def url(cast: Any, path: str) -> str:
    return f"/e/{cast.event.code}/timeline/{path}"


def differently(cast: Any, entry: TimelineEntry, by: Any, **data: Any) -> Any:
    sent = {"source": "memory", "op": str(uuid.uuid4()), **data}
    return signed_in(by).post(url(cast, f"{entry.pk}/differently/"), sent)


def test_a_clock_past_midnight_is_of_the_day_after(cast, entry):
    differently(cast, entry, cast.participant, time="00:20")
    assert Recollection.objects.get(author=cast.participant).at == START + timedelta(hours=1, minutes=28)


def view(cast: Any, entry: TimelineEntry, by: Any = None, minutes: int = 15, **said: Any) -> Recollection:
    when = When(START + timedelta(minutes=minutes), 0, "exact")
    return disputes.remember(entry, by=by or cast.participant, when=when, **said)


def decide(cast: Any, dispute: Dispute, by: Any, **data: Any) -> Any:
    dispute.refresh_from_db()
    sent = {"version": dispute.version, "op": str(uuid.uuid4()), **data}
    return signed_in(by).post(url(cast, f"disputes/{dispute.pk}/"), sent)


def page(cast: Any, by: Any, path: str = "") -> str:
    return signed_in(by).get(url(cast, path)).content.decode()


# --- An own view ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("who", ["guest", "participant", "scribe", "facilitator"])
def test_whoever_takes_part_puts_a_view_beside_it_with_their_name(cast, entry, who):
    by = getattr(cast, who)
    answer = differently(cast, entry, by, time="about 23:07", note="I locked deploys at once.")
    assert answer.status_code == 303
    assert answer.url.endswith(f"?entry={entry.pk}#entry-{entry.pk}")
    shown = page(cast, cast.observer)
    assert "When was this?" in shown
    assert "about 23:07" in shown
    assert "I locked deploys at once." in shown
    assert f">{by.name}</span>" in shown
    assert "The topology is wrong" in shown


def test_a_view_can_be_about_the_order_or_a_fact(cast, entry):
    other = make_entry(cast.event, "Deploys are locked", minutes=15)
    differently(cast, entry, cast.guest, order="after", other=other.pk, text="The map was wrong, not the topology")
    row = Recollection.objects.get(is_original=False)
    assert (row.other, row.is_before, row.text) == (other, False, "The map was wrong, not the topology")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({}, "Say when it was, what came before or after it, or what happened instead."),
        ({"time": "25:99"}, "25:99 is no time of day"),
        ({"time": "12/05/2026"}, "can be read in two ways"),
        ({"order": "after"}, "Choose the moment that it came before or after."),
        ({"note": "only that"}, "Say when it was"),
    ],
)
def test_what_says_nothing_is_asked_again_with_what_was_typed(cast, entry, data, said):
    answer = differently(cast, entry, cast.guest, source_label="my notebook", **data)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert 'value="my notebook"' in answer.content.decode()
    assert not Dispute.objects.exists()


def test_a_moment_of_another_event_is_no_neighbour(cast, entry):
    other = make_entry(type(cast.event).objects.create(title="Other", started_at=START), "Elsewhere")
    answer = differently(cast, entry, cast.guest, order="after", other=other.pk)
    assert answer.status_code == 422
    assert "Elsewhere" not in answer.content.decode()
    assert not Dispute.objects.exists()


def test_the_author_changes_a_view_and_nobody_else_does(cast, entry):
    row = view(cast, entry, note="First thought")
    path = url(cast, f"views/{row.pk}/")
    assert "Change your view" in page(cast, cast.participant)
    assert "Change your view" not in page(cast, cast.facilitator)
    for other in (cast.guest, cast.facilitator):
        assert signed_in(other).post(path, {"time": "23:09"}).status_code == 403
    shown = signed_in(cast.participant).get(path).content.decode()
    assert 'value="21 Oct 2018, 23:07 Z"' in shown
    assert "First thought" in shown
    sent = {"time": "23:09", "note": "Second thought", "source": "memory", "version": 1}
    assert signed_in(cast.participant).post(path, sent).status_code == 303
    row.refresh_from_db()
    assert (row.at, row.note) == (START + timedelta(minutes=17), "Second thought")
    again = signed_in(cast.participant).post(path, {**sent, "note": "Third"})
    assert again.status_code == 409
    assert "Second thought" in again.content.decode()
    assert "Third" in again.content.decode()


def test_a_view_is_taken_back_and_brought_back(cast, entry):
    row = view(cast, entry)
    path = url(cast, f"views/{row.pk}/remove/")
    assert signed_in(cast.guest).post(path, {"removed": "yes"}).status_code == 403
    answer = signed_in(cast.participant).post(path, {"removed": "yes"})
    assert "When was this?" not in page(cast, cast.guest)
    undo = signed_in(cast.participant).get(answer.url).content.decode()
    assert "Your view is taken back" in undo
    signed_in(cast.participant).post(path, {})
    assert "When was this?" in page(cast, cast.guest)


# --- Deciding -------------------------------------------------------------------------------------------------------
def test_settling_says_who_and_why_and_the_old_view_stays_readable(cast, entry):
    row = view(cast, entry)
    assert decide(cast, row.dispute, cast.scribe, decision="settle", view=row.pk, reason=WHY).status_code == 303
    shown = page(cast, cast.guest)
    for words in ("Settled on 23:07", WHY, cast.scribe.name, "23:02", "As the timeline said"):
        assert words in shown
    assert "Settle on the chosen view" not in shown


def test_both_kept_left_for_the_room_and_opened_again(cast, entry):
    row = view(cast, entry)
    decide(cast, row.dispute, cast.facilitator, decision="leave")
    assert "Left for the room" in page(cast, cast.guest)
    decide(cast, row.dispute, cast.facilitator, decision="keep", reason="Nobody can know.")
    assert "Both views are kept" in page(cast, cast.guest)
    row.dispute.refresh_from_db()
    path = url(cast, f"disputes/{row.dispute_id}/reopen/")
    assert signed_in(cast.guest).post(path, {"version": row.dispute.version}).status_code == 403
    assert signed_in(cast.scribe).post(path, {"version": row.dispute.version}).status_code == 303
    assert "Disputed" in page(cast, cast.guest)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"decision": "settle", "reason": WHY}, "Choose the view to settle on."),
        ({"decision": "settle", "view": 999_999, "reason": WHY}, "Choose the view to settle on."),
        ({"decision": "keep"}, "Say why."),
    ],
)
def test_an_unfinished_decision_comes_back_with_what_was_typed(cast, entry, data, said):
    row = view(cast, entry)
    answer = decide(cast, row.dispute, cast.facilitator, **data)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert f"{data.get('reason', '')}</textarea>" in answer.content.decode()
    row.dispute.refresh_from_db()
    assert row.dispute.state == "open"


@pytest.mark.parametrize("is_room", [True, False])
def test_a_decision_on_views_that_moved_on_comes_back_with_all_of_them(cast, entry, is_room):
    row = view(cast, entry)
    stale = row.dispute.version
    view(cast, entry, by=cast.guest, minutes=16)
    answer = signed_in(cast.facilitator).post(
        url(cast, f"disputes/{row.dispute_id}/"),
        {"decision": "settle", "view": row.pk, "reason": WHY, "version": stale},
        headers={"HX-Request": "true"} if is_room else {},
    )
    assert answer.status_code == 409
    shown = answer.content.decode()
    for words in (
        "Look again, then decide",
        f"{WHY}</textarea>",
        f'value="{row.pk}" checked',
        "23:08",
        "Keep all three",
    ):
        assert words in shown
    row.dispute.refresh_from_db()
    assert f'name="version" value="{row.dispute.version}"' in shown
    assert row.dispute.state == "open"


@pytest.mark.parametrize("is_room", [True, False])
def test_words_for_what_somebody_else_decided_meanwhile_are_not_gone(cast, entry, is_room):
    row = view(cast, entry)
    stale = row.dispute.version
    decide(cast, row.dispute, cast.scribe, decision="keep", reason="Both were said", version=stale)
    answer = signed_in(cast.facilitator).post(
        url(cast, f"disputes/{row.dispute_id}/"),
        {"decision": "settle", "view": row.pk, "reason": "The log <has> it", "version": stale},
        headers={"HX-Request": "true"} if is_room else {},
    )
    assert answer.status_code == 409
    shown = answer.content.decode()
    assert "Your words are not kept: \u201cThe log &lt;has&gt; it\u201d" in shown
    assert "Both were said" in shown


def test_the_buttons_stand_for_those_who_decide_only(cast, entry):
    view(cast, entry)
    shown = page(cast, cast.guest)
    assert 'data-may="keep-notes"' in shown
    assert "may-keep-notes" not in shown.split("<main")[0]
    assert "may-keep-notes" in page(cast, cast.scribe).split("<main")[0]


def test_what_is_published_is_read_and_no_longer_disputed(cast, entry):
    view(cast, entry)
    type(cast.event).objects.filter(pk=cast.event.pk).update(state=State.PUBLISHED, published_at=START)
    shown = page(cast, cast.outsider)
    assert "When was this?" in shown
    assert "I remember it differently" not in shown


@pytest.mark.parametrize("size", [1, 3])
def test_the_timeline_shows_any_number_of_disputes_in_the_same_queries(cast, size, django_assert_num_queries):
    for minute in range(size):
        view(cast, make_entry(cast.event, minutes=minute, created_by=cast.scribe), minutes=30)
    client = signed_in(cast.facilitator)
    client.get(url(cast, ""))
    with django_assert_num_queries(12):
        client.get(url(cast, ""))


# --- The room and the document --------------------------------------------------------------------------------------
def in_room(cast: Any, entry: TimelineEntry) -> None:
    meeting.start(cast.event, by=cast.facilitator)
    for step in range(2):
        meeting.go(cast.event, by=cast.facilitator, from_rank=step, to_rank=step + 1)
    meeting.set_cursor(cast.event, by=cast.facilitator, entry=entry)


def test_the_room_shows_both_views_and_settles_them(cast, entry):
    row = view(cast, entry, note="I locked deploys at once.")
    in_room(cast, entry)
    shown = signed_in(cast.participant).get(f"/e/{cast.event.code}/room/").content.decode()
    for words in ("When was this?", "I locked deploys at once.", "I remember it differently", "?back=room"):
        assert words in shown
    row.dispute.refresh_from_db()
    sent = {"decision": "settle", "view": row.pk, "version": row.dispute.version}
    client, path = signed_in(cast.scribe), url(cast, f"disputes/{row.dispute_id}/")
    refused = client.post(path, sent, headers={"HX-Request": "true"})
    assert (refused.status_code, refused["HX-Retarget"]) == (422, f"#dispute-{row.dispute_id}")
    assert "Say why." in refused.content.decode()
    assert client.post(path, {**sent, "reason": WHY}, headers={"HX-Request": "true"}).status_code == 204
    assert "Settled on 23:07" in signed_in(cast.guest).get(f"/e/{cast.event.code}/room/").content.decode()


def test_a_view_from_the_room_leads_back_into_it(cast, entry):
    in_room(cast, entry)
    answer = differently(cast, entry, cast.guest, time="23:07", back="room")
    assert answer.url == f"/e/{cast.event.code}/room/"


def test_the_document_prints_both_views_until_they_are_settled(cast, entry):
    row = view(cast, entry, note="I locked deploys at once.")
    lines = markdown.render(build(cast.event)).splitlines()
    at = next(i for i, line in enumerate(lines) if "The topology is wrong" in line)
    assert lines[at + 1 : at + 4] == [
        "  - *Remembered differently, and not settled*",
        "  - As the timeline said: 23:02",
        "  - Participant: 23:07: I locked deploys at once.",
    ]
    decide(cast, row.dispute, cast.facilitator, decision="keep", reason="Nobody can know.")
    assert "  - *Both views are kept: Nobody can know.*\n  - As the timeline said: 23:02\n" in markdown.render(
        build(cast.event)
    )
    shown = signed_in(cast.guest).get(f"/e/{cast.event.code}/review/").content.decode()
    assert "Both views are kept: Nobody can know." in shown
    assert "23:07: I locked deploys at once." in shown


def test_the_document_says_in_short_that_a_moment_was_settled(cast, entry):
    row = view(cast, entry, note="I locked deploys at once.")
    decide(cast, row.dispute, cast.facilitator, decision="settle", view=row.pk, reason=WHY)
    text = markdown.render(build(cast.event))
    assert f"  - *Settled on 23:07: {WHY}*" in text
    assert "I locked deploys" not in text


def test_the_printed_page_has_both_views_and_a_settled_one_its_note(cast, entry):
    other = make_entry(cast.event, "Deploys are locked", minutes=20, created_by=cast.scribe)
    view(cast, entry, note="I locked deploys at once.")
    settled = view(cast, other, minutes=18)
    decide(cast, settled.dispute, cast.facilitator, decision="settle", view=settled.pk, reason=WHY)
    (section,) = [part for part in build(cast.event).sections if part.slug == "timeline"]
    (block,) = [block for block in section.blocks if isinstance(block, Moments)]
    page = html.unescape(render_to_string("document/_print_moments.html", {"block": block}))
    view_of_participant = "Participant: 23:07: I locked deploys at once."
    for words in ("Remembered differently, and not settled", view_of_participant, f"Settled on 23:10: {WHY}"):
        assert words in page
