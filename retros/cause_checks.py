"""Questions about an answer to "why was that possible?", and about the whole tree of causes. Pure: each is a question to the one
who writes; nothing is refused, counted or kept."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

MOST_ASKED = 2  # more questions at once are not read
NEXT_AFTER_A_PERSON = "What made that likely, and what let it pass?"
ORDINARY_NAMES = {
    "art", "april", "august", "bill", "chase", "dawn", "dean", "drew", "faith", "frank", "grace", "grant", "guy", "hope", "iris",
    "ivy", "joy", "june", "mark", "max", "may", "miles", "page", "pat", "rich", "rob", "rose", "sue", "summer", "will",
}  # fmt: skip
STOP_WORDS = {
    "a", "an", "and", "are", "as", "at", "be", "because", "been", "but", "by", "could", "did", "do", "does", "due", "for",
    "from", "had", "has", "have", "how", "in", "into", "is", "it", "its", "more", "of", "on", "or", "so", "such", "than",
    "that", "the", "their", "them", "then", "there", "they", "this", "to", "was", "we", "were", "what", "when", "which",
    "while", "who", "why", "with", "would", "not", "no",
}  # fmt: skip
SAME_AGAIN = {
    "down", "outage", "unavailable", "offline", "broken", "broke", "break", "fail", "failed", "failing", "failure", "incident",
    "degraded", "degradation", "service", "services", "site", "system", "systems", "app", "application", "error", "errors",
    "problem", "problems", "issue", "issues", "happened", "occurred", "crash", "crashed", "stopped", "working", "work", "went",
    "slow", "impact", "impacted", "affected", "customers", "users", "everything",
}  # fmt: skip
NEGATIONS = re.compile(
    r"\b(?:no|not|none|never|without|missing|absent|lack|lacking|lacked|n't)\b|n['\u2019]t\b", re.IGNORECASE
)
LAPSE = (
    r"(?:forgot|misjudged|misread|mistyped|misconfigured|overlooked|neglected|assumed|ignored|panicked|rushed|"
    r"missed (?:the|an?|it|this)|deleted|pushed|typed|"
    r"failed to|should(?:n['\u2019]t| not)? have(?: \w+)?|could have(?: \w+)?|"
    r"(?:did not|didn['\u2019]t) (?:check|read|follow|notice|look|see|think|verify|test|ask|tell|know|realise|realize)|"
    r"made a mistake|was (?:careless|distracted|not paying))"
)
ROLE = (
    r"(?:(?:the|an?|our|one|another) )?(?:[\w-]+ )?(?:engineer|operator|developer|admin|administrator|sysadmin|dba|manager|lead|"
    r"maintainer|reviewer|approver|author|owner|tester|analyst|technician|commander|responder|colleague|person|employee|contractor|intern|on-?call|somebody|someone|he|she|they|we|I|team)"
)
PERSON = re.compile(rf"(?:^|[.;:,]\s*|\b(?:because|and|that|when)\s+)(?P<quote>{ROLE} {LAPSE})", re.IGNORECASE)
ERROR = re.compile(
    r"\b(?:human|operator|user|pilot|manual) errors?\b|\bfat[- ]finger\w*|\b(?:a |the )?typos?\b|\bby mistake\b|"
    r"\b(?:a|the) mistake (?:by|of)\b",
    re.IGNORECASE,
)
TRAIT = re.compile(
    r"\b(?:careless(?:ness)?|sloppy|sloppiness|lazy|laziness|incompeten\w+|stupid(?:ity)?|complacen\w+|inattenti\w+|negligen\w+|"
    r"inexperienced?|untrained|junior|distracted|not paying attention|cowboy|rogue|"
    r"lack of (?:diligence|ownership|care|attention|discipline|common sense|experience|training))\b",
    re.IGNORECASE,
)
LACK = re.compile(
    r"^(?:because |due to |there (?:was|were|is) |we (?:had|have) |it had )*(?:an? |the )?"
    r"(?P<quote>(?:lack of|no|missing|absence of|absent|insufficient|inadequate|not enough) [\w'\u2019-]+)|"
    r"(?P<end>[\w'\u2019-]+ (?:was|were) (?:missing|absent|not there|insufficient|inadequate))\W*$",
    re.IGNORECASE,
)
OUTSIDE = re.compile(
    r"^(?:because |due to )*(?:the |an? |our |some )?(?P<quote>(?:bad |heavy |third[- ]party |cloud |external )?"
    r"(?:weather|storm|lightning|flood|heat ?wave|earthquake|law|regulation|regulator|vendor|supplier|provider|third party|"
    r"carrier|customers?|users?|attackers?|hackers?))\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Question:
    """One question about the answer. `quote` is the part that it is about; `says` what it does to the search, `asks` what helps."""

    slug: str
    quote: str
    says: str
    asks: str


def about(
    answer: str, *, question: str = "", above: Iterable[str] = (), names: Iterable[str] = (), has_evidence: bool = False
) -> list[Question]:
    """Questions about one answer. `above` are the answers that it explains, nearest first; `names` those of the people."""
    chain = [text for text in above if text.strip()]
    if not answer.strip():
        return []
    asked = [
        person(answer, names),
        _trait(answer),
        _circle(answer, [*chain, *([question] if question.strip() else [])]),
        _again(answer) if chain else None,
        _lack(answer),
        _outside(answer),
        _leap(answer, [*chain[:1], question]) if question.strip() and not has_evidence else None,
    ]
    first: dict[str, Question] = {}  # the same words are asked about once
    for found in filter(None, asked):
        first.setdefault(found.quote.casefold() or found.slug, found)
    return list(first.values())[:MOST_ASKED]


def person(text: str, names: Iterable[str]) -> Question | None:
    """Whether the answer is about what a person did or left undone."""
    asks = f"Keep it as a step, and ask on: {NEXT_AFTER_A_PERSON[0].lower()}{NEXT_AFTER_A_PERSON[1:]}"
    quote = _named(text, names)
    if not quote:
        found = PERSON.search(text)
        quote = found["quote"] if found else ""
    if not quote:
        slip = ERROR.search(text)
        quote = slip[0] if slip else ""
    return Question("person", quote, "ends the search at a person.", asks) if quote else None


def _named(text: str, names: Iterable[str]) -> str:
    """A name with the word behind it, as far as it is the subject; names that are ordinary words only before a lapse."""
    # Of five hundred people hardly one, and a pattern each is slow.
    for name in sorted(part for part in _parts(tuple(names)) if part in text):
        found = re.search(rf"(?<![\w@]){re.escape(name)}(?!['\u2019\w])(?: (?P<next>[\w'\u2019-]+))?", text)
        is_lapse = re.search(rf"(?<!\w){re.escape(name)} {LAPSE}", text)
        if found and len(name) > 1 and (is_lapse or name.casefold() not in ORDINARY_NAMES):
            return is_lapse[0] if is_lapse else found[0]
    return ""


@lru_cache(maxsize=64)
def _parts(names: tuple[str, ...]) -> frozenset[str]:
    """Full names and first names. Asked for each answer of a review, about the same people."""
    return frozenset(part for full in names for part in (full, full.split()[0] if full.split() else "") if part)


def _trait(text: str) -> Question | None:
    found = TRAIT.search(text)
    if found is None:
        return None
    asks = "What does the task need that the set-up did not give whoever was on it?"
    return Question("trait", found[0], "judges, and explains nothing that can be changed.", asks)


def _circle(answer: str, above: list[str]) -> Question | None:
    own = _tokens(answer)
    for text in above:
        other = _tokens(text)
        same = own & other
        is_same = len(same) > 0.6 * len(own) if len(own) > 1 else bool(own) and own == other
        both_lack = NEGATIONS.search(answer) and NEGATIONS.search(text)
        if is_same or (both_lack and len(same) >= 0.5 * min(len(own), len(other)) > 0):
            return Question(
                "circle", _short(text), "is said again by this answer.", "What made that so in the first place?"
            )
    return None


def _again(answer: str) -> Question | None:
    own = {word for word in re.findall(r"[^\W\d_]+", answer.casefold()) if word not in STOP_WORDS}
    if not own or not own <= SAME_AGAIN:
        return None
    return Question("again", _short(answer), "names the effect once more.", "What had to be true for it to happen?")


def _lack(text: str) -> Question | None:
    found = LACK.search(text.strip())
    if found is None:
        return None
    says = "names a remedy that was not there."
    return Question(
        "lack", found["quote"] or found["end"], says, "What was used instead, and why was that good enough until now?"
    )


def _outside(text: str) -> Question | None:
    found = OUTSIDE.search(text.strip())
    if found is None:
        return None
    says = "lies outside our reach."
    return Question(
        "outside", found["quote"], says, "Since that can happen: what was our detection, our fallback, our tolerance?"
    )


def _leap(answer: str, before: list[str]) -> Question | None:
    """Asked where somebody wrote a question of their own: a new word in each answer to the plain one is how a search goes on."""
    own, other = _tokens(answer), _tokens(" ".join(before))
    if len(own) < 3 or not other or own & other:
        return None
    return Question(
        "leap", "", "This is a long step from what it explains.", "What lies between? A moment as evidence helps, too."
    )


def _tokens(text: str) -> set[str]:
    """Words without the small ones, cut to their stem as far as that is safe."""
    found = set()
    for word in re.findall(r"[^\W_]+", NEGATIONS.sub(" ", text.casefold())):
        if word not in STOP_WORDS:
            stem = re.sub(r"(?:ing|ed|es|s|e)$", "", word)
            found.add(stem if len(stem) > 2 else word)
    return found


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59].rstrip()}\u2026"


def about_tree(*, levels: int, effects: int, branches: int, is_serious: bool) -> list[str]:
    """Questions about the whole, once there is one: too short, too deep, one line of causes only."""
    asked = []
    if is_serious and 0 < levels < 3:
        asked.append("This is short for what happened. What made the last answer possible?")
    if levels > 8:  # the effect is the first
        asked.append("More than eight levels deep. Is there a place higher up to branch, or to stop?")
    if is_serious and levels >= 3 and effects == 1 and branches == 1:
        asked.append(
            "One line of causes so far. Why was it not noticed sooner? Why did it last so long, or reach so many?"
        )
    return asked
