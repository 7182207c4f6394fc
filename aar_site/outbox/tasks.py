"""Tasks of the outbox: one sweep, run often."""

from celery import shared_task

from aar_site.outbox import delivery


@shared_task(name="aar_site.outbox.tasks.send_due")
def send_due() -> int:
    """Send what is due; returns how many messages were sent."""
    return delivery.sweep()
