"""Lists of actions as people see them: the own ones, those of their teams, all they may open; and the same as CSV. Reads only."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from textwrap import shorten
from typing import Any

from django.db.models import Case, Count, F, Q, When

from aar_site import tables
from aar_site.words import day, in_words
from actions.access import teams_of
from actions.history import redated, status_tag
from actions.models import CLOSED, Action, Status
from actions.querysets import IS_OPEN
from actions.services import closed_on

PAGE = 50
STATES = {
    "": ("Open", IS_OPEN),
    "overdue": ("Overdue", IS_OPEN),  # and due before today
    "blocked": ("Blocked", Q(status=Status.BLOCKED)),
    "proposed": ("Proposed", Q(status=Status.PROPOSED)),
    "closed": ("Closed", Q(status__in=CLOSED)),
}


@dataclass(frozen=True)
class Row:
    """One action of a list with its words. `owner` is empty where the reader has no business with names."""

    action: Action
    shape: str
    words: str
    due: str
    note: str
    owner: str
    is_unowned: bool
    team: str


@dataclass(frozen=True)
class Listing:
    """One page: groups of rows under a title (the own ones first), how many there are, and where the page stands.

    `mine` and `late` count the own ones of the state and those of them that are overdue; `total` and `total_late` everything.
    """

    groups: list[tuple[str, list[Row]]]
    state: str
    states: list[tuple[str, str]]
    is_everything: bool
    page: int
    pages: int
    total: int
    total_late: int
    mine: int
    late: int


def chosen(user: Any, *, state: str, is_everything: bool, teams: Collection[int], today: date) -> Any:
    """Actions of a state that are visible to the person: the own ones and their teams', or everything."""
    found = Action.objects.visible_to(user).filter(STATES[state][1]).select_related("owner", "event__team")
    if state == "overdue":
        found = found.filter(due_on__lt=today)
    return found if is_everything else found.filter(Q(owner=user.pk) | Q(event__team__in=teams))


def listing(user: Any, *, state: str = "", page: int = 1, is_everything: bool = False, today: date) -> Listing:
    """The own ones first, then the teams' (or everything that is visible), 50 a page. Three queries."""
    state = state if state in STATES else ""
    teams = teams_of(user)
    found = chosen(user, state=state, is_everything=is_everything, teams=teams, today=today)
    own, late = Q(owner=user.pk), Q(IS_OPEN, due_on__lt=today)
    counts = found.aggregate(
        total=Count("pk"),
        total_late=Count("pk", filter=late),
        mine=Count("pk", filter=own),
        late=Count("pk", filter=own & late),
    )
    pages = max(-(-counts["total"] // PAGE), 1)
    number = min(max(page, 1), pages)
    order = F("closed_at").desc() if state == "closed" else F("due_on").asc(nulls_last=True)
    shown = found.order_by(Case(When(own, then=0), default=1), order, "pk")[(number - 1) * PAGE : number * PAGE]
    rows = [row(action, user, teams, today) for action in shown]
    others = (
        "Everything else that you may open" if is_everything else "Your team’s" if len(teams) < 2 else "Your teams’"
    )
    groups = [
        ("Yours", [r for r in rows if r.action.owner_id == user.pk]),
        (others, [r for r in rows if r.action.owner_id != user.pk]),
    ]
    return Listing(
        groups=[group for group in groups if group[1]],
        state=state,
        states=[(key, words) for key, (words, _) in STATES.items()],
        is_everything=is_everything,
        page=number,
        pages=pages,
        **counts,
    )


def row(action: Action, user: Any, teams: Collection[int], today: date) -> Row:
    """Names stand for the own action and those of the own teams: to unblock, never to compare people."""
    shape, words = status_tag(action, today)
    is_unowned = action.is_open and not (action.owner and action.owner.is_active)
    is_named = action.owner_id == user.pk or action.event.team_id in teams
    return Row(
        action=action,
        shape=shape,
        words=words,
        due=day(action.due_on) if action.due_on else action.due_text,
        note=note(action),
        owner=action.owner.name if action.owner and is_named and not is_unowned else "",
        is_unowned=is_unowned,
        team=action.event.team.name if action.event.team else "",
    )


def note(action: Action) -> str:
    """The line below its title: what is in the way, how often its date moved, where it comes from."""
    said = [shorten(action.blocked_reason, 120, placeholder="…")] if action.status == Status.BLOCKED else []
    said.append(redated(action))
    return " · ".join(filter(None, [*said, f"From “{action.event.title}”"]))


def headline(found: Listing) -> str:
    """The sentence above the lists: what the reader owns, or how much there is."""
    words = dict(found.states)[found.state].lower()
    if found.is_everything:
        late = f", {found.total_late or 'none'} overdue" if found.total and not found.state else ""
        return f"{found.total or 'None'} {words}{late}"
    if not found.mine and found.groups:  # what is there is the team's
        return (
            f"{in_words(found.total).capitalize()} of your team’s actions {'is' if found.total == 1 else 'are'} {words}"
        )
    if not found.mine:
        return f"None of your actions is {words}"
    many = found.mine > 1
    said = f"{in_words(found.mine).capitalize()} of your actions {'are' if many else 'is'} {words}"
    if not found.late or found.state:
        return said
    return f"{said}, {in_words(found.late)} overdue" if many else f"{said}, and overdue"


# --- CSV ------------------------------------------------------------------------------------------------------------
COLUMNS = ["Number", "Action", "Review", "Team", "Owner", "Due", "Size", "Type", "Strength", "Status", "Days overdue",
           "New dates", "Closed when", "Committed", "Closed", "Evidence or reason"]  # fmt: skip


def as_csv(user: Any, *, state: str, is_everything: bool, team: int, today: date) -> str:
    """Every row of a list, for spreadsheets."""
    teams = teams_of(user)
    state = state if state in STATES else ""
    found = chosen(user, state=state, is_everything=is_everything, teams=teams, today=today)
    if team:
        found = found.filter(event__team=team)
    ordered = found.order_by(F("due_on").asc(nulls_last=True), "pk").iterator(chunk_size=1000)
    return tables.as_csv(COLUMNS, (_cells(action, row(action, user, teams, today), today) for action in ordered))


def _cells(action: Action, shown: Row, today: date) -> list[Any]:
    late = max(action.days_late(today), 0) or ""
    said = action.evidence or action.drop_reason or action.blocked_reason
    owner = "No owner" if shown.is_unowned else shown.owner
    return [
        action.pk, action.title, action.event.title, shown.team, owner, action.due_on or action.due_text, action.size,
        action.get_type_display(), action.get_strength_display(), action.get_status_display(), late,
        action.redated_count or "", action.closed_when, action.committed_on or "",
        closed_on(action) or "", said,
    ]  # fmt: skip
