"""Long texts whose length is checked wherever a row is checked; Django itself checks it in forms only."""

from functools import cached_property
from typing import Any

from django.core.validators import MaxLengthValidator
from django.db import models


class LongText(models.TextField):
    """A TextField that means its `max_length`. To the database and its migrations it is a TextField."""

    @cached_property
    def validators(self) -> list[Any]:  # type: ignore[override]
        return [*super().validators, *([MaxLengthValidator(self.max_length)] if self.max_length else [])]

    def deconstruct(self) -> Any:
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.TextField", args, kwargs
