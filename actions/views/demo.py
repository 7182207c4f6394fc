"""The demo on the first start: made in the background, watched while it grows, taken out again. By the printed code only."""

from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from aar_site.people import setup as first_start
from actions.demo import making

PATIENCE = 60  # seconds in which a demo that is being made is not begun again


@login_not_required
@require_http_methods(["GET", "POST"])
def demo_setup(request: HttpRequest) -> HttpResponse:
    """How far the demo is; with the code and a word: make it, make it again, or take it out."""
    if not first_start.is_needed():
        return redirect("account_login")
    if request.method == "POST":
        try:
            first_start.check_code(request.POST.get("code", ""))
            return act(request)
        except (first_start.SetupRefused, making.Refused) as refusal:
            return shown(request, str(refusal))
    done, whole = making.progress()
    return redirect("account_login") if done == whole else shown(request)


def act(request: HttpRequest) -> HttpResponse:
    """Do what was asked; raises making.Refused where real people are."""
    making.check(again=True)
    if request.POST.get("do") == "remove":
        making.take_out()
        return redirect(first_start.address(request.POST["code"]))
    if cache.add("demo-is-being-made", True, PATIENCE):
        making.begin("--again")
    return redirect(first_start.address(request.POST["code"], "demo_setup"))


def shown(request: HttpRequest, refusal: str = "") -> HttpResponse:
    """The page: a count that renews itself, or why nothing happens."""
    done, whole = making.progress()
    is_moving = bool(cache.get("demo-is-being-made")) and not refusal
    code = request.POST.get("code") or request.GET.get("code", "")
    context = {"done": done, "whole": whole, "is_moving": is_moving, "refusal": refusal, "code": code}
    return render(request, "actions/demo_setup.html", context, status=422 if refusal else 200)
