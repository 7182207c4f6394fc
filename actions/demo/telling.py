"""Tells one story of the demo through the services, each step at its own moment, so that history, numbers and revisions hold."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any

from aar_site import clock
from actions import services as acts
from actions.demo.stories import DAY, Story
from actions.demo.travel import Travel
from actions.models import Action
from retros.exchange.load import load
from retros.exchange.schema import parse
from retros.models import (
    Choice,
    Event,
    Factor,
    Goal,
    Launch,
    Meeting,
    Membership,
    Occurrence,
    Phase,
    Recollection,
    Role,
    Source,
    TimelineEntry,
)
from retros.services import (
    accounts,
    attendance,
    closing,
    disputes,
    document,
    events,
    meeting,
    notes,
    people,
    publishing,
    schedule,
)
from retros.when import When

SOURCES = {source.label: source for source in Source}
ANSWERS = ("noticed_at", "saw", "did", "helped", "ask")
MEETING_AT = time(14)


@dataclass
class Telling:
    """One event while it is told. `cast`: people by id; `told`: events by key, those before this one."""

    story: Story
    cast: dict[str, Any]
    teams: dict[str, Any]
    told: dict[str, Event]
    travel: Travel
    dice: random.Random
    event: Event = field(init=False)

    @property
    def review(self) -> dict[str, Any]:
        return self.story.review

    @property
    def lead(self) -> Any:
        return self.cast[self.review["facilitator"]]

    @property
    def scribe(self) -> Any:
        return self.cast[self.review.get("scribe", self.review["facilitator"])]

    def tell(self) -> Event:
        """From the first note to the last word on an action."""
        state = self.review["state"]
        self._open()
        self._gather()
        if state == "not_reviewed":
            events.decline_review(self.event, by=self.lead, reason=self.review["reason"])
        if self.review.get("meeting"):
            self._schedule()
        self._write_accounts()
        self._remember()
        if self.review.get("reveal", state not in {"preparing", "not_reviewed"}):
            self.travel.to(self.meeting_at - timedelta(minutes=40))
            accounts.reveal(self.event, by=self.lead)
        if state not in {"preparing", "not_reviewed"}:
            self._meet(stop_at=self.review.get("step") if state == "meeting" else None)
        self._follow(state)
        return self.event

    # --- Before the meeting -----------------------------------------------------------------------------------------
    def _open(self) -> None:
        file = parse(self.story.facts)
        opened = file.end or file.start
        self.travel.to(opened.at + timedelta(hours=2) if opened else self._present_day(-20))
        self.event, _ = load(file, team=self.teams[self.review["team"]], facilitator=self.lead)
        changes = {name: self.review[name] for name in events.IMPACT_FIELDS if name in self.review}
        if "severity" in self.review:
            changes["severity"] = self.review["severity"]
        seen = events.fingerprint(self.event)
        events.edit_event(self.event, by=self.lead, seen=seen, services=self.review.get("services", []), **changes)
        self._name_sources()
        self._own_fields()
        self.event.refresh_from_db()

    def _name_sources(self) -> None:
        """Rows say "Chat, operations"; the first word is the kind of source."""
        for entry in TimelineEntry.objects.filter(event=self.event):
            kind, _, where = entry.source_label.partition(", ")
            if kind in SOURCES:
                TimelineEntry.objects.filter(pk=entry.pk).update(source=SOURCES[kind], source_label=where)

    def _own_fields(self) -> None:
        """What only this kind of event knows."""
        launch = self.review.get("launch")
        if launch:
            given = {name: self._plain(value) for name, value in launch.items()}
            Launch.objects.create(event=self.event, **given)
        rows: list[tuple[Any, str]] = [(Goal, "goals"), (Phase, "phases"), (Choice, "choices")]
        for model, name in rows:
            model.objects.bulk_create(
                model(event=self.event, rank=rank, **{key: self._plain(value) for key, value in row.items()})
                for rank, row in enumerate(self.review.get(name, []))
            )
        for rank, row in enumerate(self.review.get("occurrences", [])):
            given = {{"day": "on"}.get(key, key): self._plain(value) for key, value in row.items() if key != "earlier"}
            earlier = self.told.get(row.get("earlier", ""))
            if earlier:
                given["on"] = earlier.local_start.date() if earlier.local_start else None
            Occurrence.objects.create(event=self.event, earlier=earlier, rank=rank, **given)
        ahead = {name: self._plain(self.review[name]) for name in ("runbook_url", "review_on") if name in self.review}
        if ahead:
            Event.objects.filter(pk=self.event.pk).update(**ahead)

    def _gather(self) -> None:
        if "scribe" in self.review:
            people.add_person(self.event, user=self.scribe, by=self.lead, role=Role.SCRIBE)
        for who, what in self.review.get("people", {}).items():
            people.add_person(
                self.event, user=self.cast[who], by=self.lead, was_involved=bool(what), role_in_event=what or ""
            )
        for who in self.review.get("observers", []):
            people.add_person(self.event, user=self.cast[who], by=self.lead, role=Role.OBSERVER)

    @property
    def ended(self) -> datetime:
        return self.event.ended_at or self.event.started_at or self._present_day(-20)

    @property
    def meeting_at(self) -> datetime:
        """So many days after the end, on a working day; "today", where some of it is left; "now" for the room that is open."""
        given = self.review["meeting"]
        if given == "now":
            return self.travel.present - timedelta(minutes=self.review.get("into", 25))
        zone = self.event.zone
        if given == "today":
            now = self.travel.present.astimezone(zone)
            if now.hour < 15 and working(now.date()) == now.date():
                return datetime.combine(now.date(), time(16), zone)
            return datetime.combine(working(now.date() + timedelta(days=1)), MEETING_AT, zone)
        day = self.ended.astimezone(zone).date() + timedelta(days=given)
        return datetime.combine(working(day), MEETING_AT, zone)

    def _schedule(self) -> None:
        minutes = self.review.get("minutes", 75)
        due = self.meeting_at - timedelta(hours=20)
        at, due = (when.replace(second=0, microsecond=0) for when in (self.meeting_at, due))
        schedule.schedule(self.event, by=self.lead, meeting_at=at, meeting_minutes=minutes, accounts_due_at=due)

    def _write_accounts(self) -> None:
        """On the days between, each at an hour of its own."""
        given = self.review.get("accounts", [])
        span = self.meeting_at - timedelta(hours=24) - self.ended if given else timedelta(0)
        for number, account in enumerate(given):
            self.travel.to(self.ended + span * (number + 1) / (len(given) + 1))
            author = self.cast[account["who"]]
            answers = {slug: account[slug] for slug in ANSWERS if slug in account}
            state = account.get("state", "in")
            if state == "declined":
                accounts.decline(self.event, by=author)
            else:
                keep = accounts.submit if state == "in" else accounts.save_draft
                keep(self.event, by=author, answers=answers, note=account.get("note", ""))
        self.event.refresh_from_db()

    def _remember(self) -> None:
        """What people remember differently, a day before the meeting, and what was decided about it on the same day."""
        given = self.review.get("disputes", [])
        if given:
            self.travel.to(self.meeting_at - timedelta(hours=20))
        for row in given:
            entry = TimelineEntry.objects.filter(event=self.event).in_order()[row["moment"] - 1]
            entry.event = self.event
            said = {name: row[name] for name in ("text", "note", "source", "source_label") if name in row}
            at = self._plain(row["at"]) if "at" in row else None
            seen = When(at, entry.utc_offset, row.get("precision", "exact")) if at else None
            view = disputes.remember(entry, by=self.cast[row["who"]], when=seen, **said)
            self._forward(4000)
            self._decide(view, row)

    def _decide(self, view: Recollection, row: dict[str, Any]) -> None:
        given: dict[str, Any] = {"by": self.lead, "version": view.dispute.version}
        if "settle" in row:
            original = view.dispute.recollections.get(is_original=True)  # type: ignore[attr-defined]
            chosen = original if row.get("chosen") == "original" else view
            disputes.settle(view.dispute, view=chosen, reason=row["settle"], **given)
        elif "keep" in row:
            disputes.keep(view.dispute, reason=row["keep"], **given)
        elif "room" in row:
            disputes.leave(view.dispute, reason=row["room"], **given)

    # --- In the meeting ---------------------------------------------------------------------------------------------
    def _meet(self, *, stop_at: str | None) -> None:
        """Walk the agenda, a little faster or slower than planned; `stop_at` leaves the room open there, paused."""
        self.travel.to(self.meeting_at)
        meeting.start(self.event, by=self.lead)
        self.event.refresh_from_db()
        for membership in Membership.objects.filter(event=self.event).select_related("user"):
            if membership.user_id not in {self.cast[who].pk for who in self.review.get("absent", [])}:
                attendance.attend(self.event, by=membership.user)
                meeting.agree(self.event, by=membership.user)
        room = Meeting.objects.get(event=self.event)
        for step in room.steps.all():
            self._note(step.slug)
            if step.slug == stop_at:
                self._stand_still(step.slug)
                return
            if step.slug == "actions":
                self._promise()
            self._forward(step.planned_s * self.dice.uniform(0.7, 1.2))
            if step.rank + 1 < room.steps.count():
                meeting.go(self.event, by=self.lead, from_rank=step.rank, to_rank=step.rank + 1)
        meeting.end(self.event, by=self.lead)
        self.event.refresh_from_db()
        for number in range(len(self.review.get("people", {}))):
            learned, again = "little" if number == 2 else "yes", "perhaps" if number == 5 else "yes"
            closing.answer(self.event, by=None, learned=learned, again=again)

    def _note(self, slug: str) -> None:
        for note in self.review.get("notes", []):
            if note["step"] == slug:
                parked = note.get("parked_for", "")
                notes.keep(self.event, by=self.cast[note["who"]], text=note["text"], parked_for=parked)

    def _stand_still(self, slug: str) -> None:
        key = TimelineEntry.objects.kept().filter(event=self.event, is_key=True).in_order()
        if slug == "timeline" and key:
            meeting.set_cursor(self.event, by=self.lead, entry=list(key)[len(key) // 2])
        self._forward(240)
        meeting.set_paused(self.event, by=self.lead, is_paused=True)

    def _forward(self, seconds: float) -> None:
        self.travel.to(clock.now() + timedelta(seconds=round(seconds)))

    def _promise(self) -> None:
        """The actions, as the room commits to them; those without an owner stay proposed."""
        factors = list(Factor.objects.kept().filter(event=self.event))
        self.promised: list[tuple[dict[str, Any], Action]] = []
        for row in self.review.get("actions", []):
            fields = {name: row[name] for name in ("title", "size", "closed_when", "type", "strength") if name in row}
            if "owner" in row:
                fields["owner"] = self.cast[row["owner"]]
            if "due" in row:
                fields["due_on"] = working(clock.today(self.event.time_zone) + timedelta(days=row["due"]))
            if "factor" in row:
                fields["factor"] = factors[row["factor"] - 1]
            fields.update({name: row[name] for name in ("owner_text", "due_text") if name in row})
            fields["reference"] = row.get("ref", "")
            action = acts.keep(self.event, by=self.scribe, may_commit="owner" in row, **fields)
            self.promised.append((row, action))
        if "no_action" in self.review:
            acts.decide_not_to_act(self.event, by=self.lead, reason=self.review["no_action"])

    # --- After the meeting ------------------------------------------------------------------------------------------
    def _follow(self, state: str) -> None:
        """Writing, publishing and moving the actions, in the order of their days."""
        if state not in {"draft", "review", "published"}:
            return
        day = self.review.get
        steps: list[tuple[float, Callable[[], Any]]] = [
            (1 + n / 20, partial(self._text, self.scribe if n % 2 else self.lead, slug, text))
            for n, (slug, text) in enumerate(day("texts", {}).items())
        ]
        if state != "draft":
            steps.append((day("reading", 2), partial(publishing.ask_for_review, self.event, by=self.lead)))
        if state == "published":
            steps.append((day("published", 5), self._publish))
            for later in day("versions", []):
                steps.append((later["day"], partial(self._correct, later)))
        for row, action in getattr(self, "promised", []):
            for move in row.get("then", []):
                steps.append((move[0], partial(self._move, action, *move[1:])))
        start = last = self.meeting_at + timedelta(hours=2)
        for days, act in sorted(steps, key=lambda step: step[0]):
            moment = start + timedelta(days=days)
            last = max(last + timedelta(minutes=3), moment + (working(moment.date()) - moment.date()))
            self.travel.to(last)
            act()

    def _text(self, by: Any, slug: str, text: str) -> None:
        kept = document.text_of(self.event, slug)
        document.save_text(self.event, slug, text=text.strip(), base_number=kept.number, by=by)

    def _publish(self) -> None:
        publishing.publish(self.event, by=self.lead)
        self.event.refresh_from_db()

    def _correct(self, later: dict[str, Any]) -> None:
        self._text(self.lead, later["slug"], later["text"])
        self._publish()

    def _move(self, action: Action, verb: str, *words: Any) -> None:
        """One of the honest ways an action moves; its owner does it."""
        fresh = Action.objects.select_related("owner", "event").get(pk=action.pk)
        by, move = fresh.owner or self.lead, getattr(acts, VERBS.get(verb, verb))
        if verb == "redate":
            day = working(clock.today(fresh.event.time_zone) + timedelta(days=words[0]))
            move(fresh, by=by, due_on=day, reason=words[1])
        elif verb == "hand_over":
            move(fresh, by=by, owner=self.cast[words[0]], reason=words[1])
        elif words:
            move(fresh, by=by, **{WORD[verb]: words[0]})
        else:
            move(fresh, by=by)

    def _plain(self, value: Any) -> Any:
        """A text that is a day or a moment becomes one, in the event's zone; everything else stays."""
        if not isinstance(value, str) or not DAY.fullmatch(value):
            return value
        moment = datetime.fromisoformat(value)
        return moment.replace(tzinfo=moment.tzinfo or self.event.zone) if "T" in value else moment.date()

    def _present_day(self, days: int) -> datetime:
        return self.travel.present + timedelta(days=days)


VERBS = {"check": "check_effect"}
WORD = {"block": "reason", "unblock": "note", "close": "evidence", "check": "note", "drop": "reason", "update": "note",
        "start": "note"}  # fmt: skip


def working(day: date) -> date:
    """The day, or the Monday after it."""
    return day + timedelta(days={5: 2, 6: 1}.get(day.weekday(), 0))
