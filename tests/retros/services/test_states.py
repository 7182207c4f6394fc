"""A closed record takes nothing more, and says how to go on."""

import pytest
from django.test import Client

from retros.live.log import WrongState
from retros.models import Factor, Goal, ImpactFigure, ImpactInterval, Membership, State
from retros.services import analysis, document, entries, events, kinds, people
from tests.factories import make_cast, make_entry, make_user


@pytest.mark.parametrize(
    ("state", "words"),
    [(State.NOT_REVIEWED, "Review it after all"), (State.PUBLISHED, "Correct the document instead")],
)
def test_a_closed_event_takes_no_part_and_loses_none(db, state, words):
    cast = make_cast(kind="launch", not_reviewed_reason="Small.")
    event, by = cast.event, {"by": cast.facilitator}
    entry = make_entry(event)
    interval = ImpactInterval.objects.create(event=event, label="x")
    figure = ImpactFigure.objects.create(event=event, value="43", label="x")
    goal = kinds.add_part(event, "goals", text="Nobody notices", **by)
    event.state = state
    event.published_at = event.started_at if state == State.PUBLISHED else None
    event.save()
    for verb in (
        lambda: entries.add(event, when=None, text="x", at_text="then", **by),
        lambda: entries.edit(entry, version=1, when=None, text="y", **by),
        lambda: entries.set_removed(entry, removed=True, **by),
        lambda: entries.set_key(entry, is_key=True, **by),
        lambda: entries.move(entry, up=True, **by),
        lambda: entries.set_t_zero(event, entry=entry, **by),
        lambda: events.add_interval(event, label="y", **by),
        lambda: events.edit_interval(interval, label="y", **by),
        lambda: events.remove_interval(interval, **by),
        lambda: events.add_figure(event, value="1", label="y", **by),
        lambda: events.edit_figure(figure, value="1", label="y", **by),
        lambda: events.remove_figure(figure, **by),
        lambda: kinds.add_part(event, "goals", text="y", **by),
        lambda: kinds.edit_part(goal, seen=kinds.fingerprint(goal), text="y", **by),
        lambda: kinds.remove_part(goal, **by),
        lambda: analysis.add(event, Factor, text="y", **by),
    ):
        with pytest.raises(WrongState, match=words):
            verb()
    assert not Factor.objects.exists()
    assert [Goal.objects.get().text, ImpactInterval.objects.get().label] == ["Nobody notices", "x"]


def test_an_event_without_review_takes_no_people_and_shows_no_form_for_them(db):
    cast = make_cast(state=State.NOT_REVIEWED, not_reviewed_reason="Small.")
    with pytest.raises(WrongState, match="Review it after all"):
        people.add_person(cast.event, user=make_user(), by=cast.facilitator)
    with pytest.raises(WrongState, match="Review it after all"):
        document.save_text(cast.event, "summary", text="x", base_number=0, by=cast.facilitator)
    client = Client()
    client.force_login(cast.facilitator)
    for path, words in (("people/", "Add and invite"), ("timeline/", 'data-key="n"'), ("timeline/?add=1", 'id="add"')):
        assert words not in client.get(f"/e/{cast.event.code}/{path}").content.decode()
    people.remove_person(Membership.objects.get(event=cast.event, user=cast.scribe), by=cast.facilitator)
    events.take_up_review(cast.event, by=cast.facilitator)
    people.add_person(cast.event, user=make_user(), by=cast.facilitator)
    assert "Add and invite" in client.get(f"/e/{cast.event.code}/people/").content.decode()
    assert 'data-key="n">Add a moment' in client.get(f"/e/{cast.event.code}/timeline/").content.decode()
