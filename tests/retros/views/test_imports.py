"""Records over HTTP: paste or upload, questions, choice that survives paging, adding once, taking back."""

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from retros import limits
from retros.imports.found import Found
from retros.models import Event, Import, TimelineEntry
from retros.services import entries, imports
from tests.factories import START, make_entry, make_import, make_member, make_user
from tests.retros.imports import junk

LOG = "2018-10-21T22:54:00Z web-1 alerts ring\n2018-10-21T22:56:00Z web-1 deploys are stopped\nno time here\n"
CHAT = "[10:46 PM] joana: longer update is up\n[10:47 PM] kbr: seen\n"
CSV = "when;who;what;ms\n21/10/2018 23:09;joana.m;status to yellow;412\n"


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def address(cast: Any, part: str = "") -> str:
    return f"/e/{cast.event.code}/timeline/{part}"


def many(count: int) -> list[Found]:
    return [
        Found(line=n, text=f"line {n} of it", at=START + timedelta(minutes=n), offset=0) for n in range(1, count + 1)
    ]


def read(cast: Any, client: Client, **fields: Any) -> Import:
    """Send a record; the import that came of it."""
    answer = client.post(address(cast, "import/"), fields)
    assert answer.status_code == 303, answer.content.decode()[-2000:]
    return Import.objects.latest("pk")


# --- Paste or upload --------------------------------------------------------------------------------------------------
def test_pasted_lines_lead_to_the_choice_and_add_nothing_yet(cast):
    client = client_of(cast.scribe)
    answer = client.post(address(cast, "import/"), {"text": LOG})
    imp = Import.objects.get()
    assert answer["Location"] == address(cast, f"import/{imp.pk}/")
    shown = client.get(answer["Location"]).content.decode()
    assert "3 lines read" in shown
    assert "line 1 of pasted text" in shown
    assert not TimelineEntry.objects.exists()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({}, "Paste some lines, or choose a file."),
        ({"text": "x", "file": SimpleUploadedFile("a.log", b"x")}, "Take one of them out"),
        ({"file": SimpleUploadedFile("a.log", b"x" * 2 * 2**20)}, "It has more than 1 MB. Cut it to the hours around the event."),
        ({"text": "x", "format": "runes"}, "Select a valid choice"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_says_why_and_keeps_what_was_typed(cast, monkeypatch, fields, sentence):
    monkeypatch.setattr(limits, "IMPORT_BYTES", 2**20)
    monkeypatch.setattr("retros.forms.imports.MEGABYTES", 1)
    answer = client_of(cast.scribe).post(address(cast, "import/"), fields)
    shown = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in shown
    assert not Import.objects.exists()
    if "text" in fields:
        assert ">\nx</textarea>" in shown


def test_junk_is_refused_with_the_readers_own_words(cast):
    junk = SimpleUploadedFile("core.bin", bytes(range(256)) * 50)
    answer = client_of(cast.scribe).post(address(cast, "import/"), {"file": junk})
    assert answer.status_code == 422
    assert "is not UTF-8. Save the file as UTF-8." in answer.content.decode()
    assert not Import.objects.exists()


def test_a_long_text_may_come_as_a_file(cast):
    imp = read(cast, client_of(cast.scribe), text=SimpleUploadedFile("pasted text", LOG.encode()))
    assert (imp.name, imp.count) == ("pasted text", 2)


def test_a_long_text_that_is_refused_stays_in_its_field(cast, monkeypatch):
    monkeypatch.setattr(limits, "IMPORT_BYTES", 1000)
    pasted = SimpleUploadedFile("pasted text", b"word " * 300)
    answer = client_of(cast.scribe).post(address(cast, "import/"), {"text": pasted, "format": "auto"})
    assert answer.status_code == 422
    assert answer.content.decode().count("word ") >= 200


def test_a_closed_review_takes_no_record(cast):
    type(cast.event).objects.filter(pk=cast.event.pk).update(state="published", published_at=START)
    client = client_of(cast.scribe)
    for answer in (client.get(address(cast, "import/")), client.post(address(cast, "import/"), {"text": LOG})):
        assert answer.status_code == 409
        assert "This review is published" in answer.content.decode()
    assert address(cast, "import/") not in client.get(address(cast)).content.decode()


# --- Map and check ----------------------------------------------------------------------------------------------------
def test_a_chat_asks_for_day_and_zone_and_who_is_who(cast):
    client = client_of(cast.scribe)
    imp = read(cast, client, text=CHAT)
    check = address(cast, f"import/{imp.pk}/check/")
    shown = client.get(check).content.decode()
    assert 'value="21 Oct 2018"' in shown
    assert "Who is “kbr”?" in shown
    answer = client.post(check, {"format": "auto", "day": "21 Oct 2018", "person_0": "Joana Silva", "person_1": "kbr"})
    assert answer["Location"] == check  # now that the day is known, the zone is asked
    assert "21 Oct, 22:46 UTC = T\u2212" in client.get(check).content.decode().replace("+00:00", "")
    fields = {"format": "auto", "day": "2018-10-21", "zone": "other", "other_zone": "Europe/Berlin"}
    answer = client.post(check, {**fields, "person_0": "Joana Silva", "person_1": "kbr"})
    assert answer["Location"] == address(cast, f"import/{imp.pk}/")
    imp.refresh_from_db()
    assert imp.answers == {"zone": "Europe/Berlin", "day": "2018-10-21", "users": {"joana": "Joana Silva"}}
    shown = client.get(answer["Location"]).content.decode()
    assert "Joana Silva · Chat" in shown
    assert "2 would be added" in shown


def test_a_first_name_is_offered_as_the_one_of_the_event_who_has_it(cast):
    make_member(cast.event, make_user("Joana Silva"))
    client = client_of(cast.scribe)
    imp = read(cast, client, text=CHAT)
    check = address(cast, f"import/{imp.pk}/check/")
    shown = client.get(check).content.decode()
    assert 'value="Joana Silva"' in shown
    assert shown.count("Not known</span>") == 1  # kbr
    make_member(cast.event, make_user("Joana Reis"))
    assert 'value="joana"' in client.get(check).content.decode(), "it could be both"


def test_what_went_unnoticed_for_long_is_offered_the_day_of_the_first_sign(cast):
    Event.objects.filter(pk=cast.event.pk).update(started_at=START, ended_at=START + timedelta(days=2))
    make_entry(cast.event, "The alert", minutes=26 * 60, landmark="detected")
    client = client_of(cast.scribe)
    imp = read(cast, client, text=CHAT)
    assert 'value="23 Oct 2018"' in client.get(address(cast, f"import/{imp.pk}/check/")).content.decode()


def test_names_of_channels_are_words_and_no_markup(cast):
    client, evil = client_of(cast.scribe), "<b hx-post=.. hx-trigger=load>"
    names = ["general", evil]
    days = {f"{name}/2018-10-21.json": junk.messages(f"154016232{n}.1") for n, name in enumerate(names)}
    data = junk.archive({"users.json": junk.USERS, "channels.json": "[]", **days})
    imp = read(cast, client, file=SimpleUploadedFile("a.zip", data))
    page = client.get(address(cast, f"import/{imp.pk}/check/")).content.decode()
    assert "Empty means all: &lt;b hx-post=.. hx-trigger=load&gt;, general" in page
    assert evil not in page


def test_a_wrong_answer_comes_back_with_its_field(cast):
    client = client_of(cast.scribe)
    imp = read(cast, client, text=CHAT)
    answer = client.post(address(cast, f"import/{imp.pk}/check/"), {"format": "auto", "day": "03/04/2018"})
    shown = answer.content.decode()
    assert answer.status_code == 422
    assert "can be read in two ways" in shown
    assert 'value="03/04/2018"' in shown
    answer = client.post(address(cast, f"import/{imp.pk}/check/"), {"format": "slack", "day": ""})
    assert answer.status_code == 422
    imp.refresh_from_db()
    assert imp.format == "auto"


def test_columns_are_mapped_and_remembered_for_the_same_heading(cast):
    client = client_of(cast.scribe)
    imp = read(cast, client, file=SimpleUploadedFile("status.csv", CSV.encode()))
    check = address(cast, f"import/{imp.pk}/check/")
    shown = client.get(check).content.decode()
    assert "Four columns" in shown
    assert "21/10/2018 23:09" in shown
    given = {
        "format": "auto",
        "zone": "UTC",
        "column_0": "time",
        "column_1": "skip",
        "column_2": "text",
        "column_3": "source",
    }
    assert client.post(check, given)["Location"] == address(cast, f"import/{imp.pk}/")
    shown = client.get(address(cast, f"import/{imp.pk}/")).content.decode()
    assert "412, line 2 of status.csv" in shown
    again = read(cast, client, file=SimpleUploadedFile("later.csv", CSV.encode()))
    assert again.answers["columns"] == {"when": "time", "who": "skip", "what": "text", "ms": "source"}
    twice = client.post(check, {**given, "column_1": "text"})
    assert twice.status_code == 422
    assert "“What happened” is chosen twice" in twice.content.decode()


# --- Choose -----------------------------------------------------------------------------------------------------------
def test_a_choice_survives_going_to_another_page_and_another_filter(cast):
    client = client_of(cast.scribe)
    imp = make_import(cast.event, *many(120), by=cast.scribe)
    page = address(cast, f"import/{imp.pk}/")
    first = {"here": "show=&page=1", "shown": [str(n) for n in range(100)], "row": [str(n) for n in range(1, 100)]}
    answer = client.post(page, {**first, "to": "show=&page=2"})
    assert answer["Location"] == f"{page}?show=&page=2"
    second = client.get(answer["Location"]).content.decode()
    assert "line 101 of it" in second
    assert "line 100 of it" not in second
    assert "119 would be added" in second
    back = client.get(f"{page}?show=&page=1").content.decode()
    assert re.search(r'name="row" value="0"[^>]*>', back)[0].find("checked") == -1  # type: ignore[index]
    client.post(page, {"here": "show=add&page=1", "every": "no"})
    imp.refresh_from_db()
    assert imp.count == 0


def test_the_reading_of_an_unclear_time_is_picked(cast):
    client = client_of(cast.scribe)
    ways = (START + timedelta(hours=1), START + timedelta(hours=13))
    row = Found(line=4, text="update is up", at_text="02:46", unclear="Before or after noon", choices=ways)
    imp = make_import(cast.event, row, by=cast.scribe)
    page = address(cast, f"import/{imp.pk}/")
    assert "Time unclear 1" in client.get(page).content.decode()
    client.post(page, {"here": "", "shown": "0", "row": "0", "time-0": "1"})
    shown = client.get(page).content.decode()
    assert "T+13:00" in shown
    client.post(address(cast, f"import/{imp.pk}/add/"), {"shown": "0", "row": "0", "time-0": "1"})
    assert TimelineEntry.objects.get().at == ways[1]


def test_an_unclear_time_may_stand_by_its_own_words(cast):
    row = Found(line=4, text="update is up", at_text="02:46", unclear="Before or after noon", choices=(START,))
    imp = make_import(cast.event, row, by=cast.scribe)
    client_of(cast.scribe).post(address(cast, f"import/{imp.pk}/add/"), {"shown": "0", "row": "0", "time-0": "words"})
    entry = TimelineEntry.objects.get()
    assert (entry.at, entry.at_text, entry.removed_at) == (None, "02:46", None)


def test_what_was_not_read_is_listed_with_its_line_and_reason(cast):
    client = client_of(cast.scribe)
    imp = read(cast, client, text=f"no time at all\n{LOG}")
    shown = client.get(address(cast, f"import/{imp.pk}/?show=skipped")).content.decode()
    assert "no time at all" in shown
    assert "Not read 2" in shown


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("part", ["import/{}/", "import/{}/?show=same", "import/{}/check/", "import/"])
def test_pages_cost_the_same_for_one_row_and_three(cast, count, part):
    make_entry(cast.event, "line 1 of it", minutes=1)
    imp = make_import(cast.event, *many(count), by=cast.scribe)
    client = client_of(cast.scribe)
    with CaptureQueriesContext(connection) as queries:
        client.get(address(cast, part.format(imp.pk)))
    assert len(queries) == {"import/{}/": 8, "import/{}/?show=same": 8, "import/{}/check/": 9, "import/": 8}[part]


# --- Add --------------------------------------------------------------------------------------------------------------
def test_what_is_ticked_is_added_and_the_page_says_what_was_left_out(cast):
    client = client_of(cast.scribe)
    imp = read(cast, client, text=LOG)
    answer = client.post(address(cast, f"import/{imp.pk}/add/"), {"shown": ["0", "1"], "row": "1"})
    assert answer["Location"] == address(cast, f"imported/{imp.pk}/")
    assert [entry.text for entry in entries.ordered(cast.event)] == ["web-1 deploys are stopped"]
    shown = client.get(answer["Location"]).content.decode()
    assert "1 entry added from pasted text" in shown
    assert "not chosen" in shown
    assert "line 2" in client.get(address(cast)).content.decode()


def test_pressed_twice_or_in_two_tabs_it_is_added_once(cast):
    client, op = client_of(cast.scribe), str(uuid.uuid4())
    imp = make_import(cast.event, *many(2), by=cast.scribe)
    for key in (op, op, str(uuid.uuid4())):
        answer = client.post(address(cast, f"import/{imp.pk}/add/"), {"op": key})
        assert answer["Location"] == address(cast, f"imported/{imp.pk}/")
    assert TimelineEntry.objects.count() == 2


def test_nothing_ticked_is_said_on_the_page(cast):
    imp = make_import(cast.event, *many(1), by=cast.scribe)
    answer = client_of(cast.scribe).post(address(cast, f"import/{imp.pk}/add/"), {"shown": "0"})
    assert answer.status_code == 422
    assert "Nothing is ticked" in answer.content.decode()


def test_what_came_meanwhile_is_shown_before_the_rest_is_added(cast):
    imp = make_import(cast.event, *many(2), by=cast.scribe)
    make_entry(cast.event, "line 1 of it", minutes=1)
    client = client_of(cast.scribe)
    answer = client.post(address(cast, f"import/{imp.pk}/add/"))
    shown = answer.content.decode()
    assert answer.status_code == 409
    assert "1 of these came into the timeline meanwhile" in shown
    assert "line 1 of it" in shown
    assert client.post(address(cast, f"import/{imp.pk}/add/")).status_code == 303
    assert TimelineEntry.objects.count() == 2


def test_a_long_one_shows_how_far_it_is_and_can_be_stopped(cast, monkeypatch):
    monkeypatch.setattr(imports, "STEP", 1)
    monkeypatch.setattr("retros.views.imports.PATIENCE", -1)
    client = client_of(cast.scribe)
    imp = make_import(cast.event, *many(3), by=cast.scribe)
    done = client.post(address(cast, f"import/{imp.pk}/add/"))["Location"]
    shown = client.get(done).content.decode()
    assert "Adding 1 of 3 moments" in shown
    assert 'hx-trigger="every 1s"' in shown
    assert "line 1 of it" not in client.get(address(cast)).content.decode()
    hidden = TimelineEntry.objects.get()
    assert client.post(address(cast, f"{hidden.pk}/restore/")).status_code == 404
    client.post(address(cast, f"imported/{imp.pk}/stop/"))
    assert client.get(done)["Location"] == address(cast, f"import/{imp.pk}/")
    assert not TimelineEntry.objects.exists()


def test_a_record_that_waits_is_there_for_its_owner_alone(cast):
    imp = make_import(cast.event, by=cast.facilitator)
    client = client_of(cast.scribe)
    for part in (f"import/{imp.pk}/", f"import/{imp.pk}/check/", f"imported/{imp.pk}/"):
        assert client.get(address(cast, part)).status_code == 404
    assert "app.log" not in client.get(address(cast, "import/")).content.decode()
    client_of(cast.facilitator).post(address(cast, f"import/{imp.pk}/add/"))
    assert "app.log" in client.get(address(cast, f"imported/{imp.pk}/")).content.decode()


def test_a_record_is_thrown_away_and_the_second_press_is_answered_alike(cast):
    imp, op = make_import(cast.event, by=cast.scribe), str(uuid.uuid4())
    client = client_of(cast.scribe)
    for _ in range(2):
        answer = client.post(address(cast, f"import/{imp.pk}/drop/"), {"op": op})
        assert (answer.status_code, answer["Location"]) == (303, address(cast, "import/"))
    assert not Import.objects.exists()


# --- Take back --------------------------------------------------------------------------------------------------------
def test_undo_and_bring_back(cast):
    imp = make_import(cast.event, *many(2), by=cast.scribe, state="added")
    client = client_of(cast.facilitator)
    assert "Undo 2" in client.get(address(cast)).content.decode()
    answer = client.post(address(cast, f"imported/{imp.pk}/undo/"))
    assert "Taken back: app.log" in client.get(answer["Location"]).content.decode()
    assert entries.ordered(cast.event) == []
    assert entries.removed(cast.event) == []
    client.post(address(cast, f"imported/{imp.pk}/redo/"))
    assert len(entries.ordered(cast.event)) == 2


def test_what_was_worked_with_is_named_before_anything_goes(cast):
    imp = make_import(cast.event, *many(3), by=cast.scribe, state="added")
    kept = TimelineEntry.objects.get(import_row=1)
    entries.set_key(kept, by=cast.facilitator, is_key=True)
    client = client_of(cast.scribe)
    undo = address(cast, f"imported/{imp.pk}/undo/")
    answer = client.post(undo)
    shown = answer.content.decode()
    assert answer.status_code == 409
    assert "2 entries go" in shown
    assert "line 2 of it" in shown
    assert len(entries.ordered(cast.event)) == 3
    client.post(undo, {"seen": "1"})
    assert entries.ordered(cast.event) == [kept]
    client.post(address(cast, f"imported/{imp.pk}/redo/"))
    client.post(undo, {"seen": "1", "also": str(kept.pk)})
    assert entries.ordered(cast.event) == []


def test_who_said_it_can_be_mended_and_the_history_keeps_it(cast):
    imp = make_import(cast.event, Found(line=1, text="seen", at=START, author="kbr"), by=cast.scribe, state="added")
    entry = TimelineEntry.objects.get(imported=imp)
    client, edit = client_of(cast.scribe), address(cast, f"{entry.pk}/")
    assert 'value="kbr"' in client.get(edit).content.decode()
    client.post(
        edit, {"time": "21 Oct 2018, 22:52", "text": "seen", "author": "On call", "source": "log", "version": "1"}
    )
    entry.refresh_from_db()
    assert (entry.author, entry.imported_id) == ("On call", imp.pk)
    assert "kbr" in client.get(edit).content.decode()
