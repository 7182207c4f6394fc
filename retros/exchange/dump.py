"""Writes an event as its own file: everything that `carried` names, as plain data that comes in again as it was."""

from datetime import UTC, date, datetime
from typing import Any

from django.db.models import Model

from aar_site.people.models import User
from retros.exchange.carried import BECAME, COMES_IN_AS, EVENT, MEMBER, PEOPLE, VERSION, Carried, lists
from retros.models import Event, Membership

Numbers = dict[str, dict[int, int]]  # of the rows of each list, by their key


def whole(event: Event) -> dict[str, Any]:
    """The event, its people and its lists. A row that others name has an `id`; what is as it is anyway is left out."""
    members = list(Membership.objects.filter(event=event).select_related("user"))
    numbers: Numbers = {PEOPLE: {member.user_id: number for number, member in enumerate(members, 1)}}
    told = {carried.name: _list(carried, event, numbers) for carried in lists()}
    head = _fields(event, EVENT)
    head["state"] = str(COMES_IN_AS.get(event.state, event.state))  # type: ignore[call-overload]
    if zero := numbers["timeline"].get(event.t0_entry_id or 0):
        head["t0_entry"] = zero
    services = sorted(event.services.values_list("name", flat=True))
    found = {
        "hindcast": VERSION,
        "event": head,
        "services": services,
        PEOPLE: _people(members, numbers[PEOPLE]),
        **told,
    }
    return {name: value for name, value in found.items() if value}


def _people(members: list[Membership], numbers: dict[int, int]) -> list[dict[str, Any]]:
    """The members, then whoever else a row names: they wrote something and left."""
    of = {member.user_id: member for member in members}
    users = User.objects.in_bulk(list(numbers))
    rows = []
    for key, number in numbers.items():
        user = users[key]
        row = {"id": number, "name": user.name, "email": user.email, **({"is_guest": True} if user.is_guest else {})}
        rows.append(row | ({"role": of[key].role} | _fields(of[key], MEMBER) if key in of else {}))
    return rows


def _list(carried: Carried, event: Event, numbers: Numbers) -> list[dict[str, Any]]:
    is_named = any(carried.name in other.names.values() for other in lists()) or carried.name in BECAME.values()
    mine: dict[int, int] = numbers.setdefault(carried.name, {})
    rows = []
    for number, row in enumerate(carried.rows(event), 1):
        mine[row.pk] = number
        told = _fields(row, [name for name in carried.fields if name not in {*carried.names, "earlier"}])
        told |= {
            name: found for name, to in carried.names.items() if (found := _named(row, name, carried, numbers[to]))
        }
        rows.append({**({"id": number} if is_named else {}), **told, **_special(row, carried, numbers)})
    return rows


def _named(row: Any, name: str, carried: Carried, numbers: dict[int, int]) -> Any:
    """The number of the row that a field names; of several, each. None where that row was taken out."""
    if name == carried.many:
        return [numbers[one.pk] for one in getattr(row, name).all() if one.pk in numbers]
    key = getattr(row, f"{name}_id")
    if key and carried.names[name] == PEOPLE:
        return numbers.setdefault(key, len(numbers) + 1)
    return numbers.get(key or 0)


def _special(row: Any, carried: Carried, numbers: Numbers) -> dict[str, str]:
    """What names a row in a way of its own: an earlier event by its code; what a parked idea became by its list."""
    if carried.name == "occurrences":
        return {"earlier": row.earlier.code} if row.earlier else {}
    if carried.name != "notes" or not row.became:
        return {}
    what, _, key = row.became.partition(":")
    number = numbers[BECAME[what]].get(int(key)) if key else None
    return {"became": f"{what}:{number}" if number else what}


def _fields(row: Model, names: Any) -> dict[str, Any]:
    """What these fields of a row say, unless a new row says the same."""
    found = {}
    for name in names:
        described: Any = row._meta.get_field(name)
        value = getattr(row, name)
        if value != described.get_default():
            found[name] = _plain(value)
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, str) else value  # a choice is its word
