"""What a form for an action tells its writer: what was understood, what makes it closeable, the one question about its wording."""

from typing import Any

from aar_site import clock
from aar_site.outbox.mail import promised
from actions import lint, services
from actions.models import Action, Status, Strength
from retros.models import Event


def committed_words() -> str:
    return f"Committed. {promised('Its owner is reminded two days before the date.')}"


def gaps_of(event: Event, fields: dict[str, Any]) -> list[services.Gap]:
    """What an action of these fields would lack before it can be committed."""
    return services.gaps(Action(event=event, **{name: value for name, value in fields.items() if name != "factor"}))


def add_gaps(form: Any, gaps: list[services.Gap]) -> None:
    """Put each missing thing beside its field."""
    for gap in gaps:
        form.add_error(gap.field if gap.field in form.fields else None, gap.words)


def lacking(action: Action) -> str:
    """The same in a few words, for a row of a list: "owner, date and size"; empty when nothing is missing."""
    names = {
        "owner": "an owner who can sign in" if action.owner else "owner",
        "due_on": "a date that lies ahead" if action.due_on else "date",
        "closed_when": "“closed when”",
    }
    return _listed([names.get(gap.field, gap.field) for gap in services.gaps(action)])


def kept_words(action: Action, unclear: list[str] | None = None) -> str:
    """What was done with it, for the notice after it was kept."""
    if action.status != Status.PROPOSED:
        return committed_words()
    words = "Kept as proposed."
    if unclear:
        words += " Not understood: " + "; ".join(unclear) + "."
    if missing := lacking(action):
        return f"{words} To commit it: {missing}."
    return f"{words} It is complete: the facilitator or the scribe can commit it."


def about_form(form: Any, event: Event) -> dict[str, Any]:
    """Context of the check beside the form: understood, points, question, strength guess. Works on a form in any state."""
    is_line = hasattr(form, "unclear")
    if form.is_bound:
        form.is_valid()
    typed = form.cleaned_data if form.is_bound else form.initial

    def value(name: str) -> Any:
        return typed.get(name) if name in form.fields else getattr(form.action, name, None)

    title, closed_when = value("title") or "", value("closed_when") or ""
    guess = lint.suggest_strength(title) if title and not value("strength") else None
    read = getattr(form, "reading", None)
    points = lint.points(
        title=title,
        owner=value("owner"),
        due_on=value("due_on"),
        size=value("size") or "",
        closed_when=closed_when,
        has_factor=bool(value("factor") or value("cause")),
        today=clock.today(event.time_zone),
    )
    return {
        "is_line": is_line,
        "is_empty": not title and not form.is_bound,
        "understood": _listed(read.understood) if read else "",
        "unclear": read.unclear if read else [],
        "points": points if "factor" in form.fields else points[:-1],
        "question": lint.question(title, closed_when) if title else None,
        "guess": _guess_words(guess) if guess else "",
    }


def _listed(words: list[str]) -> str:
    """ "owner", "owner and date", "owner, date and size"."""
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def _guess_words(guess: tuple[str, str]) -> str:
    name, word = guess
    return f"“{word}” sounds {Strength(name).label.lower()}: {lint.meaning(name)}. Choose the strength yourself."
