"""The signs of life of scheduler and worker: the one writes its row when it asks, the other when it does what was asked."""

from typing import Any

from celery import shared_task
from celery.signals import beat_init, before_task_publish, worker_ready
from django.db import connection

from aar_site.health import services

SIGN_OF_LIFE = "aar_site.health.tasks.sign_of_life"


@shared_task(name=SIGN_OF_LIFE)
def sign_of_life() -> None:
    """Runs in the worker."""
    services.note("worker")


@worker_ready.connect
def note_the_worker(**_: Any) -> None:
    """At once, not after the first minute."""
    _note("worker")


@beat_init.connect
@before_task_publish.connect(sender=SIGN_OF_LIFE)
def note_the_scheduler(**_: Any) -> None:
    """At once, and then in the scheduler each time it asks, which nobody else does."""
    _note("scheduler")


def _note(name: str) -> None:
    """Outside a task: an error is logged by Celery and stops nothing, and nobody else ends the connection."""
    try:
        services.note(name)
    finally:
        if not connection.in_atomic_block:
            connection.close()
