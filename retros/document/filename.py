"""The file name of an exported review: aar-[date]-[event-name].md. Pure."""

import re
import unicodedata

MOST = 100  # characters
MOST_BYTES = 240  # file systems allow 255 bytes, and a letter of another script takes two to four


def file_name(title: str, date: str, ending: str) -> str:
    """`date` as YYYY-MM-DD or YYYY-MM, `ending` without a dot. Other scripts stay; separators, control and symbols go."""
    text = unicodedata.normalize("NFC", unicodedata.normalize("NFC", title).casefold())
    kept = "".join(c if unicodedata.category(c)[0] in "LMN" else "-" for c in text)
    slug = re.sub(r"-+", "-", kept).strip("-")
    start = f"aar-{date}-" if date else "aar-"
    room = MOST - len(start) - len(ending) - 1
    cut = slug[:room].encode()[: MOST_BYTES - len(start) - len(ending)].decode(errors="ignore")
    return f"{start}{cut.strip('-') or 'event'}.{ending}"
