"""What is ready for the meeting and what is not: computed from what is recorded, never ticked by hand."""

from retros import sections
from retros.models import Event, Membership, Role
from retros.sections import Check
from retros.services import accounts


def checks(event: Event) -> list[Check]:
    """All checks of an event, in the order of the page: people, accounts, those of the sections, the room."""
    found = [*_people(event), *_accounts(event)]
    for section in sections.sections_for(event):
        found += section.readiness(event)
    return [*found, _reveal(event)]


def _people(event: Event) -> list[Check]:
    rows = list(Membership.objects.filter(event=event).select_related("user"))
    by_role = {row.role: row for row in rows}
    lead, scribe = by_role.get(Role.FACILITATOR), by_role.get(Role.SCRIBE)
    url = f"/e/{event.code}/people/"
    involved = [row for row in rows if row.was_involved]
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
            "" if scribe else "The facilitator cannot listen and write at once",
            "ok" if scribe else "off",
            "Done" if scribe else "Nobody yet",
            url,
        ),
        Check(
            "People",
            "Everyone who touched it is invited",
            f"{len(rows)} {'person' if len(rows) == 1 else 'people'} invited, {len(involved)} of them took part",
            "ok" if len(involved) >= 2 else "part" if involved else "off",
            "Done" if len(involved) >= 2 else "One voice so far" if involved else "Nobody marked",
            url,
        ),
    ]


def _accounts(event: Event) -> list[Check]:
    """How many, never who and never how much; the page shows this to the facilitator alone."""
    rows = accounts.standings(event)
    answered = sum(row.state != "not in" for row in rows)
    return [
        Check(
            "Accounts",
            "Written accounts",
            "Private until they are opened together",
            "ok" if rows and answered == len(rows) else "part" if answered else "off",
            f"{answered} of {len(rows)} answered" if rows else "Nobody asked yet",
            f"/e/{event.code}/people/",
        )
    ]


def _reveal(event: Event) -> Check:
    return Check(
        "Room",
        "Open the accounts to participants",
        "Everyone reads for ten minutes before the room meets",
        "ok" if event.is_revealed else "off",
        "Done" if event.is_revealed else "When accounts are in",
        f"/e/{event.code}/reveal/",
    )
