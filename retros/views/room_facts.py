"""Facts that are changed where they stand in the room: goals, phases, decisions, occurrences, figures and stretches of impact."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from aar_site.http import typed
from retros import access
from retros.forms.events import FigureForm, IntervalForm, differences
from retros.http import is_fragment, op_of
from retros.live.log import Repeated, Stale, WrongState
from retros.models import Event, ImpactFigure, ImpactInterval, State
from retros.services import events, kinds
from retros.views.events import part_form
from retros.views.room_answers import again, answer, page

FORM = "retros/_room_fact.html"
NUMBERS: dict[str, tuple[Any, Any, Callable[..., Any], Callable[..., Any]]] = {
    "figures": (ImpactFigure, FigureForm, events.add_figure, events.edit_figure),
    "intervals": (ImpactInterval, IntervalForm, events.add_interval, events.edit_interval),
}


@dataclass(frozen=True)
class Asked:
    """One row that a form is about: its list, itself (None for a new one), and how it is kept."""

    event: Event
    slug: str
    row: Any
    form: Any
    keep: Callable[..., Any]

    def told(self, **more: Any) -> dict[str, Any]:
        """What the form's template is given."""
        one = kinds.PARTS[self.slug].one if self.slug in kinds.PARTS else "figure" if self.slug == "figures" else "time"
        return {"slug": self.slug, "row": self.row, "form": self.form, "seen": _seen(self.row), "one": one, **more}


def _seen(row: Any) -> str:
    """What is read of a row, as a short hash."""
    if row is None:
        return ""
    return events.seen_of(row) if isinstance(row, ImpactFigure | ImpactInterval) else kinds.fingerprint(row)


@require_http_methods(["GET", "POST"])
def room_fact(request: HttpRequest, code: str, slug: str, pk: int = 0) -> HttpResponse:
    """Change a row (pk=0: add one) in its place, for who keeps the record in the room. Somebody quicker: 409 with both texts."""
    asked = _asked(request, code, slug, pk)
    event, form = asked.event, asked.form
    if request.method == "GET" and is_fragment(request):
        return render(request, FORM, {"event": event, **asked.told()})
    if request.method == "GET":
        return page(request, event, fact_form=FORM, **asked.told())
    if not form.is_valid():
        return _again(request, asked, 422)
    try:
        asked.keep(by=request.user, op=op_of(request), **form.cleaned_data)
    except Repeated:
        pass
    except Stale as error:
        now = {name: form.value_of(error.current, name) for name in form.fields}
        theirs = differences(form, now)
        return _again(request, asked, 409, theirs=theirs, seen=_seen(error.current))
    except ValidationError as error:
        form.add_error(None, error.messages)
        return _again(request, asked, 422)
    return HttpResponse(f'<div id="form-fact-{slug}"></div>') if is_fragment(request) else answer(request, event)


def _asked(request: HttpRequest, code: str, slug: str, pk: int) -> Asked:
    model = NUMBERS[slug][0] if slug in NUMBERS else kinds.PARTS[slug].model if slug in kinds.PARTS else None
    if model is None:
        raise Http404("No such list.")
    event = access.get_event_or_404(request.user, code, "edit document")
    if event.state != State.MEETING:
        raise WrongState("The room is not open. Until it is, the facilitator changes facts on the event's page.")
    row = access.get_part_or_404(request.user, code, model, pk, "edit document")[1] if pk else None
    if row:
        row.event = event
    data, seen = typed(request), request.POST.get("seen", "")
    if slug in NUMBERS:
        _, _, add, edit = NUMBERS[slug]
        keep = _bound(edit, row, seen=seen) if row else _bound(add, event)
        return Asked(event, slug, row, _number_form(event, slug, row, data), keep)
    form = part_form(request, event, slug, row, data)
    if row:
        return Asked(event, slug, row, form, _bound(kinds.edit_part, row, seen=seen))
    return Asked(event, slug, None, form, _bound(kinds.add_part, event, slug))


def _bound(verb: Callable[..., Any], *first: Any, **named: Any) -> Callable[..., Any]:
    return lambda **fields: verb(*first, **named, **fields)


def _number_form(event: Event, slug: str, row: Any, data: Any) -> Any:
    if slug == "intervals":
        return IntervalForm(data, event=event, interval=row)
    return FigureForm(data, initial={"value": row.value, "label": row.label} if row else {})


def _again(request: HttpRequest, asked: Asked, status: int, **more: Any) -> HttpResponse:
    """The form with what was typed, in its place; without script on the page of the room."""
    told = asked.told(**more)
    if is_fragment(request):
        return again(request, asked.event, FORM, f"form-fact-{asked.slug}", status, **told)
    return page(request, asked.event, status, fact_form=FORM, **told)
