"""The door of personal links: a page that names nobody, the press that lets a browser in, codes for further browsers.

Reading the page changes nothing: no session, no cookie, no row. So Django's token against forged forms, which lives in a
session, cannot stand on it, and the page's own referrer policy makes browsers send `Origin: null`. A press counts where the
browser itself says that it comes from our page (Sec-Fetch-Site); where it says nothing (old browsers, plain http) the first
press is answered by the same page with a cookie that the second press must bring back, together with its copy in the form.
"""

import secrets
from typing import Any

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods

from aar_site import rate
from aar_site.http import typed
from aar_site.outbox.mail import promised
from aar_site.views import csrf_failure
from retros import bound
from retros.forms.people import AskForm, CodeForm
from retros.http import TooOften, see_other
from retros.models import PersonalLink
from retros.services import links

PRESS_COOKIE = "__Host-press" if settings.IS_HTTPS else "press"
CODE_KEY = "link_code"  # in a session: which mailed code this browser asked for
ASKED = "If this address was invited to a review, a mail with a new link is on its way."


@sensitive_variables("token")
@csrf_exempt
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """GET names nobody and changes nothing. A press lets the first browser in; any other is asked for a mailed code."""
    link = links.find(token)
    if link is None:
        return render(request, "retros/join_ended.html", status=404)
    user: Any = request.user
    if user.is_authenticated and user.pk == link.membership.user_id and _is_in(user, link):
        return see_other(links.landing(link))
    if request.method != "POST":
        return render(request, "retros/join.html")
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        return csrf_failure(request)
    if not _is_own_press(request):
        return _once_more(request)
    return _let_in(request, link)


def _is_in(user: Any, link: PersonalLink) -> bool:
    return not user.only_event or user.only_event == link.membership.event_id


def _is_own_press(request: HttpRequest) -> bool:
    """Whether the browser vouches for the page that the press came from, or brings our cookie and its copy."""
    if "Sec-Fetch-Site" in request.headers:
        return True
    cookie = request.COOKIES.get(PRESS_COOKIE, "")
    return bool(cookie) and constant_time_compare(cookie, request.POST.get("press", ""))


def _once_more(request: HttpRequest) -> HttpResponse:
    press = secrets.token_urlsafe(16)
    response = render(request, "retros/join.html", {"press": press})
    response.set_cookie(PRESS_COOKIE, press, max_age=600, secure=settings.IS_HTTPS, httponly=True, samesite="Strict")
    return response


def _let_in(request: HttpRequest, link: PersonalLink) -> HttpResponse:
    user: Any = request.user
    if user.is_authenticated and not user.only_event:
        return render(request, "retros/join_other.html", status=409)
    try:
        links.join(link)
    except links.BoundElsewhere:
        _mail_code(request, link)
        return see_other(reverse("link_code"))
    bound.enter(request, link)
    return see_other(links.landing(link))


def _mail_code(request: HttpRequest, link: PersonalLink) -> None:
    if wait := links.wait_for_code(link):
        raise TooOften("Five codes were mailed in an hour.", wait)
    request.session[CODE_KEY] = links.send_code(link)


@login_not_required
@require_http_methods(["GET", "POST"])
def link_code(request: HttpRequest) -> HttpResponse:
    """Where a further browser types the code that was mailed to the invited address, or asks for another one."""
    pk: Any = request.session.get(CODE_KEY)
    link = links.code_link(pk)
    if link is None:
        return see_other(reverse("link_ask"))
    if "again" in request.POST:
        _mail_code(request, link)
        messages.success(request, f"{promised('A new code is on its way.')} Older ones are not asked for any more.")
        return see_other(reverse("link_code"))
    form = CodeForm(typed(request))
    is_over = False
    if request.method == "POST" and form.is_valid():
        try:
            link = links.use_code(pk, form.cleaned_data["code"])
            bound.enter(request, link)
            return see_other(links.landing(link))
        except links.CodeRefused as refusal:
            is_over = refusal.is_over
            form.add_error("code", "This code does not open it.")
    context = {"form": form, "is_over": is_over}
    return render(request, "retros/link_code.html", context, status=422 if form.is_bound else 200)


@login_not_required
@require_http_methods(["GET", "POST"])
def link_ask(request: HttpRequest) -> HttpResponse:
    """Where a lost link is asked for. The answer is the same for every address."""
    form = AskForm(typed(request))
    if request.method == "POST" and form.is_valid():
        if wait := rate.wait_for(f"link-ask-from:{get_adapter().get_client_ip(request)}", 10, 60):
            raise TooOften("Links were asked for ten times in a minute.", wait)
        links.ask_again(form.cleaned_data["email"])
        messages.success(request, promised(ASKED))
        return see_other(reverse("link_ask"))
    return render(request, "retros/link_ask.html", {"form": form}, status=422 if form.is_bound else 200)
