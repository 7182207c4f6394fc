"""What a person may see, as querysets: the one place where visibility is decided. Imports no models."""

from typing import Any, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q


def _only(user: Any, event: str) -> Q:
    """Whoever came by a personal link sees one event, whatever else they are in."""
    return Q(**{event: user.only_event}) if user.only_event else Q()


class EventQuerySet(models.QuerySet[Any]):
    """Events, by who may open them and who may know of them."""

    def visible_to(self, user: Any) -> Self:
        """Events whose pages the person may open: their own, and for members every published one that is not restricted."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        membership = self.model._meta.get_field("memberships").related_model
        own = Exists(membership._default_manager.filter(event=OuterRef("pk"), user=user.pk))
        if user.is_guest:
            return self.filter(own, _only(user, "pk"))
        return self.filter(own | Q(state="published", is_restricted=False))

    def listed_for(self, user: Any) -> Self:
        """Events whose title, state and figures the person may know: visible ones, a manager's teams, all for administrators."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.is_guest:
            return self.visible_to(user)
        if user.is_admin:
            return self.all()
        membership = self.model._meta.get_field("memberships").related_model
        own = Exists(membership._default_manager.filter(event=OuterRef("pk"), user=user.pk))
        managed = user.team_memberships.filter(is_manager=True).values("team")
        return self.filter(own | Q(state="published", is_restricted=False) | Q(team__in=managed))


class KeptQuerySet(models.QuerySet[Any]):
    """Rows with a `removed_at`: removal is undone for a while, so nothing is deleted at once."""

    def kept(self) -> Self:
        return self.filter(removed_at__isnull=True)


class EntryQuerySet(KeptQuerySet):
    """Timeline entries."""

    def there(self) -> Self:
        """Those that are or were on the timeline: not those of a record that is on its way in."""
        return self.exclude(imported__state__in=["read", "adding"])

    def in_order(self) -> Self:
        """By time; entries without one stay behind the entry they followed in their source."""
        return self.order_by(models.F("sort_at").asc(nulls_first=True), "rank", "id")


class AccountQuerySet(models.QuerySet[Any]):
    """Accounts: sealed for everybody but their author until the event is revealed."""

    def readable_by(self, user: Any) -> Self:
        """Accounts whose text the person may read: the own one; after the reveal, submitted ones of events with a role there."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        own = Q(author=user.pk)
        revealed = Q(state="submitted", event__revealed_at__isnull=False, event__memberships__user=user.pk)
        return self.filter(own | revealed, _only(user, "event")).distinct()

    def opened(self) -> Self:
        """What whoever has a role in the event reads alike: accounts that were handed in, once they are open for good."""
        return self.filter(state="submitted", event__revealed_at__isnull=False)


class SilentQuerySet(KeptQuerySet):
    """Notes of silent writing: sealed for everybody but their author until all are shown."""

    def readable_by(self, user: Any) -> Self:
        """The own sealed ones, and those that were shown to the people of an event with a role there."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        shown = Q(shown_at__isnull=False, event__memberships__user=user.pk)
        return self.filter(Q(author=user.pk) | shown, _only(user, "event")).distinct()

    def shown(self) -> Self:
        return self.filter(shown_at__isnull=False, removed_at__isnull=True)

    def sealed(self) -> Self:
        return self.filter(shown_at__isnull=True, removed_at__isnull=True)


class LiftedQuerySet(models.QuerySet[Any]):
    """Sentences that became moments: as sealed as the accounts that they stand in."""

    def readable_by(self, user: Any) -> Self:
        """Those of accounts that the person may read, whose entry is still on the timeline."""
        accounts = self.model._meta.get_field("account").related_model
        readable = accounts._default_manager.readable_by(user).values("pk")
        return self.filter(account__in=readable, entry__removed_at__isnull=True)

    def opened(self) -> Self:
        """Those of accounts that whoever has a role in the event reads, whose entry is still on the timeline."""
        accounts = self.model._meta.get_field("account").related_model
        return self.filter(account__in=accounts._default_manager.opened().values("pk"), entry__removed_at__isnull=True)
