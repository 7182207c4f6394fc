"""Reads a pasted list of people: addresses alone, or "Name <address>", separated by lines, commas or semicolons."""

import re

# One of: a quoted name, an address in angle brackets, a separator, anything else up to one of these.
PIECE = re.compile(r'"([^"\n]*)"|<([^<>\n]*)>|([,;\n])|([^"<>,;\n]+|["<>])')
ADDRESS = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")


def parse(text: str) -> tuple[list[tuple[str, str]], list[str]]:
    """((name or "", address), ...) in the order given, and what could not be read as one. Linear in the text."""
    found: list[tuple[str, str]] = []
    wrong: list[str] = []
    name, address, seen = "", "", ""
    for match in PIECE.finditer(text.replace("\r", "\n") + "\n"):
        quoted, inside, separator, other = match.groups()
        if separator is None:
            seen += match.group()
            if inside is not None:
                address = inside.strip()
            else:
                name += quoted if quoted is not None else other or ""
            continue
        if separator == "," and name.strip() and not address and "," not in name and "@" not in name:
            name += ", "  # "Doe, Jane <jane@example.org>", as some address books write it
            seen += ","
            continue
        _take(name, address, seen, found, wrong)
        name, address, seen = "", "", ""
    return found, wrong


def _take(name: str, address: str, seen: str, found: list[tuple[str, str]], wrong: list[str]) -> None:
    """One piece between separators becomes a person, or is told as it was typed."""
    if not seen.strip():
        return
    if not address and "," in name:  # no address came that the two halves could be the name of
        for half in name.split(","):
            _take(half, "", half, found, wrong)
        return
    if not address and (bare := ADDRESS.fullmatch(name.strip().removeprefix("mailto:"))):
        name, address = "", bare.group()
    if ADDRESS.fullmatch(address):
        found.append((_turned(name), address))
    else:
        wrong.append(" ".join(seen.split()))


def _turned(name: str) -> str:
    """ "Doe, Jane" the way she is spoken to."""
    last, comma, first = " ".join(name.split()).partition(", ")
    return f"{first} {last}" if comma and first and "," not in first else last + comma + first
