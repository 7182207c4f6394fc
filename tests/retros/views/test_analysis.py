"""The forms of factors and what went well: by whom, in place and as pages, with both texts and a way back."""

import re
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from retros.models import Factor
from retros.services import analysis, meeting
from tests.factories import make_cast

HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def cast(db: None) -> SimpleNamespace:
    """The cast in an open room, with .get and .send(role, path, htmx=…, **fields)."""
    found = make_cast()
    meeting.start(found.event, by=found.facilitator)

    def ask(role: str, path: str, method: str, htmx: bool, fields: Any) -> Any:
        client = Client(raise_request_exception=False)
        client.force_login(getattr(found, role))
        return getattr(client, method)(f"/e/{found.event.code}/analysis/{path}", fields, **(HTMX if htmx else {}))

    found.get = lambda role, path="", htmx=False, **fields: ask(role, path, "get", htmx, fields)
    found.send = lambda role, path, htmx=False, **fields: ask(role, path, "post", htmx, fields)
    return found


def factor(cast: SimpleNamespace, by: Any = None, text: str = "A condition") -> Factor:
    return analysis.add(cast.event, Factor, by=by or cast.scribe, text=text, category="change")


@pytest.mark.parametrize("htmx", [True, False])
def test_what_is_missing_is_asked_for_with_what_was_typed(cast, htmx):
    answer = cast.send("scribe", "factors/add/", htmx, text="Nobody & nothing said so", category="")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Nobody &amp; nothing said so</textarea>" in page
    assert "Kind of condition" in page
    assert "1 thing to fix" in page.replace("One", "1")
    assert ("<html" in page) is not htmx
    assert not Factor.objects.exists()


def test_each_changes_their_own_and_the_scribe_changes_all(cast):
    own, others = factor(cast, by=cast.participant), factor(cast)
    found = {
        (role, which): cast.send(role, f"factors/{thing.pk}/edit/", text="Other", category="design").status_code
        for role in ("participant", "observer", "guest", "outsider")
        for which, thing in (("own", own), ("others", others))
    }
    assert found == {
        ("participant", "own"): 303, ("participant", "others"): 403,
        ("observer", "own"): 403, ("observer", "others"): 403,
        ("guest", "own"): 403, ("guest", "others"): 403,
        ("outsider", "own"): 404, ("outsider", "others"): 404,
    }  # fmt: skip
    assert cast.send("scribe", f"factors/{own.pk}/edit/", text="Third", category="design").status_code == 303
    others.refresh_from_db()
    assert others.text == "A condition"


def test_after_the_meeting_participants_write_no_more(cast):
    own = factor(cast, by=cast.participant)
    meeting.end(cast.event, by=cast.facilitator)
    assert cast.send("participant", "factors/add/", text="x", category="change").status_code == 409
    assert cast.send("participant", f"factors/{own.pk}/remove/").status_code == 409
    assert list(Factor.objects.kept().filter(event=cast.event)) == [own]
    assert cast.send("scribe", "factors/add/", text="y", category="change").status_code == 303
    assert [f.text for f in Factor.objects.kept().filter(event=cast.event)] == [own.text, "y"]


@pytest.mark.parametrize("htmx", [True, False])
def test_somebody_elses_edit_in_between_shows_both_texts(cast, htmx):
    thing = factor(cast, text="First")
    analysis.edit(thing, by=cast.facilitator, version=1, text="Theirs")
    fields = {"text": "Mine", "category": "change", "version": "1"}
    answer = cast.send("scribe", f"factors/{thing.pk}/edit/", htmx, **fields)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Theirs</blockquote>" in page
    assert "Mine</textarea>" in page
    assert 'name="version" value="2"' in page
    thing.refresh_from_db()
    assert thing.text == "Theirs"
    assert (
        cast.send("scribe", f"factors/{thing.pk}/edit/", text="Both", category="change", version="2").status_code == 303
    )


def test_a_removal_offers_the_way_back_with_and_without_script(cast):
    thing = factor(cast, text="A condition <b>")
    answer = cast.send("scribe", f"factors/{thing.pk}/remove/", True)
    page = answer.content.decode()
    back = f"/e/{cast.event.code}/analysis/factors/{thing.pk}/restore/"
    assert "Removed “A condition &lt;b&gt;”." in page
    assert f'action="{back}"' in page
    assert cast.send("scribe", f"factors/{thing.pk}/restore/").status_code == 303
    answer = cast.send("scribe", f"factors/{thing.pk}/remove/")
    assert answer["Location"] == f"/e/{cast.event.code}/analysis/?removed=factors-{thing.pk}#part-factors"
    assert f'action="{back}"' in cast.get("scribe", "", removed=f"factors-{thing.pk}").content.decode()
    for nonsense in ("factors-x", "nothing-1", "factors", "-1"):
        assert "/restore/" not in cast.get("scribe", "", removed=nonsense).content.decode()


def test_a_form_in_place_has_names_of_its_own(cast):
    one, two = factor(cast), factor(cast)
    pages = [cast.get("scribe", f"factors/{thing.pk}/form/").content.decode() for thing in (one, two)]
    pages.append(cast.get("scribe", "factors/form/").content.decode())
    names = [{part.split('"')[0] for part in page.split(' id="')[1:]} for page in pages]
    assert all(names)
    assert names[0].isdisjoint(names[1])
    assert names[0].isdisjoint(names[2])


def test_what_is_wrong_with_a_field_stands_under_the_name_by_which_the_field_points_at_it(cast):
    one, two = factor(cast), factor(cast)
    for thing in (one, two):
        sent = {"text": "Words", "category": "", "version": thing.version}
        page = cast.send("scribe", f"factors/{thing.pk}/edit/", htmx=True, **sent).content.decode()
        described = re.findall(r'aria-invalid="true" aria-describedby="([^"]+)"', page)
        assert described == [f"form-factors-{thing.pk}_category_error"]
        assert page.count(f'id="{described[0]}"') == 1


def test_there_is_no_other_list_and_factors_have_no_empty_answer(cast):
    assert cast.get("scribe", "nothing/add/").status_code == 404
    assert cast.send("scribe", "factors/none/", is_so="yes").status_code == 404
    assert cast.send("scribe", "whys/none/", is_so="yes").status_code == 404
    assert not type(cast.event).objects.get(pk=cast.event.pk).went_well_none


def test_that_nothing_went_well_is_recorded_by_who_keeps_the_notes_as_it_is_offered(cast):
    assert cast.send("participant", "well/none/", is_so="yes").status_code == 403
    assert not type(cast.event).objects.get(pk=cast.event.pk).went_well_none
    assert cast.send("scribe", "well/none/", is_so="yes").status_code == 303
    assert type(cast.event).objects.get(pk=cast.event.pk).went_well_none
