"""The history of one action, told from the event's change log; and who was reminded of it. Reads only."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db.models import Q

from aar_site import clock
from aar_site.words import clock_time, counted, day, day_month_year
from actions.models import Action, Nudge, Status, Strength
from actions.models import Size as SizeChoice
from retros.models import Change

LABELS = {
    "title": "Action", "owner": "Owner", "due_on": "Date", "size": "Size", "closed_when": "Closed when", "type": "Type",
    "strength": "Strength", "factor": "Answers", "cause": "Answers", "review_on": "Looked at again on", "reference": "Ticket or link",
}  # fmt: skip
SENTENCES = {
    "proposed an action": "Proposed.",
    "committed to an action": "Committed.",
    "started an action": "Started.",
    "said what is in the way": "Blocked.",
    "unblocked an action": "Nothing in the way any more.",
    "closed an action": "Done.",
    "checked an action’s effect": "Effect checked.",
    "dropped an action": "Dropped.",
    "decided not to act": "Decided not to act.",
    "looked again at what was decided against": "Looked at again.",
    "opened an action again": "Opened again.",
    "handed an action over": "Handed over.",
    "split an action": "Split.",
    "gave an action a new date": "",
    "edited an action": "",
    "wrote how an action stands": "",
}
SHAPES = {"proposed": "chat", "committed": "tick", "done": "log", "checked": "log", "dropped": "log"}


@dataclass(frozen=True)
class Step:
    """One change: when (`ago` and `on` in the reader's zone), by whom ("Hindcast" for the system), a sentence, what was
    replaced, and the reason in their words."""

    at: datetime
    ago: str
    on: str
    who: str
    sentence: str
    pairs: list[tuple[str, str, str]]
    reason: str
    shape: str
    is_key: bool


@dataclass(frozen=True)
class Told:
    """That somebody was reminded: on which day, and in which words."""

    on: date
    who: str
    words: str


def history(action: Action, zone: str, *, opens_event: bool = True) -> list[Step]:
    """Every change of the action, newest first; of one that was split off, the split it came from too. One query.

    Whoever cannot open the event reads the action alone: which factor it answers is the review's.
    """
    wanted = Q(subject=f"action:{action.pk}")
    if action.split_from_id:
        wanted |= Q(subject=f"action:{action.split_from_id}", detail__rest=action.pk)
    rows = Change.objects.filter(wanted, event=action.event_id).select_related("actor").order_by("-seq")
    labels = (
        LABELS if opens_event else {name: words for name, words in LABELS.items() if name not in {"factor", "cause"}}
    )
    return [_step(row, zone, labels) for row in rows]


def _step(row: Change, zone: str, labels: dict[str, str]) -> Step:
    before, after = row.detail.get("before") or {}, row.detail.get("after") or {}
    is_new = "before" not in row.detail and "after" in row.detail
    pairs = [
        (labels[name], _said(name, before.get(name, "")), _said(name, after.get(name, "")))
        for name in labels
        if name in before and after.get(name) != before[name]
    ]
    if rest := after.get("rest"):
        pairs.append(("The rest is its own action", "", rest))
    days = (clock.today(zone) - row.at.astimezone(ZoneInfo(zone)).date()).days
    return Step(
        at=row.at,
        ago={0: "Today", 1: "Yesterday"}.get(days, f"{days} days"),
        on=day(row.at, zone).split(" ", 1)[1] if days else clock_time(row.at, zone),
        who=row.actor.name if row.actor else "Hindcast",
        sentence=" ".join(filter(None, (SENTENCES.get(row.what, ""), _first_words(after) if is_new else ""))),
        pairs=pairs,
        reason=row.detail.get("reason") or "",
        shape=SHAPES.get(row.detail.get("status", ""), "acct"),
        is_key=row.what in {"gave an action a new date", "closed an action", "committed to an action"},
    )


def _first_words(after: dict[str, str]) -> str:
    """What was known of an action when it was written: "Owner Priya, due 17 Dec 2026, size S."."""
    known = [(words, _said(name, after.get(name, ""))) for name, words in (("owner", "owner"), ("due_on", "due"))]
    known.append(("size", after.get("size", "")))
    said = ", ".join(f"{words} {value}" for words, value in known if value)
    return f"{said[:1].upper()}{said[1:]}." if said else ""


def redated(action: Action) -> str:
    """How often its date moved, in words; "" for never."""
    times = action.redated_count
    return {0: "", 1: "Re-dated once", 2: "Re-dated twice"}.get(times, f"Re-dated {times} times")


def _said(name: str, value: str) -> str:
    """A stored value in the reader's words."""
    if name == "due_on" and value:
        on = date.fromisoformat(value)
        return day_month_year(on)
    if name == "size":
        return dict(SizeChoice.choices).get(value, value)
    if name == "strength":
        return dict(Strength.choices).get(value, value)
    if name == "type":
        return dict(Action._meta.get_field("type").choices or []).get(value, value)
    return value


def told(action: Action) -> list[Told]:
    """Who was reminded of the action and when, oldest first. One query."""
    rows = (
        Nudge.objects.filter(action=action).select_related("person", "reminder").order_by("reminder__created_at", "pk")
    )
    return [Told(row.reminder.local_date, row.person.name, _level(row.level)) for row in rows]


def _level(level: int) -> str:
    words = {-2: "two days before", 0: "on the day", 3: "after 3 days", 7: "after 7 days", 8: "to unblock"}
    words |= {30: "asked for a decision", 100: "no owner any more"}
    return words.get(level, "")


def overdue(late: int) -> str:
    """ "3 days overdue": how late an action is, in the same words everywhere."""
    return f"{counted(late, 'day')} overdue"


def status_tag(action: Action, today: date) -> tuple[str, str]:
    """(shape, words) of where an action stands, for the tag of a row."""
    late = action.days_late(today)
    if action.status == Status.BLOCKED and late <= 0:
        return "now", "Blocked"
    if late > 0:
        return "late", overdue(late)
    shapes = {
        "proposed": "off",
        "committed": "part",
        "in_progress": "part",
        "blocked": "now",
        "done": "ok",
        "checked": "ok",
    }
    return shapes.get(action.status, "off"), str(action.get_status_display())
