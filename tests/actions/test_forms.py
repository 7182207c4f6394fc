"""Forms of actions: what they read, what they offer to whom, and how they say no."""

from datetime import timedelta

import pytest

from aar_site import clock
from actions import forms
from retros.models import Factor
from tests.factories import make_action, make_event, make_member, make_user


def offered(form):
    """Names in the owner's list, groups flattened."""
    found = []
    for value, label in form.fields["owner"].choices:
        found += [name for _, name in label] if isinstance(label, list) else [label] if value else []
    return found


def groups(form):
    return [value for value, label in form.fields["owner"].choices if isinstance(label, list)]


def test_people_of_the_review_and_its_team_come_first(cast):
    form = forms.ActionForm(event=cast.event, by=cast.facilitator)
    assert groups(form) == ["In this review and its team", "Everybody else"]
    assert "Guest" in offered(form)
    assert "Outsider" in offered(form)


def test_a_guest_is_offered_the_people_of_the_review_only(cast):
    form = forms.ActionForm(event=cast.event, by=cast.guest)
    assert "Participant" in offered(form)
    assert not {"Outsider", "Admin"} & set(offered(form))


def test_an_owner_from_outside_learns_nothing_of_the_review_from_the_form(cast):
    Factor.objects.create(event=cast.event, category="change", text="Sealed", created_by=cast.facilitator)
    action = make_action(cast.event, status="proposed", owner=cast.outsider)
    action.opens_event = False
    form = forms.ActionForm(event=cast.event, by=cast.outsider, action=action)
    assert groups(form) == []
    assert "Guest" not in offered(form)
    assert "factor" not in form.fields
    handing = forms.HandOverForm(action=action, by=cast.outsider, today=clock.today())
    assert groups(handing) == []
    assert "Outsider" not in offered(handing)


def test_the_line_offers_the_same_to_everybody(cast):
    assert set(offered(forms.LineForm(event=cast.event))) == {
        "Facilitator", "Scribe", "Participant", "Observer", "Guest", "Manager",
    }  # fmt: skip


def test_whoever_owns_it_stays_on_the_list_unless_they_left(cast):
    owner = make_user("Ada Far")
    action = make_action(cast.event, status="proposed", owner=owner)
    assert "Ada Far" in offered(forms.ActionForm(event=cast.event, by=cast.guest, action=action))
    owner.is_active = False
    assert "Ada Far" not in offered(forms.ActionForm(event=cast.event, by=cast.guest, action=action))


@pytest.mark.parametrize("typed", ["31 Feb", "soon", "24:00"])
def test_a_day_that_is_none_is_explained(cast, typed):
    form = forms.ActionForm({"title": "x", "due_on": typed}, event=cast.event, by=cast.facilitator)
    assert form.errors["due_on"] == ["Enter a day such as 17 Dec, 17 Dec 2026, 2026-12-17 or Friday."]
    assert form["due_on"].value() == typed


def test_a_passed_day_is_refused_unless_it_stood_there(cast):
    passed = clock.today(cast.event.time_zone) - timedelta(days=1)
    action = make_action(cast.event, status="proposed", due_on=passed)
    data = {"title": "x", "due_on": passed.isoformat()}
    assert not forms.ActionForm(data, event=cast.event, by=cast.facilitator).is_valid()
    assert forms.ActionForm(data, event=cast.event, by=cast.facilitator, action=action).is_valid()


def test_somebody_who_is_not_on_the_list_is_refused(cast):
    form = forms.ActionForm({"title": "x", "owner": cast.outsider.pk}, event=cast.event, by=cast.guest)
    assert form.errors["owner"] == ["Choose somebody from the list."]


def test_what_stands_in_a_field_wins_over_the_line(cast):
    day = clock.today() + timedelta(days=20)
    data = {"title": "Stop the tool. Scribe by tomorrow, S", "owner": cast.participant.pk, "size": "L"}
    form = forms.LineForm(data, event=cast.event)
    assert form.is_valid()
    assert (form.cleaned_data["title"], form.cleaned_data["owner"], form.cleaned_data["size"]) == (
        "Stop the tool", cast.participant, "L",
    )  # fmt: skip
    assert form.cleaned_data["due_on"] < day


def test_a_name_in_the_line_that_nobody_has_is_kept_as_words(cast):
    form = forms.LineForm({"title": "Stop the tool @zoe by tomorrow"}, event=cast.event)
    assert form.is_valid()
    assert (form.cleaned_data["owner"], form.cleaned_data["owner_text"]) == (None, "zoe")


def test_an_empty_line_says_how_to_write_one(cast):
    form = forms.LineForm({"title": "  "}, event=cast.event)
    assert form.errors["title"] == ["Say what will be different, then who and by when."]
    form = forms.LineForm({"title": "by tomorrow, S"}, event=cast.event)
    assert form.errors["title"] == ["Say what will be different, then who and by when."]


def test_a_committed_one_shows_neither_owner_nor_date(cast):
    form = forms.ActionForm(event=cast.event, by=cast.facilitator, action=make_action(cast.event))
    assert not {"owner", "due_on"} & set(form.fields)


def test_lists_cost_the_same_at_any_size(cast, django_assert_num_queries):
    for size in (1, 3):
        for _ in range(size):
            make_member(cast.event)
        with django_assert_num_queries(2):
            str(forms.ActionForm(event=cast.event, by=cast.facilitator)["owner"])


def test_factors_are_those_of_the_review(cast):
    ours = Factor.objects.create(event=cast.event, category="change", text="Ours", created_by=cast.facilitator)
    Factor.objects.create(event=make_event(), category="change", text="Theirs", created_by=cast.facilitator)
    form = forms.ActionForm(event=cast.event, by=cast.facilitator)
    assert list(form.fields["factor"].queryset) == [ours]


def test_a_factor_that_is_too_long_for_its_list_says_that_it_goes_on(cast):
    Factor.objects.create(event=cast.event, category="change", text="word " * 30, created_by=cast.facilitator)
    form = forms.ActionForm(event=cast.event, by=cast.facilitator)
    assert [label[-1] for _, label in form.fields["factor"].choices][1:] == ["…"]
