"""When the processes that nobody looks at were last alive."""

from typing import ClassVar

from django.db import models

from aar_site import clock


class Heartbeat(models.Model):
    """One row per part of the installation: the scheduler and the worker each write theirs once a minute."""

    name = models.CharField(max_length=20, unique=True)
    seen_at = models.DateTimeField(default=clock.now)

    class Meta:
        db_table = "health_heartbeat"
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return f"{self.name} at {self.seen_at:%Y-%m-%d %H:%M}"
