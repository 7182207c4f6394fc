"""The Celery application and its schedule as data. Tasks carry ids only; what is due is a row in the database."""

import logging.config
import os
import warnings
from typing import Any

from celery import Celery
from celery.exceptions import SecurityWarning
from celery.signals import setup_logging
from django.conf import settings

# Said at each start of a machine where everything runs as root; the container runs as a user of its own.
warnings.filterwarnings("ignore", category=SecurityWarning)

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aar_site.settings")


@setup_logging.connect
def log_like_the_site(**_: Any) -> None:
    """Connected, this keeps Celery from bringing its own format, which prints the values in a failed task."""
    logging.config.dictConfig(settings.LOGGING)


app = Celery("hindcast")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["aar_site.health", "aar_site.outbox", "retros", "actions"])

# Each sweep finds its work in rows; 'expires' keeps a stopped worker from meeting a pile of stale sweeps.
app.conf.beat_schedule = {
    "show a sign of life": {"task": "aar_site.health.tasks.sign_of_life", "schedule": 20.0, "options": {"expires": 18}},
    "send what is due": {"task": "aar_site.outbox.tasks.send_due", "schedule": 2.0, "options": {"expires": 4}},
    "forget old mails": {"task": "aar_site.outbox.tasks.forget", "schedule": 3600.0, "options": {"expires": 3500}},
    "update calendars": {"task": "retros.tasks.update_calendars", "schedule": 5.0, "options": {"expires": 4}},
    "add what was begun": {"task": "retros.tasks.carry_on_imports", "schedule": 2.0, "options": {"expires": 4}},
    "forget old records": {"task": "retros.tasks.forget_imports", "schedule": 3600.0, "options": {"expires": 3500}},
    "remind authors": {"task": "retros.tasks.remind_authors", "schedule": 60.0, "options": {"expires": 55}},
    "remind owners": {"task": "actions.tasks.remind_owners", "schedule": 20.0, "options": {"expires": 18}},
}
# Nothing is remembered between starts: a file that a killed beat left half-written would keep the next one from starting.
app.conf.beat_scheduler = "celery.beat:Scheduler"
