"""What the doctor asks of events and reviews: rules across rows, which no constraint of the database can hold."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from importlib.metadata import version

from django.db.models import Count, F, Max, Q
from django.db.models.functions import Coalesce

from aar_site import clock
from aar_site.health.examinations import Line, examination, none
from retros.document import pdf
from retros.document.tree import Document
from retros.models import (
    AccountRevision,
    Dispute,
    Event,
    Import,
    ImportState,
    LiftedMoment,
    Meeting,
    ParticipantAccount,
    Publication,
    Recollection,
    Resolution,
    Role,
    SectionText,
    SharedCause,
    State,
    TimelineEntry,
    WhyNode,
)

RESTORE = "Restore the last good backup beside this one and compare; write to the makers what happened."
AGAIN_OPEN = "Open it again on the timeline and decide once more."
AGAIN = "Open it on its page and keep it once more; its place is then set right."


@examination("PDF")
def printing() -> Iterable[Line]:
    """One page is really printed."""
    try:
        pdf.render(Document("Examination", "incident", "en", "internal", "", [], []))
    except pdf.NoPdf as trouble:
        yield Line("No PDF can be made", str(trouble), is_warning=True)
    else:
        yield Line(f"PDF is made by WeasyPrint {version('weasyprint')}")


@examination("The numbers of changes")
def numbers() -> Iterable[Line]:
    """The live room relies on them: from one, without gaps."""
    counted = Event.objects.annotate(kept=Count("changes"), last=Coalesce(Max("changes__seq"), 0))
    wrong = counted.exclude(kept=F("change_seq"), last=F("change_seq"))
    yield none("Changes are numbered without gaps", _events(wrong), RESTORE)


@examination("Meetings")
def meetings() -> Iterable[Line]:
    led = Event.objects.filter(memberships__role=Role.FACILITATOR)
    alone = Event.objects.filter(state=State.MEETING).exclude(pk__in=led)
    yield none(
        "A running meeting has its facilitator", _events(alone), "An administrator names one on the event's page."
    )
    strays = Meeting.objects.exclude(step=None).exclude(step__meeting=F("pk"))
    strays |= Meeting.objects.exclude(cursor=None).exclude(cursor__event=F("event"))
    wrong = Event.objects.filter(meeting__in=strays)
    yield none("A meeting stands at its own step and moment", _events(wrong), "Choose the step in the room again.")


@examination("Records that are brought in")
def records() -> Iterable[Line]:
    """None stands half in the timeline: what is on its way moves on, and shows nothing before it is whole."""
    stuck = Import.objects.filter(state=ImportState.ADDING, claimed_until__lt=clock.now() - timedelta(minutes=10))
    names = (f"record {pk}" for pk in stuck.values_list("pk", flat=True))
    yield none("What is being added moves on", names, "Start the worker; it carries on.")
    early = TimelineEntry.objects.kept().filter(imported__state__in=[ImportState.READ, ImportState.ADDING])
    names = (f"record {pk}" for pk in early.order_by().values_list("imported", flat=True).distinct())
    yield none("Nothing is seen before it is whole", names, RESTORE)


@examination("The reveal")
def reveal() -> Iterable[Line]:
    """Accounts open together, once, and a sealed one has no traces of being open."""
    early = ParticipantAccount.objects.filter(event__revealed_at=None).filter(
        Q(is_after_reveal=True) | Q(pk__in=AccountRevision.objects.values("account"))
    )
    words = "No account was open before the reveal"
    yield none(words, (f"account {pk}" for pk in early.values_list("pk", flat=True)), RESTORE)
    astray = LiftedMoment.objects.exclude(entry__event=F("account__event")).values_list("pk", flat=True)
    yield none("A moment from an account is of its own event", (f"lifted moment {pk}" for pk in astray), RESTORE)
    both = Event.objects.filter(state=State.NOT_REVIEWED).exclude(revealed_at=None)
    yield none("What gets no review has no open accounts", _events(both), RESTORE)


@examination("Causes and moments")
def causes() -> Iterable[Line]:
    """What hangs together is of one event, and no cause is its own."""
    foreign = WhyNode.objects.exclude(parent=None).exclude(parent__event=F("event"))
    proof = WhyNode.evidence.through.objects.exclude(timelineentry__event=F("whynode__event"))
    wrong: set[int | None] = {*foreign.values_list("pk", flat=True), *proof.values_list("whynode", flat=True)}
    links = SharedCause.objects.exclude(cause__event=F("event"), effect__event=F("event"))
    wrong |= set(links.values_list("cause", flat=True))
    yield none("Causes lean on moments and causes of their own event", _whys(wrong), AGAIN)
    yield none("No cause is a cause of itself", _whys(circles()), RESTORE)
    zero = Event.objects.exclude(t0_entry=None).exclude(t0_entry__event=F("pk"))
    yield none("T-0 is a moment of its own event", _events(zero), "Set T-0 again on its timeline.")


def circles() -> set[int | None]:
    """Causes from which the way to what they led to never ends."""
    leads: dict[int | None, set[int | None]] = {}
    pairs = [
        *WhyNode.objects.exclude(parent=None).values_list("pk", "parent"),
        *SharedCause.objects.kept().values_list("cause", "effect"),
    ]
    for cause, effect in pairs:
        leads.setdefault(cause, set()).add(effect)
    while ended := [key for key, effects in leads.items() if not effects & leads.keys()]:
        for key in ended:
            del leads[key]
    return set(leads)


@examination("Texts and publications")
def texts() -> Iterable[Line]:
    heads = SectionText.objects.annotate(last=Coalesce(Max("revisions__number"), 0)).exclude(number=F("last"))
    names = (f"{slug} of {code}" for slug, code in heads.values_list("slug", "event__code"))
    yield none("Every text is its newest revision", names, RESTORE)
    bare = Event.objects.filter(state=State.PUBLISHED, publications=None)
    yield none("What is published has its versions", _events(bare), "Publish it again from its page.")
    counted = Publication.objects.values("event__code").annotate(kept=Count("pk"), last=Max("version"))
    gaps = counted.exclude(kept=F("last")).values_list("event__code", flat=True)
    yield none("Versions are numbered without gaps", gaps, RESTORE)


def _events(found: object) -> Iterator[str]:
    return (f"event {code}" for code in found.order_by("pk").values_list("code", flat=True))  # type: ignore[attr-defined]


def _whys(found: set[int | None]) -> list[str]:
    return [f"cause {pk}" for pk in sorted(pk for pk in found if pk)]


@examination("Moments that are remembered differently")
def disputes() -> Iterable[Line]:
    """A dispute is of its event's own moment, has its original view, and is settled on one of its views."""
    foreign = Dispute.objects.exclude(entry__event=F("event")).values_list("pk", flat=True)
    stray = Recollection.objects.exclude(dispute__event=F("event")).values_list("dispute", flat=True)
    stray |= Recollection.objects.exclude(other=None).exclude(other__event=F("event")).values_list("dispute", flat=True)
    wrong = sorted({*foreign, *stray})
    yield none("Views are of moments of their own event", (f"dispute {pk}" for pk in wrong), RESTORE)
    first = Recollection.objects.filter(is_original=True).values("dispute")
    chosen = Recollection.objects.filter(is_chosen=True).values("dispute")
    settled = Q(state=Resolution.SETTLED)
    odd = Dispute.objects.exclude(pk__in=first) | Dispute.objects.filter(settled).exclude(pk__in=chosen)
    odd |= Dispute.objects.exclude(settled).filter(pk__in=chosen)
    found = (f"dispute {pk}" for pk in odd.order_by("pk").values_list("pk", flat=True))
    yield none("Every dispute has its first view, and a settled one the view it was settled on", found, AGAIN_OPEN)
