"""The agenda of each kind of event: its steps, their minutes by length or as edited, and what the stage shows at each. Reads
nothing."""

from dataclasses import dataclass

from django.core.exceptions import ValidationError

from retros.models import Event, Kind, Severity

SHORTEST = 15  # minutes: up to here five steps, each of which shows several things
USUAL = 75
BY_SEVERITY: dict[str, int] = {
    Severity.SEV1: 90, Severity.LARGE: 90,
    Severity.SEV2: 75, Severity.MAJOR: 75,
    Severity.SEV3: 60, Severity.MEDIUM: 60,
    Severity.SEV4: SHORTEST, Severity.MINOR: SHORTEST, Severity.SMALL: SHORTEST,
}  # fmt: skip


@dataclass(frozen=True)
class Step:
    """A step: its slug and title, and the parts of the stage in their order. A part is a section, "opening" or "close"."""

    slug: str
    title: str
    parts: tuple[str, ...]


def _step(slug: str, title: str, *parts: str) -> Step:
    return Step(slug, title, parts or (slug,))


OPEN, READ, CLOSE = _step("opening", "Open"), _step("summary", "Read the summary"), _step("close", "Close")
WALK, ACT = _step("timeline", "Walk the timeline"), _step("actions", "Action items")
CAUSES = (
    _step("root-cause", "Root cause"),
    _step("factors", "Contributing factors"),
    _step("went-well", "What went well"),
)
LAST = _step("actions", "Actions and close", "actions", "close")

FULL: dict[str, tuple[Step, ...]] = {
    "incident": (OPEN, READ, WALK, *CAUSES, ACT, CLOSE),
    "recurring": (OPEN, READ, _step("occurrences", "What happened before", "occurrences", "promised"), WALK, *CAUSES, ACT, CLOSE),
    "launch": (
        OPEN, READ,
        _step("to-plan", "The plan", "impact", "to-plan"),
        _step("deviated", "What deviated", "timeline", "deviated"),
        _step("surprised", "What surprised us"),
        _step("repeat", "What we would repeat", "went-well", "repeat"),
        _step("differently", "Do differently"),
        ACT, CLOSE,
    ),
    "project": (
        OPEN, READ,
        _step("impact", "Goals"),
        _step("timeline", "Phases"),
        _step("went-well", "What went well"),
        _step("not-well", "What was hard", "not-well", "surprised"),
        _step("in-retrospect", "Decisions", "in-retrospect", "differently"),
        _step("actions", "Actions and advice", "actions", "recommendations"),
        CLOSE,
    ),
    "decision": (
        OPEN, READ,
        _step("options", "Decision and options"),
        _step("expected", "Expected, and happened", "timeline", "expected"),
        _step("reasonable", "Why it was reasonable"),
        _step("ask-next", "What to ask next time"),
        ACT, CLOSE,
    ),
}  # fmt: skip
MINUTES: dict[str, dict[int, tuple[int, ...]]] = {
    "incident": {75: (3, 5, 20, 15, 10, 10, 10, 2), 90: (3, 5, 30, 20, 10, 10, 10, 2), 60: (3, 5, 25, 10, 4, 4, 6, 3)},
    "recurring": {75: (3, 4, 12, 15, 13, 9, 7, 10, 2), 90: (3, 5, 15, 20, 15, 10, 8, 12, 2), 60: (3, 4, 10, 15, 9, 5, 4, 7, 3)},
    "launch": {75: (3, 5, 10, 15, 8, 12, 8, 11, 3), 90: (3, 5, 12, 20, 10, 15, 10, 12, 3), 60: (3, 4, 8, 12, 6, 9, 6, 9, 3)},
    "project": {75: (3, 5, 10, 17, 8, 10, 10, 10, 2), 90: (3, 5, 12, 20, 10, 12, 14, 12, 2), 60: (3, 4, 8, 14, 6, 8, 8, 7, 2)},
    "decision": {75: (3, 5, 15, 18, 12, 10, 10, 2), 90: (3, 5, 18, 24, 15, 12, 11, 2), 60: (3, 4, 12, 14, 10, 8, 7, 2)},
}  # fmt: skip
SHORT: dict[str, tuple[tuple[Step, int], ...]] = {
    "incident": (
        (OPEN, 1), (_step("timeline", "Summary and timeline", "summary", "timeline"), 6),
        (_step("root-cause", "Causes and factors", "root-cause", "factors"), 3), (_step("went-well", "What went well"), 2), (LAST, 3),
    ),
    "recurring": (
        (OPEN, 1), (_step("occurrences", "Summary, and before", "summary", "occurrences", "promised"), 4),
        (_step("root-cause", "Timeline and causes", "timeline", "root-cause", "factors"), 5),
        (_step("went-well", "What went well"), 2), (LAST, 3),
    ),
    "launch": (
        (OPEN, 1), (_step("to-plan", "Summary and plan", "summary", "impact", "to-plan"), 3),
        (_step("deviated", "Deviations, surprises", "timeline", "deviated", "surprised"), 5),
        (_step("repeat", "Repeat, or differently", "went-well", "repeat", "differently"), 3), (LAST, 3),
    ),
    "project": (
        (OPEN, 1), (_step("impact", "Summary and goals", "summary", "impact"), 3),
        (_step("timeline", "Phases and decisions", "timeline", "in-retrospect"), 5),
        (_step("went-well", "What went well, or not", "went-well", "not-well"), 3), (LAST, 3),
    ),
    "decision": (
        (OPEN, 1), (_step("options", "Summary and options", "summary", "options"), 3),
        (_step("expected", "Expected, and happened", "timeline", "expected", "reasonable"), 6),
        (_step("ask-next", "What to ask next time"), 2), (LAST, 3),
    ),
}  # fmt: skip


def agenda_for(event: Event) -> list[tuple[str, str, int]]:
    """(slug, title, minutes) of the event's kind and length; the minutes add up to the length."""
    return [(step.slug, step.title, minutes) for step, minutes in _steps(event)]


def parts_of(event: Event, slug: str) -> tuple[str, ...]:
    """What the stage shows at a step of this event's agenda."""
    return next((step.parts for step, _ in _steps(event) if step.slug == slug), (slug,))


def length_for(kind: str, severity: str) -> int:
    """Minutes that an event of this kind and severity usually takes. What recurs was no small event, however small each time was."""
    minutes = BY_SEVERITY.get(severity, USUAL)
    return max(minutes, 60) if kind == Kind.RECURRING else minutes


def fitted(event: Event, length: int) -> dict[str, int]:
    """The event's own minutes for another length, in the same shares; {} where they are the usual ones, or have other steps."""
    own = _own(event)
    steps = _usual(event.kind, length)
    if own is None or [step.slug for step, _ in steps] != list(own):
        return {}
    return own if length == event.meeting_minutes else dict(zip(own, _scaled(tuple(own.values()), length), strict=True))


def kept(event: Event, minutes: dict[str, int]) -> dict[str, int]:
    """Minutes of each step as they are stored: {} where they are the usual ones. Raises ValidationError where they are not
    those of the event's agenda, or take longer than its meeting."""
    usual = {step.slug: usual for step, usual in _usual(event.kind, event.meeting_minutes)}
    if not minutes or minutes == usual:
        return {}
    if minutes.keys() != usual.keys() or min(minutes.values()) < 1:
        raise ValidationError("The agenda was another one meanwhile. Look at its steps again.")
    if (over := sum(minutes.values()) - event.meeting_minutes) > 0:
        total, length = event.meeting_minutes + over, event.meeting_minutes
        raise ValidationError(
            f"The steps take {total} minutes and the meeting has {length}. Shorten one, or choose a longer meeting."
        )
    return {slug: minutes[slug] for slug in usual}


def _steps(event: Event) -> list[tuple[Step, int]]:
    usual, own = _usual(event.kind, event.meeting_minutes), _own(event)
    return usual if own is None else [(step, own[step.slug]) for step, _ in usual]


def _own(event: Event) -> dict[str, int] | None:
    """The edited minutes in the order of the agenda; None where nobody edited them, or for another agenda than this one."""
    slugs = [step.slug for step, _ in _usual(event.kind, event.meeting_minutes)]
    edited = event.agenda_minutes
    return {slug: edited[slug] for slug in slugs} if edited and edited.keys() == set(slugs) else None


def _usual(kind: str, length: int) -> list[tuple[Step, int]]:
    if length <= SHORTEST:
        return list(SHORT[kind])
    known = MINUTES[kind]
    minutes = known.get(length) or _scaled(known[75], length)
    return list(zip(FULL[kind], minutes, strict=True))


def _scaled(shares: tuple[int, ...], length: int) -> list[int]:
    """Shares of another length, a minute at least each; the longest step takes what rounding leaves over."""
    found = [max(1, round(length * share / sum(shares))) for share in shares]
    longest = max(range(len(found)), key=lambda index: found[index])
    found[longest] += length - sum(found)
    return found
