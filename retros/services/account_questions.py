"""What an account asks: five questions for everybody, worded by the event's kind, and more for whoever has more to say.

A slug is for good: answers are kept by it, whatever becomes of the words. Who is asked what else follows from the kind, and
from the words that say what a person was in the event; without such words they choose.
"""

from dataclasses import dataclass, replace

from retros.models import Kind


@dataclass(frozen=True)
class Question:
    """One question: its words in the form, the heading over its answer, and how many rows are offered."""

    slug: str
    words: str
    heading: str
    hint: str = ""
    rows: int = 2


@dataclass(frozen=True)
class Group:
    """Further questions under one heading."""

    title: str
    questions: list[Question]


GUESS = "Your best guess. The logs will correct the clock, so you don\u2019t have to."
A_DAY = "A day or a month is enough, such as 12 Mar 2026 or 2026-03."
THEN = "What you knew then, not what you know now."
FIVE = (
    Question("noticed_at", "When did you first notice something?", "First sign", GUESS, 1),
    Question("saw", "What did you see, and what did you take it to mean?", "What I took it to mean", THEN, 5),
    Question("did", "What did you do, and what made that the sensible next step?", "What I did, and why then", "", 4),
    Question("helped", "What helped, even a little?", "What helped"),
    Question("ask", "What should we ask about in the room?", "To ask in the room"),
)
# What a kind says in its own words: slug -> (question, hint).
BY_KIND: dict[str, dict[str, tuple[str, str]]] = {
    Kind.LAUNCH: {
        "noticed_at": ("When did it first look different from the plan?", f"{GUESS} If it never did, leave this out."),
        "saw": ("What did you see during the launch, and what did you take it to mean?", THEN),
        "did": ("What did you do or decide, and what made that the sensible next step?", ""),
        "helped": ("What went as planned, and what made that possible?", ""),
    },
    Kind.PROJECT: {
        "noticed_at": ("When did you first sense that it would go differently from the plan?", A_DAY),
        "saw": ("What did you see from your place, and what did you expect to follow?", THEN),
        "did": ("What did you do or propose, and what made it sensible at the time?", ""),
        "helped": ("What carried the work, even a little?", ""),
    },
    Kind.DECISION: {
        "noticed_at": ("When did you learn that this was to be decided?", A_DAY),
        "saw": ("What was known to you then, and what did you expect to happen?", THEN),
        "did": ("What did you favour, and what made it the sensible choice?", ""),
        "helped": ("What helped to decide, even a little?", ""),
    },
    Kind.RECURRING: {
        "noticed_at": ("When did you first notice it this time?", GUESS),
        "saw": ("What did you see, and did it remind you of something?", THEN),
    },
}
OF_KIND: dict[str, Group] = {
    Kind.LAUNCH: Group(
        "About the launch",
        [
            Question("week_before", "A week before, how ready did it look to you?", "A week before"),
            Question("was_told", "What had you been told about your part, and by whom?", "What I had been told"),
            Question("go", "Go or no-go: which would you have said, had you been asked alone?", "Go or no-go"),
        ],
    ),
    Kind.PROJECT: Group(
        "About the project",
        [
            Question(
                "stages", "How was the beginning, the middle and the end for you?", "Beginning, middle, end", "", 3
            ),
            Question("energy", "When did it give you energy, and when did it cost you some?", "Energy"),
            Question(
                "estimate", "Where was the work bigger or smaller than estimated, and why so?", "Estimated and real"
            ),
            Question("keep", "One thing to keep for the next one?", "To keep"),
        ],
    ),
    Kind.DECISION: Group(
        "About the decision",
        [
            Question("missing", "What would you have liked to know, and who had it?", "What was not known"),
            Question("doubts", "Which doubts were there, and where were they said?", "Doubts"),
        ],
    ),
    Kind.RECURRING: Group(
        "About the earlier times",
        [
            Question("earlier", "When did you meet this before, and how was it told apart then?", "Earlier times"),
            Question(
                "promised", "What was to be changed after the last time, as you understood it?", "What was promised"
            ),
        ],
    ),
}
ANYBODY = Group(
    "If you have more to say",
    [
        Question("where", "Where were you in this, and from when to when?", "My part in it"),
        Question("goal", "What were you trying to achieve at that moment?", "What I was after"),
        Question("sure", "How sure were you of your picture, from 0 to 10?", "How sure I was"),
        Question("options", "Which other ways were open, and what spoke against them?", "Other ways"),
        Question("surprised", "What did you expect to happen, and what surprised you?", "What surprised me"),
        Question("hard", "What made it hard: tools, rights, noise, time, tiredness, other work?", "What made it hard"),
        Question("asked_help", "When did you ask for help, or what kept you from it?", "Asking for help"),
        Question("usual", "How does work like this go on a good day?", "On a good day"),
        Question("proof", "Which links, pictures or logs support what you wrote?", "What supports this"),
        Question("luck", "What went well, and how much of it was luck?", "What went well, and luck"),
        Question("understand", "What do you want the others to understand?", "To be understood"),
        Question("inside", "What of this belongs inside the team?", "For inside only"),
    ],
)
# Who somebody was: the words for it in a person's part, how it is offered, and what is asked.
PARTS: tuple[tuple[tuple[str, ...], str, Question], ...] = (
    (("commander", "incident manager", "incident lead", "coordinat"), "You led the response",
     Question("led", "At each decision, which picture of the situation did you have?", "My picture at each decision", "", 3)),
    (("on call", "on-call", "oncall", "pager", "on duty"), "You were on call",
     Question("on_call", "How were the hand-over, your sleep and the load of that shift?", "The shift")),
    (("support", "customer care", "customer success", "service desk", "help desk"), "You spoke with customers",
     Question("customers_said", "What did customers say, and when did the first one reach you?", "What customers said")),
    (("author", "change", "deploy", "release", "migration"), "You made the change",
     Question("checks", "Which checks did you have beforehand, and what looked as it always does?", "Before the change")),
    (("vendor", "supplier", "provider", "contractor"), "You are with a supplier",
     Question("other_side", "What could be seen from your side, and what reached you from ours?", "From the supplier\u2019s side")),
    (("manager", "head of", "director", "product owner", "project lead"), "You set priorities",
     Question("priorities", "Which priorities stood, and how did people know of them?", "Priorities as they stood")),
    (("new ", "newcomer", "trainee", "intern ", "observ", "shadow"), "You were new, or looked on",
     Question("unclear", "What was unclear to you, and whom could you ask?", "What was unclear")),
    (("customer", "client", "user"), "You were on the receiving end",
     Question("my_day", "What did it do to your day?", "What it did to my day")),
)  # fmt: skip
FORMER = Question("noticed", "What was the first sign?", "First sign")  # asked once, and answered in older accounts
_FURTHER = [*(q for _, _, q in PARTS), *(q for group in OF_KIND.values() for q in group.questions), *ANYBODY.questions]
EVERY = {question.slug: question for question in (FORMER, *FIVE, *_FURTHER)}


def core(kind: str) -> list[Question]:
    """The five, in the words of the kind."""
    own = BY_KIND.get(kind, {})
    return [replace(q, words=own[q.slug][0], hint=own[q.slug][1]) if q.slug in own else q for q in FIVE]


def further(kind: str, part: str) -> list[Group]:
    """What is asked on demand: of what the person was, about this kind, and of anybody."""
    mine = part_of(part)
    if mine:
        first = Group(f"For your part: {part.strip()}", [mine])
    else:
        first = Group(
            "Which of these were you?", [replace(q, words=f"{who}: {_lower(q.words)}") for _, who, q in PARTS]
        )
    return [group for group in (first, OF_KIND.get(kind), ANYBODY) if group]


def part_of(words: str) -> Question | None:
    """The question for what a person was, by the words that say it; None where they say nothing that is known."""
    said = f"{words.casefold()} "
    return next((question for marks, _, question in PARTS if any(mark in said for mark in marks)), None)


def asked(kind: str, part: str) -> list[Question]:
    """Everything that this person is asked, the five first."""
    return [*core(kind), *(q for group in further(kind, part) for q in group.questions)]


def answered(kind: str, answers: dict[str, str]) -> list[tuple[Question, str]]:
    """The answers that are there, under their questions, in the order in which they are read."""
    worded = {q.slug: q for q in core(kind)}
    return [(worded.get(slug, question), answers[slug]) for slug, question in EVERY.items() if answers.get(slug)]


def _lower(words: str) -> str:
    return words[:1].lower() + words[1:]
