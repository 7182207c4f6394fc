"""What needs somebody on the dashboard: overdue, blocked or unowned actions. Reads only."""

from typing import Any

from django.db.models import Q

from aar_site.words import counted
from actions import lists
from actions.history import overdue
from actions.models import Action, Status

MOST = 15
READ = (
    "title", "due_on", "status", "type", "blocked_reason", "redated_count", "committed_on", "event__title",
    "event__team__name", "owner__name", "owner__is_active",
)  # what a row of the decisions says; an event holds much more  # fmt: skip


def needed(scope: Any) -> list[dict[str, Any]]:
    """The oldest of those that the person may open. One query."""
    today = scope.today
    wanted = Q(due_on__lt=today) | Q(status=Status.BLOCKED) | Q(owner__is_active=False)
    found = scope.own(Action.objects.visible_to(scope.user).open().filter(wanted))
    shown = found.select_related("event__team", "owner").only(*READ).order_by("due_on", "pk")[:MOST]
    return [_decision(action, scope) for action in shown]


def _decision(action: Action, scope: Any) -> dict[str, Any]:
    late = action.days_late(scope.today)
    shown = lists.row(action, scope.user, scope.managed, scope.today)
    due = overdue(late) if late > 0 else "Blocked" if not shown.is_unowned else "No owner"
    return {
        "action": action,
        "note": shown.note,
        "owner": shown.owner,
        "team": shown.team,
        "is_unowned": shown.is_unowned,
        "open_for": age_words((scope.today - (action.committed_on or scope.today)).days),
        "shape": "late" if late > 0 else "now",
        "due": due,
    }


def age_words(days: int) -> str:
    """How long something is open: days up to three weeks, then weeks."""
    if days < 21:
        return counted(max(days, 0), "day")
    return f"{days // 7} wks"
