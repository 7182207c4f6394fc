"""Posting mails: a row per mail in the caller's transaction; sending is the sweep's work."""

from typing import Any


def post_account_mail(template_prefix: str, email: str, context: dict[str, Any]) -> None:
    """Queue a sign-in mail of allauth; urgent, encrypted while it waits."""
