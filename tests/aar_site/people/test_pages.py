"""Pages of people, teams and services: what administrators do there, what is refused, and what is kept of it."""

import re
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from aar_site.outbox.models import Message
from aar_site.people import services
from aar_site.people.models import Service, Team, TeamMembership, User
from tests.factories import make_event, make_service, make_team, make_user

PERSON = {"name": "Femi Sato", "email": "femi@example.org", "time_zone": "Asia/Tokyo"}


@pytest.fixture
def admin(db: None, client: Client) -> User:
    """An administrator, signed in."""
    one = make_user("Ines", email="ines@example.org", is_admin=True)
    client.force_login(one)
    return one


def managed(team: Team) -> dict[str, bool]:
    return {row.user.name: row.is_manager for row in team.memberships.select_related("user")}


# --- People ---------------------------------------------------------------------------------------------------------
def test_adding_a_person_invites_them(admin: User, client: Client) -> None:
    team = make_team("Data platform")
    answer = client.post("/settings/people/add/", {**PERSON, "email": " FEMI@example.org", "teams": [team.pk]})
    assert answer.status_code == 303
    femi = User.objects.get(email="femi@example.org")
    assert (femi.name, femi.time_zone, femi.is_admin, femi.has_usable_password()) == (
        "Femi Sato", "Asia/Tokyo", False, False,
    )  # fmt: skip
    assert managed(team) == {"Femi Sato": False}
    invited = Message.objects.get()
    assert (invited.kind, invited.person, invited.subject) == ("welcome", femi, "Ines invites you to Hindcast")
    page = client.get(answer.headers["Location"]).content.decode()
    assert "Femi Sato is added. A mail with the way in is on its way." in page


def test_who_came_as_a_guest_becomes_a_member_and_stays_the_same_person(admin: User, client: Client) -> None:
    guest = make_user("Femi", email="femi@example.org", is_guest=True, password=None)
    team = make_team("Data platform")
    fields = {**PERSON, "email": "Femi@example.org", "teams": [team.pk], "is_admin": "on"}
    assert client.post("/settings/people/add/", fields).status_code == 303
    guest.refresh_from_db()
    assert (guest.name, guest.is_guest, guest.is_admin) == ("Femi Sato", False, True)
    assert managed(team) == {"Femi Sato": False}
    assert Message.objects.get().person == guest


def test_guests_are_listed_apart(admin: User, client: Client) -> None:
    make_user("Yuki", is_guest=True)
    make_user("Gone", is_guest=True, is_active=False)
    assert shown(client, "") == ["Ines"]
    assert shown(client, "?show=guests") == ["Yuki", "Gone"]
    assert shown(client, "?show=left") == []
    page = client.get("/settings/people/").content.decode()
    assert ("1 person in" in page, "All 1" in page, "Guests 2" in page) == (True, True, True)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"name": ""}, "Enter a name."),
        ({"email": ""}, "Enter a mail address."),
        ({"email": "INES@example.org"}, "Somebody has this address already"),
        ({"time_zone": "Nowhere/Land"}, "Select a valid choice"),
        ({"teams": ["999"]}, "Select a valid choice"),
    ],
)
def test_what_is_wrong_with_a_person_is_said(admin: User, client: Client, typed: dict[str, Any], said: str) -> None:
    answer = client.post("/settings/people/add/", {**PERSON, **typed})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert said in page
    assert "before the person can be added" in page
    assert ("Femi Sato" in page) is ("name" not in typed)
    assert User.objects.count() == 1
    assert not Message.objects.exists()


def test_a_person_is_changed_and_keeps_what_they_manage(admin: User, client: Client) -> None:
    femi = make_user("Femi")
    led, left, joined = make_team("Led", manager=femi), make_team("Left", members=[femi]), make_team("Joined")
    answer = client.post(f"/settings/people/{femi.pk}/", {**PERSON, "teams": [led.pk, joined.pk], "is_admin": "on"})
    assert answer.status_code == 303
    femi.refresh_from_db()
    assert (femi.name, femi.is_admin, femi.time_zone) == ("Femi Sato", True, "Asia/Tokyo")
    assert (managed(led), managed(left), managed(joined)) == ({"Femi Sato": True}, {}, {"Femi Sato": False})


def test_the_organisation_keeps_an_administrator(admin: User, client: Client) -> None:
    form = {"name": "Ines", "email": "ines@example.org", "time_zone": "UTC"}
    refused = client.post(f"/settings/people/{admin.pk}/", form)
    assert refused.status_code == 422
    assert "This is the only administrator" in refused.content.decode()
    page = client.post(f"/settings/people/{admin.pk}/active/", {"is_active": "no"}, follow=True).content.decode()
    assert "You cannot deactivate yourself" in page
    admin.refresh_from_db()
    assert (admin.is_admin, admin.is_active) == (True, True)
    with pytest.raises(services.Refused, match="only administrator"):
        services.set_active(admin, is_active=False, by=make_user())


def test_who_left_can_come_back(admin: User, client: Client) -> None:
    femi = make_user("Femi")
    page = client.post(f"/settings/people/{femi.pk}/active/", {"is_active": "no"}, follow=True).content.decode()
    assert "Femi is signed out everywhere and cannot sign in." in page
    assert "Left 1" in page
    client.post(f"/settings/people/{femi.pk}/active/", {"is_active": "yes"})
    femi.refresh_from_db()
    assert femi.is_active


def shown(client: Client, query: str) -> list[str]:
    return [p.name for p in client.get(f"/settings/people/{query}").context["page"]]


def test_people_are_found_by_name_address_team_and_kind(admin: User, client: Client) -> None:
    ruth, bram = make_user("Ruth", email="r@north.example"), make_user("Bram", is_active=False)
    make_team("Data platform", manager=ruth, members=[bram])
    make_team("Network", manager=ruth)
    assert shown(client, "") == ["Ines", "Ruth", "Bram"]
    assert shown(client, "?q=ut") == shown(client, "?q=north.ex") == ["Ruth"]
    assert shown(client, "?q=data") == ["Ruth", "Bram"]
    assert (shown(client, "?show=managers"), shown(client, "?show=admins")) == (["Ruth"], ["Ines"])
    assert shown(client, "?show=left&q=data") == ["Bram"]
    page = client.get("/settings/people/").content.decode()
    for words in ("3 people in 2 teams.", "All 3", "Managers 1", "Admins 1", "Left 1"):
        assert words in page
    assert "Nobody found" in client.get("/settings/people/?q=zzz").content.decode()
    assert client.get("/settings/people/?show=nonsense").status_code == 404
    assert client.get("/settings/people/?page=99").status_code == 200


def test_three_hundred_people_are_pages_of_fifty(admin: User, client: Client) -> None:
    User.objects.bulk_create(User(email=f"p{n}@example.org", name=f"Person {n:03}") for n in range(299))
    page = client.get("/settings/people/?page=2&q=example.org").content.decode()
    assert "51 to 100 of 300" in page
    assert "Person 049" in page
    assert "Person 048" not in page
    assert 'href="?page=3&amp;q=example.org"' in page.replace("\n", "")


QUERIES = {"people": 11, "teams": 9, "services": 6}  # each with five for the session, its token and the reader


@pytest.mark.parametrize("size", [1, 3])
@pytest.mark.parametrize("path", QUERIES)
def test_lists_cost_the_same_at_every_size(
    admin: User, client: Client, django_assert_num_queries: Any, path: str, size: int
) -> None:
    for _ in range(size):
        team = make_team(manager=make_user(), members=[make_user()])
        Service.objects.create(name=f"of {team.name}", team=team)
    with django_assert_num_queries(QUERIES[path]):
        page = client.get(f"/settings/{path}/").content.decode()
    assert page.count('aria-label="Change ') == {"people": 1 + 2 * size}.get(path, size)


def test_names_stand_where_they_are_looked_for_whatever_their_letters(admin: User, client: Client) -> None:
    by_hand = ["anna", "Émile", "örjan", "Orla", "Zoe"]
    team = make_team("Team")
    for name in reversed(by_hand):
        user = make_user(name)
        make_team(f"{name}’s", manager=user)
        TeamMembership.objects.create(team=team, user=user, is_manager=True)
        Service.objects.create(name=f"{name}-db", team=team)
    services_page, teams_page, one = (
        client.get(f"/settings/{path}/").content.decode() for path in ("services", "teams", f"teams/{team.pk}")
    )
    assert re.findall(r"<h3>([^<]*)</h3>", services_page) == [f"{name}-db" for name in by_hand]
    assert [t for t in re.findall(r"<h3>([^<]*)</h3>", teams_page) if t != "Team"] == [f"{name}’s" for name in by_hand]
    assert f"5 people · {', '.join(by_hand)} · owns {', '.join(f'{name}-db' for name in by_hand)}</p>" in teams_page
    assert re.findall(r'aria-label="(\w+) leaves the team"', one) == by_hand
    assert [name for name in shown(client, "") if name != "Ines"] == by_hand
    User.objects.filter(name="anna").update(is_active=False)
    assert shown(client, "?q=ö") == ["örjan"]
    assert shown(client, "?show=managers") == by_hand[1:]
    assert shown(client, "?q=Team") == [*by_hand[1:], "anna"]


# --- Teams ----------------------------------------------------------------------------------------------------------
def test_a_team_is_made_and_its_people_come_one_by_one(admin: User, client: Client) -> None:
    make_user("Ruth", email="ruth@example.org")
    bram = make_user("Bram")
    answer = client.post("/settings/teams/add/", {"name": "  Data   platform ", "joins": "RUTH@example.org"})
    team = Team.objects.get(name="Data platform")
    assert answer.headers["Location"] == f"/settings/teams/{team.pk}/"
    empty = Team.objects.create(name="Empty")
    assert "Nobody is in it yet" in client.get(f"/settings/teams/{empty.pk}/").content.decode()
    assert "Nobody is in it yet" not in client.get(f"/settings/teams/{team.pk}/").content.decode()
    client.post(f"/settings/teams/{team.pk}/", {"name": "Data platform", "joins": "bram"})
    assert managed(team) == {"Bram": False, "Ruth": False}
    client.post(f"/settings/teams/{team.pk}/", {"name": "Data", "manages": [bram.pk]})
    team.refresh_from_db()
    assert (team.name, managed(team)) == ("Data", {"Bram": True, "Ruth": False})
    page = client.get("/settings/teams/").content.decode()
    assert "2 people · Bram" in page
    client.post(f"/settings/teams/{team.pk}/", {"name": "Data", "manages": [bram.pk], "leaves": [bram.pk]})
    assert managed(team) == {"Ruth": False}
    assert "no manager, so nobody is told when an action stays late" in client.get("/settings/teams/").content.decode()


@pytest.mark.parametrize(
    ("joins", "said"),
    [
        ("Nobody at all", "Nobody here is called “Nobody at all”."),
        ("twin", "More than one person is called “twin”."),
        ("gone@example.org", "Nobody here is called"),
        ("guest@example.org", "Nobody here is called"),
    ],
)
def test_who_cannot_be_added_is_said_and_the_marks_stay(admin: User, client: Client, joins: str, said: str) -> None:
    make_user("Twin"), make_user("Twin")
    make_user("Gone", email="gone@example.org", is_active=False)
    make_user("Guest", email="guest@example.org", is_guest=True)
    ruth = make_user("Ruth")
    team = make_team("Data", members=[ruth])
    answer = client.post(f"/settings/teams/{team.pk}/", {"name": "Data", "joins": joins, "manages": [ruth.pk]})
    assert answer.status_code == 422
    page = " ".join(answer.content.decode().split())
    assert said in page
    assert f'value="{ruth.pk}" checked' in page
    assert managed(team) == {"Ruth": False}


def test_a_team_needs_a_name_of_its_own(admin: User, client: Client) -> None:
    make_team("Data platform")
    taken = client.post("/settings/teams/add/", {"name": "DATA  platform"})
    assert taken.status_code == 422
    assert "There is a team named “DATA platform” already." in taken.content.decode()
    assert "Enter a name for the team." in client.post("/settings/teams/add/", {"name": ""}).content.decode()
    assert Team.objects.count() == 1


@pytest.mark.parametrize("typed", ["örebro", "ÖREBRO", "Örebro"])
def test_a_name_is_the_same_in_any_case_of_any_letter(admin: User, client: Client, typed: str) -> None:
    """SQLite's own comparison knows the letters of ASCII only."""
    team, orjan = make_team("Örebro"), make_user("Örebro")
    Service.objects.create(name="Örebro")
    for path in ("teams", "services"):
        taken = client.post(f"/settings/{path}/add/", {"name": typed})
        assert (taken.status_code, f"named “{typed}” already" in taken.content.decode()) == (422, True)
    client.post(f"/settings/teams/{team.pk}/", {"name": "Örebro", "joins": typed})
    assert list(team.members.all()) == [orjan]


# --- Services -------------------------------------------------------------------------------------------------------
def test_services_are_added_renamed_and_removed_while_no_event_names_them(admin: User, client: Client) -> None:
    team = make_team("Data platform")
    client.post("/settings/services/add/", {"name": "mysql", "team": team.pk})
    mysql = Service.objects.get()
    assert (mysql.name, mysql.team) == ("mysql", team)
    refused = client.post("/settings/services/add/", {"name": "MySQL"})
    assert refused.status_code == 422
    assert "There is a service named “MySQL” already." in refused.content.decode()
    client.post(f"/settings/services/{mysql.pk}/", {"name": "mysql-main"})
    mysql.refresh_from_db()
    assert (mysql.name, mysql.team) == ("mysql-main", None)
    event = make_event()
    event.services.add(mysql)
    page = client.post(f"/settings/services/{mysql.pk}/remove/", follow=True).content.decode()
    assert "Events name this service, so it stays." in page
    assert "1 event" in page
    event.services.clear()
    client.post(f"/settings/services/{mysql.pk}/remove/")
    assert not Service.objects.exists()


# --- The own profile, and who may not -------------------------------------------------------------------------------
def test_everybody_changes_the_own_name_and_zone_and_nothing_else(db: None, client: Client) -> None:
    femi = make_user("Femi", email="femi@example.org")
    client.force_login(femi)
    everything = {"name": "Femi \u202eSato", "time_zone": "Asia/Tokyo", "email": "x@y.example", "is_admin": "on"}
    assert client.post("/settings/profile/", everything).status_code == 303
    femi.refresh_from_db()
    assert (femi.name, femi.time_zone, femi.email, femi.is_admin) == (
        "Femi Sato", "Asia/Tokyo", "femi@example.org", False,
    )  # fmt: skip
    wrong = client.post("/settings/profile/", {"name": " ", "time_zone": "UTC"})
    assert wrong.status_code == 422
    assert "Enter a name." in wrong.content.decode()


@pytest.mark.parametrize("path", ["people/add", "people/{person}/active", "teams/add", "services/{service}/remove"])
def test_members_change_nothing_there(cast: SimpleNamespace, client: Client, path: str) -> None:
    service = make_service()
    client.force_login(cast.manager)
    before = (User.objects.count(), Team.objects.count(), Service.objects.count())
    answer = client.post(f"/settings/{path.format(person=cast.observer.pk, service=service.pk)}/", PERSON)
    assert answer.status_code == 403
    assert "Administrators manage people, teams and services." in answer.content.decode()
    assert (User.objects.count(), Team.objects.count(), Service.objects.count()) == before
    cast.observer.refresh_from_db()
    assert cast.observer.is_active


@pytest.mark.parametrize("path", ["people/999", "teams/999", "services/999"])
def test_what_is_not_there_is_404(admin: User, client: Client, path: str) -> None:
    answer = client.get(f"/settings/{path}/")
    assert answer.status_code == 404
    assert "There is no page here" in answer.content.decode()


def test_a_form_that_was_read_before_lets_nobody_in_again(admin: User) -> None:
    person = make_user("Tomas")
    read_before = services.person(person.pk)
    assert read_before
    services.set_active(person, is_active=False, by=admin)
    services.edit_person(
        read_before, name="Tomas", email=person.email, teams=[], is_admin=False, time_zone="Europe/Berlin"
    )
    person.refresh_from_db()
    assert (person.time_zone, person.is_active) == ("Europe/Berlin", False)
