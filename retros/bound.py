"""Requests of sessions that a personal link opened: who they are, and that they see one event and nothing else.

Whoever came by a link is a guest here, a member too: the person in the request has no rights but those of their role in that
event. Members reach the rest of the site by signing in, which the same browser can do at any time.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib.auth import login
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from aar_site.people.views import BACKEND
from retros.models import PersonalLink
from retros.services import links

SESSION_AGE = 60 * 24 * 3600  # the link ends it earlier
OPEN = {"account_logout", "join", "link_ask", "link_code", "livez", "readyz"}


class PersonalLinkMiddleware:
    """Stands behind the one that knows people by their session, and before the one that wants them signed in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if mark := request.session.get(links.SESSION_KEY):
            link = links.of_session(mark)
            user: Any = request.user
            if link is None or not user.is_authenticated or user.pk != link.membership.user_id:
                be(request, AnonymousUser())
                request.outgrown_link = partial(links.outgrown, mark)  # type: ignore[attr-defined]  # asked where they sign in
            else:
                be(request, as_guest(user, link))
                request.own_page = reverse("event_detail", args=[link.membership.event.code])  # type: ignore[attr-defined]
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: dict[str, Any]) -> HttpResponse | None:
        own_page = getattr(request, "own_page", "")
        match: Any = request.resolver_match
        if not own_page or match.url_name in OPEN or request.path.startswith(own_page):
            return None
        if match.url_name == "home":
            return HttpResponseRedirect(own_page)
        user: Any = request.user
        if user.is_member_by_link or request.path.startswith(
            "/in/"
        ):  # there guests and members alike may become somebody
            be(request, AnonymousUser())
        return None


def as_guest(user: Any, link: PersonalLink) -> Any:
    """The person as this request knows them. Only in memory: such a person is never saved whole."""
    user.is_member_by_link = not user.is_guest
    user.is_guest, user.is_admin = True, False
    user.only_event = link.membership.event_id
    return user


def be(request: HttpRequest, user: Any) -> None:
    """From here on the request is this person's, for views of both kinds."""

    async def auser() -> Any:
        return user

    request.user, request.auser = user, auser


def enter(request: HttpRequest, link: PersonalLink) -> None:
    """Open a session of the link in this browser. Whatever session it had is gone, so none can be planted beforehand."""
    request.session.flush()
    login(request, link.membership.user, backend=BACKEND)
    request.session[links.SESSION_KEY] = links.mark_of(link)
    request.session.set_expiry(SESSION_AGE)


@receiver(user_logged_in)
def become_whole(request: HttpRequest, **_: Any) -> None:
    """Who signs in is no longer bound to the link that the session began with; it gets another key, as at any sign-in."""
    if request.session.pop(links.SESSION_KEY, None):
        request.session.cycle_key()
