"""Ties allauth to this product: nobody signs up, people are invited; mails leave through the outbox."""

from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.stagekit import clear_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from aar_site.outbox import mail
from aar_site.people.models import User, normal_email


class AccountAdapter(DefaultAccountAdapter):
    """Closed to sign-up; sends by the outbox, urgent and encrypted while it waits."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "too_many_login_attempts": "Too many tries. Ask for a new code, or wait a few minutes.",
        "enter_current_password": "This is not the password that you have now.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Guests have no sign-in: whoever asks for a code or a password with a guest's address is sent the personal link."""
        if User.objects.filter(email=normal_email(email), is_guest=True).exists():
            mail.post_later("personal_link", normal_email(email))
            return
        mail.post_account_mail(template_prefix, email, context)

    def pre_login(self, request: HttpRequest, user: Any, **hints: Any) -> HttpResponse | None:
        """No guest is ever signed in, by whatever way: their session belongs to one event, and a link opens it."""
        if user.is_guest:
            clear_login(request)
            return redirect("link_ask")
        response: HttpResponse | None = super().pre_login(request, user, **hints)
        return response

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Back to the profile, where the way to this page was."""
        return reverse("profile")
