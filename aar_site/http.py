"""Small words of the edge that every wing uses: what a form was sent."""

from django.http import HttpRequest, QueryDict


def typed(request: HttpRequest) -> QueryDict | None:
    """What the form was sent; None when it was only opened. An empty form that was sent is still sent."""
    return request.POST if request.method == "POST" else None
