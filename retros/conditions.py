"""What a note about a condition seems to be about, and which notes say the same. Guesses that order buttons, nothing more. Pure."""

import re

# Kind of condition -> beginnings of words that speak for it. The keys are the values of `Category`; a test compares them.
WORDS: dict[str, str] = {
    "change": "deploy release rollout roll-out migrat merg flag upgrade config change",
    "verification": "test rehears review staging dry-run drill verif check exercis",
    "detection": "alert alarm paged pager monitor threshold notic detect",
    "diagnosis": "dashboard log metric trace graph lag screen unclear display symptom diagnos topology",
    "design": "coupl quorum single-point architect failover fallback cascad design circular hub",
    "capacity": "load capacity traffic queue memory disk full limit saturat throughput",
    "dependency": "vendor supplier third-party provider upstream library depend",
    "data": "data replic schema corrupt inconsisten write writes",
    "recovery": "restor rollback roll-back backup recover revert",
    "tooling": "tool button form interface command prompt script console page",
    "access": "permission access credential token login right certificate",
    "documentation": "runbook wiki document knew knowledge know training manual heart",
    "communication": "hand-over handover hand-off handoff told channel status-page message announc said communicat",
    "ownership": "owner owned nobody role responsib",
    "staffing": "night tired on-call alone holiday shift weekend staff fatigue",
    "planning": "deadline estimat plan schedul postpon",
    "priorities": "priorit trade-off backlog instead",
    "organisation": "incentive reorg budget policy boundar goal",
    "security": "attack vulnerab leak exploit security",
    "history": "earlier previous before warned again last-time known",
    "environment": "power weather cooling cable market",
    "helped": "help saved luckily limited-the prevented paused",
}
_PATTERNS = {
    kind: re.compile(r"\b(?:" + "|".join(w.replace("-", "[- ]?") for w in words.split()) + ")", re.IGNORECASE)
    for kind, words in WORDS.items()
}
_STOP = frozenset(
    {
        "an", "and", "are", "as", "at", "be", "been", "but", "by", "could", "did", "do", "for", "from", "had", "has", "have",
        "if", "in", "into", "is", "it", "its", "no", "nor", "not", "of", "on", "one", "only", "or", "so", "some", "than",
        "that", "the", "their", "them", "then", "there", "these", "they", "this", "to", "too", "up", "was", "way", "were",
        "what", "when", "where", "which", "who", "with",
    }
)  # fmt: skip
ALIKE = 0.5  # share of the shorter note's words that both have


def likely(text: str) -> list[str]:
    """Kinds of condition that the words speak for, the one with most words first."""
    hits = {kind: len(pattern.findall(text)) for kind, pattern in _PATTERNS.items()}
    return sorted((kind for kind, count in hits.items() if count), key=lambda kind: -hits[kind])


def alike(text: str, others: dict[int, str]) -> int | None:
    """The key of the other text that seems to say the same; None where none does."""
    mine = _stems(text)
    best, found = ALIKE, None
    for key, other in others.items():
        theirs = _stems(other)
        both, least = len(mine & theirs), min(len(mine), len(theirs))
        if both >= 2 and both / least >= best:
            best, found = both / least, key
    return found


def _stems(text: str) -> set[str]:
    words = re.findall(r"[\w'-]{2,}", text.casefold())
    return {word[:6].rstrip("s") for word in words if word not in _STOP}
