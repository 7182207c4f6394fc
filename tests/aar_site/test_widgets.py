"""A long list of choices is the same HTML as Django's own would be, whatever is in it."""

from django import forms

from aar_site.widgets import LongSelect

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
