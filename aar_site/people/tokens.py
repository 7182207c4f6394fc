"""The key in the link of a new password: as Django makes it, and worth nothing to somebody who cannot sign in."""

from typing import Any

from django.contrib.auth.tokens import PasswordResetTokenGenerator


class ResetTokenGenerator(PasswordResetTokenGenerator):
    """Made while the person was let in, a key does not fit any more once they are not; nor does one of a guest."""

    def _make_hash_value(self, user: Any, timestamp: int) -> str:
        return f"{super()._make_hash_value(user, timestamp)}:{user.is_active}:{user.is_guest}"
