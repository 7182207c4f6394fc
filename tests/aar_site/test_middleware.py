"""Headers of every answer: nothing runs, frames or loads that is not ours, and nothing is kept by a browser or proxy."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.test import Client

from tests.factories import make_user

ROOT = Path(__file__).parents[2]
CSP = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "font-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
}
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


@pytest.mark.parametrize(
    ("url", "status"), [("/in/", 200), ("/livez", 200), ("/events/", 302), ("/e/nowhere/", 302), ("/in/nowhere", 404)]
)
def test_every_answer_carries_them(client, db, url, status):
    answer = client.get(url)
    assert answer.status_code == status
    assert set(answer["Content-Security-Policy"].split("; ")) == CSP
    assert {name: answer.get(name) for name in HEADERS} == HEADERS
    assert "no-store" in answer["Cache-Control"]


def test_a_page_of_a_review_is_kept_by_nobody_and_differs_for_htmx(client, cast):
    client.force_login(cast.participant)
    answer = client.get(f"/e/{cast.event.code}/")
    assert answer["Cache-Control"] == "no-store"
    assert {"HX-Request", "Cookie"} <= {word.strip() for word in answer["Vary"].split(",")}
    assert set(answer["Content-Security-Policy"].split("; ")) == CSP


def test_a_fragment_that_needs_sign_in_sends_the_whole_page_there(client, cast):
    """A redirect would put the sign-in page into the middle of another page."""
    answer = client.get(f"/e/{cast.event.code}/", headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert answer["HX-Redirect"] == f"/in/?next=/e/{cast.event.code}/"
    assert answer.content == b""


def test_a_host_that_is_not_ours_is_refused(client, db):
    answer = client.get("/in/", headers={"Host": "evil.example"})
    assert answer.status_code == 400
    assert b"evil.example" not in answer.content, "nothing leads there"


def test_forwarded_words_of_a_stranger_count_for_nothing(client, db, settings):
    settings.PROXY_COUNT = 0
    answer = client.get("/in/", headers={"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"})
    assert answer.status_code == 200
    assert b"evil.example" not in answer.content


def test_with_https_the_session_is_bound_to_this_host_and_to_https(tmp_path):
    words = "SESSION_COOKIE_NAME SESSION_COOKIE_SECURE SESSION_COOKIE_SAMESITE SECURE_HSTS_SECONDS CSRF_TRUSTED_ORIGINS"
    code = f"import json; from django.conf import settings as s; print(json.dumps([getattr(s, n) for n in '{words}'.split()]))"
    environment = {**os.environ, "HINDCAST_DATA": str(tmp_path), "BASE_URL": "https://reviews.example.org"}
    environment["DJANGO_SETTINGS_MODULE"] = "aar_site.settings"
    command = [sys.executable, "-c", code]
    said = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout
    assert json.loads(said) == ["__Host-sid", True, "Lax", 31536000, ["https://reviews.example.org"]]


@pytest.mark.parametrize(("is_signed_in", "status"), [(False, 401), (True, 403)])
def test_a_page_whose_session_ended_is_told_where_to_sign_in(db, is_signed_in, status):
    """An autosave would otherwise be told that it may not; a form of somebody who is signed in still needs its token."""
    client = Client(enforce_csrf_checks=True)
    if is_signed_in:
        client.force_login(make_user())
    answer = client.post("/e/anything/account/save/", {"saw": "x"}, headers={"HX-Request": "true"})
    assert answer.status_code == status
    assert answer.headers.get("HX-Redirect") == (None if is_signed_in else "/in/")


@pytest.mark.parametrize("path", ["", "room/", "room/stream/", "causes/form/"])
def test_an_address_with_a_nul_is_nobodys(cast, client: Client, path: str) -> None:
    client.force_login(cast.facilitator)
    page = client.get(f"/e/{cast.event.code}%00/{path}")
    assert (page.status_code, "There is no page here" in page.content.decode()) == (404, True)
