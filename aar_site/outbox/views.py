"""The page of the outbox: who was written to, and what became of it. Never what the mails say."""

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from aar_site.health import readiness
from aar_site.outbox import mail, services
from aar_site.people.views import PAGE, administrators_only, see


@require_GET
@administrators_only
def settings_mail(request: HttpRequest) -> HttpResponse:
    """By how they ended, a page at a time; first those that did not arrive."""
    kind = request.GET.get("show", "")
    if kind not in services.KINDS:
        raise Http404("No such kind of mails.")
    page = Paginator(services.messages(kind), PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "kind": kind,
        "counts": services.counts(),
        "repeatable": services.repeatable(list(page)),
        "silent": readiness.silent_parts(),
        "kept_in": "" if mail.leaves() else settings.MAIL_DIR,
    }
    return render(request, "outbox/settings_mail.html", context)


@require_POST
@administrators_only
def mail_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Another try for a mail that failed."""
    try:
        message = services.send_again(pk)
        if message is None:
            raise Http404("No such mail.")
        messages.success(request, f"The mail to {message.address} waits to be sent again.")
    except services.Refused as refusal:
        messages.error(request, str(refusal))
    return see("settings_mail")
