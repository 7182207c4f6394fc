"""Pages over many events: what needs me now, the lists of actions, the figures for managers, the same as CSV."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from aar_site import clock
from actions import access, dashboard, lists
from actions import home as now


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """What needs the reader now, the reviews in motion, the next room."""
    page = now.now_page(request.user)
    return render(request, "actions/home.html", {"now": page, "headline": now.headline(page)})


@require_GET
def action_list(request: HttpRequest) -> HttpResponse:
    """Figures for managers and administrators (?view=figures, their first view); the own and the team's list for everybody."""
    user: Any = request.user
    managed = access.managed_teams(user)
    sees_figures = access.sees_figures(user, managed)
    if sees_figures and not {"view", "state", "page"} & set(request.GET):
        scope = dashboard.scope_of(user, managed, team=request.GET.get("team", ""), days=request.GET.get("days", ""))
        return render(request, "actions/action_dashboard.html", dashboard.figures(scope))
    found = lists.listing(
        user,
        state=request.GET.get("state", ""),
        page=request.GET.get("page", ""),
        everything=request.GET.get("view") == "all",
        today=clock.today(user.time_zone),
    )
    context = {
        "found": found,
        "headline": lists.headline(user, found),
        "sees_figures": sees_figures,
        "view": "all" if request.GET.get("view") == "all" else "mine",
    }
    return render(request, "actions/action_list.html", context)


@require_GET
def action_export(request: HttpRequest) -> HttpResponse:
    """The list as CSV: what the reader may open, in the state that is shown."""
    user: Any = request.user
    today = clock.today(user.time_zone)
    text = lists.as_csv(user, state=request.GET.get("state", ""), team=request.GET.get("team", ""), today=today)
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="actions-{today.isoformat()}.csv"'
    return response
