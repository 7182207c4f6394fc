"""From draft to published: what stops it, what is stored, who is told, and what a correction does."""

import uuid
from datetime import UTC, datetime

import pytest
import time_machine

from aar_site.outbox import mail
from aar_site.outbox.models import Message
from actions.services import close
from retros.document import markdown
from retros.live.log import Repeated, WrongState
from retros.models import Event, Publication, Role, State
from retros.services import document, publishing
from tests.factories import make_action, make_cast, make_entry, make_user


@pytest.fixture
def cast(db):
    """A draft that nothing stops."""
    cast = make_cast(state=State.DRAFT, is_cause_unknown=True, went_well_none=True)
    make_entry(cast.event, "Cut")
    write(cast, "summary", "We chose *integrity*.")
    return cast


def write(cast, slug, text, base=0):
    return document.save_text(cast.event, slug, text=text, base_number=base, by=cast.scribe)


def publish(cast, **more):
    return publishing.publish(cast.event, by=cast.facilitator, **more)


def fresh(cast):
    return Event.objects.get(pk=cast.event.pk)


def section(whole, slug):
    return next(section for section in whole.sections if section.slug == slug)


# --- What stops it -----------------------------------------------------------------------------------------------------
def test_a_blocker_stops_the_publication_with_its_remedy(cast):
    write(cast, "summary", "", base=1)
    with pytest.raises(WrongState, match="There is no summary yet"):
        publish(cast)
    assert not Publication.objects.exists()
    assert fresh(cast).state == State.DRAFT


def test_blockers_stand_before_advice(cast):
    write(cast, "summary", "", base=1)
    assert [(f.slug, f.blocks) for f in publishing.findings(cast.event)] == [
        ("no-summary", True),
        ("actions-none", False),
    ]


@pytest.mark.parametrize("state", [State.PREPARING, State.MEETING, State.NOT_REVIEWED])
def test_the_meeting_comes_first(cast, state):
    Event.objects.filter(pk=cast.event.pk).update(state=state, not_reviewed_reason="Small.")
    with pytest.raises(WrongState, match="The meeting comes first"):
        publish(cast)


def test_a_draft_goes_to_reading_and_back(cast):
    publishing.ask_for_review(cast.event, by=cast.facilitator)
    assert fresh(cast).state == State.REVIEW
    with pytest.raises(WrongState, match="in review"):
        publishing.ask_for_review(cast.event, by=cast.facilitator)
    publishing.back_to_draft(cast.event, by=cast.facilitator)
    assert fresh(cast).state == State.DRAFT


# --- What is stored ----------------------------------------------------------------------------------------------------
def test_a_publication_keeps_the_tree_as_it_stood(cast):
    publication = publish(cast)
    assert (publication.version, fresh(cast).state, publication.published_by) == (1, State.PUBLISHED, cast.facilitator)
    write(cast, "summary", "Something else.", base=1)
    make_entry(cast.event, "Later", minutes=9)
    Event.objects.filter(pk=cast.event.pk).update(title="Another title")
    whole, latest = publishing.shown(fresh(cast))
    assert latest == publication
    assert whole.title == "Forty-three seconds"
    assert section(whole, "summary").blocks[0].markdown == "We chose *integrity*."
    assert len(section(whole, "timeline").blocks[0].rows) == 1
    exported, published = publishing.exported(fresh(cast))
    assert published == publication
    assert exported.facts[-1][0] == "Version"
    assert exported.facts[-1][1].startswith("1, published ")


def test_what_has_a_status_says_of_which_day_it_is(cast, client):
    action = make_action(cast.event, "Cut over by hand", owner=cast.facilitator)
    assert "As it stood" not in markdown.render(publishing.exported(cast.event)[0])
    with time_machine.travel(datetime(2026, 11, 26, 23, 30, tzinfo=UTC), tick=False):
        Event.objects.filter(pk=cast.event.pk).update(time_zone="Asia/Tokyo")
        publish(cast)
    close(action, by=cast.facilitator, evidence="A rehearsal showed it.")
    words = "As it stood on 2026-11-27, when version 1 was published."
    text = markdown.render(publishing.exported(fresh(cast))[0])
    assert text.count(words) == 1
    assert text.index("## Action items") < text.index(words) < text.index("| Committed |")
    client.force_login(cast.participant)
    page = client.get(f"/e/{cast.event.code}/review/").content.decode()
    assert (page.count(words), "<td>Committed</td>" in page, "Done" in page) == (1, True, False)
    assert publishing.changed_since(publishing.draft(fresh(cast)), publishing.newest(fresh(cast)), "incident") == [
        "Action items"
    ]


def test_a_correction_is_a_new_version_and_the_old_one_stays(cast):
    first = publish(cast)
    published_at = fresh(cast).published_at
    write(cast, "lessons", "Rehearse the partial loss.")
    assert publishing.changed_since(publishing.draft(fresh(cast)), first, "incident") == ["Lessons"]
    second = publish(cast)
    assert [p.version for p in publishing.versions(cast.event)] == [2, 1]
    assert fresh(cast).published_at == published_at
    first.refresh_from_db()
    assert first.tree != second.tree
    assert publishing.changed_since(publishing.draft(fresh(cast)), second, "incident") == []


def test_nothing_new_is_no_version(cast):
    publish(cast)
    with pytest.raises(WrongState, match="Nothing has changed since version 1"):
        publish(cast)
    assert Publication.objects.count() == 1


def test_a_button_pressed_twice_publishes_once(cast):
    op = uuid.uuid4()
    publish(cast, op=op)
    with pytest.raises(Repeated):
        publish(cast, op=op)
    assert Publication.objects.count() == 1


def test_a_changed_header_is_named(cast):
    first = publish(cast)
    Event.objects.filter(pk=cast.event.pk).update(severity="sev1")
    assert publishing.changed_since(publishing.draft(fresh(cast)), first, "incident") == ["Header"]


def test_the_draft_is_exported_without_hints(cast):
    whole, published = publishing.exported(cast.event)
    assert published is None
    assert whole.facts[-1] == ("Version", "Draft")
    assert section(whole, "lessons").blocks == []


# --- Who is told -------------------------------------------------------------------------------------------------------
def told():
    return {message.person: message for message in Message.objects.filter(kind="published")}


def words(message):
    return mail.unseal(message.sealed_body)["text"]


def test_participants_and_owners_get_one_mail_with_summary_link_and_their_actions(cast):
    owner = make_user("Olga")
    make_action(cast.event, "Stop it", owner=owner)
    make_action(cast.event, "Show it", owner=owner)
    make_action(cast.event, "Old", owner=make_user("Gone"), status="done")
    publish(cast)
    assert set(told()) == {cast.facilitator, cast.scribe, cast.participant, cast.guest, owner}
    text = words(told()[owner])
    assert "We chose integrity." in text
    assert f"/e/{cast.event.code}/review/" in text
    assert "Your actions:\n* Stop it\n* Show it" in text
    assert "Stop it" not in words(told()[cast.scribe])


def test_a_correction_tells_nobody_again(cast):
    publish(cast)
    count = Message.objects.count()
    write(cast, "lessons", "Rehearse.")
    publish(cast)
    assert Message.objects.count() == count


def test_an_owner_who_may_not_read_a_restricted_review_hears_nothing(cast):
    Event.objects.filter(pk=cast.event.pk).update(is_restricted=True)
    make_action(cast.event, "Stop it", owner=make_user("Olga"))
    make_action(cast.event, "Show it", owner=cast.participant)
    publish(cast)
    assert {person.name for person in told()} == {"Facilitator", "Scribe", "Participant", "Guest"}


def test_an_observer_who_owns_nothing_gets_no_mail(cast):
    assert cast.event.memberships.filter(role=Role.OBSERVER).exists()
    publish(cast)
    assert cast.observer not in told()
