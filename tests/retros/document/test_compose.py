"""The composed summary: facts only, in sentences, offered and never written over anybody's words."""

from retros.document import builtin, compose
from retros.document.tree import Missing, Text
from retros.models import ImpactFigure, WhyNode
from retros.services import document
from tests.factories import START, make_action, make_event, make_user


def test_what_happened_why_and_what_changes(db):
    event = make_event("Cut", what_happened="A cut moved the leaders")
    event.impact.users_affected, event.impact.users_count = "users of webhooks", 500
    ImpactFigure.objects.create(event=event, value="43", label="seconds")
    ImpactFigure.objects.create(event=event, value="yes", label="data kept", rank=1)
    WhyNode.objects.create(event=event, text="Nothing limited it", is_root_cause=True)
    for n in range(4):
        make_action(event, f"Action {n}.", closed_when="It is done.", rank=n)
    make_action(event, "Never mind", status="dropped", rank=9)
    assert compose.summary(event).split("\n\n") == [
        "A cut moved the leaders. It lasted 24 h 11 min (21 Oct 2018, 22:52 to 22 Oct 2018, 23:03 UTC). "
        "Affected: 500 users of webhooks. In figures: 43 seconds, data kept: yes.",
        "Why it was possible: Nothing limited it.",
        "What will change: Action 0; Action 1; Action 2; and 1 more.",
    ]


def test_little_is_known_and_little_is_said(db):
    assert compose.summary(make_event("Something broke", started_at=None, ended_at=None)) == "Something broke."


def test_an_open_cause_is_said(db):
    assert "The cause is not established." in compose.summary(make_event(is_cause_unknown=True))


def test_a_persons_summary_is_left_alone(db):
    event = make_event("Cut")
    text, hint = builtin.summary(event)
    assert text == Text(compose.summary(event))
    assert isinstance(hint, Missing)
    document.save_text(event, "summary", text="We chose integrity.", base_number=0, by=make_user())
    assert builtin.summary(event) == [Text("We chose integrity.")]


def test_what_hangs_below_a_removed_cause_is_told_nowhere(db):
    event = make_event()
    effect = WhyNode.objects.create(event=event, text="Degraded for a day")
    WhyNode.objects.create(event=event, text="Nothing limited it", parent=effect, is_root_cause=True)
    assert "Nothing limited it" in compose.summary(event)
    assert builtin.gate_cause(event) == []
    WhyNode.objects.filter(pk=effect.pk).update(removed_at=START)
    assert "Nothing limited it" not in compose.summary(event)
    assert [finding.slug for finding in builtin.gate_cause(event)] == ["no-cause"]
