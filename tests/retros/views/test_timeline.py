"""Pages of the timeline and of people over HTTP: adding, conflicts with both texts, removal and undo, filters, pages, cost."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from retros.models import Event, ImpactInterval, Membership, TimelineEntry
from retros.services import timeline_rows
from tests.factories import START, make_entry, make_member, make_user

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


def test_a_clock_past_midnight_is_of_the_day_after_and_says_so(cast):
    client, said = client_of(cast.participant), "Read as Mon 22 Oct 2018: the event was on that day."
    Event.objects.filter(pk=cast.event.pk).update(ended_at=START + timedelta(hours=5))
    make_entry(cast.event, "Alerts ring")
    shown = client.post(address(cast, "add/"), {**TYPED, "time": "00:20"}, follow=True).content.decode()
    late = TimelineEntry.objects.latest("pk")
    assert late.at == datetime(2018, 10, 22, 0, 20, tzinfo=UTC)
    assert said in shown
    assert said not in page(cast, part=f"?entry={late.pk}")
    edit = client.post(address(cast, f"{late.pk}/"), {**TYPED, "time": "23:30", "version": "1"}, follow=True)
    late.refresh_from_db()
    assert late.at == datetime(2018, 10, 21, 23, 30, tzinfo=UTC)
    assert "Read as Sun 21 Oct 2018" in edit.content.decode()


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
    assert f'/timeline/{own.pk}/"' in shown
    assert f'/timeline/{other.pk}/"' not in shown


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
    assert "Scribe chose it" in shown
    client.post(address(cast, f"{second.pk}/t-zero/"), {"reset": "yes"})
    assert "chose it" not in page(cast)
    assert first.pk != second.pk


def test_filters_and_pages_are_links(cast, monkeypatch):
    monkeypatch.setattr(timeline_rows, "PAGE", 2)
    rows = [make_entry(cast.event, f"moment-{n}", minutes=n, is_key=n == 2) for n in range(5)]
    assert shown_rows(page(cast)) == ["moment-0", "moment-1"]
    assert shown_rows(page(cast, part="?page=3")) == shown_rows(page(cast, part="?page=99")) == ["moment-4"]
    assert shown_rows(page(cast, part=f"?entry={rows[2].pk}")) == ["moment-2", "moment-3"]
    key = page(cast, part="?show=key")
    assert shown_rows(key) == ["moment-2"]
    assert 'href="?show=key&amp;source=memory"' in key
    assert '<a rel="next" href="?page=2">Later</a>' in page(cast)


def shown_rows(text: str) -> list[str]:
    return re.findall(r"<p data-heading>(.*?)</p>", text)


def test_a_filter_survives_adding_editing_marking_and_removing(cast):
    entry = make_entry(cast.event, "from the log", source="log")
    make_entry(cast.event, "from the chat", source="chat", minutes=1)
    client, query = client_of(cast.scribe), "source=log&q=from"
    listed = page(cast, part=f"?{query}")
    assert f'href="{address(cast)}{entry.pk}/?source=log&amp;q=from"' in listed
    edit = client.get(address(cast, f"{entry.pk}/?{query}")).content.decode()
    assert f'action="{address(cast)}{entry.pk}/?source=log&amp;q=from"' in edit
    for part, data in (
        (f"{entry.pk}/", {**TYPED, "version": "1"}),
        (f"{entry.pk}/key/", {"is_key": "yes"}),
        (f"{entry.pk}/move/", {"way": "up"}),
        (f"{entry.pk}/remove/", {}),
        (f"{entry.pk}/restore/", {}),
        ("add/", TYPED),
    ):
        answer = client.post(address(cast, f"{part}?{query}"), data)
        assert answer["Location"].startswith(address(cast, f"?{query}&"))


def test_a_moment_that_the_filter_hides_is_said_to_be_elsewhere(cast):
    entry = make_entry(cast.event, "from the chat", source="chat")
    make_entry(cast.event, "from the log", source="log")
    shown = page(cast, part=f"?source=log&entry={entry.pk}")
    assert "not among those that the filter shows" in shown
    assert f'href="?entry={entry.pk}#entry-{entry.pk}"' in shown
    assert "not among" not in page(cast, part=f"?source=chat&entry={entry.pk}")


def test_a_time_leads_to_its_moment_and_nonsense_is_asked_again(cast):
    rows = [make_entry(cast.event, f"m{n}", minutes=n * 10, source="log") for n in range(7)]
    client = client_of(cast.observer)
    answer = client.get(address(cast, "?at=23:13&source=log"))
    assert (answer.status_code, answer["Location"]) == (
        303, address(cast, f"?source=log&entry={rows[2].pk}#entry-{rows[2].pk}"),
    )  # fmt: skip
    answer = client.get(address(cast, "?at=25:99"))
    shown = answer.content.decode()
    assert answer.status_code == 422
    assert "25:99 is no time of day" in shown
    assert 'value="25:99"' in shown


def test_moving_zero_is_offered_back(cast):
    first, second = make_entry(cast.event, "first", landmark="detected"), make_entry(cast.event, "second", minutes=10)
    client = client_of(cast.scribe)
    moved = client.post(address(cast, f"{second.pk}/t-zero/"), follow=True).content.decode()
    assert re.findall(r'class="off">(.*?)<', moved) == ["T\u221200:10", "T+00:00"]
    assert "for everybody" in moved
    form = re.search(r'id="t-zero-undo".*?action="(.*?)".*?name="(reset)" value="(yes)"', moved, re.S)
    back = client.post(form[1], {form[2]: form[3]}, follow=True).content.decode()
    assert re.findall(r'class="off">(.*?)<', back) == ["T+00:00", "T+00:10"]
    again = re.search(r'id="t-zero-undo".*?action="(.*?)"', back, re.S)
    assert again[1] == address(cast, f"{second.pk}/t-zero/")
    assert "t-zero-undo" not in page(cast)
    assert first.pk != second.pk


def test_the_history_says_who_changed_what_when_and_why(cast):
    client = client_of(cast.scribe)
    entry = make_entry(cast.event, "As it was <b>", source="log")
    client.post(address(cast, f"{entry.pk}/"), {**TYPED, "version": "1", "reason": "The log says so"})
    assert f'href="{address(cast)}{entry.pk}/history/"' in page(cast, "observer")
    shown = client_of(cast.observer).get(address(cast, f"{entry.pk}/history/")).content.decode()
    assert "Words before: As it was &lt;b&gt;" in shown
    assert "The log says so" in shown
    assert "<b>Edited a moment</b>, Scribe, " in shown
    fresh = client.get(address(cast, f"{make_entry(cast.event).pk}/history/")).content.decode()
    assert "Nobody has changed it." in fresh


def test_removed_moments_wait_to_be_brought_back(cast):
    entry = make_entry(cast.event, "Alerts ring", created_by=cast.participant)
    other = make_entry(cast.event, "Somebody else saw it", created_by=cast.scribe)
    client = client_of(cast.scribe)
    for row in (entry, other):
        client.post(address(cast, f"{row.pk}/remove/"), {"reason": "twice"})
    shown = client.get(address(cast, "removed/")).content.decode()
    assert "Alerts ring" in shown
    assert "Somebody else saw it" in shown
    mine = client_of(cast.participant).get(address(cast, "removed/")).content.decode()
    assert ("Alerts ring" in mine, "Somebody else" in mine) == (True, False)
    client_of(cast.participant).post(address(cast, f"{entry.pk}/restore/"))
    assert shown_rows(page(cast)) == ["Alerts ring"]


def test_a_row_is_marked_as_key_in_place(cast):
    entry = make_entry(cast.event, "Alerts ring")
    client = client_of(cast.scribe)
    answer = client.post(
        address(cast, f"{entry.pk}/key/?source=log"), {"is_key": "yes"}, headers={"HX-Request": "true"}
    )
    shown = answer.content.decode()
    assert shown.lstrip().startswith('<li class="key" id="entry-')
    assert 'aria-pressed="true"' in shown
    assert "T+00:00" in shown
    assert f"{entry.pk}/key/?source=log" in shown
    assert "<html" not in shown


def test_the_table_is_a_file_of_what_the_filter_shows(cast):
    make_entry(cast.event, "Alerts ring", is_key=True)
    make_entry(cast.event, "noise", minutes=1)
    answer = client_of(cast.observer).get(address(cast, "export.csv?show=key"))
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert 'filename="timeline-2018-10-21-forty-three-seconds.csv"' in answer["Content-Disposition"]
    assert "Alerts ring" in answer.content.decode()
    assert "noise" not in answer.content.decode()
    assert 'export.csv?show=key">These 1 as CSV' in page(cast, part="?show=key")


def test_the_picture_leads_to_its_entries_and_the_sentence_says_it(cast):
    entry = make_entry(cast.event, "Alerts ring", minutes=30)
    ImpactInterval.objects.create(
        event=cast.event, label="writes fail", started_at=START, ended_at=START + timedelta(hours=1)
    )
    shown = page(cast)
    assert f'href="{address(cast)}?entry={entry.pk}#entry-{entry.pk}" tabindex="-1"' in shown
    assert '<p class="vh">1 entry over 24 h 11 min, to scale.</p>' in shown
    assert 'aria-label="Impact: Writes fail, 1 h"' in shown


def test_an_end_is_read_on_the_clock_of_its_start(cast):
    client = client_of(cast.scribe)
    client.post(address(cast, "add/"), {**TYPED, "time": "2018-10-21 23:02 +02:00", "until": "23:10"})
    entry = TimelineEntry.objects.get()
    assert (entry.until - entry.at, entry.utc_offset) == (timedelta(minutes=8), 120)
    assert "<small>to 23:10</small><small>UTC+02:00</small>" in page(cast)
    edit = client.get(address(cast, f"{entry.pk}/")).content.decode()
    assert 'value="21 Oct 2018, 23:10 +02:00"' in edit
    answer = client.post(address(cast, "add/"), {**TYPED, "time": "23:02", "until": "22:10"})
    assert answer.status_code == 422
    assert "The end lies before the start." in answer.content.decode()
    client.post(address(cast, "add/"), {**TYPED, "time": "21 Oct 2018, 23:50", "until": "00:10"})
    assert TimelineEntry.objects.latest("pk").until == datetime(2018, 10, 22, 0, 10, tzinfo=UTC)
    assert "<small>to 22 Oct, 00:10</small>" in page(cast)
    answer = client.post(address(cast, "add/"), {**TYPED, "time": "before release", "until": "22:10"})
    assert "An end needs a start that is a time." in answer.content.decode()


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
    with django_assert_num_queries(11):
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
