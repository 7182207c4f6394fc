"""The shell and the forms: what every page shares, rendered without a server."""

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django import forms
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.urls import reverse

TEMPLATES = Path(settings.BASE_DIR) / "templates"
STATIC = Path(settings.BASE_DIR) / "static"


class EventForm(forms.Form):
    """One field of each kind."""

    title = forms.CharField(help_text="Name the event, not a cause.")
    note = forms.CharField(required=False, widget=forms.Textarea)
    kind = forms.ChoiceField(
        choices=[("incident", "Incident\nSomething broke"), ("launch", "Launch")],
        widget=forms.RadioSelect(attrs={"class": "kinds"}),
    )
    team = forms.ChoiceField(choices=[("a", "Data platform")])
    is_public = forms.BooleanField(required=False, label="Show it to customers")
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)


def page(template: str, user: Any = None, path: str = "/", **context: Any) -> str:
    request = RequestFactory().get(path)
    request.user = user or AnonymousUser()
    request.session = {}
    return render_to_string(template, {"user": request.user, **context}, request)


def test_fields_carry_the_classes_and_are_tied_to_their_words() -> None:
    html = page("_form.html", form=EventForm(), go="Open the event")
    assert re.search(r'<label for="id_title">Title</label><p class="hint" id="id_title_helptext">', html)
    assert re.search(r'<input type="text" name="title" class="in"[^>]*aria-describedby="id_title_helptext"', html)
    assert '<span class="opt">optional</span>' in html.split("id_note")[1]
    assert '<div id="id_kind" class="two kinds">' in html
    assert '<b>Incident</b><span class="fine">Something broke</span>' in html
    assert '<select name="team" class="in"' in html
    assert '<input type="checkbox" name="is_public" class="ck"' in html
    assert '<input type="hidden" name="version"' in html
    assert '<input type="hidden" name="op" value="">' in html
    assert "csrfmiddlewaretoken" in html


def test_a_refused_form_keeps_what_was_typed_and_links_each_error_to_its_field() -> None:
    form = EventForm({"title": "", "note": "<i>typed</i>", "team": "a"})
    html = page("_form.html", form=form, go="Open the event", before="before this event can be opened")
    assert "Two things to fix before this event can be opened" in html
    for target in ("id_title", "id_kind_0"):
        assert f'href="#{target}"' in html
        assert f'id="{target}"' in html
    assert 'id="id_title_error"' in html
    assert re.search(
        r'name="title"[^>]*aria-invalid="true"[^>]*aria-describedby="id_title_helptext id_title_error"', html
    )
    assert "&lt;i&gt;typed&lt;/i&gt;</textarea>" in html


@pytest.mark.urls("tests.aar_site.test_page_script")
def test_the_shell_for_a_member_and_for_a_stranger() -> None:
    ines = SimpleNamespace(is_authenticated=True, name="Ines <b>", time_zone="Europe/Berlin", is_admin=False)
    html = page("base.html", ines)
    assert 'data-zone="Europe/Berlin"' in html
    assert 'aria-label="Ines &lt;b&gt;, your profile"' in html
    assert re.search(r'<form method="post" action="[^"]*"[^>]*>.*csrfmiddlewaretoken.*Sign out', html)
    assert 'name="csrf-token" content=' in html
    yuki = SimpleNamespace(is_authenticated=True, name="Yuki", time_zone="Europe/Berlin", is_guest=True)
    assert "data-zone" not in page("base.html", yuki), "nobody asked a guest: the browser knows where it is"
    stranger = page("base.html")
    assert "Sign out" not in stranger
    assert "<nav" not in stranger


def test_every_place_of_the_shell_exists() -> None:
    ines = SimpleNamespace(is_authenticated=True, name="Ines", time_zone="UTC", is_admin=True)
    html = page("base.html", ines, reverse("event_list"))
    for place in ("home", "event_list", "action_list", "profile"):
        assert f'href="{reverse(place)}"' in html
    assert f'action="{reverse("account_logout")}"' in html
    assert re.search(rf'<a href="{reverse("event_list")}" aria-current="page">Events</a>', html)
    settings_nav = page("_settings_nav.html", ines)
    for place in ("profile", "settings_people", "settings_teams", "settings_services"):
        assert f'href="{reverse(place)}"' in settings_nav


@pytest.mark.parametrize("name", ["400.html", "500.html"])
def test_pages_of_last_resort_need_no_context(name: str) -> None:
    html = render_to_string(name)
    assert "<h1>" in html
    assert "css/app.css" in html


def test_text_mails_stay_within_64_columns_and_are_not_escaped() -> None:
    html = render_to_string("account/email/password_reset_key_message.txt", {"password_reset_url": "http://x/?a=1&b=2"})
    assert "http://x/?a=1&b=2" in html
    for path in (TEMPLATES / "account" / "email").glob("*_message.txt"):
        text = render_to_string(f"account/email/{path.name}", {"code": "123456", "email": "a@b.example"})
        assert max(len(line) for line in text.splitlines()) <= 64, path.name


def test_styles_and_script_keep_their_budget() -> None:
    assert (STATIC / "css" / "app.css").stat().st_size <= 38_000
    assert (STATIC / "css" / "room.css").stat().st_size <= 22_000
    assert (STATIC / "js" / "app.js").stat().st_size <= 24_000
