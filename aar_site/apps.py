"""The site as an app: it holds people and the outbox."""

from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "aar_site"
    verbose_name = "Hindcast"
