"""What Slack's own composer makes of typed text: mentions and links become tokens, the rest is escaped.

Law: nothing inside code is a mention, as in Slack; tokens written out (`<@U…>`) are kept, so that tests can be exact.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

Doc = dict[str, Any]

CODE = re.compile(r"```(?P<block>.+?)```|`(?P<inline>[^`\n]+)`", re.S)
TOKEN = re.compile(
    r"<@(?P<user>[UW][A-Z0-9]+)>|<#(?P<channel>C[A-Z0-9]+)(?:\|[^>]*)?>|<(?P<wrapped>https?://[^>|\s]+)(?:\|(?P<label>[^>]*))?>"
    r"|(?P<url>https?://[^\s<>]+[^\s<>.,;:!?)'\"])|(?<![\w@])@(?P<name>[A-Za-z][\w.-]*)|(?<![\w#])#(?P<room>[a-z0-9][\w-]*)"
    r"|:(?P<emoji>[a-z0-9_+-]+):|(?<!\w)(?P<mark>[*_~])(?P<marked>[^*_~\n<>]+)(?P=mark)(?!\w)"
)
STYLES = {"*": "bold", "_": "italic", "~": "strike"}
BROADCASTS = ("here", "channel", "everyone")


def escape(text: str) -> str:
    """Slack's three escapes."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def compose(typed: str, people: Mapping[str, str], rooms: Mapping[str, str]) -> tuple[str, list[Doc]]:
    """Return the message's `text` and its `blocks` (one rich_text block). `people` and `rooms` map lower-case names to
    ids.
    """
    text, blocks, inline = "", [], list[Doc]()

    def flush() -> None:
        if inline:
            blocks.append({"type": "rich_text_section", "elements": list(inline)})
            inline.clear()

    at = 0
    for code in CODE.finditer(typed):
        part, elements = _plain(typed[at : code.start()], people, rooms)
        text += part + escape(code.group(0))
        inline.extend(elements)
        if code.group("block") is not None:
            flush()
            block = {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": code.group("block")}]}
            blocks.append(block)
        else:
            inline.append({"type": "text", "text": code.group("inline"), "style": {"code": True}})
        at = code.end()
    part, elements = _plain(typed[at:], people, rooms)
    inline.extend(elements)
    flush()
    return text + part, [{"type": "rich_text", "elements": blocks}] if blocks else []


def _plain(typed: str, people: Mapping[str, str], rooms: Mapping[str, str]) -> tuple[str, list[Doc]]:
    text, elements, at = "", list[Doc](), 0
    for token in TOKEN.finditer(typed):
        made = _token(token, people, rooms)
        if made is None:
            continue
        before = typed[at : token.start()]
        if before:
            elements.append({"type": "text", "text": before})
        text += escape(before) + made[0]
        elements.append(made[1])
        at = token.end()
    if typed[at:]:
        elements.append({"type": "text", "text": typed[at:]})
    return text + escape(typed[at:]), elements


def _token(token: re.Match[str], people: Mapping[str, str], rooms: Mapping[str, str]) -> tuple[str, Doc] | None:
    found = token.groupdict()
    if name := found["name"]:
        if name.lower() in BROADCASTS:
            return f"<!{name.lower()}>", {"type": "broadcast", "range": name.lower()}
        found["user"] = people.get(name.lower())
    if room := found["room"]:
        found["channel"] = rooms.get(room)
    if user := found["user"]:
        return f"<@{user}>", {"type": "user", "user_id": user}
    if channel := found["channel"]:
        named = next((name for name, known in rooms.items() if known == channel), "")
        return f"<#{channel}|{named}>", {"type": "channel", "channel_id": channel}
    if url := found["url"] or found["wrapped"]:
        label = {"text": found["label"]} if found["label"] else {}
        return (f"<{escape(url)}|{found['label']}>" if label else f"<{escape(url)}>"), {
            "type": "link",
            "url": url,
            **label,
        }
    if emoji := found["emoji"]:
        return f":{emoji}:", {"type": "emoji", "name": emoji}
    if marked := found["marked"]:
        return escape(token.group(0)), {"type": "text", "text": marked, "style": {STYLES[found["mark"]]: True}}
    return None
