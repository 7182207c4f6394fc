"""How often somebody may do something. Whoever is over is told how many seconds to wait; 0 means go on."""

import threading
import time
from collections import Counter

from django.core.cache import cache

from aar_site import clock


class NotKept(Exception):
    """The database was too busy, and no error of its own says so: Django's cache kept the reason quiet, or it was not asked yet."""


def wait_for(key: str, most: int, seconds: int) -> int:
    """Takes one of `most` places in the present window, which all processes share: for what is dear.

    Each place is a row that only one can add, so that a burst of requests at one moment gets no more than there are. Raises
    NotKept where the database is too busy to add one: that is not somebody's doing.
    """
    now = int(clock.now().timestamp())
    window = now // seconds
    for place in range(most):
        row = f"rate:{key}:{window}:{place}"
        if cache.add(row, True, seconds):
            return 0
        if cache.get(row) is None:
            raise NotKept("a place was not counted")
    return (window + 1) * seconds - now


class PerProcess:
    """Counts in this process alone, at no cost: for what only has to stay within reason."""

    def __init__(self, most: int, seconds: int) -> None:
        self.most, self.seconds = most, seconds
        self.window, self.counts = 0, Counter[int]()
        self.lock = threading.Lock()

    def wait_for(self, key: int) -> int:
        now = int(time.monotonic())
        window = now // self.seconds
        with self.lock:
            if window != self.window:
                self.window, self.counts = window, Counter()
            self.counts[key] += 1
            return (window + 1) * self.seconds - now if self.counts[key] > self.most else 0
