"""The one question that luck is asked."""

from contextlib import suppress

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from retros import access
from retros.http import is_fragment, op_of, see_other
from retros.live.log import Repeated
from retros.models import State, WentWell
from retros.services import well

VERBS = {"parked": well.park_luck, "fine": well.accept_luck, "again": well.ask_luck_again}


@require_POST
def luck_answer(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Could it become design? answer=parked puts it to the actions, fine leaves it, again takes either back."""
    event, item = access.get_part_or_404(request.user, code, WentWell, pk, "keep notes")
    item.event, verb = event, VERBS.get(request.POST.get("answer", ""))
    with suppress(Repeated):
        if verb:
            verb(item, by=request.user, op=op_of(request))
    if is_fragment(request):
        return render(request, "retros/_room_went_well.html", {"event": event, **well.context(event)})
    page = "room_detail" if event.state == State.MEETING else "analysis_detail"
    return see_other(reverse(page, args=[code]), "part-well")
