"""Two texts of one thing: who was quicker, what differs, and both together where that is safe."""

from retros.models import Change, WhyNode
from retros.services import causes, clash


def edited(node: WhyNode, by, *texts: str) -> WhyNode:
    for text in texts:
        node = causes.edit(node, by=by, version=node.version, text=text)
    return node


def test_changes_of_different_words_are_put_together_from_what_both_began_with(cast):
    node = causes.add(cast.event, by=cast.scribe, text="One primary moved west")
    now = edited(node, cast.facilitator, "One primary moved far west", "One primary moved very far west")
    both = clash.of(now, "Three primaries moved west", started_from=1, by=cast.scribe)
    assert both.combined == "Three primaries moved very far west"
    assert both.words[:2] == [("theirs", "One primary"), ("mine", "Three primaries")]
    assert ("mine", "very far ") in both.words
    assert both.author == "Facilitator"
    later = clash.of(now, "One primary moved far east", started_from=2, by=cast.scribe)
    assert later.combined == "One primary moved very far east"


def test_changes_of_the_same_words_are_shown_against_each_other(cast):
    node = causes.add(cast.event, by=cast.scribe, text="It moved west")
    both = clash.of(edited(node, cast.facilitator, "It moved north"), "It moved east", started_from=1, by=cast.scribe)
    assert both.combined == ""
    assert both.words == [("same", "It moved "), ("theirs", "north"), ("mine", "east")]


def test_what_was_refused_stays_in_the_history_and_changes_nobodys_page(cast):
    node = causes.add(cast.event, by=cast.scribe, text="First")
    clash.of(edited(node, cast.facilitator, "Second"), "Mine", started_from=1, by=cast.scribe)
    row = Change.objects.latest("pk")
    assert (row.topics, row.subject, row.detail) == ("", f"whynode:{node.pk}", {"aside": {"text": "Mine"}})
    assert row.actor == cast.scribe


def test_a_version_that_never_was_combines_nothing_and_breaks_nothing(cast):
    node = causes.add(cast.event, by=cast.scribe, text="First")
    for version in (0, 7):
        both = clash.of(edited(node, cast.facilitator), "Mine", started_from=version, by=cast.scribe)
        assert (both.theirs, both.author) == ("First", "Somebody")
