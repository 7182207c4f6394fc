"""An event file as rows: everything of it is found again in the document, all or nothing."""

import pytest

from actions.models import Action
from retros.document import markdown
from retros.exchange.load import load
from retros.exchange.schema import parse
from retros.models import Event, ImpactInterval, SectionText, TimelineEntry, WhyNode
from retros.services import publishing

FILE = {
    "title": "Plugins move",
    "kind": "project",
    "timezone": "America/Los_Angeles (PST)",
    "severity": {"stated": "status red", "suggested": "SEV1"},
    "summary": "It took longer than planned.",
    "verification": {"url": "https://example.org/post"},
    "impact": {
        "started_at": "2019-01-24T12:00:00-08:00",
        "version_ended_at": "2019-01-28T15:46:00-08:00",
        "data_loss_window": "17:20 to 00:00",
        "who": "authors of plugins",
        "numbers": {"packages": 32},
    },
    "detection": {"how": "a user report", "minutes_to_report": 11},
    "timeline": [
        {"at": "2019-01-24", "to": "2019-01-26", "what": "Prepared", "source": "https://example.org/post"},
        {"at_text": "the Friday after", "what": "Published", "source": "https://example.org/other"},
        {"at": "2019-01-28T15:46:00-08:00", "precision": "approx", "what": "Decided to go on", "phase": "decision"},
    ],
    "whys": [{"text": "Reach underestimated", "question": "Why?", "kind": "condition", "root_cause": True,
              "causes": ["No test with a fresh app"]}],
    "contributing_factors": [{"category": "sequencing", "text": "Left over a weekend"}, {"category": "weather", "text": "Snow"}],
    "what_went_well": ["Reports came fast"],
    "luck": ["Nobody was away"],
    "goals": ["All plugins moved"],
    "outcome": {"on_time": False},
    "lessons": ["Test with a fresh app"],
    "actions": [{"text": "Test packages", "owner_role": "release lead", "due": "before February", "ref": "#2226", "status": "done"}],
}  # fmt: skip


@pytest.fixture
def event(db):
    event, found = load(parse(FILE))
    event.found = [w.kind for w in found]
    return event


def test_nothing_of_the_file_is_lost_in_the_document(event):
    text = markdown.render(publishing.exported(event)[0])
    for words in (
        "SEV-1 (status red)", "It took longer than planned.", "https://example.org/post", "authors of plugins", "**packages:** 32",
        "**Version:** 99 h 46 min, 24 Jan 2019, 12:00 to 28 Jan 2019, 15:46 PST", "**Data loss window:** 17:20 to 00:00",
        "24 Jan to 26 Jan", "the Friday after: Published (https://example.org/other)", "28 Jan, about 15:46", "Left over a weekend", "Snow",
        "Reports came fast", "Nobody was away", "All plugins moved", "**on time:** no", "Test with a fresh app",
        "| Test packages. Reference: #2226 | release lead | before February |  | Proposed (source: done) |",
    ):  # fmt: skip
        assert words in text, words


def test_what_the_document_of_this_kind_does_not_show_is_kept(event):
    root = WhyNode.objects.get(event=event, is_root_cause=True)
    assert (root.parent.text, root.question) == ("Plugins move", "Why?")
    assert WhyNode.objects.get(parent=root).text == "No test with a fresh app"
    assert event.impact.detected_how == "a user report; minutes to report: 11"


def test_times_stay_as_precise_as_they_were(event):
    assert list(
        TimelineEntry.objects.filter(event=event).in_order().values_list("precision", "utc_offset", "at_text")
    ) == [
        ("day", None, ""),
        ("approx", None, "the Friday after"),
        ("approx", -480, ""),
    ]
    assert ImpactInterval.objects.filter(event=event).count() == 2


def test_texts_of_the_file_have_a_first_revision(event):
    section = SectionText.objects.get(event=event, slug="lessons")
    assert section.number == 1
    assert section.revisions.get().text == "- Test with a fresh app"


def test_what_a_reader_would_stumble_over_is_named(event):
    assert {"severity_suggested", "unknown_category", "action_without_date", "factor_without_action"} <= set(
        event.found
    )


def test_a_section_that_cannot_be_stored_leaves_nothing_behind(db, monkeypatch):
    def break_off(*_args, **_kwargs):
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(Action.objects, "bulk_create", break_off)
    with pytest.raises(RuntimeError):
        load(parse(FILE))
    assert not Event.objects.exists()
    assert not TimelineEntry.objects.exists()


def test_the_end_is_the_last_of_several(event):
    assert event.ended_at.isoformat() == "2019-01-28T23:46:00+00:00"
