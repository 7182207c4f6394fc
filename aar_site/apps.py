"""The site as an app: it holds people and the outbox. Importing the checks registers them."""

from django.apps import AppConfig

from aar_site import checks  # noqa: F401


class SiteConfig(AppConfig):
    name = "aar_site"
    verbose_name = "Hindcast"
