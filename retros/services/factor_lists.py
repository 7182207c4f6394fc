"""What the step of the contributing factors shows: silent writing, notes to place, factors by kind. Reads only.

All but `own_context` is the same for everybody, so the room may push it; it holds nothing of a sealed note, not even a count.
"""

from itertools import groupby
from typing import Any

from aar_site import clock
from aar_site.words import in_words
from retros import conditions
from retros.models import Category, Event, Factor, Meeting, Membership, Outcome, SilentNote, State
from retros.services.silent import WRITING_S, is_to_place

ORGANISATIONAL = {"communication", "ownership", "staffing", "planning", "priorities", "organisation"}
USUAL = ("detection", "diagnosis", "verification", "design", "recovery", "communication", "ownership")
KEYED = 7  # kinds with a number key; 8, 9 and 0 are other answers
BARS = 30
BUSY_S = 5  # seconds between two questions for the count in a small room; in a large one each browser asks less often
OPEN_TO_NOTES = {State.MEETING, State.DRAFT, State.REVIEW}


def factors_context(event: Event) -> dict[str, Any]:
    """Factors grouped by kind of condition, in the order of the taxonomy, each with the notes that say the same; notes to place;
    a question where a whole side is silent."""
    order = list(Category.values)
    # What the room wrote is for the room; who reads the published review gets its factors.
    is_for_room = event.state in OPEN_TO_NOTES
    shown = list(SilentNote.objects.shown().filter(event=event).select_related("factor")) if is_for_room else []
    factors = sorted(Factor.objects.kept().filter(event=event), key=lambda f: (order.index(f.category), f.rank, f.pk))
    for factor in factors:
        said = [note for note in shown if note.factor_id == factor.pk]
        factor.said = [note for note in said if note.text != factor.text]  # type: ignore[attr-defined]
    groups = [(Category(name).label, list(rows)) for name, rows in groupby(factors, key=lambda f: f.category)]
    waiting = [note for note in shown if is_to_place(note)]
    return {
        "writing": _writing(event) if event.state == State.MEETING else None,
        "factor_groups": groups,
        "factor_count": len(factors),
        "factor_head": _head(len(shown), len(factors), len(waiting)),
        "factor_silent": _silent_sides({f.category for f in factors}) if factors else [],
        "categories": Category.choices,
        "placing": _placing(waiting[0], factors) if waiting else None,
        "waiting": waiting[1:],
        "written": shown,
        "left_out": sum(note.outcome == Outcome.LEFT_OUT for note in shown),
    }


def together(event: Event) -> list[Factor]:
    """The factors as they were recorded, but those of one kind stand together, where its first stands."""
    rows = list(Factor.objects.kept().filter(event=event))
    kinds = [row.category for row in rows]
    return sorted(rows, key=lambda row: kinds.index(row.category))


def made(event: Event) -> list[tuple[str, int]]:
    """For the close: how many factors there are."""
    return [("Factors", Factor.objects.kept().filter(event=event).count())]


def _head(notes: int, factors: int, waiting: int) -> str:
    """ "Nine notes, four factors, one to place"; empty where there is nothing yet."""
    parts = [(notes, "note"), (factors, "factor")]
    words = [in_words(count, noun) for count, noun in parts if count]
    if waiting:
        words.append(f"{in_words(waiting)} to place")
    return ", ".join(words).capitalize()


def _silent_sides(used: set[str]) -> list[str]:
    silent = [] if used & {"detection", "diagnosis"} else ["detection"]
    if "recovery" not in used:
        silent.append("recovery")
    if not used & ORGANISATIONAL:
        silent.append("roles, hand-over or priorities")
    return silent


def _placing(note: SilentNote, factors: list[Factor]) -> dict[str, Any]:
    """The note that is placed next, with the kinds that fit best on number keys, and the factor that seems to say the same."""
    first = [note.category] if note.category else []
    used = [factor.category for factor in factors]
    kinds = list(dict.fromkeys([*first, *conditions.likely(note.text)[:4], *used, *USUAL]))[:KEYED]
    same = conditions.alike(note.text, {factor.pk: factor.text for factor in factors})
    return {
        "note": note,
        "kinds": [(str(key), kind, Category(kind).label) for key, kind in enumerate(kinds, 1)],
        "others": [(kind, label) for kind, label in Category.choices if kind not in kinds],
        "same": next((factor for factor in factors if factor.pk == same), None),
        "factors": factors,
    }


def _writing(event: Event) -> dict[str, Any]:
    """How the silent writing stands. Its clock counts on the server, as that of the step does."""
    since = Meeting.objects.filter(event=event).values_list("writing_since", flat=True).first()
    spent = max(0, round((clock.now() - since).total_seconds())) if since else 0
    left = max(0, WRITING_S - spent)
    return {
        "is_open": since is not None,
        "planned_s": WRITING_S,
        "spent_s": spent,
        "clock": f"{left // 60:02d}:{left % 60:02d}",
        "minutes": WRITING_S // 60,
    }


# --- For one reader -------------------------------------------------------------------------------------------------
def own_context(event: Event, user: Any) -> dict[str, Any]:
    """What one reader gets beside it: their own sealed notes, and how many there are in the room."""
    meeting = Meeting.objects.filter(event=event).first()
    rows = SilentNote.objects.readable_by(user).sealed().filter(event=event, author=user.pk).order_by("-id")
    return {
        "mine": list(rows),
        "categories": Category.choices,
        "is_writing": bool(event.state == State.MEETING and meeting and meeting.writing_since),
        **count_context(event),
    }


def count_context(event: Event) -> dict[str, Any]:
    """One number, the same for everybody: how many notes are sealed. Never whose."""
    people = Membership.objects.filter(event=event)
    total = SilentNote.objects.sealed().filter(event=event, author__in=people.values("user")).count()
    return {
        "sealed": total,
        "sealed_words": in_words(total, "note").capitalize() if total else "No note yet",
        "bars": range(min(total, BARS)),
        "every_s": max(BUSY_S, people.count() // 10),
    }
