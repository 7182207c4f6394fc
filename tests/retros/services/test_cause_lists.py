"""What the step shows of the tree, and what its forms begin with."""

from types import SimpleNamespace

from django.http import QueryDict

from retros.models import Meeting
from retros.services import cause_forms, cause_lists, causes, meeting
from tests.factories import make_entry


def why(cast: SimpleNamespace, text: str, parent=None, **fields):
    return causes.add(cast.event, by=cast.scribe, parent=parent, text=text, **fields)


def checks(cast: SimpleNamespace) -> dict[str, bool]:
    return {words.split()[0]: holds for words, holds in cause_lists.context(cast.event)["stop_checks"]}


def test_the_stop_checks_tell_whether_it_is_deep_enough(cast):
    assert checks(cast) == {"It": False, "Evidence": False, "We": False}
    effect = why(cast, "Effect")
    cause = why(cast, "Participant did not look, as the page was green", effect)  # a person of this event, at the end
    assert checks(cast) == {"It": False, "Evidence": False, "We": False}
    proof = [make_entry(cast.event)]
    why(cast, "The page shows green for what it does not know", cause, is_root_cause=True, evidence=proof)
    assert checks(cast) == {"It": True, "Evidence": False, "We": True}
    causes.edit(cause, by=cast.scribe, version=1, evidence=proof)
    assert checks(cast)["Evidence"] is True
    why(cast, "Backups restored", effect, kind="defence", defence="held", evidence=proof)  # nothing to change there
    assert checks(cast)["We"] is True


def test_the_nested_list_opens_and_closes_as_the_tree_does(cast):
    effect = why(cast, "Effect")
    one = why(cast, "One", effect)
    deep = why(cast, "Deep", one)
    two = why(cast, "Two", effect)
    causes.share(deep, effect=two, by=cast.scribe)
    cast.event.severity = "sev1"
    assert cause_lists.context(cast.event)["cause_questions"] == []  # two lines that meet are not one
    why(cast, "Another effect")
    rows = {row.text: row for row in cause_lists.context(cast.event)["cause_rows"]}
    shared = (deep.pk, "Deep", 0)
    closing = {text: row.closing for text, row in rows.items()}
    assert closing == {"Effect": (), "One": (), "Deep": ((),), "Two": ((shared,), ()), "Another effect": ()}
    assert rows["Deep"].leads == ((two.pk, "Two"),)
    assert [text for text, row in rows.items() if row.opens] == ["Effect", "One", "Two"]
    assert [text for text, row in rows.items() if row.ands] == ["Effect"]
    assert [text for text, row in rows.items() if "more" in row.css] == ["Two"]


def test_a_defence_that_held_is_no_cause_of_the_harm(cast):
    effect = why(cast, "Effect")
    why(cast, "A cause", effect)
    why(cast, "Backups restored at once", effect, kind="defence", defence="held")
    absent = why(cast, "A page that says so", effect, kind="defence", defence="absent")
    found = cause_lists.context(cast.event)
    rows = {row.text: row for row in found["cause_rows"]}
    assert [row.css for row in rows.values()] == ["", "", "more held", "more"]
    assert [n.text for n in found["held"]] == ["Backups restored at once"]
    assert rows["A page that says so"].label == "Defence: expected, absent"
    assert len(found["cause_map"].spots) == 3
    why(cast, "It was asked for twice", absent)
    assert cause_lists.context(cast.event)["chain_is_picture"] is True


def test_the_head_asks_what_the_only_effect_asks_unless_its_label_asks_that(cast):
    effect = why(cast, "Pages were stale for a day", question="What happened?")
    assert cause_lists.context(cast.event)["cause_head"] == "What had to be true for this to happen?"
    causes.edit(effect, by=cast.scribe, version=1, question="Why did a short cut last a day?")
    assert cause_lists.context(cast.event)["cause_head"] == "Why did a short cut last a day?"


def test_up_to_four_levels_are_a_picture(cast):
    node = None
    for level in range(4):
        node = why(cast, f"Level {level}", node)
    assert cause_lists.context(cast.event)["chain_is_picture"] is True
    why(cast, "One deeper", node)
    assert cause_lists.context(cast.event)["chain_is_picture"] is False


def test_evidence_is_offered_chosen_first_then_the_present_moment_then_key_ones(cast):
    first, _, here, last = (
        make_entry(cast.event, text, minutes=n, is_key=text == "Key")
        for n, text in enumerate(["First", "Key", "Here", "Last"])
    )
    meeting.start(cast.event, by=cast.facilitator)
    Meeting.objects.filter(event=cast.event).update(cursor=here)
    found = cause_lists.offers(cast.event, [last.pk])
    assert [(o.text, o.is_chosen) for o in found] == [("Last", True), ("Here", False), ("Key", False), ("First", False)]
    found = cause_lists.offers(cast.event, [last.pk], "fir")
    assert [(o.pk, o.is_chosen) for o in found] == [(last.pk, True), (first.pk, False)]
    assert [o.text for o in cause_lists.offers(cast.event, [], "key nothing")] == []


def test_after_a_person_the_next_question_leads_on(cast):
    person = why(cast, "Scribe deleted the wrong directory")
    system = why(cast, "Both directories look alike", person)
    begun = cause_forms.beginning(cast.event, person, QueryDict("kind=defence"))
    assert (begun["question"], begun["kind"]) == ("What made that likely, and what let it pass?", "defence")
    begun = cause_forms.beginning(cast.event, system, QueryDict("kind=nonsense"))
    assert (begun["question"], begun["kind"]) == ("", "condition")


def test_what_is_typed_is_held_against_all_that_stands_above(cast):
    effect = why(cast, "Alerts were missing")
    cause = why(cast, "Something else", effect)
    asked = cause_forms.questions(cast.event, QueryDict(f"parent={cause.pk}&text=There were no alerts"))
    assert [q.slug for q in asked] == ["circle", "lack"]
    assert cause_forms.questions(cast.event, QueryDict("parent=x&text=Two regions may hold writes")) == []
