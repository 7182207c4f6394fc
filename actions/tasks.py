"""Beat tasks of following through. What is due is found in rows, so a lost or doubled task costs nothing."""

from celery import shared_task

from actions import reminders


@shared_task(name="actions.tasks.remind_owners")
def remind_owners() -> int:
    """Every twenty seconds: post the reminders that are due in somebody's working hours; how many were posted."""
    return reminders.sweep()
