"""The built-in sections of a review: what each says from the recorded facts, and what a person may write in it."""

from collections.abc import Callable
from typing import Any

from retros import sections, timing
from retros.document import compose
from retros.document.build import span
from retros.document.tree import (
    Block,
    Bullets,
    Cause,
    Chain,
    Facts,
    Figures,
    Missing,
    Moment,
    Moments,
    Part,
    Text,
)
from retros.models import Event, Factor, Impact, TimelineEntry, WellKind, WentWell, WhyNode
from retros.sections import Check, Finding, Section
from retros.services import analysis, analysis_lists, document, entries, timeline_rows

RESPONSE = {"decision", "action", "communication", "recovery"}
NOTHING_WRITTEN = "Nothing written yet."


def _written(event: Event, slug: str, hint: str = NOTHING_WRITTEN) -> list[Block]:
    text = document.text_of(event, slug).text.strip()
    return [Text(text)] if text else [Missing(hint)]


def _optional(event: Event, slug: str) -> list[Block]:
    text = document.text_of(event, slug).text.strip()
    return [Text(text)] if text else []


def summary(event: Event) -> list[Block]:
    """What a person wrote; while drafting, what the facts compose, so that nobody starts from nothing."""
    text = document.text_of(event, "summary").text.strip()
    if text:
        return [Text(text)]
    return [Text(compose.summary(event)), Missing("Composed from what is recorded. Take it over, then make it yours.")]


def impact(event: Event) -> list[Block]:
    known: Impact | None = Impact.objects.filter(event=event).first()
    who = ""
    if known:
        count = f"{known.users_count:,}" if known.users_count is not None else ""
        who = ", ".join(part for part in (count, known.users_affected) if part)
    length = timing.duration_label(event.duration) if event.duration else ""
    pairs = [
        ("Users affected", who or "not stated"),
        ("Duration", f"{length}, {span(event)}" if length else span(event)),
        ("Revenue / business impact", known.business_effect if known and known.business_effect else "not stated"),
    ]
    more = [("Customer communication", "customer_communication"), ("Regulatory implications", "regulatory")]
    pairs += [(label, getattr(known, name)) for label, name in more if known and getattr(known, name)]
    blocks: list[Block] = []
    figures = [(figure.value, figure.label) for figure in event.figures.all()]
    if figures:
        blocks.append(Figures(figures))
    blocks.append(Facts(pairs))
    intervals = [(row.label, _interval(event, row)) for row in event.intervals.all()]
    if len(intervals) > 1 or (intervals and intervals[0][0] != "whole event"):
        blocks.append(Facts(intervals))
    return blocks + _optional(event, "impact")


def _interval(event: Event, row: Any) -> str:
    def side(at: Any, words: str) -> str:
        local = at.astimezone(event.zone) if at else None
        return f"{local.day} {timing.MONTHS[local.month - 1]}, {local:%H:%M}" if local else words

    start, end = side(row.started_at, row.started_text), side(row.ended_at, row.ended_text)
    told = " to ".join(part for part in (start, end) if part)
    return f"{timing.duration_label(row.duration)}, {told}" if row.duration else told or "not stated"


def timeline(event: Event) -> list[Block]:
    rows = entries.ordered(event)
    if not rows:
        return [Missing("The timeline starts with one moment."), *_optional(event, "timeline")]
    zero = timing.t_zero(event, rows)
    lines = timeline_rows.lines(event, rows, zero)
    several_days = len({line.entry.local_at.date() for line in lines if line.entry.local_at}) > 1
    moments: list[Block] = [Moments([_moment(line, several_days) for line in lines])]
    if event.kind in {"incident", "recurring"}:
        moments += [Part("Detection", _detection(event, rows)), Part("Response", _response(event, rows, zero))]
    return moments + _optional(event, "timeline")


def _moment(line: timeline_rows.Line, several_days: bool) -> Moment:
    entry, local = line.entry, line.entry.local_at
    clock = line.clock
    if several_days and local and entry.precision in {"exact", "approx"}:
        clock = f"{local.day} {timing.MONTHS[local.month - 1]}, {clock}"
    return Moment(
        offset=line.offset,
        clock=clock,
        iso=line.iso,
        text=entry.text,
        source=line.source,
        source_kind=line.shape,
        landmark=entry.get_landmark_display() if entry.landmark else "",
        is_key=entry.is_key,
    )


def _detection(event: Event, rows: list[TimelineEntry]) -> list[Block]:
    known = Impact.objects.filter(event=event).first()
    pairs = [("How it was noticed", known.detected_how)] if known and known.detected_how else []
    pairs += [(label, timing.duration_label(time)) for label, time in timing.derived(event, rows) if "detect" in label]
    return ([Facts(pairs)] if pairs else []) + _optional(event, "detection") or [
        Text("How it was noticed is not recorded.")
    ]


def _response(event: Event, rows: list[TimelineEntry], zero: Any) -> list[Block]:
    pairs = [
        (label, timing.duration_label(time)) for label, time in timing.derived(event, rows) if "detect" not in label
    ]
    decisions = [
        (timing.offset_label(row.at, zero, row.precision) or timing.clock_label(row), row.text)
        for row in rows
        if row.type == "decision"
    ]
    blocks: list[Block] = [Facts(pairs)] if pairs else []
    if decisions:
        blocks.append(Bullets(decisions))
    return blocks + _optional(event, "response") or [Text("Times of the response are not recorded.")]


def root_cause(event: Event) -> list[Block]:
    effects = analysis.causal_tree(event)
    blocks: list[Block] = [Chain([_cause(effect) for effect in effects])] if effects else []
    if event.is_cause_unknown:
        blocks.append(Text("The cause is not established."))
    written = _optional(event, "root-cause")
    return written + blocks or [Missing("No cause is recorded. \u201cNot established\u201d is an answer, too.")]


def _cause(node: WhyNode) -> Cause:
    return Cause(
        text=node.text,
        question=node.question,
        kind=node.kind,
        is_root_cause=node.is_root_cause,
        has_held=node.has_held,
        evidence=[entry.text for entry in node.evidence.all()],
        causes=[_cause(child) for child in node.children],  # type: ignore[attr-defined]
    )


def factors(event: Event) -> list[Block]:
    rows = Factor.objects.kept().filter(event=event)
    items = [
        (
            row.get_category_display(),
            row.text + (f" Caught earlier if {row.caught_earlier_if}" if row.caught_earlier_if else ""),
        )
        for row in rows
    ]
    return ([Bullets(items)] if items else [Missing("No contributing factor is recorded.")]) + _optional(
        event, "factors"
    )


def went_well(event: Event) -> list[Block]:
    rows = list(WentWell.objects.kept().filter(event=event))
    good = [("", row.text) for row in rows if row.kind != WellKind.LUCK]
    luck = [("", row.text) for row in rows if row.kind == WellKind.LUCK]
    blocks: list[Block] = [Bullets(good)] if good else []
    if not good and event.went_well_none:
        blocks.append(Text("We looked for what went well and found nothing."))
    if luck:
        blocks.append(Part("Luck", [Bullets(luck)]))
    return blocks + _optional(event, "went-well") or [
        Missing("Nothing is listed yet. Something always limited the harm.")
    ]


# --- Readiness and gate ---------------------------------------------------------------------------------------------
def timeline_readiness(event: Event) -> list[Check]:
    rows = entries.ordered(event, light=True)
    url = f"/e/{event.code}/timeline/"
    missing = timing.missing_landmarks(event.kind, rows)
    clashes = timing.contradictions(event, rows)
    keys = sum(row.is_key for row in rows)
    labels = dict(TimelineEntry._meta.get_field("landmark").choices or [])
    words = ", ".join(labels[name].lower() for name in missing)
    return [
        Check("Timeline", "Moments from logs, chat and memory", f"{len(rows)} so far" if rows else "",
              "ok" if len(rows) >= 3 else "part" if rows else "off", "Done" if len(rows) >= 3 else f"{len(rows)} so far", url),
        Check("Timeline", "Landmarks marked, times agree", clashes[0] if clashes else f"Not marked: {words}" if missing else "",
              "ask" if clashes else "ok" if rows and not missing else "part" if rows else "off",
              f"{len(clashes)} to settle" if clashes else "Done" if rows and not missing else f"{len(missing)} missing", url),
        Check("Timeline", "Key moments marked",
              f"{keys} key moment{'' if keys == 1 else 's'}" if keys else "They carry the story in the room",
              "ok" if keys else "off", "Done" if keys else "Not started", url),
    ]  # fmt: skip


def impact_readiness(event: Event) -> list[Check]:
    known = Impact.objects.filter(event=event).first()
    has_who = bool(known and (known.users_affected or known.users_count is not None))
    has_end = event.ended_at is not None
    label = "Done" if has_who and has_end else "No end yet" if not has_end else "Who was affected?"
    state = "ok" if has_who and has_end else "part" if has_who or has_end else "off"
    return [
        Check("Impact", "Impact and end", "Who was affected, from when to when", state, label, f"/e/{event.code}/edit/")
    ]


def gate_summary(event: Event) -> list[Finding]:
    if document.text_of(event, "summary").text.strip():
        return []
    url = f"/e/{event.code}/review/edit/summary/"
    return [Finding("no-summary", "There is no summary yet", "It is the part that most people read.",
                    "Take over the composed one and make it yours.", url, blocks=True)]  # fmt: skip


def gate_timeline(event: Event) -> list[Finding]:
    if TimelineEntry.objects.kept().filter(event=event).exists():
        return []
    return [Finding("no-timeline", "The timeline is empty", "A review without moments is an opinion.",
                    "Add at least when it began and when it ended.", f"/e/{event.code}/timeline/", blocks=True)]  # fmt: skip


def gate_cause(event: Event) -> list[Finding]:
    if event.kind != "incident" or event.is_cause_unknown or WhyNode.objects.kept().filter(event=event).exists():
        return []
    if document.text_of(event, "root-cause").text.strip():
        return []
    return [Finding("no-cause", "No cause is recorded", "Readers will look for one.",
                    "Record a cause, or say that it is not established.", f"/e/{event.code}/analysis/", blocks=True)]  # fmt: skip


def gate_went_well(event: Event) -> list[Finding]:
    if event.went_well_none or WentWell.objects.kept().filter(event=event).exists():
        return []
    return [Finding("no-went-well", "Nothing is listed under what went well", "It cannot be skipped without a word.",
                    "List one thing, or record that you looked and found nothing.", f"/e/{event.code}/analysis/#part-well",
                    blocks=event.kind == "incident")]  # fmt: skip


# --- Registration ---------------------------------------------------------------------------------------------------
def register_all() -> None:
    """Register them; called once when the apps are ready."""
    for section in (
        Section("summary", "Summary", summary, is_text=True, compose=compose.summary, gate=gate_summary),
        Section("impact", "Impact", impact, {"launch": "Outcomes", "project": "Goals and outcomes"}, is_text=True,
                readiness=impact_readiness),
        Section("timeline", "Timeline", timeline, is_text=True, readiness=timeline_readiness, gate=gate_timeline),
        Section("root-cause", "Root cause analysis", root_cause, is_text=True, gate=gate_cause,
                room_template="retros/_room_root_cause.html", room_context=analysis_lists.root_cause_context),
        Section("factors", "Contributing factors", factors, is_text=True,
                room_template="retros/_room_factors.html", room_context=analysis_lists.factors_context),
        Section("went-well", "What went well", went_well, is_text=True, gate=gate_went_well,
                room_template="retros/_room_went_well.html", room_context=analysis_lists.went_well_context),
        *(_text_section(slug, title, hint) for slug, title, hint in TEXTS),
    ):  # fmt: skip
        sections.register(section)


TEXTS = [
    ("lessons", "Lessons", "What differs on the day when nobody remembers this meeting?"),
    ("to-plan", "What went to plan", "What did you intend, and what came out as intended?"),
    ("deviated", "What deviated", "Where did it go otherwise, and what was in front of people there?"),
    ("surprised", "What surprised us", "What did nobody expect?"),
    ("differently", "What we would do differently", "With what is known now, what would you change?"),
    ("repeat", "What we would repeat", "What would you do exactly so again?"),
    ("not-well", "What did not go well", "Which conditions made it hard?"),
    ("in-retrospect", "Decisions in retrospect", "Which decisions would you take again with the same facts?"),
    ("recommendations", "Recommendations for the next phase", "What do you hand to the next team?"),
    ("occurrences", "Occurrences", "When did it happen before?"),
    ("promised", "What was promised before", "What was promised, and what became of it?"),
    ("options", "Decision and options", "What lay on the table, and what was known then?"),
    ("expected", "What we expected and what happened", "What did you expect, and what came?"),
    ("reasonable", "Why it was reasonable", "What made it the sensible choice, with what was known?"),
    ("ask-next", "What we would ask next time", "Which question would have changed the choice?"),
]


def _text_section(slug: str, title: str, hint: str) -> Section:
    def build(event: Event) -> list[Block]:
        return _written(event, slug, hint)

    builder: Callable[[Event], list[Block]] = build
    return Section(slug, title, builder, is_text=True)
