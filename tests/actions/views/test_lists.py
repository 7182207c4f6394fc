"""The pages over many events: who gets which, in how many queries, with which links; and how they look in a browser."""

import re
from datetime import timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client

from aar_site import clock
from actions import home
from actions.models import Action, Status
from retros.models import SectionText, State
from tests.factories import make_account, make_action, make_entry, make_event, make_member, make_team, make_user

DAY = timedelta(days=1)
LONG = (
    "Nothing in the runbook describes a topology that holds servers of the other coast only, so everybody looked twice"
)


def as_(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text(response: Any) -> str:
    """The words of a page, without markup."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def due(days: int) -> Any:
    return clock.today() + days * DAY


def fill(user: Any, team: Any, size: int) -> None:
    """So many of everything that the pages show: reviews at every stage, accounts, entries, actions, lessons."""
    now = clock.now()
    for number in range(size):
        states: dict[str, Any] = {
            State.PREPARING: {"meeting_at": now + 2 * DAY, "accounts_due_at": now + DAY},
            State.PUBLISHED: {"published_at": now - 3 * DAY},
        }
        if number == 0:
            states |= {State.MEETING: {}, State.DRAFT: {}}
        for state, extra in states.items():
            event = make_event(
                f"{state} {number}", facilitator=user, team=team, ended_at=now - DAY, state=state, **extra
            )
            make_account(event, make_member(event).user)
            make_entry(event, minutes=5)
            make_action(event, owner=user, due_on=due(-number))
            make_action(event, due_on=due(number))
            make_action(event, owner=make_user(is_active=False), due_on=due(3))
            make_action(event, owner=user, status=Status.DONE, closed_at=now - 40 * DAY)
            SectionText.objects.create(
                event=event, slug="lessons", text="Mark work as done where others look.", number=1
            )


# --- Queries ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("size", [1, 3])
@pytest.mark.parametrize(
    ("address", "queries"),
    [
        ("/", 14),
        ("/actions/", 12),
        ("/actions/?view=mine", 6),
        ("/actions/?view=all&state=closed", 6),
        ("/actions/export.csv?view=all", 4),
    ],
)
def test_each_page_takes_the_same_few_queries(db, django_assert_num_queries, address, queries, size):
    ruth = make_user("Ruth")
    fill(ruth, make_team(manager=ruth), size)
    client = as_(ruth)
    client.get("/people/")  # whatever a first request asks for
    with django_assert_num_queries(queries):
        response = client.get(address)
    assert response.status_code == 200


# --- Now --------------------------------------------------------------------------------------------------------------
def test_each_task_leads_to_a_page_that_opens(db, monkeypatch):
    """Every button of Now, for somebody whom everything asks for something."""
    monkeypatch.setattr(home, "MOST", 99)
    ruth = make_user("Ruth", is_admin=True)
    fill(ruth, make_team(manager=ruth), 1)
    now = clock.now()
    make_event("No end", facilitator=ruth, ended_at=None)
    make_event("No time", facilitator=ruth, ended_at=now)
    ahead = {"ended_at": now, "meeting_at": now + DAY}
    make_event("Deadline over", facilitator=ruth, accounts_due_at=now - DAY, **ahead)
    make_event("Nearly there", facilitator=ruth, **ahead)
    make_member(make_event("Not all in", facilitator=ruth, accounts_due_at=now + DAY, **ahead))
    make_event("About to begin", facilitator=ruth, ended_at=now, meeting_at=now)
    make_event("Nobody leads")
    make_member(make_event("Mine to write", accounts_due_at=now + DAY), ruth)
    make_member(make_event("Opened", revealed_at=now, **ahead), ruth)
    for days in (-40, -3, 4):
        make_action(make_event(state=State.PUBLISHED), owner=ruth, due_on=due(days))
    client = as_(ruth)
    page = client.get("/")
    tasks = page.context["now"].tasks
    for task in tasks:
        assert f'href="{task.url}"' in page.content.decode()
        assert (task.title, client.get(task.url).status_code) == (task.title, 200)
    assert {task.go for task in tasks} == {
        "Add the end", "Check", "Close it", "Decide", "Go to the review", "Hand it over", "Join the room", "Look and open",
        "Name somebody", "Open the room", "Read", "See what is ready", "See where it stands", "See who is missing",
        "Set the time", "Update or re-date", "Write",
    }  # fmt: skip


def test_a_title_is_text_in_every_list(db):
    ruth = make_user("Ruth")
    title = "<script>alert(1)</script>"
    event = make_event(title, facilitator=ruth, team=make_team(title, manager=ruth), ended_at=clock.now() - DAY)
    make_action(event, title, owner=ruth, due_on=due(-2), status=Status.BLOCKED, blocked_reason=title)
    for address in ("/", "/actions/", "/actions/?view=mine"):
        page = as_(ruth).get(address).content.decode()
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_an_empty_house_offers_the_first_event_and_a_guest_is_told_to_wait(db):
    assert 'href="/events/new/"' in as_(make_user()).get("/").content.decode()
    guest = as_(make_user(is_guest=True)).get("/")
    page = as_(make_user(is_admin=True)).get("/").content.decode()
    assert page.index("Say who is in which team") < page.index("Open your first event")
    assert "/events/new/" not in guest.content.decode()
    assert "The review that you were invited to appears here." in text(guest)


def test_who_has_nothing_to_do_is_shown_where_to_read(db):
    make_event(state=State.PUBLISHED)
    page = as_(make_user()).get("/")
    assert "<h1>Nothing needs you</h1>" in page.content.decode()
    assert "A good moment to read" in text(page)


# --- Figures and lists ------------------------------------------------------------------------------------------------
def test_figures_are_for_managers_and_administrators(cast):
    make_action(cast.event, owner=cast.participant, due_on=due(1))
    for role in ("manager", "admin"):
        page = as_(getattr(cast, role)).get("/actions/")
        assert page.templates[0].name == "actions/action_dashboard.html"
        assert "1 open, none overdue" in text(page)
    for role in ("participant", "facilitator", "observer", "outsider", "guest"):
        page = as_(getattr(cast, role)).get("/actions/?team=1&days=30")
        assert page.templates[0].name == "actions/action_list.html"
        assert "By strength" not in text(page)
        assert ">Figures</a>" not in page.content.decode()


def test_a_manager_turns_from_figures_to_lists_and_back(cast):
    action = make_action(cast.event, owner=cast.participant, due_on=due(1))
    client = as_(cast.manager)
    for address in ("/actions/?view=mine", "/actions/?state=overdue", "/actions/?page=2", "/actions/?view=all"):
        page = client.get(address)
        assert page.templates[0].name == "actions/action_list.html"
        assert '<a href="/actions/">Figures</a>' in page.content.decode()
    assert f'href="/actions/{action.pk}/"' in client.get("/actions/?view=mine").content.decode()


def test_filters_are_links_that_keep_each_other(cast):
    teams = [make_team() for _ in range(2)]
    for team in teams:
        for _ in range(5):
            make_action(make_event(team=team), due_on=due(1))
    page = as_(cast.admin).get(f"/actions/?team={teams[0].pk}&days=30").content.decode()
    assert f'href="?team={teams[1].pk}&amp;days=30"' in page
    assert f'href="?team={teams[0].pk}&amp;days=365"' in page
    assert 'href="?days=30"' in page  # all teams
    assert f"/actions/export.csv?view=all&amp;team={teams[0].pk}" in page
    page = as_(cast.participant).get("/actions/?view=all&state=overdue").content.decode()
    assert 'href="/actions/?view=all&amp;state=closed"' in page


def test_pages_turn_both_ways_and_keep_the_view(db):
    ines = make_user("Ines")
    event = make_event()
    Action.objects.bulk_create(_rows(make_action(event, owner=ines, due_on=due(1)), 120))
    page = as_(ines).get("/actions/?view=mine&page=2").content.decode()
    assert "Page 2 of 3, 121 in all" in page
    assert 'rel="prev" href="?view=mine&amp;page=1"' in page
    assert 'rel="next" href="?view=mine&amp;page=3"' in page
    assert page.count('href="/actions/') >= 50


def test_a_phone_says_who_owns_what_the_team_follows_through(cast):
    make_action(cast.event, "Rotate keys", owner=cast.participant, due_on=due(1))
    page = as_(cast.manager).get("/actions/?view=mine").content.decode()
    assert '<table class="fold">' in page  # cells below each other; those that are optional stay away there
    assert f"<td>{cast.participant.name}</td>" in page


def test_csv_is_a_file_of_what_one_may_see_and_guests_take_none(cast):
    make_action(cast.event, "Rotate keys", owner=cast.participant, due_on=due(1))
    response = as_(cast.participant).get("/actions/export.csv")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == f'attachment; filename="actions-{clock.today()}.csv"'
    assert "Rotate keys" in response.content.decode("utf-8-sig")
    assert "Rotate keys" not in as_(cast.outsider).get("/actions/export.csv?view=all").content.decode()
    assert as_(cast.guest).get("/actions/export.csv").status_code == 403
    assert "export.csv" not in as_(cast.guest).get("/actions/").content.decode()


def test_every_chart_has_its_sentence_and_its_table(cast):
    make_action(cast.event, owner=cast.participant, due_on=due(-1), type="prevent", strength="weaker")
    page = as_(cast.manager).get("/actions/").content.decode()
    sentences = re.findall(r'role="img" aria-label="([^"]+)"', page)
    assert len(sentences) == 6  # no review was published, so no boxes are drawn
    for sentence in sentences:
        assert f"<h3>{sentence}</h3>" in page
    assert "style=" not in page


def _rows(one: Action, count: int) -> list[Action]:
    """Copies of an action that are not stored yet."""
    fields = {f.attname: getattr(one, f.attname) for f in Action._meta.fields}
    return [Action(**{**fields, "id": None, "title": f"{LONG} {n}"}) for n in range(count)]


# --- In a browser -----------------------------------------------------------------------------------------------------
@pytest.mark.browser
def test_three_hundred_rows_fit_a_phone_and_a_desk_in_the_dark_and_the_light(live, browser):
    """axe finds nothing, nothing is wider than the window, decisions come before charts on a phone and after them on a desk."""
    ruth = make_user("Ruth")
    team = make_team("Search and discovery infrastructure of both coasts", manager=ruth)
    fill(ruth, team, 1)
    event = make_event(LONG + LONG[:80], facilitator=ruth, team=team)
    Action.objects.bulk_create(_rows(make_action(event, LONG, owner=ruth, due_on=due(-33)), 300))
    make_action(event, "x" * 300, owner=ruth, due_on=due(-50))
    session = SessionStore()
    session[SESSION_KEY], session[HASH_SESSION_KEY] = str(ruth.pk), ruth.get_session_auth_hash()
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session.save()
    for scheme, width in (("light", 1440), ("dark", 390)):
        context = browser.new_context(
            base_url=live, color_scheme=scheme, viewport={"width": width, "height": 844}, reduced_motion="reduce"
        )
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session.session_key or "", "url": live}])
        page = context.new_page()
        wrong: list[str] = []
        page.on("console", lambda m: wrong.append(m.text) if m.type == "error" else None)  # noqa: B023
        for address in ("/", "/actions/", "/actions/?view=all&page=2"):
            page.goto(address)
            if page.locator("#tables").count():
                page.click("#tables summary")
                above = "#decide" if width == 390 else "#age"
                below = "#age" if width == 390 else "#decide"
                assert page.locator(above).bounding_box()["y"] < page.locator(below).bounding_box()["y"]
                assert page.locator(".onpage").is_visible() == (width == 390)
            wrong += [f"{v['id']}: {v['nodes'][0]['html'][:120]}" for v in Axe().run(page).response["violations"]]
            wide = page.evaluate("document.scrollingElement.scrollWidth")
            wrong += [f"{address} is {wide} px wide"] if wide > width else []
        context.close()
        assert wrong == []
