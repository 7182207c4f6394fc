"""One action: its page, its form, and every way in which it moves."""

from collections.abc import Callable
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
from actions.views.event import answer
from retros import access as event_access
from retros.http import is_fragment, op_of, see_other
from retros.live.log import Repeated, Stale


@dataclass(frozen=True)
class Move:
    """One way an action moves: the right it needs, from which states, its form, its service, and the words of its page."""

    verb: str
    states: tuple[str, ...]
    form: type[forms.MoveForm]
    service: Callable[..., Any]
    title: str
    go: str
    said: str


MOVES: dict[str, Move] = {
    "start": Move(
        "move action", (Status.COMMITTED,), forms.StartForm, services.start, "Start", "Start", "In progress."
    ),
    "close": Move(
        "move action",
        OPEN,
        forms.CloseForm,
        services.close,
        "Close",
        "Close it",
        "Closed. Nothing more is sent for it.",
    ),
    "block": Move(
        "move action",
        OPEN,
        forms.BlockForm,
        services.block,
        "Say what is in the way",
        "Keep as blocked",
        "Blocked, and the reason stands with it.",
    ),
    "unblock": Move(
        "move action",
        (Status.BLOCKED,),
        forms.UnblockForm,
        services.unblock,
        "Nothing in the way any more",
        "Go on",
        "In progress again.",
    ),
    "redate": Move(
        "redate action", OPEN, forms.RedateForm, services.redate, "New date", "Keep the new date", "It has a new date."
    ),
    "hand-over": Move(
        "hand over action",
        (Status.PROPOSED, *OPEN),
        forms.HandOverForm,
        services.hand_over,
        "Hand over",
        "Hand over",
        "Handed over. The new owner gets a mail.",
    ),
    "split": Move(
        "split action",
        OPEN,
        forms.SplitForm,
        services.split,
        "Split",
        "Split it",
        "Split. The rest stands as a proposal of its own.",
    ),
    "drop": Move(
        "drop action",
        (Status.PROPOSED, *OPEN),
        forms.DropForm,
        services.drop,
        "Drop",
        "Drop it",
        "Dropped, with its reason.",
    ),
    "reopen": Move("move action", CLOSED, forms.ReopenForm, services.reopen, "Open again", "Open again", "Open again."),
    "check": Move(
        "move action",
        (Status.DONE,),
        forms.CheckForm,
        services.check_effect,
        "Check the effect",
        "Keep what you saw",
        "Effect checked.",
    ),
    "update": Move(
        "move action",
        tuple(Status.values),
        forms.UpdateForm,
        services.update,
        "Say how it stands",
        "Keep the note",
        "Kept in its history.",
    ),
}
DECIDE = ("close", "redate", "block", "split", "hand-over", "drop")


def moves_for(action: Action) -> list[tuple[str, Move]]:
    """What the reader may do with the action as it stands."""
    return [(slug, m) for slug, m in MOVES.items() if m.verb in action.verbs and action.status in m.states]  # type: ignore[attr-defined]


@require_GET
def action_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The action, how it got here, what is sent for it, and what can be done with it."""
    action = access.get_action_or_404(request.user, pk, "view action")
    return _page(request, action)


def _page(request: HttpRequest, action: Action, status: int = 200, **more: Any) -> HttpResponse:
    today = services.today_of(action)
    shape, words = history.status_tag(action, today)
    context = {
        "action": action,
        "verbs": action.verbs,  # type: ignore[attr-defined]
        "shape": shape,
        "words": words,
        "late": action.days_late(today),
        "gaps": services.gaps(action) if action.status == Status.PROPOSED else [],
        "moves": moves_for(action),
        "effect_due": services.effect_due(action),
        "steps": history.history(action),
        "told": history.told(action),
        "upcoming": reminders.upcoming(action, today),
        "op": event_access.new_op(),
        **more,
    }
    return render(request, "actions/action_detail.html", context, status=status)


@require_http_methods(["GET", "POST"])
def action_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """The whole action. "Commit" names what is missing; somebody else's edit in between answers 409 with both texts."""
    action = access.get_action_or_404(request.user, pk, "edit action")
    form = forms.ActionForm(typed(request), event=action.event, action=action)
    if request.method != "POST" or not form.is_valid():
        return _edit_form(request, action, form)
    is_commit = request.POST.get("then") == "commit" and "commit action" in action.verbs  # type: ignore[attr-defined]
    version = request.POST.get("version", "")
    try:
        services.edit(
            action,
            by=request.user,
            version=int(version) if version.isdecimal() else action.version,
            op=op_of(request),
            then_commit=is_commit and action.status == Status.PROPOSED,
            **form.cleaned_data,
        )
    except Repeated:
        pass
    except services.Incomplete as incomplete:
        reading.add_gaps(form, incomplete.gaps)
        return _edit_form(request, action, form)
    except Stale as stale:
        return _edit_form(request, action, form, status=409, stale=stale.current)
    if is_fragment(request):
        return answer(request, action.event, anchor=f"action-{pk}", said="Kept.")
    messages.success(request, "Committed." if is_commit else "Kept.")
    return see_other(reverse("action_detail", args=[pk]))


def _edit_form(request: HttpRequest, action: Action, form: Any, *, status: int = 0, **more: Any) -> HttpResponse:
    status = status or (422 if form.errors else 200)
    stale = more.get("stale")
    context = {
        "action": action,
        "event": action.event,
        "form": form,
        "version": (stale or action).version,
        "may_commit": "commit action" in action.verbs and action.status == Status.PROPOSED,  # type: ignore[attr-defined]
        "op": event_access.new_op(),
        **reading.about_form(form, action.event),
        **more,
    }
    if is_fragment(request):
        response = render(request, "actions/_action_form.html", context, status=status)
        response["HX-Retarget"], response["HX-Reswap"] = f"#form-action-{action.pk}", "outerHTML"
        return response
    return render(request, "actions/action_edit.html", context, status=status)


@require_GET
def action_form(request: HttpRequest, pk: int) -> HttpResponse:
    """The form alone, to be shown in place in the room."""
    action = access.get_action_or_404(request.user, pk, "edit action")
    form = forms.ActionForm(event=action.event, action=action)
    context = {
        "action": action,
        "event": action.event,
        "form": form,
        "version": action.version,
        "may_commit": "commit action" in action.verbs and action.status == Status.PROPOSED,  # type: ignore[attr-defined]
        **reading.about_form(form, action.event),
    }
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
        form = forms.ActionForm(_as_typed(action), event=action.event, action=action)
        form.is_valid()
        reading.add_gaps(form, incomplete.gaps)
        return _edit_form(request, action, form)
    if is_fragment(request):
        return answer(request, action.event, anchor=f"action-{pk}", said="Committed.")
    messages.success(request, "Committed. Its owner is reminded two days before the date.")
    return see_other(reverse("action_detail", args=[pk]))


def _as_typed(action: Action) -> dict[str, Any]:
    """The stored action as its form would send it, so that what is missing can stand beside its field."""
    blank = forms.ActionForm(event=action.event, action=action)
    return {name: blank[name].value() for name in blank.fields if blank[name].value() is not None}


@require_http_methods(["GET", "POST"])
def action_move(request: HttpRequest, pk: int, move: str) -> HttpResponse:
    """One move of an action; "decide" lays the honest exits of an overdue one side by side."""
    if move == "decide":
        return _decide(request, access.get_action_or_404(request.user, pk, "move action"))
    way = MOVES.get(move)
    if way is None:
        raise Http404("No such move.")
    action = access.get_action_or_404(request.user, pk, way.verb)
    form = way.form(typed(request), action=action, today=services.today_of(action))
    if request.method == "POST" and form.is_valid():
        try:
            way.service(action, by=request.user, op=op_of(request), **form.cleaned_data)
        except Repeated:
            pass
        messages.success(request, way.said)
        return see_other(reverse("action_detail", args=[pk]))
    context = {"action": action, "way": way, "slug": move, "form": form, "op": event_access.new_op()}
    return render(request, "actions/action_move.html", context, status=422 if form.errors else 200)


def _decide(request: HttpRequest, action: Action) -> HttpResponse:
    """The page of an action that is long overdue: do, new date, say what is in the way, split, hand over, drop."""
    open_to = dict(moves_for(action))
    today = services.today_of(action)
    ways = [
        (slug, open_to[slug], open_to[slug].form(action=action, today=today, auto_id=f"{slug}_%s"))
        for slug in DECIDE
        if slug in open_to
    ]
    context = {"action": action, "ways": ways, "late": action.days_late(today), "op": event_access.new_op()}
    return render(request, "actions/action_decide.html", context)
