"""PagerDuty: log entries, incidents and notes as its API and its webhooks write them."""

from collections.abc import Iterator
from typing import Any

from retros.imports.drafts import Draft, Drafts
from retros.imports.log_objects import stamp_of
from retros.imports.objects import dicts, inner, words

TYPES = {"trigger": "signal", "acknowledge": "action", "resolve": "recovery", "annotate": "communication", "assign": "action",
         "escalate": "action", "notify": "communication", "unacknowledge": "action", "snooze": "action", "delegate": "action",
         "merge": "action", "priority_change": "decision", "status_update": "communication"}  # fmt: skip
LISTS = ("log_entries", "incidents", "notes", "messages", "events")
NO_TIME = "The entry has no time."


def is_ours(value: Any) -> bool:
    """Whether an object, or the first of a list, is PagerDuty's."""
    first = next(iter(dicts(value)), {}) if isinstance(value, list) else value
    if not isinstance(first, dict):
        return False
    kind = words(first.get("type"), 80)
    return (
        "log_entries" in first
        or kind.endswith(("_log_entry", "_log_entry_reference"))
        or "incident_number" in first
        or (isinstance(first.get("incidents"), list) and any("created_at" in i for i in dicts(first["incidents"])))
        or (isinstance(first.get("incident"), dict) and "created_at" in first["incident"])
        or isinstance(inner(first, "event", "occurred_at"), str)
    )


def read(numbered: Iterator[tuple[int, int, Any]], drafts: Drafts) -> None:
    """Fill the drafts from (number, line, object)."""
    drafts.label, drafts.in_order = "PagerDuty", False
    for number, line, value in numbered:
        drafts.lines += 1
        if not isinstance(value, dict):
            drafts.skip(line, "Is no entry.", str(value)[:80])
            continue
        for draft in _drafts(value, line):
            if draft.stamp is None:
                drafts.skip(line, NO_TIME, draft.text)
                continue
            draft.item = number
            drafts.add(draft)


def _drafts(value: dict[str, Any], line: int) -> Iterator[Draft]:
    kind = words(value.get("type"), 80)
    if isinstance(value.get("event"), dict):
        yield _webhook(value["event"], line)
    elif "_log_entry" in kind:
        yield _log_entry(value, line)
    elif "content" in value and "user" in value:
        yield _draft(line, value.get("created_at"), words(value["content"]), value["user"], "communication")
    elif "created_at" in value and ("incident_number" in value or kind == "incident" or "title" in value):
        yield from _incident(value, line)
    else:
        yield _log_entry(value, line)


def _log_entry(value: dict[str, Any], line: int) -> Draft:
    kind = words(value.get("type"), 80).removesuffix("_reference").removesuffix("_log_entry")
    channel = value.get("channel")
    details = inner(channel, "details") or inner(channel, "body")
    text = words(value.get("summary")) or kind.replace("_", " ").capitalize()
    told = words(inner(channel, "summary")) or words(inner(channel, "subject")) or words(inner(channel, "description"))
    if not told and isinstance(details, str):
        told = words(details)
    if told and told not in text:
        text = f"{text}: {told}"
    draft = _draft(line, value.get("created_at"), text, value.get("agent"), TYPES.get(kind, ""))
    draft.source_label = words(inner(value, "service", "summary"), 300) or "PagerDuty"
    draft.source_url = words(value.get("html_url"), 500) or words(inner(value, "incident", "html_url"), 500)
    draft.source = "monitoring" if kind == "trigger" else "ticket"
    return draft


def _incident(value: dict[str, Any], line: int) -> Iterator[Draft]:
    title = words(value.get("title")) or words(value.get("summary"))
    rows = [_draft(line, value.get("created_at"), f"Triggered: {title}", None, "signal")]
    rows[0].source = "monitoring"
    for one in dicts(value.get("acknowledgements")):
        who = one.get("acknowledger")
        rows.append(_draft(line, one.get("at"), f"Acknowledged: {title}", who, "action"))
    for one in dicts(value.get("assignments")):
        who = one.get("assignee")
        rows.append(
            _draft(
                line,
                one.get("at"),
                f"Assigned to {words(inner(who, 'summary'), 80) or 'nobody named'}: {title}",
                None,
                "action",
            )
        )
    for one in dicts(value.get("notes")):
        rows.append(_draft(line, one.get("created_at"), words(one.get("content")), one.get("user"), "communication"))
    for one in dicts(value.get("log_entries")):
        rows.append(_log_entry(one, line))
    status = value.get("status")
    if status == "resolved":
        at, by = value.get("resolved_at") or value.get("last_status_change_at"), value.get("last_status_change_by")
        rows.append(_draft(line, at, f"Resolved: {title}", by, "recovery"))
    for row in rows:
        row.source_label = row.source_label or words(inner(value, "service", "summary"), 300) or "PagerDuty"
        row.source_url = row.source_url or words(value.get("html_url"), 500)
        yield row


def _webhook(event: dict[str, Any], line: int) -> Draft:
    kind = words(event.get("event_type"), 80)
    data = event.get("data")
    title = words(inner(data, "title")) or words(inner(data, "content")) or words(inner(data, "message"))
    draft = _draft(
        line,
        event.get("occurred_at"),
        f"{kind.rpartition('.')[2].replace('_', ' ').capitalize()}: {title}",
        event.get("agent"),
        "",
    )
    draft.source_url = words(inner(data, "html_url"), 500)
    draft.source_label = words(inner(data, "service", "summary"), 300) or "PagerDuty"
    return draft


def _draft(line: int, at: Any, text: str, who: Any, kind: str) -> Draft:
    name = words(inner(who, "summary"), 80) or words(inner(who, "name"), 80)
    handle = words(inner(who, "id"), 80) or name
    if "user" not in words(inner(who, "type"), 40) and inner(who, "type"):
        handle = name = ""  # a service or an integration is nobody
    return Draft(
        line,
        stamp_of(at),
        text.strip() or "Without words",
        handle=handle,
        name=name,
        source="ticket",
        type=kind,
        raw=text,
    )
