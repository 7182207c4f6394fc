"""The section 'Action items', which this wing adds to every review through the port."""

from collections import Counter
from datetime import date, timedelta
from textwrap import shorten
from typing import Any

from django.urls import reverse

from aar_site import clock
from aar_site.words import day, day_month, in_words
from actions import exchange, lint, services
from actions.access import parked_ideas, read_causes, read_factors
from actions.carried import carried_over
from actions.forms import LineForm
from actions.history import overdue, redated, status_tag
from actions.models import CLOSED, Action, Status, Strength
from actions.reading import lacking
from retros import sections
from retros.document import tree
from retros.models import Category, Event, State
from retros.services import well
from retros.services.once import once, remembers

LOOKED = {
    "keep": "Looked at, and it stays",
    "redate": "Given a new date here",
    "close": "Closed here",
    "drop": "Dropped here",
}
HEAD = ["Action", "Owner", "Due", "Type", "Status"]


def register() -> None:
    """Register it; called once when the apps are ready."""
    sections.register(
        sections.Section(
            slug="actions",
            title="Action items",
            build=build,
            gate=gate,
            tab=sections.Tab("Actions", "event_actions", open_count),
            room_template="actions/_room_actions.html",
            room_context=room_context,
            opening_template="actions/_carried_opening.html",
            opening_context=opening_context,
            aside_template="actions/_carried_aside.html",
            aside_context=aside_context,
            followers=followers,
            made=made,
            ahead=ahead,
            owned=owned,
            load=exchange.load,
            carried=exchange.CARRIED,
        )
    )


def actions_of(event: Event) -> list[Action]:
    """The event's actions in their order, with owner and factor. One query."""
    return once(event, "actions", _read_actions)


def _read_actions(event: Event) -> list[Action]:
    rows = list(Action.objects.filter(event=event).select_related("owner", "factor", "cause"))
    for row in rows:
        row.event = event
    return rows


def open_count(event: Event) -> int | None:
    """Of the tab: actions that are not closed; None where there are none. Counted where the page reads them anyway."""
    if remembers(event):
        return sum(action.status not in CLOSED for action in actions_of(event)) or None
    return Action.objects.filter(event=event).exclude(status__in=CLOSED).count() or None


# --- The document ---------------------------------------------------------------------------------------------------
def build(event: Event) -> list[tree.Block]:
    """The table of actions, which stands there without rows, too; names stand where people own something."""
    rows = actions_of(event)
    urls = [reverse("action_detail", args=[action.pk]) for action in rows]
    table = tree.Table(HEAD, [_row(action) for action in rows], urls)
    hint = "What will be different? Add an action, or record in the lessons why you decided not to act."
    return [table] if rows else [table, tree.Missing(hint, f"/e/{event.code}/actions/", "Add the first action")]


def _row(action: Action) -> list[str]:
    owner = action.owner.name if action.owner else action.owner_text
    due = action.due_on.isoformat() if action.due_on else action.due_text
    more = [
        ("Closed when", action.closed_when),
        ("Because", action.drop_reason if action.status == Status.DROPPED else ""),
        ("To be looked at again on", action.review_on.isoformat() if action.review_on else ""),
        ("Reference", action.reference),
    ]
    small = [f"{label}: {' '.join(words.split())}" for label, words in more if words]
    status = str(action.get_status_display())
    theirs = action.status_text if action.status_text.lower() != status.lower() else ""
    status = f"{status} (source: {theirs})" if theirs else status
    return ["\n".join([action.title, *small]), owner, due, action.get_type_display(), status]


def gate(event: Event) -> list[sections.Finding]:
    """Advice before publication: no action at all, only weaker ones, proposals left. Nothing here blocks."""
    rows = actions_of(event)
    url = f"/e/{event.code}/actions/"
    if not rows:
        return [_finding("actions-none", "The review ends without an action", "Nothing will be different because you met.",
                         "Write one action, or record why you decided not to act.", url)]  # fmt: skip
    found = []
    kept = [a for a in rows if a.status not in {Status.DROPPED, Status.PROPOSED}]
    if kept and event.is_serious and all(a.strength == Strength.WEAKER for a in kept):
        found.append(_finding("actions-weaker", "Every action depends on people remembering it",
                     "A serious event needs one that helps people notice, or works although nobody remembers it.",
                     "Add one such action, or say in the lessons why none is feasible.", url))  # fmt: skip
    ends = open_ends(event)
    if ends:
        words = f"{_named(ends).capitalize()} {'has' if len(ends) == 1 else 'have'} no action"
        found.append(_finding("actions-open-ends", words, f"“{shorten(ends[0]['text'].rstrip('.'), 160, placeholder='…')}”",
                     "Write an action that answers it, or record why none follows.", f"{url}#open-ends"))  # fmt: skip
    left = [a for a in rows if a.status == Status.PROPOSED]
    if left:
        words = "One action is only proposed" if len(left) == 1 else f"{len(left)} actions are only proposed"
        found.append(_finding("actions-proposed", words, "Nobody is reminded of a proposal.",
                     "Commit each with owner, date, size and “closed when”, or drop it with a reason.", url))  # fmt: skip
    return found


def _named(ends: list[dict[str, Any]]) -> str:
    """ "one factor", "2 factors", "3 causes and factors"."""
    kinds = " and ".join(f"{kind}s" for kind in ("cause", "factor") if any(end["kind"] == kind for end in ends))
    return f"one {ends[0]['kind']}" if len(ends) == 1 else f"{len(ends)} {kinds}"


def _finding(slug: str, title: str, detail: str, remedy: str, url: str) -> sections.Finding:
    return sections.Finding(slug, title, detail, remedy, url)


def followers(event: Event) -> list[tuple[Any, str]]:
    """Owners of what is open, with its title: they are told when the review is published."""
    return [(action.owner, action.title) for action in actions_of(event) if action.owner and action.is_open]


# --- The close of the meeting ----------------------------------------------------------------------------------------
def made(event: Event) -> list[tuple[str, int]]:
    rows = [action for action in actions_of(event) if action.is_open or action.status == Status.PROPOSED]
    owners = {action.owner_id for action in rows if action.owner_id}
    return [("Actions", len(rows)), ("Owners", len(owners))]


def ahead(event: Event) -> list[tuple[date, str]]:
    """When the first action is due, and when the first decision against one is looked at again."""
    rows = actions_of(event)
    due = min((action.due_on for action in rows if action.is_open and action.due_on), default=None)
    again = min((action.review_on for action in rows if action.review_on), default=None)
    words = [(due, "The first action is due"), (again, "A decision not to act is looked at again")]
    return [(on, what) for on, what in words if on]


def owned(event: Event, user: Any) -> list[tuple[str, str]]:
    """What the reader takes along from this review."""
    mine = [action for action in actions_of(event) if action.owner_id == user.pk and action.is_open]
    return [(action.title, f"Due {day(action.due_on)}" if action.due_on else "") for action in mine]


# --- The room, the tab and the page 'Prepare' ------------------------------------------------------------------------
def room_context(event: Event) -> dict[str, Any]:
    """Carried-over actions, the event's own, parked ideas. The same for everybody: the room pushes it."""
    today = clock.today(event.time_zone)
    rows, ends = [_shown(action, today) for action in actions_of(event)], open_ends(event)
    # A published review shows what it led to; what came up at its meeting has had its turn.
    carried = [] if event.state == State.PUBLISHED else carried_over(event)
    looked = services.looked_at(event) if event.state != State.PUBLISHED else {}
    kept = sum(row["action"].is_open for row in rows)
    ended = Counter(row["action"].status for row in rows if row["action"].status in CLOSED)
    dropped = ended.pop(Status.DROPPED, 0)
    closed = ended.total()
    counts = [(len(carried), "carried over"), (kept, "committed"), (len(rows) - kept - closed - dropped, "proposed")]
    counts += [(closed, "closed"), (dropped, "dropped")]
    return {
        "event": event,
        "carried": [_carried(one) | {"looked": LOOKED.get(looked.get(one.action.pk, ""), "")} for one in carried],
        "settled": _settled(looked, {one.action.pk for one in carried}),
        "rows": rows,
        "open_ends": ends,
        "open_ends_words": _named(ends) if ends else "",
        "strengths": _strengths(event),
        "is_well_unsaid": event.state == State.MEETING and well.is_unsaid(event),
        "parked": list(parked_ideas(event)),
        "counts": ", ".join(f"{n} {words}" for n, words in counts if n),
        "example": _example(today),
        "form": LineForm(event=event),
        "points": lint.points(title="", today=today),
        "is_empty": True,
    }


def _settled(looked: dict[int, str], still_open: set[int]) -> str:
    """What left the list of what is still open at this meeting: "one closed, two dropped"."""
    gone = [way for pk, way in looked.items() if pk not in still_open]
    words = [(gone.count("close"), "closed"), (gone.count("drop"), "dropped")]
    return ", ".join(f"{in_words(count)} {what}" for count, what in words if count)


def open_ends(event: Event) -> list[dict[str, Any]]:
    """Root causes and factors that no action and no decision answers, causes first. What helped needs no action. Two queries."""
    rows = actions_of(event)
    answered = {("factor", row.factor_id) for row in rows} | {("cause", row.cause_id) for row in rows}
    ends = [("cause", cause.pk, cause.text) for cause in read_causes(event)]
    ends += [("factor", f.pk, f.text) for f in read_factors(event) if f.category != Category.HELPED]
    return [{"kind": kind, "pk": pk, "text": text} for kind, pk, text in ends if (kind, pk) not in answered]


def _strengths(event: Event) -> str:
    """ "One stronger, two weaker": what would work although nobody remembered it; a question where nothing would."""
    rows = [row for row in actions_of(event) if row.status != Status.DROPPED and row.strength]
    counts = [(sum(row.strength == s for row in rows), s.label.lower()) for s in Strength]
    words = ", ".join(f"{in_words(count)} {label}" for count, label in counts if count)
    if rows and event.is_serious and all(row.strength == Strength.WEAKER for row in rows):
        return f"By strength: {words}. Each of them depends on somebody remembering: what would work without?"
    return f"By strength: {words}." if words else ""


def _example(today: date) -> str:
    on = today + timedelta(days=14)
    return f"Stop the tool from promoting across regions. Priya by {day_month(on)}, S. Closed when a rehearsal shows it"


def _shown(action: Action, today: date) -> dict[str, Any]:
    """One row with its words computed, because a template would compute them for each reader."""
    shape, words = status_tag(action, today)
    missing = lacking(action) if action.status == Status.PROPOSED else ""
    if action.status == Status.PROPOSED:
        shape, words = ("now", "Proposed") if missing else ("part", "Can be committed")
    elif action.status == Status.COMMITTED and shape == "part":
        shape = "ok"
    return {
        "action": action,
        "shape": shape,
        "words": words,
        "missing": missing,
        "gaps": services.gaps(action) if action.status == Status.PROPOSED else [],
        "answers": _answers(action),
        "review_on": day(action.review_on) if action.review_on else "",
        "due": day(action.due_on) if action.due_on else action.due_text,
        "kind": " · ".join(w for w in (action.get_type_display(), action.get_strength_display().lower()) if w),
        "can_edit": action.status not in CLOSED,
    }


def _answers(action: Action) -> str:
    about = action.answers_cause or action.answers
    return shorten(about.text, 120, placeholder="…") if about and action.status not in CLOSED else ""


def _carried(one: Any) -> dict[str, Any]:
    late = one.late
    due = overdue(late) if late > 0 else f"Due {day(one.action.due_on)}"
    moved = redated(one.action).lower()
    return {"action": one.action, "reason": one.reason, "late": late > 0, "due": due, "redated": moved}


def aside_context(event: Event, user: Any) -> dict[str, Any]:
    """What comes up again, for the page on which the review is prepared."""
    return {"carried": [_carried(one) for one in carried_over(event, most=5)]}


def opening_context(event: Event) -> dict[str, Any]:
    """The same for the first step of the meeting, where everybody sees it."""
    return {"rows": [_carried(one) for one in carried_over(event, most=5)]}
