"""Events and their reviews."""

from django.apps import AppConfig


class RetrosConfig(AppConfig):
    name = "retros"
    verbose_name = "Reviews"

    def ready(self) -> None:
        """Registers the built-in sections, and tells the outbox about its mails; inline because models must be loaded first."""
        from aar_site.outbox import delivery
        from retros.document import builtin, builtin_kinds
        from retros.services import account_reminders, calendar, invitations, links

        builtin.register_all()
        builtin_kinds.register_all()
        for kind in (calendar.INVITATION, calendar.CANCELLED, calendar.REMINDER):
            delivery.OUTDATED[kind] = calendar.outdated
        delivery.OUTDATED[account_reminders.KIND] = account_reminders.outdated
        delivery.OUTDATED[invitations.MAIL] = invitations.outdated
        links.register()
