"""Style sheets of mails: copied onto elements by weight, kept in the head where only a style element can hold them."""

from django.template.loader import render_to_string

from aar_site.outbox.inline import inlined


def test_rules_land_on_the_elements_that_they_name() -> None:
    html = inlined('<html><head></head><body class="m"><p class="m-s">A</p><p>B</p></body></html>')
    assert '<body class="m" style="margin:0;padding:24px 0;background:#f4f8f7">' in html
    assert '<p class="m-s" style="font-size:14px;color:#54676c">A</p>' in html
    assert "<p>B</p>" in html


def test_the_heavier_rule_wins_whatever_its_place() -> None:
    html = inlined('<html><head></head><body><table class="m-r"><tr><td class="m-d">x</td></tr></table></body></html>')
    cell = html.split('class="m-d" style="')[1].split('"')[0]
    assert "padding-left:16px" in cell, "marked important in the sheet"
    assert cell.index("padding:11px 0") < cell.index("padding-left:16px"), (
        "a shorthand stands before what it would undo"
    )


def test_dark_rules_stay_in_the_head_and_win_over_what_was_copied() -> None:
    html = inlined("<html><head></head><body></body></html>")
    style = html.split("<style>")[1].split("</style>")[0]
    assert style.startswith("@media")
    assert "prefers-color-scheme" in style
    assert ".m{background:#0d1518!important}" in style


def test_nothing_is_fetched_and_no_words_become_markup() -> None:
    context = {"asked_by": "<img src=x onerror=1>", "base_url": "https://reviews.example.org", "path": "/in/code/"}
    html = inlined(render_to_string("email/welcome.html", {**context, "person": None}))
    assert "&lt;img src=x onerror=1&gt;" in html
    assert "<img" not in html
    assert "<script" not in html
    assert "<link" not in html
