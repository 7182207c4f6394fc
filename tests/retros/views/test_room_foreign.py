"""The room's forms with what does not belong to them: parts of another review, numbers that no row has, rows on their way in."""

from types import SimpleNamespace

import pytest
from django.test import Client

from retros.models import (
    AgendaStep,
    Factor,
    Meeting,
    Membership,
    RoomNote,
    SharedCause,
    SilentNote,
    TimelineEntry,
    WhyNode,
)
from retros.models.imports import ImportState
from retros.services import causes, leading, meeting, people, silent
from tests.factories import make_cast, make_entry, make_event, make_import, make_member

HUGE = ("9" * 15, "9" * 19, "9" * 40, "9" * 5_000, "-1", "1e3", "\u0663", "'; --")


@pytest.fixture
def cast(db: None) -> SimpleNamespace:
    """An open room, and .theirs: a part of each kind of another open room, in which nobody of the first has a role."""
    found, other = make_cast(), make_event("Another review")
    lead = other.memberships.get().user if other.memberships.exists() else make_member(other, role="facilitator").user
    for event, by in ((found.event, found.facilitator), (other, lead)):
        meeting.start(event, by=by)
        event.refresh_from_db()
    effect = causes.add(other, by=lead, text="Their effect")
    cause = causes.add(other, by=lead, text="Their cause", parent=effect)
    elsewhere = causes.add(other, by=lead, text="Their other effect")
    link = causes.share(cause, effect=elsewhere, by=lead)
    Meeting.objects.filter(event=other).update(step=AgendaStep.objects.get(meeting__event=other, slug="factors"))
    silent.keep(other, by=lead, texts=["Their silent note"])
    silent.show(other, by=lead)
    found.theirs = SimpleNamespace(
        event=other, effect=effect, cause=cause, link=link, entry=make_entry(other, "Their moment"),
        member=Membership.objects.get(event=other, user=lead), silent=SilentNote.objects.get(event=other),
        factor=Factor.objects.create(event=other, category="design", text="Their factor"),
        note=RoomNote.objects.create(event=other, step_slug="opening", text="Their note", parked_for="actions", created_by=lead),
    )  # fmt: skip
    found.mine = causes.add(found.event, by=found.facilitator, text="Our effect")
    return found


def client(cast: SimpleNamespace, role: str) -> Client:
    browser = Client()
    browser.force_login(getattr(cast, role))
    return browser


def state(event: object) -> list[object]:
    """Everything of an event that a form of the room could change."""
    models = (WhyNode, SharedCause, Factor, RoomNote, SilentNote, TimelineEntry, Membership)
    rows = [list(model.objects.filter(event=event).order_by("pk").values()) for model in models]
    return [*rows, list(Meeting.objects.filter(event=event).values())]


def test_parts_of_another_review_are_not_there_in_any_form(cast):
    theirs, base = cast.theirs, f"/e/{cast.event.code}/"
    lead = client(cast, "facilitator")
    mine = SilentNote.objects.create(event=cast.event, text="Ours", shown_at=cast.event.created_at)
    before = state(theirs.event), state(cast.event)
    for path, data in (
        ("causes/add/", {"text": "x", "parent": theirs.effect.pk}),
        (f"causes/{theirs.cause.pk}/edit/", {"text": "x", "version": 1}),
        (f"causes/{theirs.cause.pk}/place/", {"below": cast.mine.pk}),
        (f"causes/{cast.mine.pk}/place/", {"below": theirs.effect.pk}),
        (f"causes/{cast.mine.pk}/share/", {"effect": theirs.effect.pk}),
        (f"causes/{theirs.cause.pk}/share/", {"effect": cast.mine.pk}),
        (f"causes/{theirs.cause.pk}/remove/", {}),
        (f"causes/links/{theirs.link.pk}/remove/", {}),
        (f"causes/links/{theirs.link.pk}/restore/", {}),
        ("causes/discuss/", {"pk": theirs.cause.pk}),
        ("causes/order/", {"down": theirs.effect.pk}),
        ("room/goto/", {"to": theirs.entry.pk}),
        (f"room/cursor/{theirs.entry.pk}/", {}),
        (f"room/moments/{theirs.entry.pk}/edit/", {"text": "x", "version": 1}),
        (f"room/moments/{theirs.entry.pk}/differ/", {"note": "x"}),
        (f"room/notes/{theirs.note.pk}/", {"text": "x", "version": 1}),
        (f"room/notes/{theirs.note.pk}/take-up/", {"way": "note"}),
        (f"room/notes/{theirs.note.pk}/remove/", {"removed": "yes"}),
        (f"room/silent/{theirs.silent.pk}/place/", {"to": "left_out"}),
        (f"room/silent/{mine.pk}/place/", {"to": f"same:{theirs.factor.pk}"}),
        (f"room/silent/{theirs.silent.pk}/back/", {}),
        (f"room/silent/{theirs.silent.pk}/edit/", {"text": "x", "version": 1}),
        (f"room/people/{theirs.member.pk}/role/", {"role": "observer"}),
        (f"room/floor/{theirs.member.pk}/", {"has_floor": "yes"}),
    ):
        assert lead.post(base + path, data).status_code == 404, path
    for path in (
        f"causes/{theirs.cause.pk}/form/",
        f"causes/form/?parent={theirs.cause.pk}",
        f"room/moments/{theirs.entry.pk}/",
    ):
        answer = lead.get(base + path, headers={"HX-Request": "true"})
        assert (answer.status_code, b"Their" in answer.content) == (404, False), path
    evidence = lead.post(f"{base}causes/add/", {"text": "Leans on theirs", "evidence": theirs.entry.pk})
    assert (evidence.status_code, b"Their moment" in evidence.content) == (422, False)
    to = {"to": theirs.member.user_id, "whom": theirs.member.user_id, "came": theirs.member.pk}
    for path, status in (("hand-over", 422), ("pen", 422)):
        assert lead.post(f"{base}room/{path}/", to).status_code == status
    offers = lead.get(f"{base}causes/evidence/", {"evidence": theirs.entry.pk, "q": "Their"}).content
    assert b"Their moment" not in offers
    assert (state(theirs.event), state(cast.event)) == before


def test_numbers_that_no_row_has_break_nothing(cast):
    base, lead = f"/e/{cast.event.code}/", client(cast, "facilitator")
    for number in HUGE:
        for path, data in (
            ("causes/add/", {"text": "x", "evidence": number}),
            ("causes/add/", {"text": "x", "find": "1", "evidence": number, "q": "a"}),
            ("causes/check/", {"text": "x", "parent": number, "above": number, "evidence": number}),
            ("causes/discuss/", {"pk": number}),
            ("room/step/", {"from": number, "to": number}),
            ("room/goto/", {"to": number}),
            ("room/hand-over/", {"to": number}),
            ("room/take-over/", {"pen_to": number}),
            ("room/ask/", {"whom": number}),
            ("room/people/attendance/", {"came": number, "op": number}),
            ("actions/line/", {"text": "x", "idea": number}),
        ):
            assert lead.post(base + path, data).status_code < 500, (path, number[:20])
        for path in (f"causes/evidence/?evidence={number}", f"analysis/?at={number}&removed=factors-{number}",
                     f"causes/form/?parent={number}", f"room/poll/?after={number}&line={number}&seen={number}"):  # fmt: skip
            assert lead.get(base + path).status_code < 500, (path, number[:20])


def test_the_room_goes_to_no_moment_of_a_record_on_its_way_in(cast):
    """Until it is added a record is its owner's alone, and a note that is kept at a moment names it."""
    record = make_import(cast.event, by=cast.scribe, state=ImportState.READ)
    hidden = make_entry(cast.event, "Unchosen line", imported=record, import_row=1, removed_at=cast.event.created_at)
    base, lead = f"/e/{cast.event.code}/room/", client(cast, "facilitator")
    assert lead.post(f"{base}cursor/{hidden.pk}/").status_code == 404
    assert lead.post(f"{base}goto/", {"to": hidden.pk}).status_code == 404
    assert Meeting.objects.get(event=cast.event).cursor is None


def test_who_was_named_facilitator_keeps_the_room(cast):
    """Whoever gave the room away may take it back from who got it; not from somebody who was named since."""
    leading.hand_over(cast.event, by=cast.facilitator, to=cast.participant.pk)
    people.appoint_facilitator(cast.event, user=cast.manager, by=cast.admin)
    answer = client(cast, "facilitator").post(f"/e/{cast.event.code}/room/take-back/")
    assert answer.status_code == 409
    assert Membership.objects.get(event=cast.event, role="facilitator").user == cast.manager
