"""What no page sends: numbers that fit no row, revisions that nobody wrote, an id that was used for something else."""

import uuid
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import reverse

from retros.models import Membership, RoomNote, SectionText
from retros.services import meeting, people
from tests.factories import make_action

HUGE = ["9" * 30, "9" * 5000, "-1", "x"]


@pytest.mark.parametrize("number", HUGE)
def test_a_number_that_no_row_can_hold_is_no_error_of_ours(cast, client: Client, number: str) -> None:
    meeting.start(cast.event, by=cast.facilitator)
    action, code = make_action(cast.event, owner=cast.facilitator), cast.event.code
    client.force_login(cast.facilitator)
    asked = [
        ("get", reverse("analysis_add", args=[code, "whys"]), {"parent": number}, 404),
        ("get", reverse("timeline_detail", args=[code]), {"page": number, "entry": number, "removed": number}, 200),
        ("get", reverse("action_add", args=[code]), {"idea": number}, 200),
        ("get", reverse("action_list"), {"page": number, "view": "all"}, 200),
        ("get", reverse("action_list"), {"days": number, "team": number}, 200),
        ("get", reverse("action_export"), {"team": number}, 200),
        ("get", reverse("event_list"), {"team": number, "year": number}, 200),
        ("post", reverse("section_edit", args=[code, "lessons"]), {"text": "Words", "base": number}, 422),
        ("post", reverse("room_step", args=[code]), {"from": "0", "to": number}, 409),
        ("post", reverse("action_edit", args=[action.pk]), {"title": "New words", "version": number}, None),
    ]
    for method, address, fields, expected in asked:
        status = getattr(client, method)(address, fields).status_code
        assert status == expected or (expected is None and status < 500), f"{address} {fields}"


def test_a_text_that_began_from_a_revision_that_never_was_comes_back(cast, client: Client) -> None:
    client.force_login(cast.facilitator)
    page = client.post(reverse("section_edit", args=[cast.event.code, "lessons"]), {"text": "My words", "base": "5"})
    assert page.status_code == 409
    assert "My words" in page.content.decode()
    assert not SectionText.objects.filter(event=cast.event).exists()


def test_an_operation_that_was_carried_out_already_is_no_error(cast, client: Client) -> None:
    member, op = Membership.objects.get(event=cast.event, user=cast.participant), uuid.uuid4()
    people.edit_person(member, by=cast.facilitator, role="participant", was_involved=True, op=op)
    client.force_login(cast.facilitator)
    answer = client.post(reverse("member_remove", args=[cast.event.code, member.pk]), {"op": str(op)})
    assert answer.status_code == 303
    assert Membership.objects.filter(pk=member.pk).exists()


PARTS = (
    '--edge\r\nContent-Disposition: form-data; name="text"\r\n\r\nA\\ud800b +2AA-\r\n'
    '--edge\r\nContent-Disposition: form-data; name="op"\r\n\r\nx\r\n--edge--\r\n'
)


@pytest.mark.parametrize("charset", ["raw_unicode_escape", "unicode_escape", "idna", "utf-7", "utf-16", "latin-1"])
def test_a_form_is_utf_8_whatever_it_calls_itself(cast, client: Client, charset: str) -> None:
    """Python knows codecs that make halves of characters, which no database takes."""
    meeting.start(cast.event, by=cast.facilitator)
    client.force_login(cast.scribe)
    kind = f"multipart/form-data; boundary=edge; charset={charset}"
    address = reverse("note_add", args=[cast.event.code])
    answer = client.generic("POST", address, PARTS.encode(), content_type=kind)
    assert answer.status_code == 303
    assert [note.text for note in RoomNote.objects.all()] == ["A\\ud800b +2AA-"]


REFUSED = ["\x00", "a\x00b", " \x0b\x0c ", "\u2028", "\x85 ", "\u00a0", "x" * 5001]
TAKEN = ["\ud800", "\ufeff", "\u200b", "\u00e9" * 5000, "x" * 4999 + "\U0001f600"]


@pytest.mark.parametrize("parked_for", ["", "factors", "nonsense", "\x00"])
def test_a_note_is_kept_or_comes_back_whatever_it_is_made_of(cast, client: Client, parked_for: str) -> None:
    """`notes.keep` does not ask the table's rules beforehand: the form asks more than they do."""
    meeting.start(cast.event, by=cast.facilitator)
    client.force_login(cast.scribe)
    address, known = reverse("note_add", args=[cast.event.code]), parked_for in {"", "factors"}
    for text in (*REFUSED, *TAKEN):
        body = f"text={quote(text, errors='surrogatepass')}&parked_for={quote(parked_for)}"
        answer = client.generic("POST", address, body, content_type="application/x-www-form-urlencoded")
        assert answer.status_code == (303 if known and text in TAKEN else 422), repr(text)[:40]
    assert RoomNote.objects.count() == (len(TAKEN) if known else 0)
