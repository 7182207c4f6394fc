"""T-0 as the page tells it: who moved it, and the way back, step by step."""

from retros import timing
from retros.models import Event
from retros.services import entries, outline, t_zero
from tests.factories import make_entry


def told(event, *, is_new=True):
    fresh = Event.objects.get(pk=event.pk)
    marks = outline.of(fresh)
    return t_zero.story(fresh, marks, timing.t_zero(fresh, marks), is_new=is_new)


def test_nobody_moved_it(cast):
    detected = make_entry(cast.event, landmark="detected", minutes=2)
    assert told(cast.event, is_new=False) == t_zero.Story(outline.of(cast.event)[0])
    assert told(cast.event).mark.pk == detected.pk
    assert (told(cast.event).undo_to, told(cast.event).is_reset) == (0, False)


def test_a_move_names_who_and_leads_back(cast):
    one, two = make_entry(cast.event, minutes=1), make_entry(cast.event, minutes=2)
    entries.set_t_zero(cast.event, by=cast.scribe, entry=one)
    story = told(cast.event)
    assert (story.mark.pk, story.by, story.undo_to, story.is_reset) == (one.pk, cast.scribe.name, one.pk, True)
    entries.set_t_zero(cast.event, by=cast.facilitator, entry=two)
    story = told(cast.event)
    assert (story.mark.pk, story.by, story.undo_to, story.is_reset) == (two.pk, cast.facilitator.name, one.pk, False)
    assert told(cast.event, is_new=False).undo_to == 0
    entries.set_t_zero(cast.event, by=cast.scribe, entry=None)
    story = told(cast.event)
    assert (story.by, story.undo_to, story.is_reset) == ("", two.pk, False)


def test_a_moment_that_is_gone_is_no_way_back(cast):
    one, two = make_entry(cast.event, minutes=1), make_entry(cast.event, minutes=2)
    for entry in (one, two):
        entries.set_t_zero(cast.event, by=cast.scribe, entry=entry)
    entries.set_removed(one, by=cast.scribe, removed=True)
    story = told(cast.event)
    assert (story.undo_to, story.is_reset) == (two.pk, True)
    entries.set_removed(two, by=cast.scribe, removed=True)
    story = told(cast.event, is_new=False)
    assert (story.mark, story.by) == (None, "")  # nobody chose the start, which counts meanwhile
    entries.set_removed(two, by=cast.scribe, removed=False)
    story = told(cast.event, is_new=False)
    assert (story.mark.pk, story.by) == (two.pk, cast.scribe.name)
