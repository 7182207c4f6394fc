"""The only clock of the product. Tests and the promises drive it; domain code never asks the system for the time."""

import os
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

_shift = timedelta(0)


def now() -> datetime:
    """The present moment, aware, in UTC. HINDCAST_CLOCK_SHIFT (seconds) moves it for a whole process."""
    shift = os.environ.get("HINDCAST_CLOCK_SHIFT")
    return datetime.now(UTC) + _shift + (timedelta(seconds=float(shift)) if shift else timedelta(0))


def today(zone: str = "UTC") -> date:
    """The calendar day at this moment in the named IANA zone."""
    return now().astimezone(ZoneInfo(zone)).date()


def move(by: timedelta) -> None:
    """Move this process's clock; for tests."""
    global _shift
    _shift += by


def reset() -> None:
    """Back to the real time; for tests."""
    global _shift
    _shift = timedelta(0)
