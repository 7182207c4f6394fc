"""Verbs on people, teams and services. The organisation always keeps an administrator; nobody is deleted, only deactivated."""

from collections.abc import Sequence

from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Count, Q, QuerySet

from aar_site import clock
from aar_site.outbox import mail
from aar_site.people.models import Service, Team, TeamMembership, User, normal_email
from aar_site.search import holds, is_named
from aar_site.words import by_name


class Refused(Exception):
    """A rule of the organisation forbids this; the message says what to do instead."""


def add_person(*, by: User, email: str, name: str, teams: list[Team], is_admin: bool, time_zone: str) -> User:
    """Create a member without a password (they sign in by mailed code) and invite them. Raises ValidationError."""
    with transaction.atomic():
        user = User.objects.filter(email=normal_email(email), is_guest=True).first()
        if user:  # who came as a guest of a review joins the organisation, and keeps what they wrote
            User.objects.filter(pk=user.pk).update(is_guest=False)
            user.is_guest = False
            edit_person(user, name=name, email=email, teams=[], is_admin=is_admin, time_zone=time_zone)
        else:
            user = User.objects.create_user(email, name, is_admin=is_admin, time_zone=time_zone)
        for team in teams:
            TeamMembership.objects.create(team=team, user=user)
        mail.post(
            "welcome",
            str(user.pk),
            person=user,
            template="welcome",
            context={"asked_by": by.name, "path": "/in/code/"},
            may_repeat=True,
        )
    return user


def edit_person(user: User, *, name: str, email: str, teams: list[Team], is_admin: bool, time_zone: str) -> None:
    """Change a member. Their teams become the given ones; who manages what stays in teams that stay."""
    with transaction.atomic():
        if user.is_admin and not is_admin:
            _keep_an_administrator(user)
        user.name, user.email, user.is_admin, user.time_zone = name, normal_email(email), is_admin, time_zone
        user.full_clean(exclude=["password"])
        # Not the whole row: somebody may be deactivating this person, or they may be changing their password.
        user.save(update_fields=["name", "email", "is_admin", "time_zone"])
        TeamMembership.objects.filter(user=user).exclude(team__in=teams).delete()
        for team in teams:
            TeamMembership.objects.get_or_create(team=team, user=user)


def set_active(user: User, *, is_active: bool, by: User) -> None:
    """Let somebody in, or out: at once everywhere, their sessions end. Not oneself, not the last administrator."""
    with transaction.atomic():
        if not is_active:
            if user.pk == by.pk:
                raise Refused("You cannot deactivate yourself. Ask another administrator.")
            if user.is_admin:
                _keep_an_administrator(user)
        User.objects.filter(pk=user.pk).update(is_active=is_active)
        if not is_active:
            end_sessions(user)


def end_sessions(user: User) -> None:
    """Sign a person out everywhere."""
    for session in Session.objects.filter(expire_date__gt=clock.now()):
        if session.get_decoded().get("_auth_user_id") == str(user.pk):
            session.delete()


def edit_profile(user: User, *, name: str, time_zone: str) -> None:
    """Change what a person says of themselves. Raises ValidationError."""
    user.name, user.time_zone = name, time_zone
    user.full_clean(exclude=["password"])
    user.save(update_fields=["name", "time_zone"])


def save_team(team: Team | None, *, name: str, joins: User | None, manages: list[User], leaves: list[User]) -> Team:
    """Create or change a team: one person joins, the given ones leave, and those of the rest manage it who are named."""
    with transaction.atomic():
        team = team or Team()
        team.name = " ".join(name.split())
        team.full_clean()
        team.save()
        TeamMembership.objects.filter(team=team, user__in=leaves).delete()
        rows = TeamMembership.objects.filter(team=team)
        rows.exclude(user__in=manages).update(is_manager=False)
        rows.filter(user__in=manages).update(is_manager=True)
        if joins:
            TeamMembership.objects.get_or_create(team=team, user=joins)
    return team


def save_service(service: Service | None, *, name: str, team: Team | None) -> Service:
    """Create or change a service. Names that differ in case only are one service."""
    service = service or Service()
    service.name, service.team = " ".join(name.split()), team
    if Service.objects.filter(is_named(service.name)).exclude(pk=service.pk).exists():
        raise Refused(f"There is a service named \u201c{service.name}\u201d already.")
    service.full_clean()
    service.save()
    return service


def remove_service(service: Service) -> None:
    """Only while no event names it: tags are how past events are found."""
    if service.events.exists():
        raise Refused("Events name this service, so it stays. Rename it instead.")
    service.delete()


def _keep_an_administrator(user: User) -> None:
    others = User.objects.select_for_update().filter(is_admin=True, is_active=True).exclude(pk=user.pk)
    if not list(others):
        raise Refused("This is the only administrator. Make somebody else one first.")


# --- Reading --------------------------------------------------------------------------------------------------------
KINDS = {
    "": ("All", Q(is_guest=False)),
    "managers": ("Managers", Q(team_memberships__is_manager=True, is_active=True)),
    "admins": ("Admins", Q(is_admin=True, is_active=True)),
    "left": ("Left", Q(is_active=False, is_guest=False)),
    "guests": ("Guests", Q(is_guest=True)),  # of one review each; listed apart, so that they can be shut out
}


def people(search: str = "", kind: str = "") -> list[int]:
    """The keys of the organisation's people or one kind of them: active first, by name. `on_page` reads those that are shown."""
    rows = User.objects.filter(KINDS[kind][1])
    if search:
        rows = rows.filter(holds(search, "name", "email", "teams__name"))
    found = rows.order_by().distinct().values_list("is_active", "name", "pk")
    return [pk for *_, pk in sorted(found, key=lambda row: (not row[0], by_name(row[1]), row[2]))]


def on_page(keys: Sequence[int]) -> list[User]:
    """These people with their teams, in this order."""
    found = User.objects.prefetch_related("team_memberships__team").in_bulk(keys)
    return [found[pk] for pk in keys if pk in found]


def counts() -> list[tuple[str, str, int]]:
    """(kind, what it is called, how many they are), in one query."""
    asked = {kind or "all": Count("pk", filter=which, distinct=True) for kind, (_, which) in KINDS.items()}
    found = User.objects.aggregate(**asked)
    return [(kind, words, found[kind or "all"]) for kind, (words, _) in KINDS.items()]


def teams() -> list[Team]:
    """All teams by name, with their people and services."""
    return sorted(Team.objects.prefetch_related("memberships__user", "services"), key=lambda row: by_name(row.name))


def team_count() -> int:
    return Team.objects.count()


def services() -> list[Service]:
    """All services by name; `event_count` says of how many events each is part."""
    rows = Service.objects.select_related("team").annotate(event_count=Count("events"))
    return sorted(rows, key=lambda row: by_name(row.name))


def person(pk: int) -> User | None:
    return User.objects.filter(pk=pk).first()


def team(pk: int) -> Team | None:
    return Team.objects.filter(pk=pk).first()


def service(pk: int) -> Service | None:
    return Service.objects.filter(pk=pk).first()


def choosable() -> QuerySet[User]:
    """Members who can be put into teams."""
    return User.objects.filter(is_active=True, is_guest=False)
