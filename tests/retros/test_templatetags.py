"""Rows that are kept once they are rendered: few are rendered anew, and none shows what is no longer so."""

from types import SimpleNamespace

from retros.live import topics
from retros.models import RoomNote
from retros.services import causes, meeting
from retros.templatetags import retros as tags
from retros.templatetags.retros import ROWS
from tests.factories import make_entry


def why(cast: SimpleNamespace, text: str, parent=None, **fields):
    return causes.add(cast.event, by=cast.scribe, parent=parent, text=text, **fields)


def stage(cast: SimpleNamespace) -> str:
    return topics.render_topics(cast.event.pk, {"analysis"})[1]["stage"]


def test_one_cause_that_changes_is_one_row_rendered_and_every_row_is_as_if_none_were_kept(cast):
    meeting.start(cast.event, by=cast.facilitator)
    here = meeting.meeting_of(cast.event)
    rank = here.steps.get(slug="root-cause").rank
    meeting.go(cast.event, by=cast.facilitator, from_rank=here.step.rank, to_rank=rank)
    moment = make_entry(cast.event, "Alarms rang", landmark="detected")
    effect = why(cast, "Pages were stale")
    one, two = (why(cast, text, effect) for text in ("One <answer>", "Two"))
    deep = why(cast, "Deep", one)

    def after(change, *args, rows: int, **fields) -> None:
        stage(cast)
        before = len(ROWS)
        change(*args, by=cast.scribe, **fields)
        kept = stage(cast)
        assert len(ROWS) - before == rows
        ROWS.clear()
        assert stage(cast) == kept

    ROWS.clear()
    after(causes.edit, deep, version=1, text="Deeper", rows=1)
    after(causes.edit, one, version=1, evidence=[moment], rows=1)
    after(causes.edit, two, version=1, is_root_cause=True, rows=1)
    after(causes.share, deep, effect=two, rows=2)  # it says where else it leads, and the list there closes with it
    after(causes.discuss, effect, rows=2)
    after(causes.remove, deep, rows=3)  # the one above it, the one it led to, and the effect that counts them
    assert "One &lt;answer&gt;" in stage(cast)


class Emptied(dict):
    """Thrown away by another thread just after this one asked whether a row is in it."""

    def __contains__(self, key: object) -> bool:
        found = super().__contains__(key)
        self.clear()
        return found


def test_rows_that_another_thread_throws_away_meanwhile_are_rendered_again(cast, monkeypatch):
    meeting.start(cast.event, by=cast.facilitator)
    RoomNote.objects.create(event=cast.event, step_slug="opening", text="Said aloud", created_by=cast.scribe)
    once = topics.render_topics(cast.event.pk, {"notes"})[1]["notes"]
    assert "Said aloud" in once
    monkeypatch.setattr(tags, "ROWS", Emptied(ROWS))
    assert topics.render_topics(cast.event.pk, {"notes"})[1]["notes"] == once
