"""Markup in what the room writes is shown as text: on the page, in each region of each step, in private parts and in the document."""

import html

import pytest
from django.test import Client

from retros.live import topics
from retros.models import AgendaStep, Event, Meeting
from retros.services import causes, leading, meeting, notes, silent
from tests.factories import make_cast, make_entry, make_member, make_user

EVIL = "<img src=x onerror=alert(1)>\"'</textarea></script><svg onload=alert(2)>{{7*7}} [x](javascript:alert(3))"


@pytest.fixture
def cast(db):
    found = make_cast()
    found.evil = make_user(EVIL[:60], email="evil@example.org")
    make_member(found.event, found.evil)
    meeting.start(found.event, by=found.facilitator)
    entry = make_entry(found.event, EVIL, at_text=EVIL[:40], source_label=EVIL[:40])
    effect = causes.add(found.event, by=found.evil, text=EVIL, question=EVIL)
    cause = causes.add(
        found.event,
        by=found.evil,
        text=EVIL,
        parent=effect,
        question=EVIL,
        evidence=[entry],
        kind="defence",
        defence="held",
    )
    other = causes.add(found.event, by=found.evil, text=EVIL)
    causes.share(cause, effect=other, by=found.evil)
    found.effect = effect
    for level in range(5):
        cause = causes.add(found.event, by=found.evil, text=EVIL, parent=cause, is_root_cause=level == 4)
    notes.keep(found.event, by=found.evil, text=EVIL)
    notes.keep(found.event, by=found.evil, text=EVIL, parked_for="actions")
    meeting.set_cursor(found.event, by=found.facilitator, entry=entry)
    at(found.event, "factors")
    for who in (found.evil, found.guest, found.scribe):
        silent.keep(found.event, by=who, texts=[EVIL])
    silent.show(found.event, by=found.facilitator)
    leading.hand_over(found.event, by=found.facilitator, to=found.evil.pk)
    return found


def at(event, slug):
    Meeting.objects.filter(event=event).update(step=AgendaStep.objects.get(meeting__event=event, slug=slug))


def test_markup_is_text_everywhere(cast):
    base, browser, pages = f"/e/{cast.event.code}/", Client(), []
    browser.force_login(cast.evil)
    for slug in AgendaStep.objects.filter(meeting__event=cast.event).values_list("slug", flat=True):
        at(cast.event, slug)
        pages += topics.render(Event.objects.get(pk=cast.event.pk), set(topics.TEMPLATES)).values()
    for path in (
        "room/", "room/lead/", "room/script/", "room/notes/", "room/people/", "room/close/own/", "room/silent/own/", "analysis/",
        f"causes/form/?parent={cast.effect.pk}&question={EVIL}", f"causes/evidence/?q={EVIL}", "review/",
    ):  # fmt: skip
        answer = browser.get(base + path)
        assert answer.status_code == 200, path
        pages.append(answer.content.decode())
    for page in pages:
        assert "<img src=x" not in page
        assert "<svg onload" not in page
        assert 'href="javascript:' not in page
    assert sum(html.escape("<img src=x") in page for page in pages) > 30
