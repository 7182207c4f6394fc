"""Tables as CSV: what every spreadsheet reads as text, and none takes for a formula. Pure."""

import csv
import io
import re
from collections.abc import Iterable
from typing import Any

# A sign of a formula, the wide ones too, at the start of a cell; and of what some spreadsheets take for a cell, or for a row,
# because they cut at semicolons or tabs whatever the file says. Behind a cut no line's end is passed over, as it is the next cut:
# in a text of line ends alone each would be looked through to the last.
CUTS = ";\t\n\r"
_BLANK, _SIGN = " \u00a0\u3000\ufeff", "[-=+@\t\r\uff1d\uff0b\uff0d\uff20]"
FORMULA = re.compile(f"^(?=[{_BLANK}\n]*{_SIGN})|(?<=[{CUTS}])(?=[{_BLANK}]*{_SIGN})")
MARK = re.compile(f"^'(?=[{_BLANK}\n']*{_SIGN})|(?<=[{CUTS}])'(?=[{_BLANK}']*{_SIGN})")


def as_csv(head: list[str], rows: Iterable[list[Any]]) -> str:
    """The table with its head, and a byte order mark, so that spreadsheets read it as UTF-8."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(head)
    for row in rows:
        writer.writerow([neutral(cell) for cell in row])
    return "\ufeff" + out.getvalue()


def neutral(cell: Any) -> str:
    """A cell that no spreadsheet takes for a formula: the sign is kept, behind an apostrophe."""
    text = str(cell)
    if text[:1].isalnum() and not any(cut in text for cut in CUTS):  # nearly every cell of a long table
        return text
    return FORMULA.sub("'", text)


def as_typed(cell: str) -> str:
    """The cell without the apostrophes of `neutral`, which spreadsheets write as well: it is a text here."""
    return MARK.sub("", cell)
