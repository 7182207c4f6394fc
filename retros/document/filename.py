"""The file name of an exported review: aar-[date]-[event-name].md. Pure."""

import re
import unicodedata

MOST = 100


def file_name(title: str, date: str, ending: str) -> str:
    """`date` as YYYY-MM-DD or YYYY-MM, `ending` without a dot. Other scripts stay; separators, control and symbols go."""
    text = unicodedata.normalize("NFC", title).casefold()
    kept = "".join(c if unicodedata.category(c)[0] in "LMN" else "-" for c in text)
    slug = re.sub(r"-+", "-", kept).strip("-")
    start = f"aar-{date}-" if date else "aar-"
    room = MOST - len(start) - len(ending) - 1
    return f"{start}{slug[:room].strip('-') or 'event'}.{ending}"
