"""Tables as CSV: what every spreadsheet reads as text, and none takes for a formula. Pure."""

import csv
import io
from collections.abc import Iterable
from typing import Any

FORMULA = (
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "\uff1d",
    "\uff0b",
    "\uff0d",
    "\uff20",
)  # the wide ones are read like the others
BLANK = " \n\u00a0\u3000\ufeff"


def as_csv(head: list[str], rows: Iterable[list[Any]]) -> str:
    """The table with its head, and a byte order mark, so that spreadsheets read it as UTF-8."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(head)
    for row in rows:
        writer.writerow([neutral(cell) for cell in row])
    return "\ufeff" + out.getvalue()


def neutral(cell: Any) -> str:
    """A cell that no spreadsheet takes for a formula: a leading sign is kept, behind an apostrophe."""
    text = str(cell)
    if text[:1].isalnum():  # nearly every cell of a long table
        return text
    return f"'{text}" if text.lstrip(BLANK).startswith(FORMULA) else text
