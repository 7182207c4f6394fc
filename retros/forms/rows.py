"""Choosing several rows by their keys."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

LONGEST_KEY = 15  # digits; the database breaks on numbers that no row of it can have


class RowsField(forms.ModelMultipleChoiceField):
    """A choice of rows that takes a number beyond every key for what it is: no row."""

    def clean(self, value: Any) -> Any:
        for key in value if isinstance(value, list | tuple) else ():
            if len(str(key)) > LONGEST_KEY:
                raise ValidationError(
                    self.error_messages["invalid_choice"], code="invalid_choice", params={"value": str(key)[:40]}
                )
        return super().clean(value)
