"""The list of events: which a person may know of, by where they stand, with what is late."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from aar_site import clock
from aar_site.words import day_month, month_year
from retros import timing
from retros.document.chart import trace_of
from retros.document.tree import Trace
from retros.models import Event, Kind, State, TimelineEntry
from retros.services import schedule

SHOWN = {State.PUBLISHED: 5, State.NOT_REVIEWED: 5}
MOST_TRACES = 40
MOST_ENTRIES = 4000
PLURALS = {
    Kind.INCIDENT: "Incidents",
    Kind.LAUNCH: "Launches",
    Kind.PROJECT: "Projects",
    Kind.RECURRING: "Recurring",
    Kind.DECISION: "Decisions",
}
PAST = ("pk", "state", "started_at", "time_zone", "ended_at", "published_at", "created_at")
MOVING = (State.PREPARING, State.MEETING, State.DRAFT, State.REVIEW)


@dataclass(frozen=True)
class Row:
    """One event of the list. `is_open` tells whether the reader may open its page; `late` is a sentence or empty.

    `day` counts from the event's end to its publication; None where one of them is missing. `next` says what is due and when,
    `is_closing` that little time is left for it, `held` how long after the event the meeting was.
    """

    event: Event
    is_open: bool
    late: str
    when: str
    day: int | None = None
    trace: Trace | None = None
    next: str = ""
    is_closing: bool = False
    held: str = ""


@dataclass(frozen=True)
class Listing:
    """The whole page: sections of (state, label, rows, how many are left out), counts by kind, and how the last ones went.

    `recent` is (published in time, published) of the last five that were due at all.
    """

    sections: list[tuple[str, str, list[Row], int]]
    kinds: list[tuple[str, str, int]]
    moving: int
    late: int
    recent: tuple[int, int]
    years: list[tuple[int, int]]


def listing(
    user: Any, *, kind: str = "", team: int = 0, year: str = "", show_all: bool = False, late_only: bool = False
) -> Listing:
    """Everything the page shows, in a constant number of queries."""
    base = Event.objects.listed_for(user).select_related("team")
    if team:
        base = base.filter(team=team)
    counts = Counter(base.values_list("kind", flat=True))
    if kind in Kind.values:
        base = base.filter(kind=kind)
    ordered = base.order_by("-started_at", "-id")
    moving = list(ordered.filter(state__in=MOVING))
    late = [e for e in moving if late_words(e)]
    # Of those that are over there may be thousands, and few are shown: plain values first, whole rows for what is seen.
    past = list(ordered.filter(state__in=SHOWN).values_list(*PAST, named=True))
    published = [e for e in past if e.state == State.PUBLISHED]
    years = Counter(_year(e) for e in published if e.started_at)
    chosen = {state: [e for e in past if e.state == state] for state in SHOWN}
    if year:
        chosen[State.PUBLISHED] = [e for e in published if e.started_at and str(_year(e)) == year]
    most = {state: None if show_all or (year and state == State.PUBLISHED) else count for state, count in SHOWN.items()}
    seen = {e.pk: e for e in base.filter(pk__in=[e.pk for state in SHOWN for e in chosen[state][: most[state]]])}
    shown = {state: [e for e in (late if late_only else moving) if e.state == state] for state in MOVING}
    shown |= {state: [] if late_only else [seen[e.pk] for e in chosen[state][: most[state]]] for state in SHOWN}
    found = [e.pk for rows in shown.values() for e in rows]
    visible = set(Event.objects.visible_to(user).filter(pk__in=found).values_list("pk", flat=True))
    small = traces([e for e in moving if e.pk in visible][:MOST_TRACES])
    return Listing(
        sections=[
            (
                state.value,
                _label(state),
                [_row(e, visible, small.get(e.pk)) for e in shown[state]],
                len(chosen.get(state, shown[state])) - len(shown[state]),
            )
            for state in State
            if shown[state]
        ],
        kinds=[(k.value, PLURALS[k], counts[k.value]) for k in Kind if counts[k.value]],
        moving=len(moving),
        late=len(late),
        recent=_recent(published),
        years=sorted(years.items(), reverse=True),
    )


def _recent(published: list[Any]) -> tuple[int, int]:
    """(published in time, published) of the last five that were due at all."""
    due = [e for e in published[:20] if schedule.publish_due(e)]
    days = [day for day in map(published_on_day, due) if day is not None][:5]
    return sum(day <= schedule.PUBLISH_DAYS for day in days), len(days)


def _year(event: Any) -> int:
    """The year in which it began, in its own zone."""
    return int(event.started_at.astimezone(ZoneInfo(event.time_zone)).year)


def _label(state: State) -> str:
    return "No review, because" if state == State.NOT_REVIEWED else str(state.label)


def _row(event: Event, visible: set[int], trace: Trace | None) -> Row:
    when = timing.date_range(event.local_start, event.local_end, event.started_precision)
    return Row(
        event,
        event.pk in visible,
        late_words(event),
        when,
        published_on_day(event),
        trace,
        next_words(event),
        schedule.is_closing(event) or is_publication_near(event),
        schedule.held_words(event),
    )


def published_on_day(event: Any) -> int | None:
    """Full days from the event's end to its first publication."""
    if event.published_at is None or event.ended_at is None:
        return None
    return (event.published_at - event.ended_at).days


def late_words(event: Event) -> str:
    """Why a review in motion is late: its meeting or its publication is past due; "" while it is not."""
    now = clock.now()
    publish, meet = schedule.publish_due(event), schedule.meeting_due(event)
    if event.state not in MOVING or publish is None or meet is None:
        return ""
    if now > publish:
        days = (
            clock.today(event.time_zone) - publish.astimezone(event.zone).date()
        ).days  # as one counts on a calendar
        if days > 99:
            return f"Review due in {month_year(publish)}"
        ago = {0: "today", 1: "yesterday"}.get(days, f"{days} days ago")
        return f"Review due {ago}"
    if event.state == State.PREPARING and now > meet and not (event.meeting_at and event.meeting_at > now):
        return "Meeting overdue"
    return ""


def next_words(event: Event) -> str:
    """What is due next and until when: "Meeting by 3 Dec"; "" where nothing follows from the end or a time is set."""
    publish, meet = schedule.publish_due(event), schedule.meeting_due(event)
    if event.ended_at is None and event.review_on and event.state == State.PREPARING:
        return f"Review on {day_month(event.review_on)}"
    if publish is None or meet is None or event.state == State.MEETING:
        return ""
    if event.state == State.PREPARING:
        if event.meeting_at:
            after = schedule.days_after(event, event.meeting_at) or 0
            return f"Meets on day {after}" if after > schedule.meet_days(event) else "Meeting is set"
        return f"Meeting by {day_month(meet.astimezone(event.zone))}"
    return f"Publish by {day_month(publish.astimezone(event.zone))}"


def is_publication_near(event: Event) -> bool:
    """Whether a draft has little time left until it belongs published."""
    due = schedule.publish_due(event)
    return event.state in (State.DRAFT, State.REVIEW) and due is not None and due - clock.now() <= timedelta(days=2)


def traces(rows: list[Event]) -> dict[int, Trace | None]:
    """The small traces of a few events, from one query over their entries; plain rows, because there may be thousands."""
    by_event: dict[int, list[Any]] = {event.pk: [] for event in rows}
    entries = TimelineEntry.objects.kept().filter(event__in=by_event, at__isnull=False).order_by("event", "at")
    fields = ("event_id", "pk", "at", "is_key", "landmark", "precision")
    for entry in entries.values_list(*fields, named=True)[:MOST_ENTRIES]:
        by_event[entry.event_id].append(entry)
    return {event.pk: trace_of(event, by_event[event.pk]) for event in rows}
