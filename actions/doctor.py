"""What the doctor asks of actions: rules across rows, which no constraint of the database can hold."""

from collections.abc import Iterable

from django.db.models import F

from aar_site.health.examinations import Line, examination, none
from actions.models import Action, Nudge


@examination("Actions")
def actions() -> Iterable[Line]:
    foreign = Action.objects.exclude(factor=None).exclude(factor__event=F("event")).order_by("pk")
    yield none(
        "An action answers a factor of its own event",
        (f"action {pk}" for pk in foreign.values_list("pk", flat=True)),
        "Open it on its page, choose a factor of its event, and keep it.",
    )
    strays = Nudge.objects.exclude(reminder__person=F("person")).order_by("pk")
    yield none(
        "Who was reminded is who got the mail",
        (f"reminder of action {pk}" for pk in strays.values_list("action", flat=True)),
        "Nothing to do but to tell the makers: the next reminder is not touched by it.",
        is_warning=True,
    )
