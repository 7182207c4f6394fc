"""The doctor finds each broken rule of events and reviews: every one is broken here once, behind the services' back."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from aar_site import clock
from aar_site.health.examinations import Line
from retros import doctor
from retros.document import pdf
from retros.models import (
    AccountRevision,
    Event,
    Import,
    LiftedMoment,
    Meeting,
    Membership,
    ParticipantAccount,
    Publication,
    Recollection,
    Revision,
    Role,
    SectionText,
    SharedCause,
    State,
    WhyNode,
)
from retros.services import disputes, imports, meeting
from tests.factories import make_entry, make_event, make_import

ALL = (doctor.numbers, doctor.meetings, doctor.reveal, doctor.causes, doctor.texts, doctor.disputes, doctor.records)


def broken() -> list[str]:
    """The words of all faults."""
    found: list[Line] = [line for examine in ALL for line in examine()]
    assert all(line.fix.endswith(".") for line in found if line.mark != "✓")
    return [line.words for line in found if line.mark == "✗"]


def why(cast: SimpleNamespace, **extra: Any) -> WhyNode:
    values = {
        "event": cast.event,
        "text": "x",
        "rank": WhyNode.objects.count(),
        "created_by": cast.facilitator,
        **extra,
    }
    return WhyNode.objects.create(**values)


def test_an_event_in_its_room_is_sound(cast: SimpleNamespace) -> None:
    meeting.start(cast.event, by=cast.facilitator)
    why(cast, parent=why(cast)).evidence.add(make_entry(cast.event, "x", created_by=cast.facilitator))
    assert broken() == []


def test_a_settled_dispute_is_sound(cast: SimpleNamespace) -> None:
    view = differ(cast)
    disputes.settle(view.dispute, by=cast.facilitator, view=view, reason="x", version=view.dispute.version)
    assert broken() == []


def differ(cast: SimpleNamespace) -> Recollection:
    entry = make_entry(cast.event, "x", created_by=cast.facilitator)
    return disputes.remember(entry, by=cast.participant, when=None, text="y")


def a_foreign_view(cast: SimpleNamespace) -> None:
    Recollection.objects.filter(pk=differ(cast).pk).update(other=make_entry(make_event(), "z"))


def settled_on_nothing(cast: SimpleNamespace) -> None:
    view = differ(cast)
    disputes.settle(view.dispute, by=cast.facilitator, view=view, reason="x", version=view.dispute.version)
    Recollection.objects.update(is_chosen=False)


def no_first_view(cast: SimpleNamespace) -> None:
    Recollection.objects.filter(dispute=differ(cast).dispute, is_original=True).delete()


def a_gap(cast: SimpleNamespace) -> None:
    Event.objects.filter(pk=cast.event.pk).update(change_seq=cast.event.change_seq + 1)


def nobody_leads(cast: SimpleNamespace) -> None:
    Event.objects.filter(pk=cast.event.pk).update(state=State.MEETING)
    Membership.objects.filter(event=cast.event, role=Role.FACILITATOR).delete()


def foreign_cursor(cast: SimpleNamespace) -> None:
    other = make_entry(make_event(), "x", created_by=cast.facilitator)
    Meeting.objects.update_or_create(event=cast.event, defaults={"cursor": other})


def open_while_sealed(cast: SimpleNamespace) -> None:
    one, _ = ParticipantAccount.objects.get_or_create(event=cast.event, author=cast.participant)
    AccountRevision.objects.create(account=one, number=1)


def a_moment_astray(cast: SimpleNamespace) -> None:
    own, _ = ParticipantAccount.objects.get_or_create(event=cast.event, author=cast.participant)
    LiftedMoment.objects.create(entry=make_entry(make_event()), account=own, question="saw", sentence="At 23:07.")


def open_without_review(cast: SimpleNamespace) -> None:
    values = {"state": State.NOT_REVIEWED, "not_reviewed_reason": "x", "revealed_at": cast.event.created_at}
    Event.objects.filter(pk=cast.event.pk).update(**values)


def foreign_link(cast: SimpleNamespace) -> None:
    SharedCause.objects.create(event=cast.event, cause=why(cast), effect=why(cast, event=make_event()))


def a_circle_of_links(cast: SimpleNamespace) -> None:
    one = why(cast)
    SharedCause.objects.create(event=cast.event, cause=one, effect=why(cast, parent=one))


def foreign_parent(cast: SimpleNamespace) -> None:
    why(cast, parent=why(cast, event=make_event()))


def foreign_evidence(cast: SimpleNamespace) -> None:
    why(cast).evidence.add(make_entry(make_event(), "x", created_by=cast.facilitator))


def a_circle(cast: SimpleNamespace) -> None:
    first = why(cast)
    second = why(cast, parent=first)
    WhyNode.objects.filter(pk=first.pk).update(parent=second)
    why(cast, parent=second)  # hangs on the circle, so that its way up never ends either


def foreign_zero(cast: SimpleNamespace) -> None:
    Event.objects.filter(pk=cast.event.pk).update(t0_entry=make_entry(make_event(), "x", created_by=cast.facilitator))


def an_old_text(cast: SimpleNamespace) -> None:
    text = SectionText.objects.create(event=cast.event, slug="lessons", number=2)
    Revision.objects.create(section=text, number=1, base_number=0)


def nothing_published(cast: SimpleNamespace) -> None:
    Event.objects.filter(pk=cast.event.pk).update(state=State.PUBLISHED, published_at=cast.event.created_at)


def a_missing_version(cast: SimpleNamespace) -> None:
    Publication.objects.create(event=cast.event, version=2, tree={})


def a_worker_is_gone(cast: SimpleNamespace) -> None:
    imp = make_import(cast.event, by=cast.scribe)
    imports.begin(imp, by=cast.scribe)
    Import.objects.filter(pk=imp.pk).update(claimed_until=clock.now() - timedelta(minutes=11))


def half_a_record(cast: SimpleNamespace) -> None:
    imp = make_import(cast.event, by=cast.scribe)
    make_entry(cast.event, imported=imp, import_row=0)


@pytest.mark.parametrize(
    ("harm", "says"),
    [
        (a_worker_is_gone, "what is being added moves on: record "),
        (half_a_record, "nothing is seen before it is whole: record "),
        (a_gap, "changes are numbered without gaps: event {code}"),
        (nobody_leads, "a running meeting has its facilitator: event {code}"),
        (foreign_cursor, "a meeting stands at its own step and moment: event {code}"),
        (open_while_sealed, "no account was open before the reveal: account "),
        (a_moment_astray, "a moment from an account is of its own event: lifted moment "),
        (open_without_review, "what gets no review has no open accounts: event {code}"),
        (foreign_link, "causes lean on moments and causes of their own event: cause "),
        (a_circle_of_links, "no cause is a cause of itself: cause "),
        (foreign_parent, "causes lean on moments and causes of their own event: cause "),
        (foreign_evidence, "causes lean on moments and causes of their own event: cause "),
        (a_circle, "no cause is a cause of itself: cause "),
        (foreign_zero, "t-0 is a moment of its own event: event {code}"),
        (an_old_text, "every text is its newest revision: lessons of {code}"),
        (nothing_published, "what is published has its versions: event {code}"),
        (a_missing_version, "versions are numbered without gaps: {code}"),
        (a_foreign_view, "views are of moments of their own event: dispute "),
        (
            settled_on_nothing,
            "every dispute has its first view, and a settled one the view it was settled on: dispute ",
        ),
        (no_first_view, "every dispute has its first view, and a settled one the view it was settled on: dispute "),
    ],
)
def test_each_rule_across_rows_is_missed_when_it_is_broken(
    cast: SimpleNamespace, harm: Callable[[SimpleNamespace], None], says: str
) -> None:
    assert broken() == []
    harm(cast)
    [found] = broken()
    assert found.startswith(f"Broken: {says.format(code=cast.event.code)}")


def test_all_of_a_circle_and_what_hangs_on_it_is_named(cast: SimpleNamespace) -> None:
    a_circle(cast)
    good = why(cast, parent=why(cast))
    assert good.pk not in doctor.circles()
    assert len(doctor.circles()) == 3


def test_a_missing_pango_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> bytes:
        raise pdf.NoPdf("Pango is missing. Install it.")

    def mark() -> Iterable[str]:
        return [line.mark for line in doctor.printing()]

    monkeypatch.setattr(pdf, "render", fail)
    assert mark() == ["!"]
    monkeypatch.setattr(pdf, "render", lambda *_, **__: b"%PDF-")
    assert mark() == ["✓"]
