"""A mail server that mails really leave by, a clock that is moved, and a cast whose event ended yesterday."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from aar_site import clock
from tests.aar_site.conftest import MailServer
from tests.factories import make_cast
from tests.retros.services.calendar.meetings import NOW


@pytest.fixture
def server(settings: Any) -> Iterator[MailServer]:
    """The one that mails leave by; the sender is patient, because a busy machine is no failure."""
    one = MailServer()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", one.port, 20
    yield one
    one.close()


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Moves the clock that starts on a Wednesday morning."""
    now = [NOW]
    monkeypatch.setattr(clock, "now", lambda: now[0])

    def move(**span: float) -> None:
        now[0] += timedelta(**span)

    return move


@pytest.fixture
def cast(db: None, later: Any) -> Any:
    ended = NOW - timedelta(days=1)
    return make_cast(started_at=ended - timedelta(hours=2), ended_at=ended, time_zone="Europe/Berlin", created_at=NOW)
