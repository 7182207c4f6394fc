"""Beat tasks of the reviews. What is due is found in rows, so a lost or doubled task costs nothing."""

from celery import shared_task

from retros.services import account_reminders, calendar, imports


@shared_task(name="retros.tasks.update_calendars")
def update_calendars() -> int:
    """Every five seconds: post what calendars lack, and the agenda of meetings a day ahead; how many mails."""
    return calendar.sweep()


@shared_task(name="retros.tasks.remind_authors")
def remind_authors() -> int:
    """Once a minute: post the reminders of accounts whose deadline is near; how many were posted."""
    return account_reminders.sweep()


@shared_task(name="retros.tasks.carry_on_imports")
def carry_on_imports() -> int:
    """Every two seconds: carry on with records whose worker let go; how many were looked after."""
    return imports.sweep()


@shared_task(name="retros.tasks.forget_imports")
def forget_imports() -> int:
    """Once an hour: clear away records that nobody finished; how many."""
    return imports.forget()
