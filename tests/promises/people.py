"""People at their browsers, as far as HTTP goes: a signed-in session, one connection, and a ledger of what was acknowledged."""

import http.client
import re
import time
import uuid
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.middleware.csrf import CSRF_SESSION_KEY

TOKEN = "t" * 32
BROKEN = (OSError, http.client.HTTPException)  # what a line that breaks raises
RESTED = 4.0  # seconds after which a line is opened anew: the server closes idle ones after five
KEPT = {200, 201, 204, 303}


def signed_in(user: Any) -> str:
    """The key of a new session of this person."""
    session = SessionStore()
    session[SESSION_KEY], session[CSRF_SESSION_KEY] = str(user.pk), TOKEN
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return session.session_key or ""


@dataclass(frozen=True)
class Answer:
    status: int
    place: str  # where it leads to
    body: str

    @property
    def is_kept(self) -> bool:
        return self.status in KEPT

    def is_like(self, other: "Answer") -> bool:
        """The same to whoever sent the form: status, place, and body but for what is new in each rendering."""
        fresh = re.compile(r'name="(op|csrfmiddlewaretoken)" value="[^"]*"')
        mine, theirs = fresh.sub("", self.body), fresh.sub("", other.body)
        return (self.status, self.place, mine) == (other.status, other.place, theirs)


@dataclass(frozen=True)
class Line:
    """One entry of a ledger, written after the answer; `status` 0 where the line broke before one came."""

    op: str
    kind: str
    words: str
    sent_at: float
    took: float
    status: int


@dataclass
class Person:
    """`port` is where this browser's line leads; `is_single` gives every request a line of its own."""

    user: Any
    port: int
    is_single: bool = False
    timeout: float = 30.0
    ledger: list[Line] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.cookie = signed_in(self.user)
        self._line: http.client.HTTPConnection | None = None
        self._used_at = 0.0

    def get(self, path: str, **headers: str) -> Answer:
        return self._ask("GET", path, None, headers)

    def post(
        self, path: str, *, op: str = "", kind: str = "", words: str = "", is_htmx: bool = False, **fields: Any
    ) -> Answer:
        """Send a form; what came of it stands in the ledger. Raises one of BROKEN where no answer came."""
        op = op or str(uuid.uuid4())
        headers = {"Content-Type": "application/x-www-form-urlencoded", "X-CSRFToken": TOKEN}
        if is_htmx:
            headers["HX-Request"] = "true"
        body = urlencode({"op": op, **fields}, doseq=True)
        at, began, status = time.time(), time.perf_counter(), 0
        try:
            answer = self._ask("POST", path, body, headers)
            status = answer.status
            return answer
        finally:
            self.ledger.append(Line(op, kind, words, at, time.perf_counter() - began, status))

    def post_until_answered(self, path: str, *, op: str = "", seconds: float = 120.0, **fields: Any) -> Answer:
        """As a browser that sends again what it has no answer to, with the same operation id."""
        op, until = op or str(uuid.uuid4()), time.monotonic() + seconds
        while True:
            try:
                answer = self.post(path, op=op, **fields)
                if answer.status < 500 or time.monotonic() > until:
                    return answer
            except BROKEN:
                if time.monotonic() > until:
                    raise
            time.sleep(0.05)

    def close(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None

    def _ask(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> Answer:
        if self._line is not None and time.monotonic() - self._used_at > RESTED:
            self.close()
        line = self._line or http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.timeout)
        more = {"Connection": "close"} if self.is_single else {}
        try:
            line.request(method, path, body, {"Cookie": f"sid={self.cookie}", **headers, **more})
            response = line.getresponse()
            answer = Answer(response.status, response.getheader("Location", ""), response.read().decode())
        except BROKEN:
            line.close()
            self._line = None
            raise
        self._line, self._used_at = None if self.is_single or response.will_close else line, time.monotonic()
        return answer

    @property
    def acknowledged(self) -> list[Line]:
        return [line for line in self.ledger if line.status in KEPT]


def p95(times: list[float]) -> float:
    """In milliseconds; 0 of nothing."""
    return sorted(times)[int(len(times) * 0.95)] * 1000 if times else 0.0
