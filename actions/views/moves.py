"""One action: its page, its form, and every way in which it moves."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from aar_site.http import typed
from actions import access, forms, history, reading, reminders, services
from actions.models import CLOSED, OPEN, Action, Status
from actions.views.event import about, answer, is_check
from retros import access as event_access
from retros.http import is_fragment, op_of, see_other, whole
from retros.live.log import Repeated, Stale, WrongState
from retros.models import Event
from retros.services import clash


@dataclass(frozen=True)
class Move:
    """One way an action moves: the right it needs, from which states, its form and service, and the words of its page."""

    verb: str
    states: tuple[str, ...]
    form: type[forms.MoveForm]
    service: Callable[..., Any]
    title: str
    go: str
    said: str
    hint: str = ""


MOVES: dict[str, Move] = {
    "unblock": Move("move action", (Status.BLOCKED,), forms.UnblockForm, services.unblock,
        "Nothing in the way", "Go on", "In progress again."),
    "check": Move("move action", (Status.DONE,), forms.CheckForm, services.check_effect,
        "Check the effect", "Keep what you saw", "Effect checked."),
    "close": Move("move action", OPEN, forms.CloseForm, services.close,
        "Close it", "Close it", "Closed. Nothing more is sent for it.", "With what shows that it is done"),
    "start": Move("move action", (Status.COMMITTED,), forms.StartForm, services.start,
        "Start", "Start", "In progress."),
    "redate": Move("redate action", OPEN, forms.RedateForm, services.redate,
        "New date", "Keep the new date", "It has a new date. Reminders follow it.", "One that fits, with a reason"),
    "block": Move("move action", OPEN, forms.BlockForm, services.block,
        "Blocked", "Keep as blocked", "Blocked, and the reason stands with it.", "Say what is in the way"),
    "split": Move("split action", OPEN, forms.SplitForm, services.split,
        "Split it", "Split it", "Split. The rest stands as a proposal of its own.", "Keep the part that closes soon"),
    "hand-over": Move("hand over action", (Status.PROPOSED, *OPEN), forms.HandOverForm, services.hand_over,
        "Hand it over", "Hand it over", "Handed over.", "Somebody else has the room for it"),
    "drop": Move("drop action", (Status.PROPOSED, *OPEN), forms.DropForm, services.drop,
        "Drop it", "Drop it", "Dropped, with its reason.", "Say why, and who agreed"),
    "stay": Move("move action", (Status.DROPPED,), forms.StayForm, services.stay,
        "It stays so", "Keep it so", "Kept so, with the reason."),
    "reopen": Move("move action", CLOSED, forms.ReopenForm, services.reopen,
        "Open again", "Open again", "Open again."),
    "update": Move("move action", tuple(Status.values), forms.UpdateForm, services.update,
        "Say how it stands", "Keep the note", "Kept in its history."),
}  # fmt: skip
RARER = ("split", "hand-over", "drop")  # beside the page, not in its first line
DECIDE = ("redate", "split", "hand-over", "drop", "close", "block")


def moves_for(action: Action) -> dict[str, Move]:
    """What the reader may do with the action as it stands, by slug."""
    found = {slug: m for slug, m in MOVES.items() if m.verb in action.verbs and action.status in m.states}  # type: ignore[attr-defined]
    if action.owner is None:
        found.pop("hand-over", None)
    if action.review_on is None:
        found.pop("stay", None)
    due = services.effect_due(action)
    if due and due > services.today_of(action):
        found.pop("check", None)
    return found


# --- Its page -------------------------------------------------------------------------------------------------------
@require_GET
def action_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The action, how it got here, what is sent for it, and what can be done with it."""
    user: Any = request.user
    action: Any = access.get_action_or_404(user, pk, "view action")
    today = services.today_of(action)
    shape, words = history.status_tag(action, today)
    context = {
        "action": action,
        "verbs": action.verbs,
        "shape": shape,
        "words": words,
        "redated": history.redated(action),
        "gaps": services.gaps(action) if action.status == Status.PROPOSED else [],
        **_ways(action, user),
        "effect_due": services.effect_due(action),
        "steps": history.history(action, user.time_zone, opens_event=action.opens_event),
        "told": history.told(action),
        "upcoming": reminders.upcoming(action, today),
        "op": event_access.new_op(),
    }
    return render(request, "actions/action_detail.html", context)


def _ways(action: Any, user: Any) -> dict[str, Any]:
    """What can be done with it, by where it stands on the page; thirty days late, a decision comes first."""
    today, moves = services.today_of(action), moves_for(action)
    late = action.days_late(today)
    decide = {slug: moves[slug] for slug in DECIDE[:4] if slug in moves} if late >= services.DECIDE_AFTER_DAYS else {}
    return {
        "late": late,
        "decide": list(decide.items()),
        "moves": [(slug, move) for slug, move in moves.items() if slug not in (*RARER, *decide, "update")],
        "rarer": [(slug, move) for slug, move in moves.items() if slug in RARER and slug not in decide],
        "update": forms.UpdateForm(action=action, by=user, today=today) if "update" in moves else None,
        "can_take_back": "take back action" in action.verbs and services.is_fresh(action),
    }


# --- What it says ---------------------------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
def action_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """The whole action. "Commit" names what is missing; somebody else's edit in between answers 409 with both texts."""
    action = access.get_action_or_404(request.user, pk, "edit action")
    services.check_state(action, (Status.PROPOSED, *OPEN))
    if request.POST.get("use") == "theirs":
        return _after(request, action, "Theirs stands.")
    form = forms.ActionForm(typed(request), event=action.event, by=request.user, action=action, auto_id=f"a{pk}_%s")
    if is_check(request) and is_fragment(request):
        return about(request, action.event, form)
    if request.method != "POST" or not form.is_valid() or is_check(request):
        return _edit_form(request, action, form)
    try:
        return _change(request, action, form)
    except services.Incomplete as incomplete:
        reading.add_gaps(form, incomplete.gaps)
        return _edit_form(request, action, form)
    except Stale as stale:
        seen = whole(request.POST.get("version", ""), action.version)
        title = form.cleaned_data["title"]
        both = clash.of(stale.current, title, started_from=seen, by=request.user, field="title")
        return _edit_form(request, action, form, status=409, stale=stale.current, both=both)


def _change(request: HttpRequest, action: Action, form: forms.ActionForm) -> HttpResponse:
    """Keep the form as it was read at its version; a repeat is answered like the first."""
    then_commit = request.POST.get("then") == "commit" and _may_commit(action)
    seen = whole(request.POST.get("version", ""), action.version)
    with suppress(Repeated):
        services.edit(
            action, by=request.user, version=seen, op=op_of(request), then_commit=then_commit, **form.cleaned_data
        )
    return _after(request, action, reading.committed_words() if then_commit else "Kept.")


def _after(request: HttpRequest, action: Action, said: str) -> HttpResponse:
    """After a kept form: the room's list for htmx where the reader may open it, else the action's page with what was done said."""
    if is_fragment(request) and action.opens_event:  # type: ignore[attr-defined]
        return answer(request, action.event, said=said)
    messages.success(request, said)
    return see_other(reverse("action_detail", args=[action.pk]))


def _may_commit(action: Any) -> bool:
    return "commit action" in action.verbs and action.status == Status.PROPOSED


def _edit_form(
    request: HttpRequest,
    action: Action,
    form: forms.ActionForm,
    *,
    status: int = 0,
    stale: Action | None = None,
    **more: Any,
) -> HttpResponse:
    """The form as a page, or in its place in the room."""
    context = {
        "action": action,
        "event": action.event,
        "form": form,
        "version": (stale or action).version,
        "stale": stale,
        "may_commit": _may_commit(action),
        "op": event_access.new_op(),
        **reading.about_form(form, action.event),
        **more,
    }
    status = status or (422 if form.errors and not is_check(request) else 200)
    if not is_fragment(request):
        return render(request, "actions/action_edit.html", context, status=status)
    response = render(request, "actions/_action_form.html", context, status=status)
    response["HX-Retarget"], response["HX-Reswap"] = f"#form-action-{action.pk}", "outerHTML"
    return response


@require_GET
def action_form(request: HttpRequest, pk: int) -> HttpResponse:
    """The form alone, to be shown in place in the room."""
    action = access.get_action_or_404(request.user, pk, "edit action")
    services.check_state(action, (Status.PROPOSED, *OPEN))
    form = forms.ActionForm(event=action.event, by=request.user, action=action, auto_id=f"a{pk}_%s")
    if (field := request.GET.get("field", "")) in form.fields:
        form.fields[field].widget.attrs["data-focus"] = ""
    context = {"action": action, "event": action.event, "form": form, "version": action.version}
    context |= {"may_commit": _may_commit(action), **reading.about_form(form, action.event)}
    return render(request, "actions/_action_form.html", context)


@require_POST
def action_commit(request: HttpRequest, pk: int) -> HttpResponse:
    """Commit a proposal as it stands; what is missing is named on its form."""
    action = access.get_action_or_404(request.user, pk, "commit action")
    try:
        services.commit(action, by=request.user, op=op_of(request))
    except Repeated:
        pass
    except services.Incomplete as incomplete:
        form = forms.ActionForm(
            _as_typed(action, request.user), event=action.event, by=request.user, action=action, auto_id=f"a{pk}_%s"
        )
        form.is_valid()
        reading.add_gaps(form, incomplete.gaps)
        return _edit_form(request, action, form)
    return _after(request, action, reading.committed_words())


def _as_typed(action: Action, by: Any) -> dict[str, Any]:
    """The stored action as its form would send it, so that what is missing can stand beside its field."""
    blank = forms.ActionForm(event=action.event, by=by, action=action)
    return {name: blank[name].value() for name in blank.fields if blank[name].value() is not None}


@require_POST
def action_take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Undo of writing an action, for the one who wrote it."""
    user: Any = request.user
    earlier = event_access.carried_out(user, op_of(request), f"action:{pk}")
    event = earlier.event if earlier else _take_back(request, pk)
    if event_access.role_of(user, event):
        return answer(request, event, said="Taken back.")
    return see_other(reverse("action_list"))


def _take_back(request: HttpRequest, pk: int) -> Event:
    action = access.get_action_or_404(request.user, pk, "take back action")
    with suppress(Repeated):
        services.take_back(action, by=request.user, op=op_of(request))
    return action.event


# --- Ways to move ---------------------------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
def action_move(request: HttpRequest, pk: int, move: str) -> HttpResponse:
    """One move of an action; what its rules refuse is said above the form, which keeps what was typed."""
    way = MOVES.get(move)
    if way is None:
        raise Http404("No such move.")
    # Asked first: what the first press did may have taken the right to press again.
    if request.method == "POST" and event_access.carried_out(request.user, op_of(request), f"action:{pk}"):
        return _moved(request, way, pk)
    action = access.get_action_or_404(request.user, pk, way.verb)
    services.check_state(action, way.states)
    if request.POST.get("use") == "theirs":
        return _after(request, action, "Theirs stands.")
    form = way.form(typed(request), action=action, by=request.user, today=services.today_of(action))
    status, more = 200, dict[str, Any]()
    if request.method == "POST":
        status, more = _carry_out(request, action, way, form) if form.is_valid() else (422, {})
    if status == 303:
        return _moved(request, way, pk)
    context = {"action": action, "way": way, "slug": move, "form": form, "op": event_access.new_op(), **more}
    return render(request, "actions/action_move.html", context, status=status)


def _moved(request: HttpRequest, way: Move, pk: int) -> HttpResponse:
    """To the action's page, or to the list where it was handed out of the reader's sight; with what was done."""
    messages.success(request, way.said)
    is_seen = access.sees_action(request.user, pk)
    return see_other(reverse("action_detail", args=[pk]) if is_seen else reverse("action_list"))


def _carry_out(request: HttpRequest, action: Action, way: Move, form: forms.MoveForm) -> tuple[int, dict[str, Any]]:
    """Do it; the status to answer with, and what the page shows besides. What the service refuses becomes an error of the form."""
    try:
        way.service(action, by=request.user, op=op_of(request), **form.cleaned_data)
    except Repeated:
        pass
    except services.Incomplete as incomplete:
        reading.add_gaps(form, incomplete.gaps)
        return 422, {}
    except WrongState as refused:
        form.add_error(None, str(refused))
        return 409, {}
    except Stale as stale:
        return 409, _both(request, form, stale.current)
    return 303, {}


def _both(request: HttpRequest, form: forms.MoveForm, current: Action) -> dict[str, Any]:
    """What somebody else changed meanwhile, beside what was typed; from now on it counts as read."""
    seen, title = form.cleaned_data["version"], form.cleaned_data["title"]
    form.data = {**request.POST.dict(), "version": current.version}
    return {"stale": current, "both": clash.of(current, title, started_from=seen, by=request.user, field="title")}


@require_GET
def action_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """A long overdue action needs a decision: its honest exits side by side (?way=), each with its form."""
    action = access.get_action_or_404(request.user, pk, "move action")
    if not action.is_open:
        return see_other(reverse("action_detail", args=[pk]))
    open_to, today = moves_for(action), services.today_of(action)
    ways = [(slug, open_to[slug]) for slug in DECIDE if slug in open_to]
    chosen = request.GET.get("way", "")
    slug, way = next(((s, w) for s, w in ways if s == chosen), ways[0])
    context = {
        "action": action,
        "ways": ways,
        "slug": slug,
        "way": way,
        "form": way.form(action=action, by=request.user, today=today),
        "late": action.days_late(today),
        "overdue": history.overdue(action.days_late(today)),
        "redated": history.redated(action),
        "must_decide": action.days_late(today) >= services.DECIDE_AFTER_DAYS,
        "told": history.told(action),
        "op": event_access.new_op(),
    }
    return render(request, "actions/action_decide.html", context)
