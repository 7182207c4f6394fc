"""Pages over many events: what needs me now, the lists of actions, the figures for managers, the same as CSV."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from aar_site import clock
from actions import access, dashboard, lists
from actions import home as now
from retros.http import whole


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """What needs the reader now, the reviews in motion, the next room."""
    page = now.now_page(request.user)
    context = {"now": page, "headline": now.headline(page), "lead": now.lead(page, request.user)}
    return render(request, "actions/home.html", context)


@require_GET
def action_list(request: HttpRequest) -> HttpResponse:
    """Figures for managers and administrators, unless they ask for a list; the own and the team's list for everybody."""
    user: Any = request.user
    asked = request.GET
    managed = access.managed_teams(user)
    sees_figures = access.sees_figures(user, managed)
    if sees_figures and not {"view", "state", "page"} & set(asked):
        scope = dashboard.scope_of(user, managed, team=asked.get("team", ""), days=asked.get("days", ""))
        return render(request, "actions/action_dashboard.html", dashboard.figures(scope))
    found = lists.listing(
        user,
        state=asked.get("state", ""),
        page=whole(asked.get("page", ""), 1),
        is_everything=asked.get("view") == "all",
        today=clock.today(user.time_zone),
    )
    context = {"found": found, "headline": lists.headline(found), "sees_figures": sees_figures}
    return render(request, "actions/action_list.html", context)


@require_GET
def action_export(request: HttpRequest) -> HttpResponse:
    """The list as CSV: what the reader may open, in the state that is shown. Guests take nothing along."""
    user: Any = request.user
    if user.is_guest:
        raise PermissionDenied("People of the organisation take lists along. Ask the review’s facilitator for a copy.")
    today = clock.today(user.time_zone)
    asked = request.GET
    text = lists.as_csv(
        user,
        state=asked.get("state", ""),
        is_everything=asked.get("view") == "all",
        team=whole(asked.get("team", "")),
        today=today,
    )
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="actions-{today.isoformat()}.csv"'
    return response
