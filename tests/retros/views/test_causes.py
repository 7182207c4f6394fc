"""The forms of causes: in place and as pages, questions for the writer alone, both texts, and a way back from each removal."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client

from retros.models import Change, Event, Meeting, SharedCause, WhyNode
from retros.services import cause_tree, causes, entries, meeting
from tests.factories import make_cast, make_entry, make_event

HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def cast(db: None) -> SimpleNamespace:
    """The cast in an open room, with .get and .send(role, path, htmx=…, **fields)."""
    found = make_cast()
    meeting.start(found.event, by=found.facilitator)

    def ask(role: str, path: str, method: str, htmx: bool, fields: Any) -> Any:
        client = Client(raise_request_exception=False)
        client.force_login(getattr(found, role))
        return getattr(client, method)(f"/e/{found.event.code}/{path}", fields, **(HTMX if htmx else {}))

    found.get = lambda role, path="", htmx=False, **fields: ask(role, path, "get", htmx, fields)
    found.send = lambda role, path, htmx=False, **fields: ask(role, f"causes/{path}", "post", htmx, fields)
    return found


def why(cast: SimpleNamespace, text: str, parent: Any = None, by: Any = None, **fields: Any) -> WhyNode:
    return causes.add(cast.event, by=by or cast.scribe, parent=parent, text=text, **fields)


@pytest.mark.parametrize("htmx", [True, False])
def test_an_answer_is_kept_below_the_one_that_was_asked_about(cast, htmx):
    effect = why(cast, "Degraded for a day")
    entry = make_entry(cast.event, "An alert")
    fields = {
        "parent": effect.pk,
        "text": "Both coasts held writes",
        "evidence": [entry.pk],
        "question": "Why so long?",
    }
    answer = cast.send("participant", "add/", htmx, **fields)
    cause = WhyNode.objects.get(parent=effect)
    assert (cause.text, cause.kind, cause.created_by) == ("Both coasts held writes", "condition", cast.participant)
    assert list(cause.evidence.all()) == [entry]
    if htmx:
        page = answer.content.decode()
        assert page.strip().startswith('<section id="part-whys"')
        assert f'class="it now in-new" id="why-{cause.pk}"' in page
        assert '<div id="beside" class="stack" hx-swap-oob="true">' in page
    else:
        assert (answer.status_code, answer["Location"]) == (303, f"/e/{cast.event.code}/analysis/#part-whys")


def test_the_scribe_takes_the_room_along_and_participants_do_not(cast):
    cast.send("scribe", "add/", text="Effect")
    effect = WhyNode.objects.get()
    cast.send("participant", "add/", text="Cause", parent=effect.pk)
    assert Meeting.objects.get().cause == effect
    other = WhyNode.objects.get(text="Cause")
    assert cast.send("participant", "discuss/", pk=other.pk).status_code == 403
    assert cast.send("facilitator", "discuss/", pk=other.pk).status_code == 303
    assert Meeting.objects.get().cause == other


def test_parents_evidence_and_targets_come_from_the_same_event(cast):
    other = make_event()
    entry, foreign = make_entry(other, "Foreign words"), WhyNode.objects.create(event=other, text="x")
    mine = why(cast, "Mine")
    assert cast.send("scribe", "add/", text="y", evidence=[entry.pk]).status_code == 422
    assert cast.send("scribe", "add/", text="y", parent=foreign.pk).status_code == 404
    assert cast.send("scribe", "add/", text="y", parent="x").status_code == 404
    assert cast.send("scribe", f"{mine.pk}/place/", below=foreign.pk).status_code == 404
    assert cast.send("scribe", f"{mine.pk}/share/", effect=foreign.pk).status_code == 404
    assert cast.send("scribe", "order/", up=foreign.pk).status_code == 404
    assert cast.send("scribe", "discuss/", pk=foreign.pk).status_code == 404
    assert "Foreign words" not in cast.get("scribe", "causes/evidence/", q="foreign").content.decode()
    assert list(WhyNode.objects.filter(event=cast.event)) == [mine]


def test_what_is_missing_is_asked_for_with_what_was_typed(cast):
    effect = why(cast, "Effect")
    answer = cast.send("scribe", "add/", True, parent=effect.pk, text="", question="Who & how?", slot="bar")
    page = answer.content.decode()
    assert (answer.status_code, answer["HX-Retarget"]) == (422, "#form-why-bar")
    assert 'value="Who &amp; how?"' in page
    assert f'name="parent" value="{effect.pk}"' in page
    assert not WhyNode.objects.filter(parent=effect).exists()


def test_the_form_of_an_effect_asks_for_an_effect_and_that_of_an_answer_for_an_answer(cast):
    effect = why(cast, "Degraded for a day")
    cause = why(cast, "Both coasts held writes", effect)

    def asks(page: str) -> tuple[bool, bool, bool, bool]:
        words = (">Effect<", ">Answer<", "Keep effect", "Keep answer")
        return tuple(w in page for w in words)  # type: ignore[return-value]

    assert asks(cast.get("scribe", "causes/form/", True).content.decode()) == (True, False, True, False)
    empty = cast.send("scribe", "add/", True, text="")
    assert (empty.status_code, asks(empty.content.decode())) == (422, (True, False, True, False))
    below = cast.get("scribe", "causes/form/", True, parent=effect.pk).content.decode()
    assert asks(below) == (False, True, False, True)
    assert asks(cast.get("scribe", f"causes/{effect.pk}/form/", True).content.decode()) == (True, False, False, False)
    assert asks(cast.get("scribe", f"causes/{cause.pk}/form/", True).content.decode()) == (False, True, False, False)


def test_each_changes_their_own_and_the_scribe_changes_all(cast):
    effect = why(cast, "Effect")
    own, others = why(cast, "Mine", effect, by=cast.participant), why(cast, "Theirs", effect)
    verbs = {"edit/": {"text": "Other"}, "place/": {"below": ""}, "share/": {"effect": others.pk}, "remove/": {}}
    for path, fields in verbs.items():
        assert cast.send("participant", f"{others.pk}/{path}", **fields).status_code == 403, path
        for role in ("observer", "guest"):
            assert cast.send(role, f"{own.pk}/{path}", **fields).status_code == 403, path
    assert cast.send("participant", "order/", up=others.pk).status_code == 403
    assert cast.send("participant", f"{own.pk}/edit/", text="Mine, mended").status_code == 303
    assert cast.send("participant", "order/", down=own.pk).status_code == 303
    assert cast.send("scribe", f"{own.pk}/remove/").status_code == 303
    assert [n.text for n in cause_tree.every(cause_tree.read(cast.event))] == ["Effect", "Theirs"]


@pytest.mark.parametrize("htmx", [True, False])
def test_somebody_elses_edit_in_between_shows_both_texts_and_what_differs(cast, htmx):
    node = why(cast, "Primaries moved west")
    causes.edit(node, by=cast.facilitator, version=1, text="Primaries moved far west")
    answer = cast.send("scribe", f"{node.pk}/edit/", htmx, text="Three primaries moved west", version="1")
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Primaries moved far west</blockquote>" in page
    assert "Three primaries moved west</textarea>" in page
    assert "<ins>Three primaries</ins>" in page
    assert "<ins>far " in page  # against what both began with: the changes do not overlap
    assert 'name="version" value="2"' in page
    node.refresh_from_db()
    assert node.text == "Primaries moved far west"
    assert Change.objects.get(what="wrote beside somebody else").detail["aside"] == {
        "text": "Three primaries moved west"
    }
    both = {"mine": "Three primaries moved west", "both": "Three primaries moved far west", "text": "Half"}
    for use, version, kept in (
        ("theirs", "2", "Primaries moved far west"),
        ("both", "2", "Three primaries moved far west"),
        ("mine", "3", "Three primaries moved west"),
        ("", "4", "Half"),
    ):
        answer = cast.send("scribe", f"{node.pk}/edit/", htmx, **both, version=version, use=use)
        assert answer.status_code == (200 if htmx else 303)
        node.refresh_from_db()
        assert node.text == kept


@pytest.mark.parametrize("htmx", [True, False])
def test_a_removal_offers_the_way_back(cast, htmx):
    effect = why(cast, "Effect <b>")
    cause = why(cast, "Cause", effect)
    link = causes.share(cause, effect=why(cast, "Another"), by=cast.scribe)
    assert "a shared cause</span>" in cast.get("scribe", "analysis/").content.decode()  # and not: no cause yet
    for path, back in (
        (f"{effect.pk}/remove/", f"{effect.pk}/restore/"),
        (f"links/{link.pk}/remove/", f"links/{link.pk}/restore/"),
    ):
        answer = cast.send("scribe", path, htmx)
        if htmx:
            page = answer.content.decode()
        else:
            assert answer["Location"] == f"/e/{cast.event.code}/analysis/?undo={back}#part-whys"
            page = cast.get("scribe", f"analysis/?undo={back}").content.decode()
        assert f'action="/e/{cast.event.code}/causes/{back}"' in page
        assert cast.send("scribe", back).status_code == 303
    assert len(list(cause_tree.every(cause_tree.read(cast.event)))) == 3
    assert SharedCause.objects.kept().count() == 1
    for nonsense in ("x/restore/", "1/remove/", "../1/restore/"):
        assert "/restore/" not in cast.get("scribe", "analysis/", undo=nonsense).content.decode()


def test_the_edit_form_offers_only_places_that_can_be(cast):
    effect = why(cast, "Effect")
    cause = why(cast, "Cause", effect)
    below = why(cast, "Below", cause)
    other = why(cast, "Another")
    page = cast.get("scribe", f"causes/{cause.pk}/form/").content.decode()
    assert f'<option value="{other.pk}"' in page
    for pk in (cause.pk, below.pk):
        assert f'<option value="{pk}"' not in page
    assert f'<option value="{effect.pk}">Where it stands now' in page
    assert "Remove with 1 below" in page
    assert cast.send("scribe", f"{cause.pk}/place/", below=below.pk).status_code == 409
    assert cast.send("scribe", f"{cause.pk}/place/", below=other.pk).status_code == 303
    assert WhyNode.objects.get(pk=cause.pk).parent == other


def test_after_a_step_up_the_form_stands_open_at_the_new_place(cast):
    effect = why(cast, "Effect")
    why(cast, "First", effect)
    node = why(cast, "Second", effect)
    page = cast.send("scribe", "order/", True, up=node.pk).content.decode()
    assert [n.text for n in cause_tree.every(cause_tree.read(cast.event))] == ["Effect", "Second", "First"]
    assert page.count(f'id="form-why-{node.pk}"') == 1
    assert page.index(f'id="why-{node.pk}"') < page.index(f'id="up-{node.pk}"') < page.index("First")


def test_questions_go_to_the_writer_alone_and_nothing_is_kept_of_them(cast):
    before = Event.objects.get(pk=cast.event.pk).change_seq
    effect_words = {"text": "Participant forgot the flag, of course", "parent": ""}
    page = cast.send("scribe", "check/", True, **effect_words).content.decode()
    assert "“Participant forgot”" in page
    assert "ends the search at a person." in page
    assert cast.send("scribe", "check/", True, text="The cache was cold").content.decode().strip() == ""
    assert Event.objects.get(pk=cast.event.pk).change_seq == before
    assert not Change.objects.filter(detail__icontains="forgot").exists()
    cast.send("scribe", "add/", text="Participant forgot the flag, of course")  # the words are the writer's
    assert WhyNode.objects.get().text == "Participant forgot the flag, of course"


@pytest.mark.parametrize("htmx", [True, False])
def test_what_is_pasted_and_kept_at_once_is_asked_about_once_it_is_kept(cast, htmx):
    fields = {"text": "Participant forgot the flag, of course", "parent": why(cast, "Degraded for a day").pk}
    words = "“Participant forgot” ends the search at a person."

    def said(answer: Any) -> int:
        client = answer.wsgi_request if not htmx else None
        return int(words in (answer.content.decode() if htmx else "".join(str(m) for m in get_messages(client))))

    assert said(cast.send("participant", "add/", htmx, **fields)) == 1
    node = WhyNode.objects.get(text=fields["text"])
    typed = cast.send("participant", "check/", True, **fields).content.decode()
    assert 'name="asked" value="person"' in typed
    assert said(cast.send("participant", "add/", htmx, **fields, asked="person")) == 0  # read while it was typed
    assert said(cast.send("participant", f"{node.pk}/edit/", htmx, text=node.text, version=1, kind="condition")) == 0
    changed = {"text": "Participant forgot the flag again", "version": 2, "kind": "condition"}
    assert said(cast.send("participant", f"{node.pk}/edit/", htmx, **changed)) == 1
    assert not Change.objects.filter(detail__icontains="search at a person").exists()


def test_moments_are_looked_for_without_script_too(cast):
    effect = why(cast, "Effect")
    chosen, found = make_entry(cast.event, "Chosen before"), make_entry(cast.event, "A lag graph", minutes=1)
    make_entry(cast.event, "Something else", minutes=2)
    fields = {"parent": effect.pk, "text": "Half a", "find": "1", "q": "lag", "evidence": [chosen.pk]}
    answer = cast.send("scribe", "add/", **fields)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "Half a</textarea>" in page
    assert f'name="evidence" value="{chosen.pk}" checked' in page
    assert f'name="evidence" value="{found.pk}">' in page
    assert "Something else" not in page
    assert not WhyNode.objects.filter(parent=effect).exists()


def test_evidence_that_somebody_removes_while_the_answer_is_typed_refuses_nothing_and_comes_back(cast):
    gone, kept = make_entry(cast.event, "Alerts ring"), make_entry(cast.event, "Lag graph", minutes=1)
    node = why(cast, "Effect", evidence=[gone])
    entries.set_removed(gone, by=cast.facilitator, removed=True)
    page = cast.get("scribe", f"causes/{node.pk}/form/").content.decode()
    assert ("Alerts ring" in page, "1 chosen" in page, "<summary>Evidence</summary>" in page) == (False, False, True)
    fields = {"version": 1, "text": "Effect, edited", "evidence": [gone.pk, kept.pk]}  # it was still ticked there
    assert cast.send("scribe", f"{node.pk}/edit/", **fields).status_code == 303
    assert cast.send("scribe", "add/", text="New", evidence=[gone.pk]).status_code == 303
    entries.set_removed(gone, by=cast.facilitator, removed=False)
    found = [[e.text for e in cause.evidence.order_by("pk")] for cause in WhyNode.objects.order_by("pk")]
    assert found == [["Alerts ring", "Lag graph"], ["Alerts ring"]]


def test_cause_not_established_is_said_and_taken_back(cast):
    for is_so in ("yes", "no"):
        assert cast.send("scribe", "unknown/", is_so=is_so).status_code == 303
        cast.event.refresh_from_db()
        assert cast.event.is_cause_unknown is (is_so == "yes")

    assert (
        cast.send("participant", "unknown/", is_so="yes").status_code == 403
    )  # as it is offered: to who keeps the notes
    cast.event.refresh_from_db()
    assert not cast.event.is_cause_unknown


def test_it_is_offered_only_where_no_root_cause_contradicts(cast):
    offer = "Record that the cause is not established"
    root = why(cast, "Nothing limited it", why(cast, "Effect"))
    assert offer in cast.get("scribe", "analysis/").content.decode()
    WhyNode.objects.filter(pk=root.pk).update(is_root_cause=True)
    assert offer not in cast.get("scribe", "analysis/").content.decode()
    response = cast.send("scribe", "unknown/", is_so="yes")
    assert response.status_code == 409
    assert "Take that mark away first." in response.content.decode()


def test_the_same_press_twice_is_one_change(cast):
    op = "0f8fad5b-d9cb-469f-a165-70867728950e"
    for _ in range(2):
        assert cast.send("scribe", "add/", text="Effect", op=op).status_code == 303
    assert WhyNode.objects.count() == 1


def test_a_link_of_the_map_leads_to_the_path_of_that_cause_without_script(cast):
    node = None
    for level in range(5):
        node = why(cast, f"Level {level}", node)
    other = why(cast, "Another end", WhyNode.objects.get(text="Level 3"))
    page = cast.get("scribe", "analysis/", at=other.pk).content.decode()
    assert f'value="{other.pk}" checked' in page
    assert f'value="{node.pk}" checked' not in page
    assert f"?at={node.pk}#part-whys" in page


@pytest.mark.parametrize("words", ["a\0b", "x" * 60_000], ids=["nul", "long"])
def test_words_that_no_database_looks_for_find_nothing(cast, words):
    """SQLite refuses long patterns, PostgreSQL refuses a NUL."""
    make_entry(cast.event, "The alarm went off.")
    found = cast.get("scribe", "causes/evidence/", q=words)
    assert (found.status_code, "The alarm went off." in found.content.decode()) == (200, False)
    form = cast.send("scribe", "add/", find="1", q=words, text="It broke.")
    assert (form.status_code, "It broke." in form.content.decode()) == (200, True)


def test_who_takes_an_own_answer_away_takes_nobody_elses_along(cast):
    mine = causes.add(cast.event, by=cast.participant, text="The link was cut")
    below = causes.add(cast.event, by=cast.participant, parent=mine, text="It was being replaced")
    theirs = causes.add(cast.event, by=cast.guest, parent=below, text="No second link was there")
    refused = cast.send("participant", f"{mine.pk}/remove/")
    assert (refused.status_code, "Others wrote below it" in refused.content.decode()) == (409, True)
    assert WhyNode.objects.kept().count() == 3
    causes.remove(theirs, by=cast.guest)
    cast.send("participant", f"{mine.pk}/remove/")
    assert set(WhyNode.objects.kept()) == {below}
    causes.restore(mine, by=cast.participant)
    causes.restore(theirs, by=cast.guest)
    cast.send("scribe", f"{mine.pk}/remove/")
    assert mine not in WhyNode.objects.kept()
