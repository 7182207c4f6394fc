"""What a form for an action tells its writer: what was understood, what makes it closeable, the one question about its wording."""

from typing import Any

from aar_site import clock
from actions import lint, services
from actions.models import Action, Status, Strength
from retros.models import Event


def gaps_of(event: Event, fields: dict[str, Any]) -> list[services.Gap]:
    """What an action of these fields would lack before it can be committed."""
    return services.gaps(Action(event=event, **{name: value for name, value in fields.items() if name != "factor"}))


def add_gaps(form: Any, gaps: list[services.Gap]) -> None:
    """Put each missing thing beside its field."""
    for gap in gaps:
        form.add_error(gap.field if gap.field in form.fields else None, gap.words)


def kept_words(action: Action, unclear: list[str] | None = None) -> str:
    """What was done with it, for the notice after it was kept."""
    if action.status != Status.PROPOSED:
        return "Committed. Its owner is reminded two days before the date."
    words = "Kept as proposed."
    if unclear:
        words += " Not understood: " + "; ".join(unclear) + "."
    missing = services.gaps(action)
    if missing:
        return f"{words} To commit it: " + " ".join(gap.words for gap in missing)
    return f"{words} It is complete: the facilitator or the scribe can commit it."


def about_form(form: Any, event: Event) -> dict[str, Any]:
    """Context of the check beside the form: understood, points, question, strength guess. Works on a form in any state."""
    is_read = form.is_bound and (form.is_valid() or True)
    data = getattr(form, "cleaned_data", {}) if is_read else form.initial
    title = data.get("title") or ""
    guess = lint.suggest_strength(title) if title and not data.get("strength") else None
    read = getattr(form, "reading", None)
    return {
        "is_empty": not title,
        "understood": " and ".join(read.understood) if read else "",
        "unclear": read.unclear if read else [],
        "points": lint.points(
            title=title,
            owner=data.get("owner"),
            due_on=data.get("due_on"),
            size=data.get("size") or "",
            closed_when=data.get("closed_when") or "",
            has_factor=bool(data.get("factor")),
            today=clock.today(event.time_zone),
        ),
        "question": lint.question(title, data.get("closed_when") or "") if title else None,
        "guess": _guess_words(guess) if guess else "",
    }


def _guess_words(guess: tuple[str, str]) -> str:
    name, word = guess
    return f"“{word}” sounds {Strength(name).label.lower()}: {lint.meaning(name)}. Choose the strength yourself."
