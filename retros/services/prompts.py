"""What the room is asked at each step of each kind: the question on top, the prompt beneath, the rule at the foot of the agenda."""

PROMPTS = {
    "opening": "Names only for what somebody saw, did or owns. Ideas for fixes are parked until the action step.",
    "summary": "Read it silently for a minute. What would a stranger misread?",
    "timeline": "We walk forward, not back. At each moment: what did you see, what did you take it to mean?",
    "root-cause": "What made this possible for any of us? What kept it from being seen? What made it last or spread?",
    "factors": "Write for two minutes in silence, then group.",
    "went-well": "What or who saved us that is not guaranteed?",
    "actions": "Which condition does this change? Would it work if nobody remembered? Who, by when, done when?",
    "close": "One thing you learned that changes your work? Would you come again?",
    # Launch
    "to-plan": "What came out as intended, and what was done on purpose to get there?",
    "deviated": "Which facts were on the table in that hour? Where did work pile up?",
    "surprised": "What in the first hour, and what in the first week?",
    "repeat": "What would you do again without changing a word? What only worked by luck?",
    "differently": "Say it as a condition of the next time, not as a wish. Remedies are parked for the action step.",
    # Project
    "not-well": "Where did waiting and hand-offs cost most? Which early signal was there, and who could have heard it? How are people?",
    "in-retrospect": "What was known on that day? With the same facts, would you take it again?",
    "recommendations": "What do you hand to the next team, so that it starts further on?",
    # Recurring issue
    "occurrences": "What is the same each time, and what differs?",
    "promised": "Was it done? Where it was, what did it not reach? Where it was not, what stood in its way?",
    # Decision
    "options": "Who was asked, and how much time was there? Which option did nobody think of?",
    "expected": "Which part of the outcome could be expected that day, and which was luck, good or bad?",
    "reasonable": "What was in front of people that made it the best choice? What would somebody else have chosen?",
    "ask-next": "Which fact was within reach that day, and who had it?",
}
OF_KIND = {
    (
        "launch",
        "impact",
    ): "Which facts did go or no-go rest on? What was cut, and was that right? What did users do that nobody had imagined?",
    ("project", "impact"): "For each goal: met, partly or not, and what shows it?",
    ("project", "surprised"): "What did the estimates leave out? What was easier than anybody thought?",
    ("project", "went-well"): "Which early choice paid off late? What would the next project miss without it?",
}
HEADS = {
    "launch": {
        "to-plan": "What did we promise, to whom, and by when?",
        "deviated": "Where did it leave the plan, and what made that the sensible step?",
        "surprised": "What did nobody expect?",
        "repeat": "What should the next launch copy from this one?",
        "differently": "With what we know now, what would we change?",
    },
    "project": {
        "impact": "What was success at the start, and when did that change?",
        "timeline": "Where did the time go that the plan did not know of?",
        "not-well": "What made it hard, and what did nobody expect?",
        "in-retrospect": "Which decision would we take again, with the same facts?",
    },
    "recurring": {"occurrences": "When did it happen before, and what was promised then?"},
    "decision": {
        "options": "What lay on the table, and what was known that day?",
        "expected": "What did we expect of it, and what came?",
        "reasonable": "What made it the sensible choice then?",
        "ask-next": "Which question would have changed the choice?",
    },
}
RULE = "We ask what people could see, and what made the next step sensible. Hindsight waits outside."
RULES = {
    "deviated": "A difference from the plan is no fault. Some are the best thing that happened.",
    "repeat": "What worked on purpose deserves as many words as what did not.",
    "impact": "A goal that was missed says something about a plan and a world, not about a person.",
    "in-retrospect": "A decision is weighed by what could be known on its day. The result came later.",
    "options": "A decision is weighed by what could be known on its day. The result came later.",
    "expected": "A good outcome does not make a good decision, nor a bad one a poor decision.",
    "occurrences": "What comes back was never one event. We look at what they share.",
}


def of(kind: str, part: str) -> str:
    """What the facilitator may ask at a part of the stage."""
    return OF_KIND.get((kind, part)) or PROMPTS.get(part, "")


def head(kind: str, step: str) -> str:
    """The question on top of a step; empty where the parts bring their own."""
    return HEADS.get(kind, {}).get(step, "")


def rule(step: str) -> str:
    return RULES.get(step, RULE)
