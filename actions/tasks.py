"""Beat tasks of following through. What is due is found in rows, so a lost or doubled task costs nothing."""

import os
import subprocess
import sys
from functools import partial

from celery import shared_task
from django.conf import settings

from aar_site.processes import die_with
from actions import reminders


@shared_task(name="actions.tasks.remind_owners")
def remind_owners() -> int:
    """Each minute: post the reminders that are due in somebody's working hours; how many were posted."""
    return reminders.sweep()


@shared_task(name="actions.tasks.make_demo")
def make_demo(*words: str) -> None:
    """Fill the installation with the demo, in a process of its own: the telling moves the clock of the process it is in."""
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "demo", *words]
    bound = partial(die_with, os.getpid())
    subprocess.run(command, cwd=settings.BASE_DIR, check=False, preexec_fn=bound)  # noqa: S603 - our own words
