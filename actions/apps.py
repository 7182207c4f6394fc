"""Following through: owned actions, their reminders and the dashboard."""

from django.apps import AppConfig


class ActionsConfig(AppConfig):
    name = "actions"
    verbose_name = "Actions"

    def ready(self) -> None:
        """Adds the section 'Action items' to the port; inline because models must be loaded first."""
        from actions import sections

        sections.register()
