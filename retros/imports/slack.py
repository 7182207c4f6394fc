"""A Slack export: channels as folders of days, people in users.json; messages in words that a reader understands."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from retros.imports import limits, objects
from retros.imports.drafts import Draft, Drafts
from retros.imports.finish import Asked
from retros.imports.found import Refused
from retros.imports.log_objects import instant
from retros.imports.objects import dicts, inner, words

LISTS = {"users.json", "org_users.json", "channels.json", "groups.json", "dms.json", "mpims.json", "integration_logs.json",
         "canvases.json", "huddle_transcripts.json", "file_conversations.json", "lists.json"}  # fmt: skip
PRIVATE = ("groups.json", "dms.json", "mpims.json")
_DAY_FILE = re.compile(r"(?:^|/)([^/]{1,200})/(\d{4}-\d\d-\d\d|[^/]{1,100})\.json$")
_MARKUP = re.compile(r"<([@#!]?)([^<>|\n]{1,3000})(?:\|([^<>\n]{0,3000}))?>")
_QUIET = {
    "channel_join": "Somebody joins or leaves.", "channel_leave": "Somebody joins or leaves.", "group_join": "Somebody joins or leaves.",
    "group_leave": "Somebody joins or leaves.", "channel_archive": "The channel changes.", "channel_unarchive": "The channel changes.",
    "channel_name": "The channel changes.", "channel_topic": "The channel changes.", "channel_purpose": "The channel changes.",
    "group_topic": "The channel changes.", "group_purpose": "The channel changes.", "group_name": "The channel changes.",
    "channel_convert_to_private": "The channel changes.", "channel_posting_permissions": "The channel changes.",
    "bot_add": "An app joins or leaves.", "bot_remove": "An app joins or leaves.", "bot_enable": "An app joins or leaves.",
    "bot_disable": "An app joins or leaves.", "pinned_item": "Something is pinned.", "unpinned_item": "Something is pinned.",
    "reminder_add": "A reminder is set.", "reminder_delete": "A reminder is set.", "tombstone": "A message that was deleted.",
    "message_deleted": "A message that was deleted.", "message_changed": "The record of an edit.",
    "message_replied": "The record of a reply.", "reply_broadcast": "The record of a reply.", "ekm_access_denied": "A locked message.",
    "huddle_thread": "A call begins.", "sh_room_created": "A call begins.", "channel_canvas_updated": "The channel changes.",
}  # fmt: skip
BAD_TS = "The field “ts” holds no time."
NO_OBJECT = "Is no message."
NO_WORDS = "A message without words."


@dataclass
class People:
    """Names of users, channels and groups by their ids."""

    users: dict[str, str] = field(default_factory=dict)
    channels: dict[str, str] = field(default_factory=dict)
    private: set[str] = field(default_factory=set)


def is_export(names: Iterable[str]) -> bool:
    """Whether these files are those of an export: a list of users or channels, or folders of days."""
    found = list(names)
    base = {name.rpartition("/")[2] for name in found}
    days = [n for n in found if re.search(r"/\d{4}-\d\d-\d\d\.json$", n)]
    return bool(
        base & {"users.json", "channels.json", "org_users.json"} and any(_DAY_FILE.search(n) for n in found)
    ) or bool(days)


def read_export(names: list[str], opened: Callable[[str], str], drafts: Drafts, asked: Asked) -> None:
    """Read the files of an export; `opened` gives the text of one. Private channels only where that is asked for."""
    people = _people(names, opened, drafts, asked)
    if asked.only and not any(_channel(name) in asked.only for name in names):
        raise Refused(
            f"there is no channel “{asked.only[0][:60]}” in the export: {', '.join(sorted({_channel(n) for n in names} - {''}))[:200]}."
        )
    for name in sorted(names):
        channel = _channel(name)
        if name.rpartition("/")[2] in LISTS or not channel:
            if name.rpartition("/")[2] not in LISTS and not name.startswith(("__MACOSX", ".")):
                drafts.skip(0, "Is no file of a channel.", "", name)
            continue
        if asked.only and channel not in asked.only:
            continue
        if channel in people.private and not asked.private:
            drafts.skip(0, "A private channel; read only where that is asked for.", channel, name)
            continue
        drafts.files.append(name)
        read_file(opened(name), drafts, people, name=name, channel=channel)
    if not drafts.files:
        raise Refused(
            "no channel of the export is read: " + (drafts.skipped[0].reason if drafts.skipped else "it holds none.")
        )
    drafts.label = f"Slack export, {len(drafts.files)} {'file' if len(drafts.files) == 1 else 'files'}"


def read_file(text: str, drafts: Drafts, people: People, *, name: str = "", channel: str = "") -> None:
    """Read one day of one channel: a list of messages, or what the API answers."""
    start = 0
    if text.lstrip()[:1] == "{":
        match = re.search(r'"messages"\s*:\s*(?=\[)', text[:20_000])
        if not match:
            raise Refused(f"{name} line 1: a list of messages is expected here.".lstrip())
        start = match.end()
        objects.check_size(text, name)
    before = text.count("\n", 0, start)
    lines: dict[str, int] = {}
    drafts.format, drafts.label = "slack", "Slack messages"
    for number, own, message in objects.items(text, name, start):
        line = own + before
        drafts.lines += 1
        if not isinstance(message, dict):
            drafts.skip(line, NO_OBJECT, str(message)[:80], name)
            continue
        ts = words(message.get("ts"), 40) or str(message.get("ts") or "")[:40]
        lines.setdefault(ts, line)
        draft = _draft(message, ts, people, drafts, (line, name))
        if draft:
            draft.item, draft.source_label = number, f"#{channel}" if channel else ""
            thread = message.get("thread_ts")
            draft.thread = lines.get(thread) if isinstance(thread, str) and thread != ts else None
            drafts.add(draft)


def _draft(message: dict[str, Any], ts: str, people: People, drafts: Drafts, place: tuple[int, str]) -> Draft | None:
    line, name = place
    subtype = message.get("subtype")
    reason = _QUIET.get(subtype, "") if isinstance(subtype, str) else ""
    if reason or message.get("hidden") is True:
        drafts.skip(line, reason or "A hidden message.", words(message.get("text"), 160), name)
        return None
    stamp = instant(ts, 1) if ts else None
    if stamp is None:
        drafts.skip(line, BAD_TS, ts or words(message.get("text"), 160), name)
        return None
    if not isinstance(message.get("text", ""), str | None):
        drafts.skip(line, "The field “text” holds no text.", str(message.get("text"))[:160], name)
        return None
    text = plain(_said(message), people)
    if not text.strip():
        drafts.skip(line, NO_WORDS, "", name)
        return None
    handle, who = _author(message, people)
    stamp.text = ts
    draft = Draft(
        line, stamp, text, handle=handle, name=who, source="chat", raw=words(message.get("text")) or text, file=name
    )
    if isinstance(message.get("edited"), dict):
        later = instant(words(message["edited"].get("ts"), 40) or "x", 1)
        when = f" at {later.at:%Y-%m-%d %H:%M} UTC" if later and later.at else " later"
        draft.guesses.append(f"Edited{when}; these are the last words.")
    return draft


def _said(message: dict[str, Any]) -> str:
    """The words of a message; where it has none, those of its attachments, blocks and files."""
    parts = [words(message.get("text"))]
    for card in dicts(message.get("attachments"))[:20]:
        told = [words(card.get(part)) for part in ("pretext", "title", "text")]
        told += [f"{words(f.get('title'))}: {words(f.get('value'))}" for f in dicts(card.get("fields"))[:20]]
        said = "\n".join(part for part in told if part.strip(": ")) or words(card.get("fallback"))
        if said and (not parts[0] or card.get("from_url") is None):
            parts.append(said)
    if not any(parts):
        parts += [words(inner(block, "text", "text")) for block in dicts(message.get("blocks"))[:20]]
    for file in dicts(message.get("files"))[:20]:
        parts.append("File: " + (words(file.get("title")) or words(file.get("name")) or "without a name"))
    return "\n".join(part for part in parts if part)


def _author(message: dict[str, Any], people: People) -> tuple[str, str]:
    user = words(message.get("user"), 80)
    if user and user not in people.users:
        own = message.get("user_profile")
        known = (
            words(inner(own, "display_name"), 80) or words(inner(own, "real_name"), 80) or words(inner(own, "name"), 80)
        )
        return user, known
    if user:
        return user, people.users[user]
    name = words(message.get("username"), 80) or words(inner(message, "bot_profile", "name"), 80)
    return words(message.get("bot_id"), 80) or name, name


def plain(text: str, people: People) -> str:
    """Slack's markup in words: @name, #channel, a link with its address. A name is that of the id, never the label beside it."""

    def shown(match: re.Match[str]) -> str:
        sign, body, label = match[1], match[2], match[3] or ""
        if sign == "@":
            return f"@{people.users.get(body) or (label if not people.users else '') or body}"
        if sign == "#":
            return f"#{people.channels.get(body) or label or body}"
        if sign == "!":
            word = body.split("^")[0]
            return label if word in {"date"} and label else f"@{label.lstrip('@') or word}"
        address = body.removeprefix("mailto:")
        return address if not label or label in {address, body} else f"{label} ({address})"

    if "<" in text:
        text = _MARKUP.sub(shown, text)
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _people(names: list[str], opened: Callable[[str], str], drafts: Drafts, asked: Asked) -> People:
    people = People()
    by_base: Mapping[str, str] = {name.rpartition("/")[2]: name for name in sorted(names, key=len, reverse=True)}
    for base in ("org_users.json", "users.json"):
        if base in by_base:
            for _, _, user in objects.items(opened(by_base[base]), base):
                if isinstance(user, dict) and (key := words(user.get("id"), 80)):
                    people.users[key] = name_of(user) or key
    for base in ("channels.json", *PRIVATE):
        for _, _, channel in objects.items(opened(by_base[base]), base) if base in by_base else ():
            if isinstance(channel, dict):
                key, name = words(channel.get("id"), 80), words(channel.get("name"), 80)
                people.channels[key] = name or key
                if base in PRIVATE:
                    people.private |= {key, name} - {""}
    people.users.update(asked.users)
    if not people.users:
        drafts.skip(0, "There is no users.json: people are shown by their ids.", "", "users.json")
    drafts.names.update(people.users)
    return people


def name_of(user: dict[str, Any]) -> str:
    profile = user.get("profile")
    names = (inner(profile, "display_name"), inner(profile, "real_name"), user.get("real_name"), user.get("name"))
    return next((words(name, limits.PERSON) for name in names if isinstance(name, str) and name.strip()), "")


def _channel(name: str) -> str:
    match = _DAY_FILE.search(name)
    return match[1] if match and not name.startswith("__MACOSX") else ""
