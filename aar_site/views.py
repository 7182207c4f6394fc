"""What the site itself says to a form that cannot be trusted."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without its token: usually a session that ended while the page was open."""
    return render(request, "403_csrf.html", status=403)
