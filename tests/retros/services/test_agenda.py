"""Each kind's agenda: its steps, its minutes, and that whatever its document needs a text for has a place in the room."""

import pytest

from retros import sections
from retros.models import Event, Kind
from retros.services import agenda, prompts

ALL = list(Kind.values)


def of(kind, length):
    return agenda.agenda_for(Event(kind=kind, meeting_minutes=length))


@pytest.mark.parametrize(
    ("length", "minutes"),
    [
        (75, [3, 5, 20, 15, 10, 10, 10, 2]),
        (90, [3, 5, 30, 20, 10, 10, 10, 2]),
        (60, [3, 5, 25, 10, 4, 4, 6, 3]),
        (15, [1, 6, 3, 2, 3]),
    ],
)
def test_the_agenda_of_an_incident_has_the_minutes_of_its_length(length, minutes):
    assert [m for _, _, m in of("incident", length)] == minutes


@pytest.mark.parametrize(
    ("kind", "titles"),
    [
        ("launch", ["Open", "Read the summary", "The plan", "What deviated", "What surprised us", "What we would repeat",
                    "Do differently", "Action items", "Close"]),
        ("project", ["Open", "Read the summary", "Goals", "Phases", "What went well", "What was hard", "Decisions",
                     "Actions and advice", "Close"]),
        ("recurring", ["Open", "Read the summary", "What happened before", "Walk the timeline", "Root cause",
                       "Contributing factors", "What went well", "Action items", "Close"]),
        ("decision", ["Open", "Read the summary", "Decision and options", "Expected, and happened", "Why it was reasonable",
                      "What to ask next time", "Action items", "Close"]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("length", [60, 75, 90])
def test_other_kinds_go_by_their_own_steps(kind, titles, length):
    assert [title for _, title, _ in of(kind, length)] == titles


@pytest.mark.parametrize("length", [5, 15, 30, 45, 60, 75, 90, 120, 240])
@pytest.mark.parametrize("kind", ALL)
def test_the_minutes_add_up_and_no_step_has_none(kind, length):
    minutes = [m for _, _, m in of(kind, length)]
    assert sum(minutes) == max(length, agenda.SHORTEST)
    assert min(minutes) >= 1
    assert (len(minutes) == 5) is (length <= agenda.SHORTEST)


@pytest.mark.parametrize("length", [15, 75])
@pytest.mark.parametrize("kind", ALL)
def test_every_step_has_a_slug_of_its_own_and_parts_that_exist(kind, length):
    event = Event(kind=kind, meeting_minutes=length)
    slugs = [slug for slug, _, _ in agenda.agenda_for(event)]
    assert len(slugs) == len(set(slugs))
    parts = [part for slug in slugs for part in agenda.parts_of(event, slug)]
    assert len(parts) == len(set(parts))
    for part in set(parts) - {"opening", "close"}:
        assert sections.get(part).slug == part


@pytest.mark.parametrize("kind", ALL)
def test_what_the_document_tells_is_worked_on_in_the_room(kind):
    """Lessons are written afterwards; causes and factors of a launch only where they are used."""
    event = Event(kind=kind, meeting_minutes=75)
    worked_on = {part for slug, _, _ in agenda.agenda_for(event) for part in agenda.parts_of(event, slug)}
    left = set(sections.ORDER[kind]) - worked_on - {"lessons"}
    assert left == {"incident": {"impact"}, "recurring": {"impact"}, "launch": {"root-cause", "factors"}}.get(
        kind, set()
    )


@pytest.mark.parametrize("kind", ALL)
def test_each_part_that_is_a_text_is_asked_about(kind):
    event = Event(kind=kind, meeting_minutes=75)
    for slug, _, _ in agenda.agenda_for(event):
        for part in agenda.parts_of(event, slug):
            assert prompts.of(kind, part).endswith(("?", "."))
