"""Following through: owned actions, their reminders and the dashboard."""

from django.apps import AppConfig


class ActionsConfig(AppConfig):
    name = "actions"
    verbose_name = "Actions"

    def ready(self) -> None:
        """Adds the section 'Action items' to the port, and says which reminders are outdated; inline because models must be
        loaded first."""
        from aar_site.outbox import delivery
        from actions import reminders, sections

        sections.register()
        delivery.OUTDATED[reminders.MAIL] = reminders.outdated
