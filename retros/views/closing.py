"""The close of a meeting: the two anonymous questions."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from retros import access
from retros.forms.room import CloseForm
from retros.http import see_other
from retros.services import closing
from retros.views.room_answers import carry_out, page


@require_POST
def room_close_answer(request: HttpRequest, code: str) -> HttpResponse:
    """Two anonymous answers, once per session."""
    event = access.get_event_or_404(request.user, code, "enter room")
    form, key = CloseForm(request.POST), f"closed-{event.code}"
    if not form.is_valid():
        return page(request, event, 422, close_form=form)
    if key not in request.session and carry_out(closing.answer, event, request, **form.cleaned_data):
        request.session[key] = True
    return see_other(reverse("room_detail", args=[code]))
