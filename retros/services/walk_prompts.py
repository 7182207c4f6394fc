"""What the room is asked at a moment of the timeline: by what kind of moment it is, and by what it marks. Reads nothing.

The questions walk forward: what could be seen, what it was taken to mean, what lay open. None asks who, and none knows the end.
"""

OF_TYPE = {
    "signal": "What could be seen of it, and where?",
    "belief": "What made that the likely reading, with what was on the screen?",
    "decision": "Which options lay open, and what made this one sensible?",
    "action": "What did you expect to happen next, and how would you have seen it?",
    "communication": "Who heard of it for the first time here, and what did they need to know?",
    "recovery": "How did you know that it worked?",
    "context": "What was as always that day, and what was not?",
    "": "What did you see, and what did you take it to mean?",
}
OF_LANDMARK = {
    "impact_start": "What did the system do here that nobody could see yet?",
    "detected": "What told us, and what could have told us earlier?",
    "acknowledged": "What was in front of you when you took it up?",
    "declared": "What made it this severe, at this minute?",
    "investigation": "What ruled the other explanations out?",
    "mitigation": "What made this the first thing to try?",
    "mitigated": "Where could it be seen that the impact was over?",
    "communication": "What was certain enough to be said, and what was not yet?",
    "verification": "What was looked at, and what was taken on trust?",
    "resolved": "What was still open when we called it over?",
    "pre_launch": "Which facts did this rest on, and which came later?",
    "launch": "What did go or no-go rest on that morning?",
    "cutover": "What would have made us turn back here?",
    "announced": "Who learned of it by this word, and who had to know before?",
    "first_day": "What did the first day show that no test had?",
    "first_week": "What did people do with it that nobody had imagined?",
    "phase": "What did the plan know of this phase, and what did it not?",
}


def ask(type: str, landmark: str) -> tuple[str, ...]:
    """One or two questions: what the moment marks, then what kind of moment it is."""
    first, second = OF_LANDMARK.get(landmark, ""), OF_TYPE.get(type, OF_TYPE[""])
    return (first, second) if first and type else (first or second,)
