"""Forms and fragments of the walk through the timeline: look at another moment alone, take everybody there, add one, correct
one, say that one remembers it differently."""

import json
from contextlib import suppress
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from aar_site.http import typed
from retros import access, timing
from retros.forms.disputes import RecollectionForm
from retros.forms.events import differences
from retros.forms.timeline import EntryForm, initial_of
from retros.http import chosen, is_fragment, op_of, see_other, whole
from retros.live.log import Repeated, Stale
from retros.models import Event, Resolution, TimelineEntry, Walks
from retros.services import clash, disputes, entries, meeting, outline, remembered, walk
from retros.views.room_answers import again, answer, carry_out, page

SLOT = '<div id="form-moment"></div>'
FOLLOWING = '<div id="look"></div>'


@require_GET
def room_look(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """A moment for one reader alone; the room stays where it is. Without script: that moment on the timeline."""
    event, entry = access.get_part_or_404(request.user, code, TimelineEntry, pk, "enter room")
    if not is_fragment(request):
        return see_other(f"{reverse('timeline_detail', args=[code])}?entry={entry.pk}", f"entry-{entry.pk}")
    stand = walk.stand_at(event, meeting.meeting_of(event), outline.of(event), entry.pk)
    if stand is None or stand.entry.pk != entry.pk:
        raise Http404("This moment was removed.")
    return render(request, "retros/_walk_look.html", {"event": event, "stand": stand, "op": access.new_op()})


@require_GET
def room_moments(request: HttpRequest, code: str) -> HttpResponse:
    """Every moment, to choose from."""
    event = access.get_event_or_404(request.user, code, "enter room")
    if not is_fragment(request):
        return see_other(reverse("timeline_detail", args=[code]))
    rows = walk.rows_of(event, meeting.meeting_of(event))
    return render(request, "retros/_walk_list.html", {"event": event, "op": access.new_op(), **rows})


@require_POST
def room_goto(request: HttpRequest, code: str) -> HttpResponse:
    """Take everybody to the chosen moment (to=), and follow again."""
    to = whole(request.POST.get("to", ""))
    event, entry = access.get_entry_or_404(request.user, code, to, "steer room")
    carry_out(meeting.set_cursor, event, request, entry=entry)
    return HttpResponse(FOLLOWING) if is_fragment(request) else answer(request, event)


@require_POST
def room_walk(request: HttpRequest, code: str) -> HttpResponse:
    """Stop at key moments (walks=key), or at all of them (walks=all)."""
    event = access.get_event_or_404(request.user, code, "steer room")
    if (walks := request.POST.get("walks", "")) in Walks.values:
        carry_out(walk.choose, event, request, walks=walks)
    return HttpResponse(FOLLOWING) if is_fragment(request) else answer(request, event)


@require_http_methods(["GET", "POST"])
def room_moment(request: HttpRequest, code: str) -> HttpResponse:
    """The form for a missing moment in its place, with the time of the present one; without script the page of the timeline."""
    event = access.get_event_or_404(request.user, code, "add entry")
    here = walk.moment_of(event)
    form = _form(request, event, here, initial={"time": walk.clock_of(here) if here else ""})
    if request.method == "GET":
        if not is_fragment(request):
            return see_other(f"{reverse('timeline_detail', args=[code])}?add=1")
        return render(request, "retros/_walk_moment.html", {"event": event, "form": form})
    if not form.is_valid():
        return _again(request, event, "moment", 422, form=form)
    fields = {"when": form.cleaned_data["when"], **form.fields_of_entry()}
    carry_out(entries.add, event, request, **fields)
    return _kept(request, event, f"The moment is on the timeline, {_where(form)}.")


@require_http_methods(["GET", "POST"])
def room_moment_edit(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Correct a moment in its place. Somebody else's correction in between: 409 with what it says now."""
    event, entry = access.get_entry_or_404(request.user, code, pk, "add entry")
    form = _form(request, event, entry, initial=initial_of(entry))
    if request.method == "GET":
        if not is_fragment(request):
            return see_other(reverse("entry_edit", args=[code, pk]))
        return render(request, "retros/_walk_moment.html", {"event": event, "form": form, "entry": entry})
    if request.POST.get("use") == "theirs":
        return _kept(request, event, "Theirs stands.")
    if not form.is_valid():
        return _again(request, event, "moment", 422, form=form, entry=entry)
    fields = {**form.fields_of_entry(), "when": form.cleaned_data["when"], "reason": form.cleaned_data["reason"]}
    version = whole(request.POST.get("version", ""))
    try:
        entries.edit(entry, by=request.user, op=op_of(request), version=version, **fields)
    except Repeated:
        pass
    except Stale as error:
        error.current.event = event
        both = clash.of(error.current, form.cleaned_data["text"], started_from=version, by=request.user)
        others = [row for row in differences(form, initial_of(error.current)) if row[1] != both.theirs]
        told = {"stale": others, "clash": both}
        return _again(request, event, "moment", 409, form=form, entry=error.current, **told)
    return _kept(request, event, f"The moment is corrected{': ' + _where(form) if form.taken else ''}.")


@require_http_methods(["GET", "POST"])
def room_differ(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """The form for an own view of a moment in its place; without script its page."""
    event, entry = access.get_part_or_404(request.user, code, TimelineEntry, pk, "add entry")
    if request.method == "GET" and not is_fragment(request):
        return see_other(f"{reverse('recollection_add', args=[code, pk])}?back=room")
    entry = remembered.entry_of(event, entry.pk)
    if entry is None:
        raise Http404("This moment was removed.")
    form = RecollectionForm(typed(request), event=event, entry=entry)
    form.auto_id = "differ_%s"
    form.fields["note"].widget.attrs["data-focus"] = True
    shown = getattr(entry, "remembered", None)
    is_decided = bool(shown and shown.dispute.state in {Resolution.KEPT, Resolution.SETTLED})
    told = {"form": form, "entry": entry, "shown": shown, "is_decided": is_decided}
    if request.method == "GET":
        return render(request, "retros/_walk_differ.html", {"event": event, **told})
    if not form.is_valid():
        return _again(request, event, "differ", 422, **told)
    with suppress(Repeated):
        disputes.remember(entry, by=request.user, op=op_of(request), when=form.cleaned_data["when"], **form.said())
    return _kept(request, event, "Both views stand side by side.")


def _form(request: HttpRequest, event: Event, near: TimelineEntry | None, **more: Any) -> EntryForm:
    """A clock alone means the day of the moment that it is asked at."""
    day = near.local_at.date() if near and near.local_at else outline.last_day(event)
    form = EntryForm(chosen(request), event=event, day=day, near=near, zero=outline.zero_of(event), **more)
    form.auto_id = "moment_%s"
    form.fields["text"].widget.attrs["data-focus"] = True
    means = f"A clock alone means {timing.day_label(day)}. Also" if day else "23:02,"
    form.fields["time"].help_text = f"{means} about 23:00, T+00:15, a day, or words such as before the release."
    form.fields["author"].help_text = "A name or a role, where it matters."
    return form


def _where(form: EntryForm) -> str:
    """Where it stands, with its day where the clock was read on another one than the form named."""
    return f"on {timing.day_label(form.taken)}: the event was on that day" if form.taken else "at its time"


def _again(request: HttpRequest, event: Event, which: str, status: int, **told: Any) -> HttpResponse:
    """A form that was not kept, in its place; without script on the page of the room."""
    if is_fragment(request):
        return again(request, event, f"retros/_walk_{which}.html", "form-moment", status, **told)
    return page(request, event, status, moment_form=f"retros/_walk_{which}.html", **told)


def _kept(request: HttpRequest, event: Event, words: str) -> HttpResponse:
    """The place of the form is empty again; what was kept comes to everybody by the stream."""
    if not is_fragment(request):
        return answer(request, event)
    return HttpResponse(SLOT, headers={"HX-Trigger": json.dumps({"toast": {"text": words}})})
