"""Demo people: told by their address, tried out by a button, and only where nobody else is in the database."""

from aar_site.people.models import DEMO_DOMAIN, User

# What a visitor can be; each is the first part of an address of the demo.
ROLES = {
    "facilitator": ("Facilitator", "leads reviews and opens the room"),
    "participant": ("Participant", "was there, writes an account, owns actions"),
    "manager": ("Manager", "sees what is late, and unblocks it"),
}


def real_people() -> bool:
    """Whether anybody is here who is not of the demo."""
    return User.objects.exclude(email__endswith=DEMO_DOMAIN).exists()


def is_there() -> bool:
    """Whether people of the demo are here."""
    return User.objects.filter(email__endswith=DEMO_DOMAIN).exists()


def person(role: str) -> User | None:
    """Who signs in by the button of this role; None for everybody as soon as one real person is here."""
    if role not in ROLES or real_people():
        return None
    return User.objects.filter(email=f"{role}{DEMO_DOMAIN}", is_active=True).first()


def buttons() -> list[tuple[str, str, str, str]]:
    """(role, its word, what it is about, the person's name) for the sign-in page; empty where no demo is."""
    found = [(role, *words, person(role)) for role, words in ROLES.items()] if is_there() else []
    return [(role, word, about, who.name) for role, word, about, who in found if who]
