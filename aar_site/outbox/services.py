"""What administrators see and do of the outbox: the mails by how they ended, and another try for those that failed."""

from datetime import timedelta

from django.db.models import Count, Q, QuerySet

from aar_site import clock
from aar_site.outbox.models import Message

State = Message.State
KINDS = {
    "": ("Not arrived", Q(state__in=[State.FAILED, State.UNCERTAIN])),
    "waiting": ("Waiting", Q(state__in=[State.WAITING, State.CLAIMED, State.SENDING])),
    "sent": ("Sent", Q(state=State.SENT)),
    "dropped": ("No longer wanted", Q(state=State.DROPPED)),
}
KEPT = timedelta(days=30)  # the body of a mail that failed, still encrypted, so that it can be sent again


class Refused(Exception):
    """The mail cannot be sent again. The message is for the reader."""


def messages(kind: str = "") -> QuerySet[Message]:
    """The mails of one kind, newest first."""
    return (
        Message.objects.filter(KINDS[kind][1])
        .select_related("person")
        .defer("sealed_body")
        .order_by("-created_at", "-pk")
    )


def counts() -> list[tuple[str, str, int]]:
    """(kind, what it is called, how many they are), in one query."""
    found = Message.objects.aggregate(
        **{kind or "lost": Count("pk", filter=which) for kind, (_, which) in KINDS.items()}
    )
    return [(kind, words, found[kind or "lost"]) for kind, (words, _) in KINDS.items()]


def repeatable(page: list[Message]) -> set[int]:
    """Those of the page that can be sent again: they failed, and their body is still there."""
    rows = Message.objects.filter(pk__in=[m.pk for m in page], state=State.FAILED).exclude(sealed_body=b"")
    return set(rows.values_list("pk", flat=True))


def send_again(pk: int) -> Message | None:
    """Let a failed mail wait anew, with all its tries. None where there is no such mail; Refused where it cannot be."""
    message = Message.objects.filter(pk=pk).first()
    if message is None:
        return None
    fresh = {"state": State.WAITING, "attempts": 0, "next_attempt_at": clock.now(), "error": ""}
    if not Message.objects.filter(pk=pk, state=State.FAILED).exclude(sealed_body=b"").update(**fresh):
        raise Refused("This mail cannot be sent again: it did not fail, or its words are no longer kept.")
    return message


def forget() -> int:
    """Blank the bodies of mails that failed long ago; how many."""
    old = Message.objects.filter(state=State.FAILED, created_at__lt=clock.now() - KEPT).exclude(sealed_body=b"")
    return old.update(sealed_body=b"")
