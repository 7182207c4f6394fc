"""What the site itself says to a form that cannot be trusted."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without its token: usually a session that ended while the page was open. A fragment is told where to sign in."""
    if request.headers.get("HX-Request") == "true" and not request.user.is_authenticated:
        response = HttpResponse(status=401)
        response["HX-Redirect"] = resolve_url(settings.LOGIN_URL)
        return response
    return render(request, "403_csrf.html", status=403)
