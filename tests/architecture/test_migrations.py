"""A database that begins now gets in one step what an older one came to in many."""

import pytest
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState


@pytest.mark.parametrize("app", ["retros", "actions"])
def test_the_one_step_makes_what_the_steps_that_it_replaces_make(app):
    loader = MigrationLoader(None, replace_migrations=False)
    (one,) = [m for (label, _), m in loader.disk_migrations.items() if label == app and m.replaces]
    steps, step = (loader.project_state([node]) for node in (one.replaces[-1], (app, one.name)))
    assert changes(steps, step, app) == changes(step, steps, app) == []


def changes(before: ProjectState, after: ProjectState, app: str) -> list[str]:
    """What makemigrations would do to come from one to the other."""
    found = MigrationAutodetector(before, after)._detect_changes()
    return [operation.describe() for migration in found.get(app, []) for operation in migration.operations]
