"""Lists of actions as people see them: the own ones, those of their teams, all they may open; and the same as CSV. Reads only."""

import csv
import io
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F, Q

from aar_site.people.models import Team
from aar_site.templatetags.ui import day
from actions.history import status_tag
from actions.models import CLOSED, OPEN, Action, Status

PAGE = 50
STATES = {
    "": ("Open", Q(status__in=OPEN)),
    "overdue": ("Overdue", Q(status__in=OPEN)),
    "blocked": ("Blocked", Q(status=Status.BLOCKED)),
    "proposed": ("Proposed", Q(status=Status.PROPOSED)),
    "closed": ("Closed", Q(status__in=CLOSED)),
}
FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Row:
    """One action of a list with its words. `owner` is empty where the reader has no business with names."""

    action: Action
    shape: str
    words: str
    due: str
    owner: str
    is_unowned: bool
    team: str


@dataclass(frozen=True)
class Listing:
    """One page: the own actions, the others, and how to turn to other pages and states."""

    mine: list[Row]
    others: list[Row]
    others_title: str
    state: str
    states: list[tuple[str, str]]
    page: int
    pages: int
    total: int
    late: int


def teams_of(user: Any) -> dict[int, str]:
    """The person's teams by key. One query."""
    return dict(Team.objects.filter(memberships__user=user.pk).values_list("pk", "name"))


def chosen(user: Any, state: str, today: date) -> Any:
    """Actions of a state that are visible to the person."""
    found = Action.objects.visible_to(user).filter(STATES[state][1])
    return found.filter(due_on__lt=today) if state == "overdue" else found


def listing(user: Any, *, state: str = "", page: str = "", everything: bool = False, today: date) -> Listing:
    """The own list first, then the teams' (or everything that is visible), 50 a page. A constant number of queries."""
    state = state if state in STATES else ""
    teams = teams_of(user)
    found = chosen(user, state, today).select_related("owner", "event__team")
    order = (F("closed_at").desc(), "-pk") if state == "closed" else (F("due_on").asc(nulls_last=True), "pk")
    mine = list(found.filter(owner=user.pk).order_by(*order)[:PAGE])
    others = found.exclude(owner=user.pk)
    if not everything:
        others = others.filter(event__team__in=teams)
    total = others.count()
    pages = max(-(-total // PAGE), 1)
    number = min(max(int(page) if page.isdecimal() else 1, 1), pages)
    rows = list(others.order_by(*order)[(number - 1) * PAGE : number * PAGE])
    title = "Everything you may open" if everything else "Your team’s" if len(teams) < 2 else "Your teams’"
    return Listing(
        mine=[row(a, user, teams, today) for a in mine],
        others=[row(a, user, teams, today) for a in rows],
        others_title=title,
        state=state,
        states=[(key, words) for key, (words, _) in STATES.items()],
        page=number,
        pages=pages,
        total=total,
        late=sum(a.days_late(today) > 0 for a in mine),
    )


def row(action: Action, user: Any, teams: dict[int, str], today: date) -> Row:
    """Names stand for the own action and those of the own teams: to unblock, never to compare people."""
    shape, words = status_tag(action, today)
    is_unowned = action.is_open and not (action.owner and action.owner.is_active)
    is_named = action.owner_id == user.pk or action.event.team_id in teams
    return Row(
        action=action,
        shape=shape,
        words=words,
        due=day(action.due_on) if action.due_on else action.due_text,
        owner=action.owner.name if action.owner and is_named and not is_unowned else "",
        is_unowned=is_unowned,
        team=action.event.team.name if action.event.team else "",
    )


def headline(user: Any, found: Listing) -> str:
    """The sentence above the lists: what the reader owns."""
    if found.state:
        words = dict(found.states)[found.state].lower()
        return f"{len(found.mine)} {words} of yours"
    if not found.mine:
        return "You own no open action"
    count = "One action of yours is open" if len(found.mine) == 1 else f"{len(found.mine)} of your actions are open"
    return f"{count}, {found.late} overdue" if found.late else count


# --- CSV ------------------------------------------------------------------------------------------------------------
COLUMNS = ["Number", "Action", "Review", "Team", "Owner", "Due", "Size", "Type", "Strength", "Status", "Days late",
           "New dates", "Closed when", "Committed", "Closed", "Evidence or reason"]  # fmt: skip


def as_csv(user: Any, *, state: str, team: str, today: date) -> str:
    """Everything of a state that the person may open, with a byte order mark, so that spreadsheets read it as UTF-8."""
    teams = teams_of(user)
    found = chosen(user, state if state in STATES else "", today).select_related("owner", "event__team")
    if team.isdecimal():
        found = found.filter(event__team=int(team))
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for action in found.order_by(F("due_on").asc(nulls_last=True), "pk").iterator(chunk_size=1000):
        writer.writerow([neutral(cell) for cell in _cells(action, row(action, user, teams, today), today)])
    return "\ufeff" + out.getvalue()


def _cells(action: Action, shown: Row, today: date) -> list[Any]:
    late = max(action.days_late(today), 0) or ""
    said = action.evidence or action.drop_reason or action.blocked_reason
    owner = "No owner" if shown.is_unowned else shown.owner
    return [
        action.pk, action.title, action.event.title, shown.team, owner, action.due_on or action.due_text, action.size,
        action.get_type_display(), action.get_strength_display(), action.get_status_display(), late,
        action.redated_count or "", action.closed_when, action.committed_on or "",
        action.closed_at.date() if action.closed_at else "", said,
    ]  # fmt: skip


def neutral(cell: Any) -> str:
    """A cell that no spreadsheet takes for a formula: a leading sign is kept, behind an apostrophe."""
    text = str(cell)
    return f"'{text}" if text.lstrip(" \n\u00a0\u3000\ufeff").startswith(FORMULA) else text
