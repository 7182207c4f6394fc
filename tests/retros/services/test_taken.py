"""What is taken off the event's page comes back whole, at its place, once, and in its own event."""

from types import SimpleNamespace
from typing import Any

import pytest

from retros.live.log import WrongState
from retros.models import Change, Event, Goal, ImpactFigure, ImpactInterval, Occurrence, State
from retros.services import events, kinds, taken
from tests.factories import START, make_event, make_goal, make_occurrence


def rows_of(event: Event, model: Any) -> list[dict[str, Any]]:
    return list(model.objects.filter(event=event).values())


@pytest.mark.parametrize("model", [Goal, Occurrence, ImpactInterval, ImpactFigure])
def test_a_row_comes_back_as_it_was_at_its_place(cast: SimpleNamespace, model: Any) -> None:
    event = cast.event
    for n in range(3):
        make_goal(event, f"Goal {n}", outcome="partly", note="half\nof it", rank=n)
        make_occurrence(event, f"Time {n}", promised="a fix", became="nothing", rank=n)
        ImpactInterval.objects.create(event=event, label=f"pages {n}", started_at=START, ended_text="the evening")
        ImpactFigure.objects.create(event=event, value=f"{n}", label="hooks", rank=n)
    remove = {ImpactInterval: events.remove_interval, ImpactFigure: events.remove_figure}.get(model, kinds.remove_part)
    before, middle = rows_of(event, model), model.objects.filter(event=event)[1]
    seq = remove(middle, by=cast.facilitator)
    assert [row["id"] for row in rows_of(event, model)] == [before[0]["id"], before[2]["id"]]
    assert taken.taken(event, seq) == middle
    taken.bring_back(event, seq, by=cast.facilitator)
    assert rows_of(event, model) == before
    with pytest.raises(WrongState, match="brought back already"):
        taken.bring_back(event, seq, by=cast.facilitator)
    assert rows_of(event, model) == before


def test_another_change_and_another_event_bring_nothing(cast: SimpleNamespace) -> None:
    goal = make_goal(cast.event, "Quick")
    seq = kinds.remove_part(goal, by=cast.facilitator)
    other = make_event()
    for event, number in ((cast.event, seq + 1), (other, seq)):
        with pytest.raises(WrongState):
            taken.bring_back(event, number, by=cast.facilitator)
    assert not Goal.objects.exists()
    assert taken.taken(cast.event, seq) is not None


def test_a_published_review_takes_nothing_back(cast: SimpleNamespace) -> None:
    seq = kinds.remove_part(make_goal(cast.event), by=cast.facilitator)
    Event.objects.filter(pk=cast.event.pk).update(state=State.PUBLISHED, published_at=START)
    with pytest.raises(WrongState):
        taken.bring_back(cast.event, seq, by=cast.facilitator)
    assert not Change.objects.filter(event=cast.event, what__startswith="brought back").exists()
