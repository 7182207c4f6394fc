"""The words for sources, types and landmarks are those of the models."""

from retros.imports import labels, limits
from retros.imports.found import Found
from retros.models import EntryType, Landmark, Source, TimelineEntry


def test_words_are_those_of_the_models():
    assert set(labels.LANDMARKS.values()) == set(Landmark.values)
    assert all(labels.LANDMARKS[label.casefold()] == value for value, label in Landmark.choices)
    assert set(labels.SOURCES) == set(Source.values)
    assert set(labels.TYPES) == set(EntryType.values)


def test_texts_fit_into_an_entry():
    sizes = {
        name: TimelineEntry._meta.get_field(name).max_length
        for name in ("at_text", "source_label", "source_url", "text", "raw")
    }
    assert sizes == {
        "at_text": limits.AT_TEXT, "source_label": limits.LABEL, "source_url": limits.URL, "text": limits.TEXT, "raw": limits.TEXT,
    }  # fmt: skip
    assert Found(1, "x").source in Source.values
