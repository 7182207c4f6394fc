"""The site as an app: it holds people and the outbox. Importing the checks registers them."""

import atexit

from django.apps import AppConfig
from django.db import connections

from aar_site import checks  # noqa: F401


class SiteConfig(AppConfig):
    name = "aar_site"
    verbose_name = "Hindcast"

    def ready(self) -> None:
        atexit.register(close_pools)


def close_pools() -> None:
    """End the threads of PostgreSQL's connections while Python still can. From 3.13 on its own end waits for each of them five
    seconds, in vain, and says so in the log: every second command took twenty."""
    for connection in connections.all(initialized_only=True):
        if connection.vendor == "postgresql":
            connection.close()
            connection.close_pool()  # type: ignore[attr-defined]
