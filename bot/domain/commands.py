"""What a message says to us: a request, or one of the few words that are commands.

Law: code is quoted, not spoken: a mention or a command inside backticks counts for nothing.
"""

from __future__ import annotations

import re
from typing import Literal

from bot.domain.answers import FILLERS, STOP, may_mean_stop, means
from bot.domain.frozen import Frozen

Kind = Literal["ask", "stop", "may_stop", "retry", "help", "status", "empty"]
"""`may_stop` is a wish that may also be meant as a stop: the person is asked."""


class Command(Frozen):
    """`text` is the message in plain characters, without the mention of us; `mentioned` whether there was one."""

    kind: Kind
    text: str
    mentioned: bool = False


_CODE = re.compile(r"(```.*?```|`[^`\n]+`)", re.S)
_MARKUP = re.compile(r"<([^<>\n]{1,4000})>")
_WORDS: dict[str, Kind] = {
    **dict.fromkeys(("retry", "try again", "try it again"), "retry"),
    **dict.fromkeys(("help", "help me", "what can you do", "how does this work", "hi", "hello", "hey"), "help"),
    **dict.fromkeys(("status", "how is it going", "hows it going", "where are we"), "status"),
}


_BEFORE_STOP = frozenset({"hey", "no", "oh", "ok", "okay", "sorry", "wait"})


def read(text: str, bot_user_id: str) -> Command:
    """Return the command of a message in Slack's own markup (`<@U..>`, `&lt;`)."""
    mention = re.compile(rf"<@{re.escape(bot_user_id)}(?:\|[^<>]*)?>[ \t]?") if bot_user_id else None
    parts = _CODE.split(text)
    mentioned = False
    for index in range(0, len(parts), 2):
        if mention and mention.search(parts[index]):
            mentioned = True
            parts[index] = mention.sub("", parts[index])
    told = readable("".join(parts)).strip()
    said = re.sub(r"[^\w\s]", "", told.lower()).strip().removeprefix("please ").removesuffix(" please").strip()
    kind: Kind = "ask"
    if len(told) < 40 and "`" not in told:
        kind = "help" if told == "?" else _WORDS.get(" ".join(said.split()), "ask")
    if kind == "ask":
        kind = _stop(told)
    return Command(kind=kind if told else "empty", text=told, mentioned=mentioned)


def _stop(told: str) -> Kind:
    if "`" not in told and means(told, STOP, FILLERS | _BEFORE_STOP):
        return "stop"
    return "may_stop" if may_mean_stop(_CODE.sub(" ", told)) else "ask"


def readable(text: str) -> str:
    """Slack's markup as a person reads it: names instead of ids, addresses in brackets behind their labels."""
    told = _MARKUP.sub(lambda found: _spoken(found.group(1)), text)
    told = told.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return told.encode("utf-8", "replace").decode()  # JSON can spell half a character, and no database keeps one


def _spoken(markup: str) -> str:
    target, _, label = markup.partition("|")
    if target.startswith("@"):
        return f"@{label or target[1:]}"
    if target.startswith("#"):
        return f"#{label or target[1:]}"
    if target.startswith("!"):
        return label or f"@{target[1:].split('^')[0]}"
    bare = target.removeprefix("mailto:").removeprefix("tel:")
    if not label or label == bare or target.endswith(f"//{label}"):
        return bare
    return f"{label} ({bare})"
