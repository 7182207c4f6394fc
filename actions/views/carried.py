"""Open actions of earlier reviews, as a meeting looks at them: each is closed, given a new date, dropped, or stays."""

from contextlib import suppress

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from actions import access, services
from actions.carried import carried_over
from actions.models import Action
from actions.views.event import answer
from actions.views.moves import MOVES
from retros import access as event_access
from retros.http import is_fragment, op_of
from retros.live.log import Repeated, WrongState
from retros.models import Event

HERE = ("close", "redate", "drop")


@require_POST
def carried_move(request: HttpRequest, code: str, pk: int, move: str) -> HttpResponse:
    """Do to it what its owner may do anywhere (close, redate, drop), or say that it stays as it is (keep)."""
    event = event_access.get_event_or_404(request.user, code, "contribute")
    if move not in (*HERE, "keep"):
        raise Http404("No such move.")
    # Asked first: what the first press did took the action off the list.
    if event_access.carried_out(request.user, op_of(request), f"action:{pk}"):
        return answer(request, event)
    action = next((one.action for one in carried_over(event) if one.action.pk == pk), None)
    if action is None:
        raise Http404("Nothing of that kind is still open here.")
    if move == "keep":
        return _keep(request, event, action)
    return _move(request, event, action, move)


def _keep(request: HttpRequest, event: Event, action: Action) -> HttpResponse:
    if not event_access.may(event.role, "commit action"):  # type: ignore[attr-defined]
        event_access.refuse("commit action")
    with suppress(Repeated):
        services.look_at(event, action, by=request.user, way="keep", op=op_of(request))
    return answer(request, event, said="It stays as it is. The record says that you looked.")


def _move(request: HttpRequest, event: Event, action: Action, move: str) -> HttpResponse:
    """In the action's own review by its rules, then in this one, that the meeting did it."""
    way = MOVES[move]
    action = access.get_action_or_404(request.user, action.pk, way.verb)
    services.check_state(action, way.states)
    form = way.form(request.POST, action=action, by=request.user, today=services.today_of(action))
    if not form.is_valid():
        words = " ".join(str(errors[0]) for errors in form.errors.values())
        if not is_fragment(request):
            raise WrongState(words)
        response = render(request, "_notice.html", {"text": words}, status=422)
        response["HX-Reswap"] = "none"  # the notice alone: the list stands, with what was typed in it
        return response
    with suppress(Repeated):
        way.service(action, by=request.user, op=op_of(request), **form.cleaned_data)
    services.look_at(event, action, by=request.user, way=move)
    return answer(request, event, said=way.said)
