"""Stores the own file of an event, or stores nothing: the inverse of `dump`. Raises Invalid with one line that names the place."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Model

from aar_site.people.models import User, normal_email
from retros import limits
from retros.exchange import fields, moments
from retros.exchange.carried import BECAME, EVENT, MEMBER, PEOPLE, VERSION, Carried, lists
from retros.exchange.fields import Invalid
from retros.exchange.warnings import Warning
from retros.live.log import change
from retros.models import Dispute, Event, Impact, Membership, Recollection, Revision, Role, SectionText, State
from retros.services.events import services_named

ARRIVES_AS = {State.PREPARING, State.DRAFT, State.NOT_REVIEWED}
LONGEST = 100_000  # what a field holds at most, it says itself
MOST = {"timeline": limits.ENTRIES_PER_EVENT, "causes": limits.CAUSES_PER_EVENT, "notes": limits.NOTES_PER_EVENT}
Rows = dict[str, dict[int, Any]]  # of each list, by their `id` in the file


def is_own(data: dict[str, Any]) -> bool:
    """Whether the file is one that `dump` wrote; any other is an event file that people write."""
    return "hindcast" in data


def load(data: dict[str, Any], *, team: Any = None, facilitator: Any = None) -> tuple[Event, list[Warning]]:
    """Create the event with everything in it; returns it with what could not be kept."""
    if data["hindcast"] != VERSION:
        raise Invalid(
            f"hindcast: '{str(data['hindcast'])[:20]}' is no version of this file that can be read; {VERSION} is"
        )
    known = {"hindcast", "event", "services", PEOPLE, *(carried.name for carried in lists())}
    found = [
        Warning("unknown_field", f"'{str(key)[:60]}' is no part of an event and was left out")
        for key in data
        if key not in known
    ]
    with transaction.atomic():
        return _stored(data, team, facilitator, found), found


def _stored(data: dict[str, Any], team: Any, facilitator: Any, found: list[Warning]) -> Event:
    event = _event(fields.mapping(data, "event"), team)
    rows: Rows = {PEOPLE: _people(event, data, facilitator, found)}
    with change(
        event, "event,timeline,analysis,factors,went-well,notes,actions", "imported from its own file", by=None
    ):
        event.services.add(*services_named(fields.texts(data, "services", limits.NAME)))
        for carried in lists():
            rows[carried.name] = _list(event, carried, data, rows, found)
        original = Recollection.objects.filter(event=event, is_original=True)
        if Dispute.objects.filter(event=event).exclude(pk__in=original.values("dispute")).exists():
            raise Invalid("disputes: each needs, among the views, the one that the timeline came with (is_original)")
        if (zero := fields.mapping(data, "event").get("t0_entry")) is not None:
            where = "event: t0_entry"
            Event.objects.filter(pk=event.pk).update(t0_entry=_one(rows["timeline"], _whole(zero, where), where))
        Impact.objects.get_or_create(event=event)
        Revision.objects.bulk_create(
            Revision(section=text, number=1, base_number=0, text=text.text)
            for text in SectionText.objects.filter(event=event)
        )
    event.refresh_from_db()
    return event


def _event(row: dict[str, Any], team: Any) -> Event:
    event = Event(team=team, **_values(Event, row, EVENT, "event"))
    if event.state not in ARRIVES_AS:
        raise Invalid(f"event: state '{event.state[:20]}' is none in which an event comes in")
    event.full_clean()
    event.save()
    return event


def _people(event: Event, data: dict[str, Any], facilitator: Any, found: list[Warning]) -> dict[int, User]:
    """Whoever the file names. An address that no account has becomes one that cannot sign in; nobody is told."""
    people: dict[int, User] = {}
    rows = _numbered(data, PEOPLE)
    members = sum("role" in row for _, row in rows)
    if members > limits.PEOPLE_PER_EVENT:
        raise Invalid(f"{PEOPLE}: {members:,} have a role; at most {limits.PEOPLE_PER_EVENT} can")
    for number, row in rows:
        where = f"{PEOPLE} {number}"
        email = normal_email(fields.text(row, "email", f"{where}: email", most=254))
        user = User.objects.filter(email=email).first() or _new(row, email, where)
        people[_whole(row.get("id"), f"{where}: id")] = user
        if "role" not in row:
            continue
        if user.is_guest and Membership.objects.filter(user=user).exists():
            found.append(
                Warning("guest_elsewhere", f"{user.name} is a guest of another event already, and of one only")
            )
            continue
        given = _values(Membership, row, MEMBER, where)
        if facilitator and given.get("role") == Role.FACILITATOR and user != facilitator:
            given["role"] = Role.PARTICIPANT
        if user == facilitator:
            given["role"] = Role.FACILITATOR
        _store(Membership(event=event, user=user, **given), ["event", "user"], where)
    if facilitator and facilitator not in people.values():
        Membership.objects.create(event=event, user=facilitator, role=Role.FACILITATOR)
    return people


def _new(row: dict[str, Any], email: str, where: str) -> User:
    try:
        name = fields.text(row, "name", f"{where}: name", most=80)
        return User.objects.create_user(email, name, is_guest=row.get("is_guest") is True, is_active=False)
    except ValidationError as refusal:
        raise Invalid(f"{where}: {' '.join(refusal.messages)}") from None


def _list(event: Event, carried: Carried, data: dict[str, Any], rows: Rows, found: list[Warning]) -> dict[int, Any]:
    """Store one list; its rows by their ids."""
    mine: dict[int, Any] = {}
    for number, row in _numbered(data, carried.name):
        where = f"{carried.name} {number}"
        known = {*carried.fields, "id"}
        found += [
            Warning("unknown_field", f"'{where}: {str(key)[:60]}' was left out") for key in row if key not in known
        ]
        values = _values(carried.model, row, [n for n in carried.fields if n not in {*carried.names, "earlier"}], where)
        several: list[Any] = []
        for name, to in carried.names.items():
            there = mine if to == carried.name else rows[to]
            if name == carried.many:
                several = [
                    _one(there, _whole(one, where), f"{where}: {name}") for one in fields.listed(row, name, where)
                ]
            elif name in row:
                values[name] = _one(there, _whole(row[name], f"{where}: {name}"), f"{where}: {name}")
        values |= _special(carried, row, values, rows, found)
        stored: Any = carried.model(event=event, **values, **carried.always)
        _store(stored, [*carried.names, "event", "created_by"], where)
        if several:
            getattr(stored, carried.many).set(several)
        mine[_whole(row.get("id", number), f"{where}: id")] = stored
    return mine


def _special(
    carried: Carried, row: dict[str, Any], values: dict[str, Any], rows: Rows, found: list[Warning]
) -> dict[str, Any]:
    """What names a row in a way of its own: an earlier event by its code; what a parked idea became by its list."""
    if carried.name == "occurrences" and row.get("earlier"):
        code = fields.text(row, "earlier", "occurrences: earlier", most=12)
        earlier = Event.objects.filter(code=code).first()
        if earlier is None:
            found.append(Warning("unknown_event", f"no event has the code '{code}'"))
            return {"text": values.get("text") or f"Event {code}"}
        return {"earlier": earlier}
    if carried.name != "notes" or ":" not in values.get("became", ""):
        return {}
    what, _, number = values["became"].partition(":")
    where = "notes: became"
    if what not in BECAME:
        raise Invalid(f"{where}: '{what[:20]}' is none of {', '.join(BECAME)}")
    return {"became": f"{what}:{_one(rows[BECAME[what]], _whole(number, where), where).pk}"}


def _store(row: Any, unasked: list[str], where: str) -> None:
    """Refuse what one field cannot hold; what the table refuses it refuses itself."""
    try:
        row.clean_fields(exclude=unasked)
        row.save()
    except ValidationError as refusal:
        raise Invalid(
            f"{where}: {' '.join(f'{name}: {said[0]}' for name, said in refusal.message_dict.items())}"
        ) from None
    except IntegrityError as refusal:
        raise Invalid(f"{where}: what it says cannot stand together: {str(refusal).splitlines()[0]}") from None


def _numbered(data: dict[str, Any], name: str) -> list[tuple[int, dict[str, Any]]]:
    rows = fields.listed(data, name)
    most = MOST.get(name, len(rows))
    if len(rows) > most:
        raise Invalid(f"{name}: {len(rows):,} rows; at most {most:,} can be kept")
    for number, row in enumerate(rows, 1):
        if not isinstance(row, dict):
            raise Invalid(f"{name} {number}: a row is a mapping")
    return list(enumerate(rows, 1))


def _values(model: type[Model], row: dict[str, Any], names: Any, where: str) -> dict[str, Any]:
    """The fields that a row gives, as the model holds them; what it does not give is as in a new row."""
    found = {}
    for name in names:
        if name not in row:
            continue
        described: Any = model._meta.get_field(name)
        try:
            value = described.to_python(
                fields.text(row, name, f"{where}: {name}", most=LONGEST) if _is_words(described) else row[name]
            )
            if isinstance(value, datetime):
                if value.tzinfo is None:
                    raise ValueError(name)  # a clock without a zone names no moment
                moments.check_year(value.year)
        except (ValidationError, TypeError, ValueError) as refusal:
            if isinstance(refusal, Invalid):
                raise
            raise Invalid(f"{where}: {name}: '{str(row[name])[:40]}' cannot stand there") from None
        found[name] = value
    return found


def _is_words(described: Any) -> bool:
    return described.get_internal_type() in {"CharField", "TextField"}


def _whole(value: Any, where: str) -> int:
    """A number of a row."""
    text = str(value if value is not None else "")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Invalid(f"{where}: '{text[:20]}' is no number of a row")
    return int(text)


def _one(rows: dict[int, Any], number: int, where: str) -> Any:
    if number not in rows:
        raise Invalid(f"{where}: no row has the id {number}")
    return rows[number]
