"""The small words of the look: each filter says what a reader expects, and escapes what people wrote."""

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.template import Context, Template

from aar_site.templatetags import ui

NOW = datetime(2026, 11, 26, 14, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _the_year_is_2026(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ui.clock, "now", lambda: NOW)


def shown(source: str, **context: object) -> str:
    return Template("{% load ui %}" + source).render(Context(context))


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(0), "0 s"),
        (timedelta(seconds=43), "43 s"),
        (timedelta(minutes=2, seconds=30), "2 min 30 s"),
        (timedelta(minutes=5), "5 min"),
        (timedelta(minutes=12, seconds=40), "12 min"),
        (timedelta(hours=24, minutes=11), "24 h 11 min"),
        (timedelta(hours=99, minutes=59), "99 h 59 min"),
        (timedelta(days=5, hours=3), "5 days 3 h"),
        (timedelta(days=30), "30 days"),
        (timedelta(minutes=-5), "−5 min"),
        (None, ""),
    ],
)
def test_duration(span: timedelta | None, words: str) -> None:
    assert ui.duration(span) == words


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(0), "T+00:00"),
        (timedelta(minutes=10), "T+00:10"),
        (timedelta(minutes=10, seconds=59), "T+00:10"),
        (timedelta(seconds=-20), "T+00:00"),
        (timedelta(minutes=-2), "T−00:02"),
        (timedelta(hours=24, minutes=11), "T+24:11"),
        (timedelta(hours=99, minutes=59), "T+99:59"),
        (timedelta(hours=100), "D+4"),
        (timedelta(days=5), "D+5"),
        (timedelta(days=-6), "D−6"),
        (None, ""),
    ],
)
def test_offset(span: timedelta | None, words: str) -> None:
    assert ui.offset(span) == words


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


def test_a_moment_is_told_in_the_given_zone() -> None:
    assert ui.moment(NOW) == "Thu 26 Nov, 14:00 UTC"
    assert ui.moment(NOW, "Europe/Berlin") == "Thu 26 Nov, 15:00 CET"
    assert ui.moment(NOW, "America/New_York") == "Thu 26 Nov, 09:00 EST"
    assert ui.moment(NOW, "Asia/Kathmandu") == "Thu 26 Nov, 19:45 UTC+5:45"
    assert ui.moment(NOW, "America/Sao_Paulo") == "Thu 26 Nov, 11:00 UTC−3"
    assert ui.moment(None) == ""


def test_another_year_is_named_and_the_day_follows_the_zone() -> None:
    past = datetime(2018, 10, 21, 22, 52, tzinfo=UTC)
    assert ui.moment(past) == "Sun 21 Oct 2018, 22:52 UTC"
    assert ui.moment(past, "Europe/Berlin") == "Mon 22 Oct 2018, 00:52 CEST"
    assert ui.day(date(2026, 12, 4)) == "Fri 4 Dec"


def test_when_carries_the_moment_for_script() -> None:
    html = shown('{% when at "Europe/Berlin" %}', at=NOW)
    assert 'datetime="2026-11-26T14:00:00Z"' in html
    assert 'data-local="full" data-zone="Europe/Berlin"' in html
    assert 'Thu 26 Nov, <span class="t">15:00</span> CET' in html
    assert shown('{% when at "UTC" "clock" %}', at=NOW).endswith(">14:00</time>")
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


def test_numbers_to_nine_are_words() -> None:
    assert [ui.in_words(n) for n in (0, 2, 9, 10, 41)] == ["no", "two", "nine", "10", "41"]
