"""Pages of the first start, of people, teams, services and the own profile."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.utils import passthrough_next_redirect_url
from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME, login
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from aar_site.http import typed
from aar_site.outbox.mail import promised
from aar_site.people import demo, services
from aar_site.people import setup as first_start
from aar_site.people.forms import PersonForm, ProfileForm, ServiceForm, SetupForm, TeamForm

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
PAGE = 50


def administrators_only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @wraps(view)
    def check(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        user: Any = request.user
        if not user.is_admin:
            raise PermissionDenied("Administrators manage people, teams and services. Ask one of them.")
        return view(request, *args, **kwargs)

    return check


def refusing(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A view of allauth that answers a refused form with 422, as every form here does. Kept ones are redirected; who is led to
    the code that still waits comes, after it, to the page that was asked for last."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        if request.method == "POST" and response.status_code == 200:
            response.status_code = 422
        waits = reverse("account_confirm_login_code")
        if request.method == "GET" and response.headers.get("Location") == waits:
            response.headers["Location"] = passthrough_next_redirect_url(request, waits, REDIRECT_FIELD_NAME)
        return response

    return answer


def forgetting(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Signing out: what was typed and not kept yet leaves the browser with the session, because the next person may share it."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        if request.method == "POST":
            response.headers["Clear-Site-Data"] = '"storage"'
        return response

    return answer


def _found(thing: Any) -> Any:
    if thing is None:
        raise Http404("No such row.")
    return thing


@login_not_required
@require_http_methods(["GET", "POST"])
def setup(request: HttpRequest) -> HttpResponse:
    """Become the administrator with the code that the server printed; afterwards this page is gone."""
    if not first_start.is_needed():
        return redirect("account_login")
    form = SetupForm(typed(request), initial={"code": request.GET.get("code", "")})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        given = {name: data[name] for name in ("email", "name", "time_zone")}
        try:
            user = first_start.become_administrator(data["code"], password=data["password1"], **given)
        except first_start.SetupRefused as refusal:
            form.add_error("code", str(refusal))
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            login(request, user, backend=BACKEND)
            return redirect("home")
    context = {"form": form, "code": request.GET.get("code", ""), "demo_is_there": demo.is_there()}
    return render(request, "people/setup.html", context, status=422 if form.is_bound else 200)


@login_not_required
@require_POST
def demo_sign_in(request: HttpRequest) -> HttpResponse:
    """Be one of the invented people. Nobody is found as soon as one real person is here."""
    user = _found(demo.person(request.POST.get("role", "")))
    login(request, user, backend=BACKEND)
    return redirect("home")


@require_http_methods(["GET", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """The own name and zone."""
    user: Any = request.user
    form = ProfileForm(typed(request), initial={"name": user.name, "time_zone": user.time_zone})
    if request.method == "POST" and form.is_valid():
        services.edit_profile(user, **form.cleaned_data)
        messages.success(request, "Your profile is kept.")
        return see("profile")
    return render(request, "people/profile.html", {"form": form}, status=422 if form.is_bound else 200)


@require_GET
@administrators_only
def settings_people(request: HttpRequest) -> HttpResponse:
    """Everybody, with a search, by kind, and a page at a time."""
    search = request.GET.get("q", "").strip()[:100]
    kind = request.GET.get("show", "")
    if kind not in services.KINDS:
        raise Http404("No such kind of people.")
    page: Any = Paginator(services.people(search, kind), PAGE).get_page(request.GET.get("page"))
    page.object_list = services.on_page(page.object_list)
    context = {
        "page": page,
        "search": search,
        "kind": kind,
        "counts": services.counts(),
        "team_count": services.team_count(),
    }
    return render(request, "people/settings_people.html", context)


@require_http_methods(["GET", "POST"])
@administrators_only
def person_add(request: HttpRequest) -> HttpResponse:
    by: Any = request.user
    form = PersonForm(typed(request), initial={"time_zone": by.time_zone})
    if request.method == "POST" and form.is_valid():
        try:
            user = services.add_person(by=by, **_listed(form, "teams"))
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            said = promised("A mail with the way in is on its way.", "No mail server is set, so tell them yourself.")
            messages.success(request, f"{user.name} is added. {said}")
            return see("settings_people")
    return render(request, "people/person_add.html", {"form": form}, status=422 if form.is_bound else 200)


def _listed(form: Any, *names: str) -> dict[str, Any]:
    """The form's data with its choices as lists."""
    return {name: list(value) if name in names else value for name, value in form.cleaned_data.items()}


@require_http_methods(["GET", "POST"])
@administrators_only
def person_edit(request: HttpRequest, pk: int) -> HttpResponse:
    user = _found(services.person(pk))
    teams = [membership.team_id for membership in user.team_memberships.all()]
    kept = ("name", "email", "is_admin", "time_zone")
    initial = {"teams": teams, **{name: getattr(user, name) for name in kept}}
    form = PersonForm(typed(request), user=user, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            services.edit_person(user, **_listed(form, "teams"))
            messages.success(request, f"{user.name} is kept.")
            return see("settings_people")
        except services.Refused as refusal:
            form.add_error(None, str(refusal))
        except ValidationError as error:
            form.add_error(None, error.messages)
    context = {"form": form, "person": services.person(pk)}
    return render(request, "people/person_edit.html", context, status=422 if form.is_bound else 200)


@require_POST
@administrators_only
def person_active(request: HttpRequest, pk: int) -> HttpResponse:
    """Let somebody in (is_active=yes) or out."""
    by: Any = request.user
    user = _found(services.person(pk))
    is_active = request.POST.get("is_active") == "yes"
    try:
        services.set_active(user, is_active=is_active, by=by)
        words = "can sign in again." if is_active else "is signed out everywhere and cannot sign in."
        messages.success(request, f"{user.name} {words}")
    except services.Refused as refusal:
        messages.error(request, str(refusal))
    return see("settings_people")


@require_GET
@administrators_only
def settings_teams(request: HttpRequest) -> HttpResponse:
    return render(request, "people/settings_teams.html", {"teams": services.teams()})


@require_http_methods(["GET", "POST"])
@administrators_only
def team_edit(request: HttpRequest, pk: int = 0) -> HttpResponse:
    """A new team (pk 0) or an existing one. Stays on its page, where the next person can be added."""
    team, people = _found(services.team(pk)) if pk else None, services.choosable()
    form = TeamForm(typed(request), people=people, team=team)
    if request.method == "POST" and form.is_valid():
        kept = services.save_team(team, **_listed(form, "manages", "leaves"))
        messages.success(request, f"{kept.name} is kept.")
        return see("team_edit", kept.pk)
    context = {"form": form, "team": team, "people": people}
    return render(request, "people/team_edit.html", context, status=422 if form.is_bound else 200)


@require_GET
@administrators_only
def settings_services(request: HttpRequest) -> HttpResponse:
    return render(request, "people/settings_services.html", {"services": services.services(), "form": ServiceForm()})


@require_http_methods(["GET", "POST"])
@administrators_only
def service_edit(request: HttpRequest, pk: int = 0) -> HttpResponse:
    """A new service (pk 0) or an existing one."""
    service = _found(services.service(pk)) if pk else None
    initial = {"name": service.name, "team": service.team} if service else {}
    form = ServiceForm(typed(request), service=service, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            services.save_service(service, **form.cleaned_data)
            return see("settings_services")
        except services.Refused as refusal:
            form.add_error("name", str(refusal))
        except ValidationError as error:
            form.add_error(None, error.messages)
    context = {"form": form, "service": services.service(pk) if pk else None}
    return render(request, "people/service_edit.html", context, status=422 if form.is_bound else 200)


@require_POST
@administrators_only
def service_remove(request: HttpRequest, pk: int) -> HttpResponse:
    try:
        services.remove_service(_found(services.service(pk)))
    except services.Refused as refusal:
        messages.error(request, str(refusal))
    return see("settings_services")


def see(name: str, *args: Any) -> HttpResponseRedirect:
    """To a page by GET."""
    response = redirect(name, *args)
    response.status_code = 303
    assert isinstance(response, HttpResponseRedirect)  # noqa: S101 - for the type checker
    return response
