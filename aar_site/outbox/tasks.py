"""Tasks of the outbox: one sweep that sends, run often, and one that forgets, run now and then."""

from celery import shared_task

from aar_site.outbox import delivery, services


@shared_task(name="aar_site.outbox.tasks.send_due")
def send_due() -> int:
    """Send what is due; returns how many messages were sent."""
    return delivery.sweep()


@shared_task(name="aar_site.outbox.tasks.forget")
def forget() -> int:
    """Blank what is kept of mails that failed long ago; returns how many."""
    return services.forget()
