"""Pages of the timeline and of people over HTTP: adding, conflicts with both texts, removal and undo, filters, pages, cost."""

import re
from typing import Any

import pytest
from django.test import Client

from retros.models import Membership, TimelineEntry
from retros.services import timeline_rows
from tests.factories import make_entry, make_member, make_user

TYPED = {"time": "23:02", "text": "Alerts ring", "source": "log"}


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def address(cast: Any, part: str = "") -> str:
    return f"/e/{cast.event.code}/timeline/{part}"


def page(cast: Any, who: str = "scribe", part: str = "") -> str:
    return client_of(getattr(cast, who)).get(address(cast, part)).content.decode()


def test_a_moment_is_added_where_the_reader_lands(cast):
    answer = client_of(cast.participant).post(address(cast, "add/"), TYPED)
    entry = TimelineEntry.objects.get()
    assert answer["Location"] == address(cast, f"?entry={entry.pk}#entry-{entry.pk}")
    assert entry.created_by == cast.participant


def test_what_is_wrong_keeps_what_was_typed(cast):
    answer = client_of(cast.scribe).post(address(cast, "add/"), {**TYPED, "time": "25:02", "raw": "quoted"})
    shown = answer.content.decode()
    assert answer.status_code == 422
    assert "25:02 is no time of day" in shown
    assert 'value="25:02"' in shown
    assert "Alerts ring</textarea>" in shown
    assert not TimelineEntry.objects.exists()


def test_the_form_opens_on_demand_with_the_landmark_that_was_asked_for(cast):
    assert 'name="time"' not in page(cast)
    assert "autofocus" in page(cast, part="?add=1")
    assert re.search(r'value="acknowledged"\s+selected', page(cast, part="?mark=acknowledged"))
    assert 'name="time"' not in page(cast, "observer", "?add=1")


def test_a_conflict_shows_both_texts_and_the_next_try_is_kept(cast):
    entry = make_entry(cast.event, "As it was", source="log")
    client, edit = client_of(cast.scribe), address(cast, f"{entry.pk}/")
    client.post(edit, {**TYPED, "text": "Theirs", "version": "1"})
    answer = client.post(edit, {**TYPED, "text": "Mine", "version": "1"})
    shown = answer.content.decode()
    assert answer.status_code == 409
    assert "Mine</textarea>" in shown
    assert '<dd class="serif">Theirs</dd>' in shown
    assert 'name="version" value="2"' in shown
    client.post(edit, {**TYPED, "text": "Mine", "version": "2"})
    entry.refresh_from_db()
    assert entry.text == "Mine"
    assert "Words before: Theirs" in client.get(edit).content.decode()


def test_a_participant_edits_the_own_moments_only(cast):
    own = make_entry(cast.event, "own", created_by=cast.participant)
    other = make_entry(cast.event, "other", created_by=cast.scribe)
    client = client_of(cast.participant)
    assert client.get(address(cast, f"{own.pk}/")).status_code == 200
    assert client.get(address(cast, f"{other.pk}/")).status_code == 403
    assert client.post(address(cast, f"{other.pk}/remove/")).status_code == 403
    shown = page(cast, "participant")
    assert f"/timeline/{own.pk}/" in shown
    assert f"/timeline/{other.pk}/" not in shown


def test_removed_is_said_and_undone(cast):
    entry = make_entry(cast.event, "Alerts ring")
    client = client_of(cast.scribe)
    shown = client.post(address(cast, f"{entry.pk}/remove/"), follow=True).content.decode()
    assert "Removed: \u201cAlerts ring\u201d" in shown
    assert f'id="entry-{entry.pk}"' not in shown
    client.post(address(cast, f"{entry.pk}/restore/"))
    again = page(cast, part=f"?removed={entry.pk}")
    assert f'id="entry-{entry.pk}"' in again
    assert "Removed:" not in again


def test_marks_order_and_zero(cast):
    first, second = make_entry(cast.event, "first"), make_entry(cast.event, "second", rank=1)
    client = client_of(cast.scribe)
    client.post(address(cast, f"{second.pk}/key/"), {"is_key": "yes"})
    client.post(address(cast, f"{second.pk}/move/"), {"way": "up"})
    client.post(address(cast, f"{second.pk}/t-zero/"))
    shown = page(cast)
    assert shown.index("second") < shown.index(">first<")
    assert '<li class="key" id="entry-' in shown
    assert "Somebody chose it" in shown
    client.post(address(cast, f"{second.pk}/t-zero/"), {"reset": "yes"})
    assert "Somebody chose it" not in page(cast)
    assert first.pk != second.pk


def test_filters_and_pages_are_links(cast, monkeypatch):
    monkeypatch.setattr(timeline_rows, "PAGE", 2)
    rows = [make_entry(cast.event, f"moment-{n}", minutes=n, is_key=n == 2) for n in range(5)]
    shown = page(cast)
    assert ("moment-1" in shown, "moment-2" in shown) == (True, False)
    assert "moment-4" in page(cast, part="?page=3")
    assert "moment-4" in page(cast, part="?page=99")
    assert "moment-2" in page(cast, part=f"?entry={rows[2].pk}")
    key = page(cast, part="?show=key")
    assert ("moment-2" in key, "moment-1" in key) == (True, False)


def test_what_people_wrote_is_shown_not_run(cast):
    make_entry(
        cast.event,
        "<script>alert(1)</script>",
        source_label="<b>",
        raw="<img src=x>",
        source_url="https://x.example/?a=1&b=2",
    )
    shown = page(cast)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown
    assert "<img src=x>" not in shown
    assert 'rel="noopener noreferrer nofollow' in shown


@pytest.mark.parametrize("size", [1, 3])
def test_the_timeline_costs_the_same_at_any_size(cast, django_assert_num_queries, size):
    for n in range(size):
        make_entry(cast.event, minutes=n, raw="quoted", created_by=make_user())
    client = client_of(cast.scribe)
    client.get(address(cast))
    with django_assert_num_queries(7):
        assert b"quoted" in client.get(address(cast)).content


# --- People -----------------------------------------------------------------------------------------------------------
def test_a_person_is_added_changed_and_taken_out(cast):
    client, people = client_of(cast.facilitator), f"/e/{cast.event.code}/people/"
    new = make_user("Femi <b>A</b>")
    client.post(people + "add/", {"user": new.pk, "role": "participant", "was_involved": "on"})
    row = Membership.objects.get(event=cast.event, user=new)
    assert "Femi &lt;b&gt;A&lt;/b&gt;" in client.get(people).content.decode()
    taken = client.post(f"{people}{row.pk}/", {"role": "scribe", "role_in_event": "on call"})
    assert taken.status_code == 422
    assert "There is a scribe already" in taken.content.decode()
    assert 'value="on call"' in taken.content.decode()
    client.post(f"{people}{row.pk}/remove/")
    assert not Membership.objects.filter(pk=row.pk).exists()


def test_who_is_in_another_review_is_not_reached_from_this_one(cast):
    foreign = make_member(cast.event.__class__.objects.create(title="Other"))
    client = client_of(cast.facilitator)
    assert client.post(f"/e/{cast.event.code}/people/{foreign.pk}/remove/").status_code == 404
    assert Membership.objects.filter(pk=foreign.pk).exists()


def test_the_last_facilitator_stays(cast):
    row = Membership.objects.get(event=cast.event, user=cast.facilitator)
    answer = client_of(cast.facilitator).post(f"/e/{cast.event.code}/people/{row.pk}/", {"role": "participant"})
    assert answer.status_code == 409
    assert "A review always has a facilitator" in answer.content.decode()
