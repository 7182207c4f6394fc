"""The small words of the look: each filter says what a reader expects, and escapes what people wrote."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from django.template import Context, Template

from aar_site import clock
from aar_site.templatetags import ui

NOW = datetime(2026, 11, 26, 14, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _the_year_is_2026(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


def shown(source: str, **context: object) -> str:
    return Template("{% load ui %}" + source).render(Context(context))


@pytest.mark.parametrize(
    ("name", "two"),
    [
        ("Ines", "In"),
        ("INES", "In"),
        ("Ines Carvalho", "IC"),
        ("ada de la Cruz", "AC"),
        ("李", "李"),
        ("", ""),
        (None, ""),
    ],
)
def test_initials(name: str | None, two: str) -> None:
    assert ui.initials(name) == two


def test_when_carries_the_moment_for_script() -> None:
    html = shown('{% when at "Europe/Berlin" %}', at=NOW)
    assert 'datetime="2026-11-26T14:00:00Z"' in html
    assert 'data-local="full" data-zone="Europe/Berlin"' in html
    assert 'Thu 26 Nov, <span class="t">15:00</span> CET' in html
    assert shown('{% when at "UTC" "clock" %}', at=NOW).endswith(
        'data-zone="UTC"><span class="t">14:00</span> UTC</time>'
    )
    assert shown("{% when at %}", at=None) == ""


def test_person_shows_initials_and_escapes_the_name() -> None:
    html = shown("{% person who on=True %}", who=SimpleNamespace(name="<b>Bo</b> Lind"))
    assert '<span class="pic on" aria-hidden="true">' in html
    assert "&lt;b&gt;Bo" in html
    assert "<b>" not in html
    assert "Nobody yet" in shown("{% person who %}", who=None)


def test_tag_knows_its_states() -> None:
    assert shown('{% tag "late" words %}', words="3 < 4") == '<span class="tag late">3 &lt; 4</span>'
    assert shown('{% tag "" "Plain" %}') == '<span class="tag">Plain</span>'
    with pytest.raises(ValueError, match="no state 'red'"):
        shown('{% tag "red" "No" %}')


def test_icon_is_silent_unless_it_is_labelled() -> None:
    assert 'aria-hidden="true"' in shown('{% icon "lock" %}')
    labelled = shown('{% icon "lock" "Sealed" %}')
    assert 'role="img" aria-label="Sealed"' in labelled
    assert "aria-hidden" not in labelled


@pytest.mark.parametrize(
    ("path", "is_here"),
    [("/events/", True), ("/events/new/", True), ("/e/k7/", True), ("/", False), ("/actions/", False)],
)
def test_nav_link_is_current_below_its_places(path: str, is_here: bool) -> None:
    html = shown('{% nav_link "/events/" "Events" "/e/" %}', request=SimpleNamespace(path=path))
    assert ('aria-current="page"' in html) is is_here


def test_nav_link_to_the_start_page_is_current_only_there() -> None:
    for path, is_here in (("/", True), ("/events/", False)):
        html = shown('{% nav_link "/" "Now" %}', request=SimpleNamespace(path=path))
        assert ('aria-current="page"' in html) is is_here
    assert shown('{% nav_link "" "Library" %}') == ""
