"""What is ready for the meeting, what is not, and what comes next: computed from what is recorded, never ticked by hand."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from aar_site import clock
from aar_site.outbox.mail import promised
from aar_site.words import in_words, moment
from retros import sections, timing
from retros.models import Event, Meeting, Membership, Role, State
from retros.sections import Check
from retros.services import kind_checks, schedule
from retros.services.accounts import Standing


@dataclass(frozen=True)
class Step:
    """The one thing to do next: a sentence, its reason, and the button's words with their address."""

    title: str
    reason: str
    go: str
    url: str


def checks(event: Event, people: list[Membership], standings: list[Standing] | None) -> list[Check]:
    """All checks of an event in the order of the page. `standings` is for the facilitator's eyes; None leaves accounts out."""
    found = _people(event, people)
    if standings is not None:
        found.append(_accounts(event, standings))
    found += kind_checks.checks(event)
    for section in sections.sections_for(event):
        found += section.readiness(event)
    return [*found, _reveal(event)]


def _people(event: Event, people: list[Membership]) -> list[Check]:
    by_role = {row.role: row for row in people}
    lead, scribe = by_role.get(Role.FACILITATOR), by_role.get(Role.SCRIBE)
    url = f"/e/{event.code}/people/"
    involved = [row for row in people if row.was_involved]
    hint = "Took part in the event. Somebody from outside keeps the questions open, where there is one"
    return [
        Check(
            "People",
            f"Facilitator: {lead.user.name}" if lead else "A facilitator",
            hint if lead and lead.was_involved else "Somebody who keeps the questions open",
            "ok" if lead else "off",
            "Done" if lead else "Nobody yet",
            url,
        ),
        Check(
            "People",
            f"Scribe who is not the facilitator: {scribe.user.name}" if scribe else "Scribe who is not the facilitator",
            "" if scribe else "Nobody can listen and write at once",
            "ok" if scribe else "off",
            "Done" if scribe else "Nobody yet",
            url,
        ),
        Check(
            "People",
            "Everyone who touched it is invited",
            f"{len(people)} {'person' if len(people) == 1 else 'people'}, {len(involved)} of them took part",
            "ok" if len(involved) >= 2 else "part" if involved else "off",
            "Done" if len(involved) >= 2 else "One voice so far" if involved else "Nobody marked",
            url,
        ),
    ]


def _accounts(event: Event, standings: list[Standing]) -> Check:
    handed = sum(row.state == "in" for row in standings)
    waiting = [row.membership.user.name for row in standings if row.state == "not in"]
    until = f" They close {moment(event.accounts_due_at, event.time_zone)}" if event.accounts_due_at else ""
    names = ", ".join(waiting[:3]) + (f" and {len(waiting) - 3} more" if len(waiting) > 3 else "")
    return Check(
        "Accounts",
        "Written accounts",
        f"Not in: {names}.{until}" if waiting else "Everybody answered" if standings else "Mark who took part",
        "ok" if standings and not waiting else "part" if handed else "off",
        f"{handed} of {len(standings)} in" if standings else "Nobody asked yet",
        "#accounts" if standings else f"/e/{event.code}/people/",
    )


def _reveal(event: Event) -> Check:
    return Check(
        "Room",
        "Open the accounts to participants",
        "Everyone reads for ten minutes before the room meets",
        "ok" if event.is_revealed else "off",
        "Done" if event.is_revealed else "Not yet",
        f"/e/{event.code}/reveal/",
    )


# --- What comes next ------------------------------------------------------------------------------------------------
def next_step(
    event: Event, verbs: frozenset[str], people: list[Membership], standings: list[Standing] | None, entries: int
) -> Step | None:
    """What this reader does next, by state and role; None where nothing waits for them."""
    base = f"/e/{event.code}/"
    if event.state == State.PREPARING and standings is not None and "edit event" in verbs:
        return _to_prepare(event, base, people, standings, entries)
    if event.state == State.PREPARING and event.is_revealed and "read accounts" in verbs:
        return Step("The accounts are open", "Read them before anybody speaks.", "Read the accounts", f"{base}read/")
    if event.state == State.MEETING and "enter room" in verbs:
        return _in_the_room(event, base)
    if event.state in {State.DRAFT, State.REVIEW} and "edit document" in verbs:
        reason = "Within 48 hours of the meeting, while it is fresh."
        return Step("The review is being written", reason, "Go to the review", f"{base}review/")
    if event.state == State.DRAFT and "enter room" in verbs:
        reason = "Two questions about the meeting, anonymous, for everybody who was there."
        return Step("The meeting is over", reason, "Answer two questions", f"{base}room/close/")
    return None


def _in_the_room(event: Event, base: str) -> Step:
    rest = Meeting.objects.filter(event=event, rests_since__isnull=False).first()
    if rest is None:
        return Step("The meeting is under way", "Everybody is in one room.", "Join the room", f"{base}room/")
    until = f" until {moment(rest.resumes_at, event.time_zone)}" if rest.resumes_at else ""
    return Step(f"The meeting rests{until}", "It goes on where it stood.", "Look into the room", f"{base}room/")


def _to_prepare(event: Event, base: str, people: list[Membership], standings: list[Standing], entries: int) -> Step:
    """For the facilitator: the first of these that applies."""
    waiting = sum(row.state == "not in" for row in standings)
    passed = bool(event.meeting_at and event.meeting_at + timedelta(minutes=event.meeting_minutes) < clock.now())
    proposed = f"Proposed is {moment(schedule.proposal(event)[0], event.time_zone)}."
    late = f"{in_words(waiting, 'account').capitalize()} not in yet"
    ahead = f"Review planned for {timing.day_words(event.review_on)}"
    todo = [
        (event.review_on and event.ended_at is None, ahead, "Once it is over, say when it ended: without an end there is no meeting.",
         "Add the end", "edit/"),
        (event.ended_at is None, "Say when its outcome was known" if event.kind == "decision" else "Say when it ended",
         "Without an end there is no meeting.", "Add the end", "edit/"),
        (not any(row.was_involved for row in people), "Add the people who took part",
         promised("Each is asked for an account by mail.", "Each is asked for an account."), "Add people", "people/"),
        (not any(row.role == Role.SCRIBE for row in people), "Name a scribe",
         "Nobody can listen and write at once.", "Choose a scribe", "people/"),
        (event.meeting_at is None, "Set the meeting\u2019s time", f"{schedule.closing_words(event)} {proposed}".strip(), "Set the time",
         "schedule/"),
        (passed, "The planned time has passed", "Open the room now, or set another time.", "Set the time", "schedule/"),
        (not entries, "Start the timeline", "Everything else is counted from one moment.", "Add a moment", "timeline/"),
        (event.is_revealed, "Everything waits for the room", "The accounts are open.", "Go to the room", "room/"),
        (waiting, late, "A reminder by hand works best.", "See who", "#accounts"),
        (True, "Nobody is waited for", "Open the accounts shortly before the meeting.", "Open the accounts", "reveal/"),
    ]  # fmt: skip
    return next(Step(title, reason, go, base + path) for applies, title, reason, go, path in todo if applies)


def own_account(event: Event, user: Any, people: list[Membership]) -> str:
    """How the reader's own account stands, for the reader alone: its state, or asked; "" where this reader writes none here, or
    the time for it is over. `people` are those that `people_of` gives this reader."""
    mine = next((row for row in people if row.user_id == user.pk), None)
    if mine is None or event.state not in {State.PREPARING, State.MEETING} or mine.role == Role.OBSERVER:
        return ""
    state: str = getattr(mine, "reader_account", None) or ""
    if not state and not mine.writes_account:
        return ""
    return str(state or "asked")
