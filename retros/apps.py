"""Events and their reviews."""

from django.apps import AppConfig


class RetrosConfig(AppConfig):
    name = "retros"
    verbose_name = "Reviews"

    def ready(self) -> None:
        """Registers the built-in sections; inline because models must be loaded first."""
        from retros.document import builtin, builtin_kinds

        builtin.register_all()
        builtin_kinds.register_all()
