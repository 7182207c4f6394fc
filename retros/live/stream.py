"""The live stream of a room, and its polling fallback: numbered frames from the reader's cursor on."""

import signal
import threading
import uuid
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from aar_site.handler import Receive, Send
from retros import access
from retros.live import frames, presence, topics
from retros.live.desk import Desk, news_of
from retros.live.hub import Hub, Stream
from retros.live.line import message
from retros.services import links, room

hub = Hub(render=topics.render_topics, allowed=room.who_may_enter, alive=links.living_sessions)
desk = Desk(hub, topics.render_floor)
_watch = threading.Event()


class Drive:
    """Runs one stream in the event loop, from its first frame until its reader goes or the hub ends it."""

    def __init__(self, stream: Stream, first: bytes) -> None:
        self.stream, self.first = stream, first

    async def run(self, receive: Receive, send: Send) -> None:
        stream = self.stream
        stream.attach(send)
        stream.put(message(self.first))
        _end_with_the_server()
        hub.open(stream)
        try:
            while (await receive())["type"] != "http.disconnect":
                pass
        finally:
            hub.close(stream)


@login_not_required
@require_GET
def room_stream(request: HttpRequest, code: str) -> HttpResponse | StreamingHttpResponse:
    """Frames of the room after ?after= (or Last-Event-ID, whichever is larger). 401 for strangers, so that clients stop."""
    user: Any = request.user
    if not user.is_authenticated:
        return HttpResponse(status=401)
    if hub.is_closing:
        return HttpResponse(status=503, headers={"Retry-After": "2"})
    try:
        after = frames.cursor(request.GET.get("after"), request.headers.get("Last-Event-ID"))
    except ValueError:
        return HttpResponse("after: a whole number is expected", status=400, content_type="text/plain")
    event: Any = access.get_room_or_404(user, code, "enter room")
    first = _missed(event, after, request.GET.get("role", ""))
    # A member who came by a link is a guest in this request, and what they are in the event to everybody who asks by key.
    role = event.own_role if user.is_member_by_link else event.role
    response = StreamingHttpResponse([first], content_type="text/event-stream")
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"
    line = presence.line_of(request.GET.get("line", ""))
    stream = Stream(event.pk, user.pk, role, request.session.session_key or "", event.change_seq)
    stream.page, stream.answers = line or f"-{uuid.uuid4().hex[:30]}", bool(line)
    response.drive = Drive(stream, first)  # type: ignore[attr-defined]
    return response


def _missed(event: Any, after: int, role: str) -> bytes:
    """The current state of the room where the reader's cursor lies behind; a sign of life where it does not.

    A page that was made for another role, or that knows more than there is (a backup was restored), is loaded anew.
    """
    if after > event.change_seq or (role and role != event.role):
        return frames.reset()
    if after == event.change_seq:
        return frames.HEARTBEAT
    return hub.whole(event.pk, after, event.change_seq)


@login_not_required
@require_GET
def room_poll(request: HttpRequest, code: str) -> HttpResponse:
    """The same for browsers behind a proxy that buffers: {seq, topics, state, regions}, and the news of who is here where
    they are other than ?seen= says; 204 when nothing is new."""
    user: Any = request.user
    if not user.is_authenticated:
        way = redirect_to_login(reverse("room_detail", args=[code])).url
        return HttpResponse(status=401, headers={"HX-Redirect": way})
    event = access.get_event_or_404(user, code, "enter room")
    try:
        after = frames.cursor(request.GET.get("after"))
    except ValueError:
        return HttpResponse("after: a whole number is expected", status=400, content_type="text/plain")
    found: dict[str, Any] = {"seq": event.change_seq, "topics": [], "state": event.state, "regions": {}}
    if line := presence.line_of(request.GET.get("line", "")):
        presence.sign(event.pk, user.pk, line)
        news = news_of(event.pk, topics.render_floor)
        if news["seen"] != request.GET.get("seen"):
            found["presence"] = news
    if after != event.change_seq:
        behind = after if after < event.change_seq else 0  # who knows more than there is gets everything
        found |= frames.content(hub.whole(event.pk, behind, event.change_seq))
    elif "presence" not in found:
        return HttpResponse(status=204)
    return JsonResponse(found)


def _end_with_the_server() -> None:
    """Once per process: on TERM or INT the streams end themselves, otherwise the server would wait for them."""
    if _watch.is_set() or threading.current_thread() is not threading.main_thread():
        return
    _watch.set()
    for number in (signal.SIGTERM, signal.SIGINT):
        _leave_on(number, signal.getsignal(number))


def _leave_on(number: int, before: Any) -> None:
    def leave(number: int, frame: Any) -> None:
        hub.say_goodbye()
        if callable(before):
            before(number, frame)
            # Once it has ended in peace, the server raises the same signal again, and would die of it with another code than 0.
            signal.pthread_sigmask(signal.SIG_BLOCK, {number})

    signal.signal(number, leave)
