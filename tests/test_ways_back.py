"""Every verb of a review that takes something away leaves a way back: it is carried out, the way back is followed exactly as the
answer or the page offers it, and the whole document and the event's own file say what they said before.

A verb that is new fails here until somebody says whether it takes something away, and how that comes back.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from html.parser import HTMLParser
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from actions.models import Action
from retros.document import markdown
from retros.exchange import dump
from retros.imports.found import Found
from retros.models import (
    AgendaStep,
    Category,
    Dispute,
    Event,
    Factor,
    HintAnswer,
    ImpactFigure,
    ImpactInterval,
    Meeting,
    Membership,
    ParticipantAccount,
    PersonalLink,
    SilentNote,
    State,
    WentWell,
)
from retros.services import analysis, causes, disputes, hints, invitations, meeting, notes, outline, publishing
from tests.access_matrix import MATRIX
from tests.factories import START, make_account, make_action, make_cast, make_entry, make_goal, make_import
from tests.world import patterns


# --- What the whole says ------------------------------------------------------------------------------------------------
def told(event: Event) -> Any:
    """Everything that is said and kept of an event: as a document, as its own file, and what neither of them carries."""
    fresh = Event.objects.get(pk=event.pk)
    of = {"event": fresh}
    return (
        markdown.render(publishing.exported(fresh)[0]),
        dump.whole(fresh),
        list(SilentNote.objects.filter(**of, removed_at=None).order_by("id").values("id", "text", "outcome", "factor", "category")),
        list(HintAnswer.objects.filter(**of).values("key", "reason")),
        list(Action.objects.filter(**of).values("title", "status", "factor", "cause", "owner", "due_on", "drop_reason", "closed_at")),
        list(ParticipantAccount.objects.filter(**of).values("state", "answers", "author")),
        list(Meeting.objects.filter(**of).values("rests_since", "ended_at", "step__slug", "cursor")),
        list(Membership.objects.filter(**of).order_by("id").values("user", "role")),
        list(PersonalLink.objects.filter(membership__event=fresh).values("membership", "revoked_at")),
        fresh.state,
    )  # fmt: skip


class Forms(HTMLParser):
    """The forms of an answer as a browser would send them: address, fields, and buttons by their words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[SimpleNamespace] = []
        self.form: Any = None
        self.button: Any = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.form = SimpleNamespace(
                action=given.get("action", ""), hx=given.get("hx-post", ""), fields={}, buttons=[]
            )
            self.found.append(self.form)
        elif self.form and tag == "input" and given.get("type") == "hidden":
            self.form.fields[given["name"]] = given.get("value", "")
        elif self.form and tag == "button":
            self.button = (given.get("name", ""), given.get("value", ""), "")

    def handle_data(self, data: str) -> None:
        if self.button:
            self.button = (*self.button[:2], self.button[2] + data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "button" and self.button and self.form:
            self.form.buttons.append(self.button)
        if tag == "button":
            self.button = None
        if tag == "form":
            self.form = None


def way_back(response: HttpResponse, words: str, where: str) -> Any:
    """The form whose button says these words, with what pressing it sends."""
    html = response.content.decode()
    offers = [(form, button) for form in Forms(html).found for button in form.buttons if button[2].strip() == words]
    assert offers, f"no '{words}': {where}"
    form, (name, value, _) = offers[0]
    assert form.hx in {"", form.action}, "with script and without it is one verb"
    return form.action, {**form.fields, **({name: value} if name else {})}


# --- The verbs ------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Taken:
    """One verb carried out: its URL name and arguments, what is sent, by whom, and where the way back is offered: `words` on a
    button of the answer, or of the page of that name."""

    name: str
    make: Callable[[SimpleNamespace], tuple[list[Any], dict[str, Any]]]
    words: str = "Undo"
    page: str = ""  # URL name; empty: the answer itself, and without script the page that it leads to
    plain: str = ""  # the words without script, where they are others
    plain_page: str = ""  # of the action that was written, where nothing is said on the page itself
    by: str = "facilitator"
    also: str = ""
    state: str = State.MEETING
    step: str = ""  # where the room stands
    ready: Callable[[SimpleNamespace], None] = lambda cast: None  # what must be so first

    def said(self, script: bool) -> str:
        return self.words if script else self.plain or self.words

    def place(self, event: Event, response: Any, script: bool) -> str:
        """The page on which the way back is offered; empty: in the answer."""
        if self.plain_page and not script:
            return reverse(self.plain_page, args=[response.url.rpartition("-")[2]])
        return reverse(self.page, args=[event.code]) if self.page else getattr(response, "url", "")

    def __str__(self) -> str:
        return self.name + (f" {self.also}" if self.also else "")


def world(state: str) -> SimpleNamespace:
    """An event of everything that can be taken out, each thing leaning on another."""
    cast = make_cast(severity="sev1")
    event, by = cast.event, cast.facilitator
    if state == State.MEETING:
        meeting.start(event, by=by)
    cast.first = make_entry(event, "Alerts ring", minutes=10, landmark="detected", created_by=by, is_key=True)
    cast.second = make_entry(event, "Over", minutes=5, landmark="resolved", created_by=by)
    cast.effect = causes.add(event, by=by, text="It was slow", kind="event")
    cast.cause = causes.add(
        event, by=by, parent=cast.effect, text="One path", evidence=[cast.first], is_root_cause=True
    )
    causes.add(event, by=by, parent=cast.cause, text="Nobody asked")
    cast.late = causes.add(event, by=by, text="Seen late", kind="event")
    cast.link = causes.share(cast.cause, effect=cast.late, by=by)
    cast.factor = analysis.add(event, Factor, by=by, category=Category.DESIGN, text="Both write")
    analysis.add(event, Factor, by=by, category=Category.CHANGE, text="A last one")
    cast.well = analysis.add(event, WentWell, by=by, kind="tool", text="The graph")
    cast.luck = analysis.add(event, WentWell, by=by, kind="luck", text="She was there")
    cast.action = make_action(event, "Drill it", owner=cast.participant, factor=cast.factor, cause=cast.cause)
    if state == State.MEETING:
        cast.note = notes.keep(event, by=by, text="Said aloud")
        cast.idea = notes.keep(event, by=by, text="A remedy", parked_for="actions")
        cast.other_idea = notes.keep(event, by=by, text="Make it design: She was there", parked_for="actions")
    cast.shown = SilentNote.objects.create(event=event, text="Both write", shown_at=START, rank=1)
    cast.sealed = SilentNote.objects.create(event=event, author=by, text="Nobody saw it")
    cast.view = disputes.remember(cast.second, by=by, when=None, text="It was not over")
    cast.dispute = Dispute.objects.get(pk=cast.view.dispute_id)
    cast.goal = make_goal(event, "Quick", outcome="partly")
    cast.interval = ImpactInterval.objects.create(event=event, label="pages", started_at=START)
    cast.figure = ImpactFigure.objects.create(event=event, value="5", label="hooks")
    cast.record = make_import(event, Found(line=1, text="From a log", at=START), by=by, state="added")
    cast.guest_member = Membership.objects.get(event=event, user=cast.guest)
    invitations.invite(cast.guest_member, by=by)
    make_account(event, cast.participant, "Half a", state="draft")
    event.refresh_from_db()
    return cast


def mend(cast: SimpleNamespace) -> dict[str, Any]:
    fresh = Event.objects.get(pk=cast.event.pk)
    one = next(hint for hint in hints.find(fresh, outline.of(fresh)).open if hint.kind == "landmarks")
    return {"key": one.key, "way": "swap"}


def settle(cast: SimpleNamespace) -> dict[str, Any]:
    cast.dispute.refresh_from_db()
    return {"decision": "settle", "view": cast.view.pk, "reason": "The phone knows", "version": cast.dispute.version}


def unmark(cast: SimpleNamespace) -> None:
    causes.edit(cast.cause, by=cast.facilitator, version=1, is_root_cause=False)


def line(cast: SimpleNamespace) -> dict[str, Any]:
    return {"title": "Drill it twice", "idea": cast.idea.pk}


WALKED = [
    Taken("cause_remove", lambda c: ([c.cause.pk], {})),
    Taken("cause_remove", lambda c: ([c.effect.pk], {}), also="with all below"),
    Taken("cause_link_remove", lambda c: ([c.link.pk], {})),
    Taken("analysis_remove", lambda c: (["factors", c.factor.pk], {}), also="factor"),
    Taken("analysis_remove", lambda c: (["well", c.well.pk], {}), also="well"),
    Taken("analysis_remove", lambda c: (["well", c.luck.pk], {}), also="luck"),
    Taken("note_remove", lambda c: ([c.note.pk], {"removed": "yes"})),
    Taken("note_remove", lambda c: ([c.idea.pk], {"removed": "yes"}), also="idea"),
    Taken("note_take_up", lambda c: ([c.idea.pk], {"way": "dropped"})),
    Taken("silent_remove", lambda c: ([c.sealed.pk], {"removed": "yes"})),
    Taken("silent_place", lambda c: ([c.shown.pk], {"to": "kind:capacity"}), also="kind", plain="Take up again", step="factors"),
    Taken("silent_place", lambda c: ([c.shown.pk], {"to": f"same:{c.factor.pk}"}), also="same", plain="Take up again", step="factors"),
    Taken("silent_place", lambda c: ([c.shown.pk], {"to": "parked"}), also="parked", plain="Take up again", step="factors"),
    Taken("silent_place", lambda c: ([c.shown.pk], {"to": "left_out"}), also="left out", plain="Take up again", step="factors"),
    Taken("luck_answer", lambda c: ([c.luck.pk], {"answer": "parked"}), "Ask again", also="parked", step="went-well"),
    Taken("luck_answer", lambda c: ([c.luck.pk], {"answer": "fine"}), "Ask again", also="fine", step="went-well"),
    Taken("entry_remove", lambda c: ([c.first.pk], {})),
    Taken("entry_remove", lambda c: ([c.second.pk], {}), also="disputed"),
    Taken("entry_t_zero", lambda c: ([c.second.pk], {})),
    Taken("recollection_remove", lambda c: ([c.view.pk], {"removed": "yes"})),
    Taken("dispute_decide", lambda c: ([c.dispute.pk], settle(c)), "Open it again", page="timeline_detail"),
    Taken("hint_mend", lambda c: ([], mend(c))),
    Taken("interval_remove", lambda c: ([c.interval.pk], {})),
    Taken("figure_remove", lambda c: ([c.figure.pk], {})),
    Taken("part_remove", lambda c: (["goals", c.goal.pk], {})),
    Taken("imported_undo", lambda c: ([c.record.pk], {}), "Bring back", page="import_new"),
    Taken("room_rest", lambda c: ([], {}), "Go on", page="room_detail"),
    Taken("room_end", lambda c: ([], {}), "Open the room again", page="room_detail"),
    Taken("member_link", lambda c: ([c.guest_member.pk, "end"], {})),
    Taken("person_link", lambda c: ([c.guest_member.pk, "end"], {}), "Open it again", by="admin"),
    Taken("room_hand_over", lambda c: ([], {"to": c.participant.pk}), "Take it back", page="room_detail"),
    Taken("hint_answer", lambda c: ([], {"key": mend(c)["key"], "reason": "So it was"}), "Ask again", page="hint_list"),
    Taken("cause_unknown", lambda c: ([], {"is_so": "yes"}), "The cause is established after all", page="analysis_detail",
        ready=unmark),
    Taken("account_decline", lambda c: ([], {}), "Take it back", page="account_edit", by="participant", state=State.PREPARING),
    Taken("event_decline", lambda c: ([], {"reason": "Fixed the same day."}), "Review it after all", page="event_detail",
        state=State.PREPARING),
    Taken("action_line", lambda c: ([], line(c)), plain_page="action_detail", plain="Take it back"),
    Taken("action_add", lambda c: ([], line(c)), plain_page="action_detail", plain="Take it back"),
]  # fmt: skip


@pytest.mark.looks
@pytest.mark.parametrize("taken", WALKED, ids=str)
def test_the_way_back_leads_back(db: None, taken: Taken) -> None:
    """With script, and once more without."""
    cast = world(taken.state)
    if taken.step:
        step = AgendaStep.objects.get(meeting__event=cast.event, slug=taken.step)
        Meeting.objects.filter(event=cast.event).update(step=step)
    taken.ready(cast)
    before = told(cast.event)
    for script in (True, False):
        client = Client(headers={"HX-Request": "true"} if script else {})
        client.force_login(getattr(cast, taken.by))
        args, data = taken.make(cast)
        address = reverse(taken.name, args=[cast.event.code, *args])
        response = carried_out(client, address, {"op": str(uuid4()), **data})
        assert told(cast.event) != before, "the verb did nothing"
        page = taken.place(cast.event, response, script)
        offered = client.get(page) if page else response
        address, fields = way_back(offered, taken.said(script), page or "in the answer")
        carried_out(client, address, fields)
        assert told(cast.event) == before, f"{'with' if script else 'without'} script"


def carried_out(client: Client, address: str, fields: dict[str, Any]) -> Any:
    response = client.post(address, fields)
    assert response.status_code in {200, 204, 303}, response.content.decode()[:2000]
    return response


# --- No verb without one ----------------------------------------------------------------------------------------------
def asks(cast: SimpleNamespace) -> list[tuple[str, str, str]]:
    """Verbs that say before they are done what they take, or want to know why: (verb, address, words of its page)."""
    code, guest = cast.event.code, cast.guest_member.pk
    return [
        ("account_reveal", reverse("account_reveal", args=[code]), "This is the one step that cannot be taken back"),
        ("member_remove", reverse("member_edit", args=[code, guest]), "A sealed account goes with them"),
        ("import_drop", reverse("import_choose", args=[code, cast.waiting.pk]), "Throw away"),
        ("action_none", reverse("action_none", args=[code]), "Why"),
        ("action_move", reverse("action_move", args=[cast.action.pk, "drop"]), "Drop it"),
    ]


ASKED_FOR = {"action_none", "action_move"}  # refused without a reason


def test_what_does_not_come_back_is_asked_first(db: None) -> None:
    cast = world(State.PREPARING)
    cast.waiting = make_import(cast.event, by=cast.facilitator)
    client = Client()
    client.force_login(cast.facilitator)
    for verb, address, words in asks(cast):
        assert words in client.get(address).content.decode(), verb
    before = told(cast.event)
    for verb, address, _ in asks(cast):
        if verb in ASKED_FOR:
            assert client.post(address, {}).status_code == 422, verb
    assert told(cast.event) == before
    assert {verb for verb, *_ in asks(cast)} == ASKED


ASKED = {"account_reveal", "member_remove", "import_drop", "action_none", "action_move"}
BACK = {  # ways back themselves
    "entry_restore", "analysis_restore", "cause_restore", "cause_link_restore", "fact_restore", "silent_back", "hint_undo",
    "hint_ask_again", "imported_redo", "dispute_reopen", "room_reopen", "room_resume", "room_take_back", "event_take_up",
    "account_take_back", "action_take_back",
}  # fmt: skip
NOTHING_GOES = {
    "adds": {
        "member_add", "member_invite", "interval_add", "figure_add", "part_add", "entry_add", "import_new", "import_add",
        "recollection_add",
        "analysis_add", "cause_add", "cause_share", "room_fact_new", "room_moment", "room_differ", "note_add", "silent_add", "room_close",
        "account_share", "account_moments", "account_remind", "room_ask", "action_line", "action_add",
    },
    "changes words that its history or its revisions keep": {
        "event_edit", "interval_edit", "figure_edit", "part_edit", "entry_edit", "recollection_edit", "analysis_edit", "cause_edit",
        "room_fact",
        "room_moment_edit", "silent_edit", "note_edit", "room_text", "section_edit", "action_edit", "account_edit", "account_save",
    },
    "chooses again, by the same control": {
        "event_schedule", "event_facilitator", "member_edit", "import_choose", "import_check", "entry_key", "entry_move", "analysis_none",
        "cause_place", "cause_order", "cause_discuss", "cause_check", "room_pause", "room_extend", "room_step", "room_cursor", "room_goto",
        "room_walk", "room_pen", "room_role", "room_attendance", "room_hand", "room_floor", "review_state",
    },
    "says": {"room_start", "room_attend", "room_writing", "room_agree", "room_take_over", "silent_open", "silent_show", "review_publish",
             "action_commit"},
    "stops what may be begun anew": {"imported_stop"},
    "takes back what was shared early, by its author, and the sentence stays in the account": {"account_unshare"},
    "asks for what the action's own page asks for": {"carried_move"},
}  # fmt: skip


def test_every_verb_has_its_place() -> None:
    verbs = {name for name, method, _ in MATRIX if method == "POST"}
    verbs = {name for name in verbs if patterns()[name].startswith(("e/<str:code>/", "actions/"))}
    walked = {taken.name for taken in WALKED}
    kept = set().union(*NOTHING_GOES.values()) - walked
    assert verbs - walked - ASKED - BACK - kept == set(), "says nobody yet whether it takes something away"
    assert (walked | ASKED | BACK | kept) - verbs == set(), "is gone"
    assert not kept & (ASKED | BACK)


def test_a_verb_that_sounds_like_taking_is_not_among_those_that_add() -> None:
    takes = re.compile(r"remove|drop|withdraw|decline|clear|leave|discard|delete")
    assert [name for name in set().union(*NOTHING_GOES.values()) if takes.search(name)] == []
