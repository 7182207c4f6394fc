"""Beat tasks of reviews. What is due is found in rows, so a lost or doubled task costs nothing."""

from celery import shared_task

from retros.services import calendar


@shared_task(name="retros.tasks.update_calendars")
def update_calendars() -> int:
    """Every twenty seconds: post the invitations, updates, cancellations and reminders of meetings that are due; how many."""
    return calendar.sweep()
