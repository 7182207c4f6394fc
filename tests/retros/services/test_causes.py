"""Verbs on the tree of causes: places, links to a second effect, versions, removals that come back, and what is refused."""

import random
from types import SimpleNamespace

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from retros import limits
from retros.live.log import Stale, WrongState
from retros.models import Change, Event, Meeting, SharedCause, State, WhyNode
from retros.services import cause_tree, causes, entries, meeting
from tests.factories import make_cast, make_entry, make_event


@pytest.fixture
def cast(db: None) -> SimpleNamespace:
    return make_cast()


def why(cast: SimpleNamespace, text: str, parent: WhyNode | None = None, **fields) -> WhyNode:
    return causes.add(cast.event, by=cast.scribe, parent=parent, text=text, **fields)


def told(nodes: list) -> list:
    return [(n.text, told(n.children)) if n.children else n.text for n in nodes]


def tree(cast: SimpleNamespace) -> list:
    return told(cause_tree.read(cast.event))


def chain(cast: SimpleNamespace, count: int, parent: WhyNode | None = None) -> list[WhyNode]:
    nodes = []
    for n in range(count):
        parent = why(cast, f"Level {n + 1}", parent)
        nodes.append(parent)
    return nodes


def test_whys_and_chain_are_one_tree_in_the_order_of_writing(cast):
    effect = why(cast, "Degraded for a day")
    first = why(cast, "Both coasts held writes", effect)
    why(cast, "Restores take hours", effect)
    why(cast, "Primaries moved west", first)
    assert tree(cast) == [
        ("Degraded for a day", [("Both coasts held writes", ["Primaries moved west"]), "Restores take hours"])
    ]


def test_a_removed_cause_takes_what_is_below_along_and_brings_it_back_to_its_place(cast):
    effect = why(cast, "Effect")
    cause = why(cast, "Cause", effect)
    why(cast, "Deeper", cause)
    why(cast, "Second", effect)
    causes.remove(cause, by=cast.scribe)
    assert tree(cast) == [("Effect", ["Second"])]
    with pytest.raises(WrongState, match="removed meanwhile"):
        why(cast, "Too late", cause)
    causes.restore(cause, by=cast.scribe)
    assert tree(cast) == [("Effect", [("Cause", ["Deeper"]), "Second"])]


def test_a_cause_comes_back_only_where_the_one_above_is(cast):
    effect, cause = chain(cast, 2)
    causes.remove(cause, by=cast.scribe)
    causes.remove(effect, by=cast.scribe)
    with pytest.raises(WrongState, match="removed meanwhile"):
        causes.restore(cause, by=cast.scribe)


def test_twelve_levels_are_the_deepest_by_every_way(cast):
    nodes = chain(cast, limits.WHY_DEPTH)
    with pytest.raises(WrongState, match="12 levels deep"):
        why(cast, "One more", nodes[-1])
    pair = chain(cast, 2)
    with pytest.raises(WrongState, match="below level 12"):
        causes.place(pair[0], below=nodes[10], by=cast.scribe)
    causes.place(pair[1], below=nodes[10], by=cast.scribe)
    # What was removed while its branch was short does not come back into one that is full.
    causes.remove(nodes[10], by=cast.scribe)
    causes.place(nodes[1], below=why(cast, "A level between", why(cast, "Another effect")), by=cast.scribe)
    with pytest.raises(WrongState, match="below level 12"):
        causes.restore(nodes[10], by=cast.scribe)


def test_a_cause_of_another_event_is_no_parent_and_no_effect(cast):
    foreign = WhyNode.objects.create(event=make_event(), text="Foreign")
    with pytest.raises(WrongState, match="removed meanwhile"):
        why(cast, "Cause", foreign)
    with pytest.raises(WrongState, match="removed meanwhile"):
        causes.share(why(cast, "Mine"), effect=foreign, by=cast.scribe)


def test_a_cause_changes_places_with_its_neighbour(cast):
    effect = why(cast, "Effect")
    one, two, three = (why(cast, text, effect) for text in ("One", "Two", "Three"))
    causes.shift(three, is_up=True, by=cast.scribe)
    assert tree(cast) == [("Effect", ["One", "Three", "Two"])]
    causes.remove(three, by=cast.scribe)
    causes.shift(two, is_up=True, by=cast.scribe)  # over what is not there for anybody
    causes.shift(two, is_up=True, by=cast.scribe)  # the first stays the first
    assert tree(cast) == [("Effect", ["Two", "One"])]
    causes.restore(three, by=cast.scribe)
    assert tree(cast) == [("Effect", ["Two", "Three", "One"])]
    causes.shift(one, is_up=False, by=cast.scribe)
    assert tree(cast) == [("Effect", ["Two", "Three", "One"])]


def test_a_branch_moves_below_another_cause_or_becomes_an_effect(cast):
    effect, cause, deeper = chain(cast, 3)
    other = why(cast, "Another effect")
    causes.place(cause, below=other, by=cast.scribe)
    assert tree(cast) == ["Level 1", ("Another effect", [("Level 2", ["Level 3"])])]
    causes.place(deeper, below=None, by=cast.scribe)
    assert tree(cast) == ["Level 1", ("Another effect", ["Level 2"]), "Level 3"]
    for below in (cause, WhyNode.objects.get(pk=cause.pk)):
        with pytest.raises(WrongState, match="its own cause"):
            causes.place(cause, below=below, by=cast.scribe)
    causes.place(effect, below=deeper, by=cast.scribe)
    with pytest.raises(WrongState, match="“Level 1” leads to it already"):
        causes.place(deeper, below=effect, by=cast.scribe)


def test_a_cause_leads_to_a_second_effect_and_stands_once(cast):
    effect = why(cast, "Effect")
    one, two = why(cast, "One", effect), why(cast, "Two", effect)
    shared = why(cast, "The link is a single path", one)
    link = causes.share(shared, effect=two, by=cast.scribe)
    nodes = {n.text: n for n in cause_tree.every(cause_tree.read(cast.event))}
    assert [n.text for n in nodes["Two"].shared] == ["The link is a single path"]
    assert [n.text for n in nodes["The link is a single path"].leads] == ["Two"]
    assert [n.number for n in nodes.values()] == [1, 2, 3, 4]
    causes.unshare(link, by=cast.scribe)
    assert all(not n.shared for n in cause_tree.every(cause_tree.read(cast.event)))
    assert causes.share(shared, effect=two, by=cast.scribe).pk == link.pk
    assert SharedCause.objects.count() == 1
    # The place says what the link said.
    causes.place(shared, below=two, by=cast.scribe)
    assert not SharedCause.objects.exists()


def test_links_never_lead_in_a_circle(cast):
    effect, cause, deeper = chain(cast, 3)
    other = why(cast, "Another effect")
    with pytest.raises(WrongState, match="stands below that effect already"):
        causes.share(cause, effect=effect, by=cast.scribe)
    for target in (cause, deeper):
        with pytest.raises(WrongState, match="its own cause"):
            causes.share(cause, effect=target, by=cast.scribe)
    link = causes.share(effect, effect=other, by=cast.scribe)
    with pytest.raises(WrongState, match="its own cause"):
        causes.place(other, below=deeper, by=cast.scribe)
    causes.unshare(link, by=cast.scribe)
    causes.place(other, below=deeper, by=cast.scribe)
    with pytest.raises(WrongState, match="its own cause"):  # the way back is asked anew
        causes.share(link.cause, effect=link.effect, by=cast.scribe)


@pytest.mark.parametrize("broken", ["place", "effect", "self", "twice", "held"])
def test_the_database_keeps_what_must_hold(cast, broken):
    effect, cause = chain(cast, 2)
    causes.share(cause, effect=why(cast, "Another"), by=cast.scribe)
    acts = {
        "place": lambda: WhyNode.objects.create(event=cast.event, parent=effect, rank=0, text="x"),
        "effect": lambda: WhyNode.objects.create(event=cast.event, rank=0, text="x"),
        "self": lambda: SharedCause.objects.create(event=cast.event, cause=cause, effect=cause),
        "twice": lambda: SharedCause.objects.create(event=cast.event, cause=cause, effect=WhyNode.objects.last()),
        "held": lambda: WhyNode.objects.filter(pk=cause.pk).update(defence="held"),
    }
    SharedCause.objects.update(effect=WhyNode.objects.last())
    with pytest.raises(IntegrityError), transaction.atomic():
        acts[broken]()


def test_whatever_is_done_places_are_unique_and_nothing_leads_in_a_circle(cast):
    """Three hundred verbs at random: refused or carried out, the tree stays a tree."""
    dice = random.Random(5)  # noqa: S311 - the same every time
    nodes = [*chain(cast, 3), why(cast, "Another")]
    for n in range(300):
        one, other = dice.choice(nodes), dice.choice(nodes)
        verb = dice.choice(["add", "place", "top", "up", "share", "remove", "restore"])
        try:
            if verb == "add" and len(nodes) < 40:
                nodes.append(why(cast, f"Cause {n}", one))
            elif verb in {"place", "top"}:
                causes.place(one, below=other if verb == "place" else None, by=cast.scribe)
            elif verb == "up":
                causes.shift(one, is_up=dice.random() < 0.5, by=cast.scribe)
            elif verb == "share":
                causes.share(one, effect=other, by=cast.scribe)
            elif verb in {"remove", "restore"}:
                getattr(causes, verb)(one, by=cast.scribe)
        except WrongState:
            pass
    for node in nodes:
        try:
            causes.restore(node, by=cast.scribe)
        except WrongState:
            pass
    rows = list(WhyNode.objects.values_list("pk", "parent", "rank"))
    assert len({(parent, rank) for _, parent, rank in rows}) == len(rows)
    shown = list(cause_tree.every(cause_tree.read(cast.event)))
    assert max(n.depth for n in shown) <= limits.WHY_DEPTH
    leads = {n.pk: {n.parent_id, *(e.pk for e in n.leads)} - {None} for n in shown}
    while leads:  # take away what leads nowhere any more; a circle would stay
        free = [pk for pk, found in leads.items() if not found & leads.keys()]
        assert free
        for pk in free:
            del leads[pk]


def test_two_who_edit_the_same_never_overwrite_each_other(cast):
    node = why(cast, "First")
    causes.edit(node, by=cast.scribe, version=1, text="By the scribe")
    with pytest.raises(Stale) as stale:
        causes.edit(node, by=cast.facilitator, version=1, text="By the facilitator")
    assert (stale.value.current.text, WhyNode.objects.get().version) == ("By the scribe", 2)
    last = Change.objects.order_by("seq").last()
    assert last.detail == {"before": {"text": "First"}, "after": {"text": "By the scribe"}}
    causes.shift(node, is_up=True, by=cast.facilitator)  # its place is not its text
    causes.edit(node, by=cast.facilitator, version=2, text="By both")


def test_nothing_half_is_stored(cast):
    before = Event.objects.get(pk=cast.event.pk).change_seq
    with pytest.raises(ValidationError):
        why(cast, "")
    with pytest.raises(ValidationError):
        why(cast, "x", kind="mistake")
    assert (WhyNode.objects.count(), Event.objects.get(pk=cast.event.pk).change_seq) == (0, before)


def test_a_published_review_is_closed_to_causes(cast):
    effect, node = chain(cast, 2)
    link = causes.share(node, effect=why(cast, "Another"), by=cast.scribe)
    Event.objects.filter(pk=cast.event.pk).update(state=State.PUBLISHED, published_at=cast.event.created_at)
    for refused in (
        lambda: why(cast, "More"),
        lambda: causes.edit(node, by=cast.scribe, version=1, text="Other"),
        lambda: causes.remove(node, by=cast.scribe),
        lambda: causes.restore(node, by=cast.scribe),
        lambda: causes.shift(node, is_up=True, by=cast.scribe),
        lambda: causes.place(node, below=None, by=cast.scribe),
        lambda: causes.share(node, effect=effect, by=cast.scribe),
        lambda: causes.unshare(link, by=cast.scribe),
        lambda: causes.discuss(node, by=cast.scribe),
        lambda: causes.set_unknown(cast.event, is_unknown=True, by=cast.scribe),
    ):
        with pytest.raises(WrongState, match="published"):
            refused()


@pytest.mark.parametrize("way", ["add", "edit", "restore"])
def test_a_root_cause_ends_that_none_is_established(cast, way):
    node = why(cast, "Nothing limited it", is_root_cause=way == "restore")
    if way == "restore":
        causes.remove(node, by=cast.scribe)
    causes.set_unknown(cast.event, is_unknown=True, by=cast.scribe)
    cast.event.refresh_from_db()
    assert cast.event.is_cause_unknown
    if way == "add":
        why(cast, "Any region may elect", node, is_root_cause=True)
    elif way == "edit":
        causes.edit(node, by=cast.scribe, version=1, is_root_cause=True)
    else:
        causes.restore(node, by=cast.scribe)
    cast.event.refresh_from_db()
    assert not cast.event.is_cause_unknown


def test_what_is_brought_back_with_a_root_cause_below_ends_it_too(cast):
    effect = why(cast, "Writes were refused")
    why(cast, "Any region may elect", effect, is_root_cause=True)
    causes.remove(effect, by=cast.scribe)
    causes.set_unknown(cast.event, is_unknown=True, by=cast.scribe)
    causes.restore(effect, by=cast.scribe)
    cast.event.refresh_from_db()
    assert not cast.event.is_cause_unknown


def test_while_a_root_cause_is_marked_none_can_be_called_not_established(cast):
    root = why(cast, "Any region may elect", why(cast, "Writes were refused"), is_root_cause=True)
    with pytest.raises(WrongState, match="“Any region may elect” is marked “We can change this”"):
        causes.set_unknown(cast.event, is_unknown=True, by=cast.scribe)
    cast.event.refresh_from_db()
    assert not cast.event.is_cause_unknown
    causes.edit(root, by=cast.scribe, version=1, is_root_cause=False)
    causes.set_unknown(cast.event, is_unknown=True, by=cast.scribe)
    cast.event.refresh_from_db()
    assert cast.event.is_cause_unknown


def test_only_a_defence_says_what_became_of_it(cast):
    node = why(cast, "Backups restored at once", kind="defence", defence="held")
    assert node.has_held
    causes.edit(node, by=cast.scribe, version=1, kind="condition")
    node.refresh_from_db()
    assert (node.defence, node.has_held) == ("", False)


def test_a_moment_that_was_taken_out_is_no_evidence(cast):
    kept, gone = make_entry(cast.event, "Alerts ring"), make_entry(cast.event, "Typed by mistake", minutes=1)
    why(cast, "Both coasts held writes", evidence=[gone, kept])
    entries.set_removed(gone, by=cast.scribe, removed=True)
    assert [e.text for e in cause_tree.read(cast.event)[0].supports] == ["Alerts ring"]
    entries.set_removed(gone, by=cast.scribe, removed=False)
    assert len(cause_tree.read(cast.event)[0].supports) == 2


def test_a_cause_that_is_edited_while_its_evidence_is_off_the_timeline_has_it_again_when_it_comes_back(cast):
    gone, kept = make_entry(cast.event, "Alerts ring"), make_entry(cast.event, "Lag graph", minutes=1)
    node = why(cast, "Both coasts held writes", evidence=[gone, kept])
    entries.set_removed(gone, by=cast.scribe, removed=True)
    causes.edit(node, by=cast.scribe, version=1, evidence=[], text="Both coasts took writes")
    assert not cause_tree.read(cast.event)[0].supports
    entries.set_removed(gone, by=cast.scribe, removed=False)
    assert [e.text for e in cause_tree.read(cast.event)[0].supports] == ["Alerts ring"]


def test_the_room_discusses_what_its_scribe_wrote_last_or_where_it_was_taken(cast):
    first = why(cast, "Before the meeting", is_discussed=True)
    assert not Meeting.objects.filter(cause=first).exists()
    meeting.start(cast.event, by=cast.facilitator)
    effect = why(cast, "Effect", is_discussed=True)
    causes.add(cast.event, by=cast.participant, parent=effect, text="By a participant")
    assert cause_tree.discussed(cast.event, cause_tree.read(cast.event)).pk == effect.pk
    causes.discuss(first, by=cast.facilitator)
    assert cause_tree.discussed(cast.event, cause_tree.read(cast.event)).pk == first.pk
    causes.remove(first, by=cast.facilitator)
    newest = cause_tree.discussed(cast.event, cause_tree.read(cast.event))
    assert newest.text == "By a participant"


def test_an_analysis_holds_so_many_causes_and_not_one_more(cast, monkeypatch):
    monkeypatch.setattr(limits, "CAUSES_PER_EVENT", 4)
    nodes = chain(cast, 4)
    refused = pytest.raises(WrongState, match="holds at most 4 causes. Put some of them together first.")
    with refused:
        why(cast, "One more", nodes[0])
    causes.remove(nodes[3], by=cast.scribe)
    why(cast, "In its place", nodes[0])
    with refused:
        causes.restore(nodes[3], by=cast.scribe)
    assert WhyNode.objects.kept().filter(event=cast.event).count() == 4
