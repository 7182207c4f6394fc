"""What a stranger looks for in a summary, and whether its words seem to say it. Reads nothing but the text.

Looked for by words, not understood: it is asked on the stage for everybody to judge, and blocks nothing.
"""

import re

NUMBER = (
    r"(?:\d[\d.,]{0,14}|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozens?|hundreds?|thousands?|half"
    r"|a third|a quarter)"
)
TIME = re.compile(
    rf"\b\d{{1,2}}[:.]\d{{2}}\b|\b(?:{NUMBER}|a|an|one)[ -](?:full )?(?:s|sec|seconds?|min|minutes?|h|hours?|days?|weeks?|months?|years?)\b"
    r"|\b\d{1,2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*|\b(?:19|20)\d{2}\b",
    re.IGNORECASE,
)
WHO = re.compile(
    r"\b(?:users?|customers?|people|persons?|everybody|everyone|visitors?|members?|developers?|clients?|tenants?|readers?|teams?"
    r"|colleagues?|requests?|orders?|repositories|packages?|accounts?|sites?|services?)\b",
    re.IGNORECASE,
)
MANY = re.compile(rf"\b{NUMBER}\b|%|\b(?:all|every|none|nobody|no one|each|most|few)\b", re.IGNORECASE)
NOT = re.compile(
    r"\b(?:no|none|nobody|nothing|without|only|un(?:affected|touched|harmed)|stayed|kept"
    r"|(?:not|never) (?:at risk|affected|touched|hit|reached|lost|harmed|damaged|exposed|concerned|involved))\b",
    re.IGNORECASE,
)
WHY = re.compile(
    r"\b(?:because|since|so that|due to|led to|caused?|made|let|allowed|after|when a|as a result)\b", re.IGNORECASE
)
LOOKED_FOR = {
    "who was affected": WHO,
    "from when to when": TIME,
    "how many, or how much": MANY,
    "what was not affected": NOT,
    "what made it possible": WHY,
    "for whom it was": WHO,
    "what made it sensible": WHY,
}
OF_KIND = {
    "incident": ("who was affected", "from when to when", "how many, or how much", "what was not affected", "what made it possible"),
    "recurring": ("who was affected", "from when to when", "how many, or how much", "what made it possible"),
    "launch": ("for whom it was", "from when to when", "how many, or how much"),
    "project": ("for whom it was", "from when to when", "how many, or how much"),
    "decision": ("for whom it was", "from when to when", "what made it sensible"),
}  # fmt: skip


def says(kind: str, text: str) -> list[tuple[str, bool]]:
    """(what a stranger looks for, whether it seems to be there); [] without a text."""
    without_times = TIME.sub(" ", text)
    found = []
    for words in OF_KIND[kind] if text.strip() else ():
        pattern = LOOKED_FOR[words]
        found.append((words, bool(pattern.search(without_times if pattern is MANY else text))))
    return found
