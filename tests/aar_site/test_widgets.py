"""A long list of choices is the same HTML as Django's own would be, whatever is in it; rows stand where their names are looked for."""

from django import forms

from aar_site.people.models import Team
from aar_site.widgets import LongSelect, OneByName, SeveralByName
from tests.factories import make_team

CHOICES = [("", "Later"), (1, "Ines"), (2, '<b>Tomasz</b> & "Co"'), ("Europe/Berlin", "Europe/Berlin")]


class Plain(forms.Form):
    person = forms.ChoiceField(choices=CHOICES, help_text="One of them.", widget=forms.Select(attrs={"class": "short"}))


class Long(forms.Form):
    person = forms.ChoiceField(choices=CHOICES, help_text="One of them.", widget=LongSelect(attrs={"class": "short"}))


def html(form: forms.Form) -> str:
    return str(form["person"]).replace("\n", "").replace("> ", ">")


def test_the_same_options_values_and_attributes():
    for data in (None, {"person": "2"}, {"person": "nobody"}, {"person": "<script>"}):
        assert sorted_parts(html(Long(data))) == sorted_parts(html(Plain(data)))


def sorted_parts(markup: str) -> list[str]:
    """Opening tag's attributes in any order, then the rest."""
    opening, rest = markup.split(">", 1)
    return [*sorted(opening.split()), rest]


def test_rows_are_chosen_by_name_whatever_its_letters(db):
    by_hand = ["anna", "Émile", "örjan", "Orla", "Zoe"]
    for name in reversed(by_hand):
        make_team(name)
    one = OneByName(Team.objects.all(), empty_label="No team")
    assert [label for _, label in one.choices] == ["No team", *by_hand]
    assert [label for _, label in SeveralByName(Team.objects.all()).choices] == by_hand
