"""Tickets: issues of Jira (comments, change log) and of GitHub and its relatives (comments, timeline), as their APIs write them."""

import html
import re
from collections.abc import Iterator
from typing import Any

from retros.imports.drafts import Draft, Drafts, clean
from retros.imports.log_objects import stamp_of
from retros.imports.objects import dicts, inner, words

_TAG = re.compile(r"<[^<>]{0,500}>")
_QUIET = {"subscribed", "unsubscribed", "mentioned", "connected", "disconnected", "user_blocked"}
_QUIET_FIELDS = {"rank", "sprint", "remoteissuelink", "remoteworkitemlink", "comment", "attachment_preview"}
_EVENTS = {"closed": "Closed", "reopened": "Reopened", "merged": "Merged", "locked": "Locked", "unlocked": "Unlocked", "pinned": "Pinned",
           "ready_for_review": "Ready for review", "transferred": "Moved", "head_ref_deleted": "Branch deleted"}  # fmt: skip
NO_TIME = "The entry has no time."


def is_jira(value: Any) -> bool:
    """Whether a piece of JSON looks like issues, history or comments of Jira."""
    first = next(iter(dicts(value)), {}) if isinstance(value, list) else value
    if not isinstance(first, dict):
        return False
    if isinstance(first.get("issues"), list) and first["issues"]:
        return any("fields" in issue or "changelog" in issue for issue in dicts(first["issues"]))
    return (
        (isinstance(first.get("fields"), dict) and ("key" in first or "summary" in first["fields"]))
        or isinstance(inner(first, "changelog", "histories"), list)
        or any(
            "items" in one and "created" in one
            for one in [first, *dicts(first.get("values"))[:1], *dicts(first.get("histories"))[:1]]
        )
        or ("created" in first and "body" in first and "author" in first)
        or any("created" in one and "body" in one for one in dicts(first.get("comments"))[:1])
    )


def is_github(value: Any) -> bool:
    """Whether a piece of JSON looks like issues, pull requests, comments or events of GitHub."""
    first = next(iter(dicts(value)), {}) if isinstance(value, list) else value
    if not isinstance(first, dict):
        return False
    has_time = "created_at" in first or "createdAt" in first
    if "event" in first and (
        has_time or "submitted_at" in first or words(first.get("event")) in {"committed", "cross-referenced"}
    ):
        return isinstance(first["event"], str)
    return (
        has_time
        and ("title" in first or "body" in first)
        and any(k in first for k in ("user", "author", "number", "url", "html_url"))
    )


# --- Jira -------------------------------------------------------------------------------------------------------------
def read_jira(numbered: Iterator[tuple[int, int, Any]], drafts: Drafts) -> None:
    """Fill the drafts from issues, change logs or comments."""
    drafts.label, drafts.in_order = "Jira", False
    for number, line, value in numbered:
        drafts.lines += 1
        rows = _jira(value, line) if isinstance(value, dict) else []
        _take(rows, number, line, value, drafts)


def _jira(value: dict[str, Any], line: int) -> list[Draft]:
    if "items" in value and "created" in value:
        return _history(value, line)
    if "body" in value and "created" in value:
        return [_draft(line, value["created"], _adf(value["body"]), value.get("author"), "communication")]
    fields = value.get("fields") if isinstance(value.get("fields"), dict) else {}
    key, summary = words(value.get("key"), 80), words(inner(fields, "summary"))
    rows = []
    if inner(fields, "created"):
        who = inner(fields, "reporter") or inner(fields, "creator")
        rows.append(_draft(line, inner(fields, "created"), f"Created: {summary}".rstrip(": "), who, ""))
    for one in (
        dicts(inner(fields, "comment", "comments"))
        or dicts(inner(value, "comment", "comments"))
        or dicts(value.get("comments"))
    ):
        rows.append(_draft(line, one.get("created"), _adf(one.get("body")), one.get("author"), "communication"))
    logs = (
        inner(value, "changelog", "histories")
        or inner(value, "changelog", "values")
        or value.get("histories")
        or value.get("values")
    )
    for one in dicts(logs):
        rows += _history(one, line)
    for row in rows:
        row.source_label = row.source_label or (f"Jira {key}" if key else "Jira")
        row.source_url = _browse(words(value.get("self"), 500), key)
    return rows


def _history(one: dict[str, Any], line: int) -> list[Draft]:
    """One change of an issue; each field that changed is a line of it."""
    told = []
    for item in dicts(one.get("items")):
        name = words(item.get("field"), 80)
        if name.casefold() in _QUIET_FIELDS:
            continue
        before, after = words(item.get("fromString"), 300), words(item.get("toString"), 300)
        told.append(
            f"{name.capitalize()}: {before or 'none'} to {after or 'none'}"
            if before
            else f"{name.capitalize()}: {after or 'none'}"
        )
    return [_draft(line, one.get("created"), "\n".join(told), one.get("author"), "")] if told else []


def _browse(url: str, key: str) -> str:
    """The page of an issue, from the address of its API."""
    base, mark, _ = url.partition("/rest/")
    return f"{base}/browse/{key}" if mark and key else ""


def _adf(body: Any) -> str:
    """The words of Atlassian's document format; a text stays as it is."""
    if isinstance(body, str):
        return words(body)
    parts: list[str] = []
    rest = [body]
    while rest and len(parts) < 2000:
        node = rest.pop()
        if isinstance(node, list):
            rest += reversed(node)
        elif isinstance(node, dict):
            kind = node.get("type")
            if kind in {"text", "emoji", "mention", "inlineCard", "date"}:
                attrs = node.get("attrs")
                parts.append(words(node.get("text")) or words(inner(attrs, "text")) or words(inner(attrs, "url")))
            elif kind == "hardBreak":
                parts.append("\n")
            if kind in {"paragraph", "heading", "listItem", "codeBlock", "tableCell"}:
                rest.append("\n")
            rest.append(node.get("content") or [])
        elif isinstance(node, str):
            parts.append(node)
    return re.sub(r"\n{2,}", "\n", clean("".join(parts))).strip()


# --- GitHub -----------------------------------------------------------------------------------------------------------
def read_github(numbered: Iterator[tuple[int, int, Any]], drafts: Drafts) -> None:
    """Fill the drafts from issues, comments or timeline events."""
    drafts.label, drafts.in_order = "GitHub", False
    for number, line, value in numbered:
        drafts.lines += 1
        if isinstance(value, dict) and words(value.get("event")) in _QUIET:
            drafts.skip(line, "Somebody follows the ticket.", str(value.get("event")))
            continue
        rows = _github(value, line) if isinstance(value, dict) else []
        _take(rows, number, line, value, drafts)


def _github(value: dict[str, Any], line: int) -> list[Draft]:
    if isinstance(value.get("event"), str):
        return [_event(value, line)]
    at = value.get("created_at") or value.get("createdAt")
    who = value.get("user") or value.get("author")
    title, body = words(value.get("title")), words(value.get("body")) or words(value.get("note"))
    url = words(value.get("html_url"), 500) or words(value.get("url"), 500) or words(value.get("web_url"), 500)
    if not title:
        return [_draft(line, at, _plain(body), who, "communication", url=url)]
    rows = [_draft(line, at, f"Opened: {title}" + (f"\n{_plain(body)}" if body else ""), who, "", url=url)]
    for one in dicts(value.get("comments")) + dicts(inner(value, "comments", "nodes")) + dicts(value.get("notes")):
        rows += _github({**one, "title": ""}, line)
    for one in (
        dicts(value.get("timeline")) + dicts(value.get("events")) + dicts(inner(value, "timelineItems", "nodes"))
    ):
        name = words(one.get("__typename"), 80).removesuffix("Event").lower()
        if words(one.get("event")) not in _QUIET:
            rows.append(_event({**one, "event": one.get("event") or name}, line))
    closed = value.get("closed_at") or value.get("closedAt")
    if closed and not any(row.text == "Closed" for row in rows):
        rows.append(_draft(line, closed, "Closed", value.get("closed_by"), "", url=url))
    return rows


def _event(value: dict[str, Any], line: int) -> Draft:
    name = words(value.get("event"), 80)
    at = (
        value.get("created_at") or value.get("createdAt") or value.get("submitted_at") or inner(value, "author", "date")
    )
    who = value.get("actor") or value.get("user") or value.get("author")
    body = words(value.get("body")) or words(value.get("message"))
    detail = (
        words(inner(value, "label", "name"), 100)
        or words(inner(value, "assignee", "login"), 100)
        or words(inner(value, "milestone", "title"), 100)
        or words(inner(value, "source", "issue", "title"), 200)
    )
    rename = value.get("rename")
    if isinstance(rename, dict):
        detail = f"{words(rename.get('from'), 200)} to {words(rename.get('to'), 200)}"
    if name in {"commented", "issuecomment"} and body:
        text = _plain(body)
    else:
        label = _EVENTS.get(name) or name.replace("_", " ").replace("-", " ").capitalize()
        text = ": ".join(part for part in (label, detail or _plain(body)) if part)
    kind = "communication" if name in {"commented", "reviewed", "issuecomment"} else ""
    return _draft(line, at, text, who, kind, url=words(value.get("html_url"), 500))


def _plain(body: str) -> str:
    return html.unescape(_TAG.sub("", body)).strip() if "<" in body else body.strip()


def _take(rows: list[Draft], number: int, line: int, value: Any, drafts: Drafts) -> None:
    if not rows:
        drafts.skip(line, "Says nothing that is a moment.", str(value)[:80])
    for row in rows:
        if row.stamp is None or not row.text:
            drafts.skip(line, NO_TIME if row.stamp is None else "A comment without words.", row.text)
            continue
        row.item = number
        row.source_label = row.source_label or drafts.label
        drafts.add(row)


def _draft(line: int, at: Any, text: str, who: Any, kind: str, *, url: str = "") -> Draft:
    name = words(inner(who, "displayName"), 80) or words(inner(who, "name"), 80)
    login = words(inner(who, "login"), 80) or words(inner(who, "accountId"), 80) or words(inner(who, "username"), 80)
    return Draft(
        line,
        stamp_of(at),
        text,
        handle=login or name,
        name=name or login,
        source="ticket",
        type=kind,
        raw=text,
        source_url=url,
    )
