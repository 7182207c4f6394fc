"""The doctor finds each broken rule of actions."""

from datetime import date
from types import SimpleNamespace

from actions import doctor
from actions.models import Nudge, Reminder
from retros.models import Factor
from tests.factories import make_action, make_event, make_user


def marks() -> str:
    return "".join(line.mark for line in doctor.actions())


def test_an_action_answers_a_factor_of_its_own_event(cast: SimpleNamespace) -> None:
    own = Factor.objects.create(event=cast.event, category="change", text="x")
    action = make_action(cast.event, owner=cast.participant, factor=own)
    assert marks() == "✓✓"
    action.factor = Factor.objects.create(event=make_event(), category="change", text="x")
    action.save()
    [line, _] = doctor.actions()
    assert (line.mark, line.words) == (
        "✗", f"Broken: an action answers a factor of its own event: action {action.pk}",
    )  # fmt: skip


def test_who_was_reminded_is_who_got_the_mail(cast: SimpleNamespace) -> None:
    action = make_action(cast.event, owner=cast.participant)
    mail = Reminder.objects.create(person=cast.participant, local_date=date(2026, 3, 2))
    nudge = Nudge.objects.create(
        person=cast.participant, action=action, due_on=date(2026, 3, 2), level=0, reminder=mail
    )
    assert marks() == "✓✓"
    nudge.person = make_user("Somebody else")
    nudge.save()
    assert marks() == "✓!"
