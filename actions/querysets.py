"""Which actions a person may see and how they are ordered. Imports no models."""

from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models import Q

OPEN = ("committed", "in_progress", "blocked")
# The first half says nothing new. It is what the indexes are sorted and cut by: SQLite sees no states in the parameters of a query,
# and read all actions for every list of the open ones.
IS_OPEN = Q(closed_at__isnull=True, status__in=OPEN)


class ActionQuerySet(models.QuerySet[Any]):
    """Actions by who may see them and by where they stand."""

    def visible_to(self, user: Any) -> Self:
        """The own ones, and those of events that the person may open; committed ones also for the team's managers and for
        administrators, who know the titles of all its events. A team's other members read on from publication."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        events = self.model._meta.get_field("event").related_model
        mine = Q(owner=user.pk) | Q(event__in=events._default_manager.visible_to(user).values("pk"))
        if user.is_guest:
            return self.filter(mine, event=user.only_event) if user.only_event else self.filter(mine)
        if user.is_admin:
            return self.filter(~Q(status="proposed") | mine)  # the second half is not asked where the first holds
        managed = user.team_memberships.filter(is_manager=True).values("team")
        return self.filter(mine | (Q(event__team__in=managed) & ~Q(status="proposed")))

    def open(self) -> Self:
        """Committed and not closed."""
        return self.filter(IS_OPEN)

    def overdue(self, today: date) -> Self:
        return self.open().filter(due_on__lt=today)
