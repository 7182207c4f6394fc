"""What the facilitator is told at each step, for their eyes alone: what to say, what to ask, what to listen for, what to do when
time is short; and lines that help when the talk goes astray. Words only: reads nothing."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Script:
    """One part of a step. `do` is what happens in it, in one sentence; `say` is read aloud, `ask` holds the questions."""

    do: str
    say: str
    ask: tuple[str, ...]
    listen: str
    short: str


@dataclass(frozen=True)
class Rescue:
    """What happens in the room, what to say then, and what to do right after."""

    when: str
    say: str
    then: str


SCRIPTS: dict[str, Script] = {
    "opening": Script(
        "Read the rule aloud, say who writes, wait until everybody has pressed I agree, then look at what earlier reviews left open, "
        "if anything.",
        "We are here to find out how this looked while it went on. Everybody acted sensibly with what they had. Names stand only for what "
        "somebody saw, did or owns. Ideas for fixes are welcome; we park them until the action step. Anybody may ask for a pause.",
        (
            "Is there anything that would keep you from speaking freely today?",
            "Is an action of an earlier review still open that would have mattered here?",
        ),
        "Somebody who does not press. Ask that person alone, in a pause, never in front of everybody.",
        "Read the rule, name the scribe, go on. What earlier reviews left open comes up again in the action step.",
    ),
    "summary": Script(
        "A silent minute for reading. Then the scribe corrects what is wrong, in place, while you ask.",
        "Please read this for a minute, in silence. Then tell us what somebody who was not there would get wrong.",
        (
            "What would a stranger misread?",
            "Who felt it, from when to when, and how many were they?",
            "Which word is a guess?",
        ),
        "Words that already explain, such as “because” or “due to”. They come later.",
        "Ask only for the figures that are wrong. The text can be polished in the draft.",
    ),
    "timeline": Script(
        "Go from moment to moment. Stop where somebody decided, where people disagree, or where it is quiet for long.",
        "We walk forward, and nobody knows yet how it ends. At each moment I ask what could be seen, and what that seemed to mean.",
        (
            "What did you see, and where?",
            "What did you take it to mean? What else could it have been?",
            "What else was going on just then?",
            "What did you expect to happen next?",
            "Who is missing from this moment?",
        ),
        "“Obviously”, “just”, “simply”: there the detail is. And faces that hear something for the first time.",
        "Walk the key moments only: the first sign, each decision, the turn to the better.",
    ),
    "root-cause": Script(
        "Write one effect. Ask why it was possible until the answer is something that you could change.",
        "We look for what made this possible for any of us. If an answer ends with a person, we ask once more.",
        (
            "What made this possible, whoever had been on duty?",
            "What kept it from being seen earlier?",
            "What made it last, or reach so many?",
            "Which control was expected to hold, and what happened to it?",
        ),
        "“Lack of”, “missing”, “human error”: ask what people used instead, and why that was good enough until then.",
        "Follow one branch to its end. Mark the others as open; “cause not established” is an honest answer.",
    ),
    "factors": Script(
        "Two minutes of silent writing, everybody for themselves. Then read them, and give each its kind.",
        "Two minutes in silence: which conditions made this more likely, longer or worse? One line each. Nobody sees them until we "
        "open them.",
        (
            "What would have let us catch this earlier?",
            "What about the hour, the load, the hand-over?",
            "What limited the harm?",
        ),
        "Whether only technology is on the list. Ask about roles, planning and priorities once.",
        "One minute of writing, no talk. Group afterwards, in the draft.",
    ),
    "went-well": Script(
        "One thing per person, the quiet ones first. Put luck apart and ask whether it could become design.",
        "Before we plan anything: what worked that we must not lose? And what saved us that nobody had planned?",
        (
            "What did somebody do that helped you?",
            "Which tool told the truth at once?",
            "What was luck? Could we make it design?",
        ),
        "Thanks that stay general. Ask what exactly helped, so that it can be kept.",
        "One round, one sentence each. Do not skip it.",
    ),
    "actions": Script(
        "First what is left of earlier reviews and of the parked ideas, then new ones. Few and finished beat many.",
        "We take the ideas that waited, then new ones. For each: which condition does it change, and would it work if nobody "
        "remembered it?",
        (
            "Which factor does this answer?",
            "Who will own it? By when? How will we know that it is done?",
            "What do we decide not to do, and why?",
        ),
        "“We should”, “improve”, “be more careful”. Ask what would be different on the machine or on the calendar.",
        "Commit the two strongest. Keep the rest as proposals, and decide within three days in a small group.",
    ),
    "close": Script(
        "Thank people, say what happens next and by when, and give them a quiet minute for the two questions.",
        "Thank you. The draft comes within two days and you can correct it. Two questions, nobody sees who answered what.",
        ("What did you learn that changes what you do?", "Is there anything we left out?"),
        "What people say on the way out. Write it down at once.",
        "The two questions take half a minute. End with them.",
    ),
    # Launch
    "to-plan": Script(
        "Put the plan first, then what came out as intended.",
        "What was promised, to whom and by when? Then: what came out just as we meant it, and what did we do for that?",
        (
            "Which facts did we have for go or no-go?",
            "What did we cut, and was that right?",
            "What went so smoothly that nobody noticed?",
        ),
        "Success that is taken for granted. Ask what it took.",
        "Two things that went to plan, one sentence each.",
    ),
    "deviated": Script(
        "Walk to the moments where the launch left the plan. A difference is no fault.",
        "Here it went another way than planned. What was known in that hour, and what made the step sensible?",
        (
            "What did the plan not know?",
            "Where did work pile up?",
            "Who decided, with which facts, and who had to hear of it?",
        ),
        "Defence of the plan, or of the change. Both were sensible; ask for the facts.",
        "The largest deviation only.",
    ),
    "surprised": Script(
        "One round: what nobody had expected, good or bad.",
        "One surprise each, large or small. Surprises tell us where our picture was wrong.",
        ("What surprised you in the first hour? In the first week?", "What did users do that we had not imagined?"),
        "“I knew it”. Ask what that person saw, and what kept others from seeing it.",
        "Write them down in silence, read them, go on.",
    ),
    "repeat": Script(
        "What the next launch should copy, word for word.",
        "If a new team launched next month: what should they copy from us without changing a word?",
        ("What worked on purpose?", "What worked by luck?", "Who should hear of it?"),
        "General praise. Ask for the step, the list, the time.",
        "Two things to copy, with who knows how.",
    ),
    "differently": Script(
        "Wishes become conditions of the next time. Remedies are parked.",
        "With what we know now: what should be different on the day it starts again?",
        ("What should be there before the first step?", "What should stop being necessary?"),
        "Tasks in disguise. Park them for the action step.",
        "One condition each; the rest in the draft.",
    ),
    # Project
    "impact": Script(
        "Goal by goal: met, partly or not, and what shows it.",
        "We read the goals as they were written at the start. For each: met, partly, not met, and how do we know?",
        ("When did the meaning of success change?", "Which goal did nobody look at again?"),
        "A discussion of blame for what was missed. A goal says something about a plan.",
        "Only the goals on which people disagree.",
    ),
    "not-well": Script(
        "What was hard, and what signs there were. Ask about people, too.",
        "What made it hard? Waiting, hand-offs, changes, load. And how are you?",
        (
            "Which early sign was there, and who could have heard it?",
            "Where did waiting cost most?",
            "What did the estimates leave out?",
        ),
        "One team named again and again. Turn it into a condition between teams.",
        "One sentence each, written.",
    ),
    "in-retrospect": Script(
        "Each large decision with what was known on its day.",
        "We weigh the decision by what could be known that day. The result came later.",
        ("What was known, and what was not?", "With the same facts, would you take it again?"),
        "“In hindsight”. Ask what lay on the table then.",
        "The one decision that cost or saved most.",
    ),
    "recommendations": Script(
        "What the next team gets, so that it starts further on.",
        "You hand over tomorrow. Which three sentences do you give to the next team?",
        ("What should they do first?", "What can they stop worrying about?"),
        "Advice without a reader. Ask who does what with it.",
        "One sentence of advice each.",
    ),
    # Recurring issue
    "occurrences": Script(
        "The earlier times side by side: what is the same, what differs.",
        "This came back. We look at what the times share, not at who was on duty.",
        ("What is the same each time?", "What differed, and helped?"),
        "“Again”, with a sigh. Tiredness is a finding; write it down.",
        "Name the one thing all times share.",
    ),
    "promised": Script(
        "What was promised before, and what became of it.",
        "These actions were promised. For each: done, not done, or done and not enough?",
        ("What stood in its way?", "Where it was done, what did it not reach?"),
        "Owners who explain themselves. Ask about the way, not the person.",
        "Only the promise that would have mattered most.",
    ),
    # Decision
    "options": Script(
        "What lay on the table that day, and what was known.",
        "We go back to that day. Which options were there, and what did we know of each?",
        ("Who was asked, and who was not?", "How much time was there?", "Which option did nobody think of?"),
        "Options that were found later. They belong to the next step.",
        "The chosen option and the next best one.",
    ),
    "expected": Script(
        "What was expected of it, beside what came.",
        "What did we expect then? And what came?",
        ("Which part could be expected that day?", "Which part was luck, good or bad?"),
        "Judging the decision by its result.",
        "The largest difference only.",
    ),
    "reasonable": Script(
        "What made it the sensible choice.",
        "Somebody sensible chose this. What was in front of them?",
        ("What would somebody else have chosen, with the same facts?", "What made it urgent, or easy?"),
        "Irony. Say that you mean the question.",
        "One sentence that begins with “It was sensible because”.",
    ),
    "ask-next": Script(
        "The question that would have changed the choice.",
        "Which question, asked that day, would have changed what we did?",
        ("Who could have answered it?", "How would we remember to ask it?"),
        "Questions that only hindsight can ask.",
        "One question, in words that fit on a checklist.",
    ),
}
OF_KIND: dict[tuple[str, str], Script] = {
    ("project", "timeline"): Script(
        "Phase by phase: planned, actual, and where the time went.",
        "We walk through the phases. Where did the time go that the plan did not know of?",
        ("What did this phase wait for?", "When did somebody notice, and what could they do with it?", "Which decision set the pace?"),
        "Phases that are told in one breath. Ask for a week out of them.",
        "The phase that differs most from its plan.",
    ),
    ("decision", "timeline"): Script(
        "The moments between the decision and its outcome, forward.",
        "We walk forward from the day of the decision. At each moment: what did we believe then?",
        ("What told you that it worked, or did not?", "Could it have been taken back here?"),
        "The outcome, which sneaks into every sentence.",
        "The decision, the first sign, the outcome.",
    ),
    ("recurring", "root-cause"): Script(
        "Ask of all the times at once: what keeps making this possible?",
        "It came back although people worked on it. What makes it possible again and again?",
        ("Which condition was there every time?", "What did the last fix not reach?", "What makes living with it bearable?"),
        "A new cause each time. Ask what they have in common.",
        "One branch: why did the last remedy not hold?",
    ),
}  # fmt: skip
RESCUES: tuple[Rescue, ...] = (
    Rescue(
        "Somebody is blamed",
        "Let us turn that into a condition: what was true of the set-up, whoever had been there?",
        "Have the scribe write the condition, not the name.",
    ),
    Rescue(
        "Somebody defends themselves",
        "I ask about the situation, not about you. What was on your screen?",
        "Thank them for the detail that comes.",
    ),
    Rescue(
        "One person talks",
        "Hold that thought, I would like to hear from somebody we have not heard yet.",
        "Name nobody. Look at the list of hands.",
    ),
    Rescue(
        "Silence",
        "Everybody writes one line, for one minute. Then we read them.",
        "Wait the whole minute. It is long for you only.",
    ),
    Rescue(
        "Remedies too early",
        "Good idea, parked for the action step. What happened next?",
        "Press Park at the note; it comes back by itself.",
    ),
    Rescue(
        "Two people argue about a fact",
        "You remember it differently, and both may stand. What would show us which it was?",
        "“I saw it differently” keeps both views on the moment.",
    ),
    Rescue(
        "We run out of time",
        "We have a few minutes. What in this step would be lost if we went on now?",
        "Look at When time is short, then +5 min or Next.",
    ),
    Rescue(
        "Somebody is upset",
        "We stop for five minutes. Nobody has to explain why.",
        "Press Pause. Speak with that person outside, alone.",
    ),
    Rescue(
        "Somebody of rank answers everything",
        "In this round we hear those who were there first; whoever leads speaks last.",
        "Say it to the round, with a smile.",
    ),
    Rescue(
        "“Human error”",
        "What made that step look right at that moment?",
        "Go on asking until a condition stands there.",
    ),
)  # fmt: skip


def of(kind: str, parts: tuple[str, ...]) -> list[Script]:
    """The scripts of a step, one for each of its parts."""
    found = [OF_KIND.get((kind, part)) or SCRIPTS.get(part) for part in parts]
    return [script for script in found if script]
