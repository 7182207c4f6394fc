"""The built-in sections of a review: what each says from the recorded facts, and what a person may write in it."""

from typing import Any

from django.db.models import Count, Q

from aar_site.words import day_month_year, zone_of
from retros import sections, timing
from retros.document import compose, kinds, moments
from retros.document.spans import between, length_words, span
from retros.document.tree import (
    Block,
    Bullets,
    Cause,
    Chain,
    Facts,
    Figures,
    Missing,
    Moments,
    Note,
    Part,
    Text,
)
from retros.models import Event, Impact, ImpactInterval, TimelineEntry, WellKind, WentWell, WhyNode
from retros.sections import Check, Finding, Section
from retros.services import (
    cause_lists,
    cause_tree,
    closing,
    document,
    entries,
    factor_lists,
    outline,
    remembered,
    timeline_checks,
    well,
)

LESSONS = "What differs on the day when nobody remembers this meeting?"
NOTHING_WRITTEN = "Nothing written yet."


def _write_url(event: Event, slug: str) -> str:
    return f"/e/{event.code}/review/edit/{slug}/"


def written(event: Event, slug: str, hint: str = NOTHING_WRITTEN) -> list[Block]:
    return optional(event, slug) or [Missing(hint, _write_url(event, slug), "Write it")]


def has_text(event: Event, slug: str) -> bool:
    """Whether somebody wrote something in a section."""
    return bool(document.text_of(event, slug).text.strip())


def optional(event: Event, slug: str) -> list[Block]:
    text = document.text_of(event, slug).text.strip()
    return [Text(text)] if text else []


def _rows(event: Event) -> list[TimelineEntry]:
    """The timeline that `build` read ahead, else from the database."""
    ahead: list[TimelineEntry] | None = getattr(event, "rows", None)
    return entries.for_document(event, outline.of(event)) if ahead is None else ahead


def _impact(event: Event) -> Impact:
    """The impact row; an empty one where there is none."""
    return event.impact if hasattr(event, "impact") else Impact(event=event)


def summary(event: Event) -> list[Block]:
    """What a person wrote; while drafting, what the facts compose, so that nobody starts from nothing."""
    written = optional(event, "summary")
    hint = "Composed from what is recorded, and kept nowhere yet. Take it over, then make it yours."
    return written or [Text(compose.summary(event)), Missing(hint, _write_url(event, "summary"), "Take it over")]


def impact(event: Event) -> list[Block]:
    """Figures, what the kind records of its outcome, who was affected, each interval with its ends, and the goals."""
    known = _impact(event)
    intervals = list(event.intervals.all())
    count = f"{known.users_count:,}" if known.users_count is not None else ""
    must_say = "not stated" if event.kind in {"incident", "recurring"} else ""
    own = kinds.outcome_pairs(event)
    pairs = [
        *own,
        ("Users affected", ", ".join(part for part in (count, known.users_affected) if part) or must_say),
        ("Duration", "" if own else _duration(event, intervals)),
        ("Revenue / business impact", known.business_effect or must_say),
        ("Customer communication", known.customer_communication),
        ("Regulatory implications", known.regulatory),
    ]
    blocks: list[Block] = []
    figures = [(figure.value, figure.label) for figure in event.figures.all()]
    if figures:
        blocks.append(Figures(figures))
    blocks.append(Facts([(label, value) for label, value in pairs if value]))
    if len(intervals) > 1 or (intervals and intervals[0].label != "whole event"):
        blocks.append(Facts([(row.label[:1].upper() + row.label[1:], _interval(event, row)) for row in intervals]))
    return blocks + kinds.goals(event) + optional(event, "impact")


def _duration(event: Event, intervals: list[ImpactInterval]) -> str:
    """Computed from start and end; where one of them is words only, the words."""
    words = [row for row in intervals if row.started_text or row.ended_text]
    if words and not (event.started_at and event.ended_at and words[0].duration is not None):
        return _interval(event, words[0])
    length = length_words(event)
    return f"{length}, {span(event)}" if length else span(event)


def _interval(event: Event, row: ImpactInterval) -> str:
    def side(at: Any, words: str) -> str:
        local = at.astimezone(event.zone) if at else None
        return f"{day_month_year(local)}, {local:%H:%M} {zone_of(local)}" if local else words

    start, end = side(row.started_at, row.started_text), side(row.ended_at, row.ended_text)
    if row.started_text and not end:
        return row.started_text
    if row.started_text or row.ended_text or not (start and end):
        told = [f"{name}: {words}" for name, words in (("start", start), ("end", end)) if words]
        return "; ".join(told) or "not stated"
    whole = between(row.started_at.astimezone(event.zone), row.ended_at.astimezone(event.zone))  # type: ignore[union-attr]
    return f"{timing.duration_label(row.duration)}, {whole}"


def timeline(event: Event) -> list[Block]:
    """Phases, the moments with a note on how to read them, detection and response: each where the kind has it."""
    rows = _rows(event)
    blocks: list[Block] = kinds.phases(event)
    if rows:
        zero = timing.t_zero(event, rows)
        found = moments.moments(event, rows, zero)
        blocks += [Moments(found), Note(_left_out(event, len(rows)) + moments.note(event, rows, zero))]
    else:
        url = f"/e/{event.code}/timeline/"
        blocks += [Missing("The timeline starts with one moment.", url, "Add the first moment")]
    blocks += optional(event, "timeline")
    build = {"detection": _detection, "response": _response}
    parts = sections.parts_of(event, "timeline")
    return blocks + [Part(title, build[slug](event, rows), slug) for slug, title in parts.items()]


def _left_out(event: Event, told: int) -> str:
    """Where a long timeline is told by its key moments, that it is, and where the others are."""
    total = getattr(event, "total", told)
    words = f"The {told:,} key moments, landmarks and decisions of {total:,} moments. All of them are in the timeline\u2019s CSV file. "
    return words if total > told else ""


def _detection(event: Event, rows: list[TimelineEntry]) -> list[Block]:
    how = _impact(event).detected_how
    pairs = [("How it was noticed", how)] if how else []
    pairs += [(label, timing.duration_label(time)) for label, time in timing.derived(event, rows) if "detect" in label]
    facts: list[Block] = [Facts(pairs)] if pairs else []
    return facts + optional(event, "detection") or written(event, "detection", "How was it noticed, and by whom?")


def _response(event: Event, rows: list[TimelineEntry]) -> list[Block]:
    zero = timing.t_zero(event, rows)
    times = [(label, time) for label, time in timing.derived(event, rows) if "detect" not in label]
    blocks: list[Block] = [Facts([(label, timing.duration_label(time)) for label, time in times])] if times else []
    decisions = [
        (timing.offset_label(row.at, zero, row.precision) or timing.clock_label(row), row.text)
        for row in rows
        if row.type == "decision"
    ]
    if decisions:
        blocks.append(Part("Decisions", [Bullets(decisions)]))
    hint = "What was done, in which order, and what was known then?"
    return blocks + optional(event, "response") or written(event, "response", hint)


def root_cause(event: Event) -> list[Block]:
    effects = cause_tree.read(event)
    blocks: list[Block] = [Chain([_cause(effect) for effect in effects])] if effects else []
    if event.is_cause_unknown:
        blocks.append(Text("The cause is not established."))
    asked = "No cause is recorded. \u201cNot established\u201d is an answer, too."
    hint = Missing(
        "Left out while it is empty. Use it where a deviation deserves the question why."
        if event.kind == "launch"
        else asked,
        f"/e/{event.code}/analysis/#part-whys",
        "Ask why",
    )
    return optional(event, "root-cause") + blocks or [hint]


def _cause(node: WhyNode) -> Cause:
    return Cause(
        text=node.text,
        question=node.question,
        kind=node.kind,
        is_root_cause=node.is_root_cause,
        has_held=node.has_held,
        evidence=[entry.text for entry in node.supports],  # type: ignore[attr-defined]
        causes=[_cause(child) for child in node.children],  # type: ignore[attr-defined]
        number=node.number,  # type: ignore[attr-defined]
        defence=node.get_defence_display() if node.defence else "",
        shared=[(cause.number, cause.text) for cause in node.shared],  # type: ignore[attr-defined]
        leads=[(effect.number, effect.text) for effect in node.leads],  # type: ignore[attr-defined]
    )


def factors(event: Event) -> list[Block]:
    rows = factor_lists.together(event)
    items = [
        (
            row.get_category_display(),
            f"{compose.sentence(row.text)} Caught earlier if {row.caught_earlier_if}"
            if row.caught_earlier_if
            else row.text,
        )
        for row in rows
    ]
    hint = Missing("No contributing factor is recorded.", f"/e/{event.code}/analysis/#part-factors", "Add the first")
    listed: list[Block] = [Bullets(items)] if items else []
    return listed + optional(event, "factors") or [hint]


def went_well(event: Event) -> list[Block]:
    rows = list(WentWell.objects.kept().filter(event=event))
    good = [("", row.text) for row in rows if row.kind != WellKind.LUCK]
    luck = [("", row.text) for row in rows if row.kind == WellKind.LUCK]
    blocks: list[Block] = [Bullets(good)] if good else []
    if not good and event.went_well_none:
        blocks.append(Text("We looked for what went well and found nothing."))
    if luck:
        blocks.append(Part("Luck", [Bullets(luck)]))
    hint = "Nothing is listed yet. Something always limited the harm."
    return blocks + optional(event, "went-well") or [
        Missing(hint, f"/e/{event.code}/analysis/#part-well", "List the first")
    ]


# --- Readiness and gate ---------------------------------------------------------------------------------------------
def impact_readiness(event: Event) -> list[Check]:
    if event.kind not in {"incident", "recurring"}:  # the others have their own, see services/kind_checks.py
        return []
    known = _impact(event)
    has_who = bool(known.users_affected or known.users_count is not None)
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
                    "Write it: the composed one stands there to begin with.", url, blocks=True)]  # fmt: skip


def gate_goals(event: Event) -> list[Finding]:
    """Goals are what a project is measured by; a launch may have some."""
    rows = kinds.known(event).goals
    url = f"/e/{event.code}/edit/#goals"
    if event.kind == "project" and not rows and not has_text(event, "impact"):
        return [Finding("no-goals", "No goal is recorded", "Without goals nobody can say how far they were met.",
                        "Record what success was at the start.", url)]  # fmt: skip
    left = [goal.text for goal in rows if not goal.outcome]
    if not left:
        return []
    title = "A goal has no outcome" if len(left) == 1 else f"{len(left)} goals have no outcome"
    return [
        Finding(
            "open-goals",
            title,
            left[0],
            "Say for each whether it was met, partly met or not met.",
            url,
        )
    ]


def gate_timeline(event: Event) -> list[Finding]:
    """An empty timeline blocks. What nobody settled is printed with every view: a fair end, if it is meant."""
    url = f"/e/{event.code}/timeline/"
    rows = TimelineEntry.objects.kept().filter(event=event)
    count = rows.aggregate(all=Count("pk"), left=Count("pk", filter=Q(dispute__state__in=remembered.UNSETTLED)))
    if not count["all"]:
        return [Finding("no-timeline", "The timeline is empty", "A review without moments is an opinion.",
                        "Add at least when it began and when it ended.", url, blocks=True)]  # fmt: skip
    left = count["left"]
    if not left:
        return []
    title = "A moment is remembered differently" if left == 1 else f"{left} moments are remembered differently"
    return [Finding("open-disputes", title, "The document prints every view beside each other.",
                    "Settle on one, or say that both are kept, and why.", f"{url}?show=disputed")]  # fmt: skip


def gate_cause(event: Event) -> list[Finding]:
    if event.kind not in {"incident", "recurring"} or event.is_cause_unknown or cause_tree.read(event):
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
                readiness=impact_readiness, gate=gate_goals),
        Section("timeline", "Timeline", timeline, is_text=True, readiness=timeline_checks.checks, gate=gate_timeline),
        Section("root-cause", "Root cause analysis", root_cause, is_text=True, gate=gate_cause,
                room_template="retros/_room_root_cause.html", room_context=cause_lists.context,
                made=cause_tree.made),
        Section("factors", "Contributing factors", factors, is_text=True,
                room_template="retros/_room_factors_step.html", room_context=factor_lists.factors_context,
                made=factor_lists.made),
        Section("went-well", "What went well", went_well, is_text=True, gate=gate_went_well,
                room_template="retros/_room_went_well_step.html", room_context=well.context,
                made=well.made),
        Section("lessons", "Lessons", lambda event: written(event, "lessons", LESSONS), is_text=True,
                compose=closing.lessons),
    ):  # fmt: skip
        sections.register(section)
