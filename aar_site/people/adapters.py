"""Ties allauth to this product: nobody signs up, people are invited; mails leave through the outbox."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from aar_site.outbox import mail


class AccountAdapter(DefaultAccountAdapter):
    """Closed to sign-up; sends by the outbox, urgent and encrypted while it waits."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        mail.post_account_mail(template_prefix, email, context)
