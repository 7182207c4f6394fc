"""Ties allauth to this product: nobody signs up, people are invited; mails leave through the outbox."""

from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.urls import reverse

from aar_site.outbox import mail


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
        mail.post_account_mail(template_prefix, email, context)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Back to the profile, where the way to this page was."""
        return reverse("profile")
