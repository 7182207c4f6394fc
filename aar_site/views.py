"""Pages of the site itself: is it alive, and what a refused form says."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


@login_not_required
def livez(request: HttpRequest) -> HttpResponse:
    """The process turns. Asks nothing of the database; says nothing about it."""
    return HttpResponse("ok\n", content_type="text/plain")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without its token: usually a session that ended while the page was open."""
    return render(request, "403_csrf.html", status=403)
