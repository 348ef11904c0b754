"""Names that are computed, never drawn: the same thing gets the same name in every process and after every crash."""

from __future__ import annotations

import base64
import hashlib

from bot.domain import ci
from bot.domain.change import Change, Place
from bot.secret_forms.redact import redact


def digest(*parts: str, size: int = 16) -> str:
    """Return lower-case base32 of a SHA-256 over the parts, cut to `size` characters (5 bits each)."""
    joined = "\x1f".join(parts).encode()
    return base64.b32encode(hashlib.sha256(joined).digest()).decode().lower()[:size]


def change_id(place: Place) -> str:
    """Return the change id of a thread: team, channel and thread make the id."""
    return "c" + digest(place.team, place.channel, place.thread_ts, size=12)


def branch(change: Change) -> str:
    """Return the branch of a change: readable, and the key by which its pull request is found again."""
    request = redact(change.request).lower()
    words = "".join(char if char.isascii() and char.isalnum() else " " for char in request).split()
    slug = "-".join(words[:6])[:40].strip("-") or "change"
    return f"shipmate/{slug}-{change.id}"


def undo_branch(change: Change) -> str:
    """Return the branch of the reverting pull request."""
    return f"shipmate/undo-{change.id}"


def seen(change: Change) -> str:
    """Return what a card shows of what would be merged, and against what; or undone: a tap approves exactly this."""
    pull = change.undo.pull if change.undo and change.undo.pull else change.pull
    head = pull.head_sha if pull else ""
    against = () if change.undo else (change.base_branch or "", *_against(change))
    return digest(change.id, head, change.fingerprint or "", change.tree or "", change.merge_sha or "", *against)


def _against(change: Change) -> tuple[str, ...]:
    """Return what speaks against a change at the forge: it may come while a card with the same head is on a screen."""
    runs = change.ci.runs if change.ci else ()
    failed = sorted("\x1f".join(ci.key(run)) for run in runs if run.state == "failed")
    return (*(one.id for one in change.objections), *failed)


def press_value(change: Change) -> str:
    """Return the value of every button of a card: says nothing by itself, everything is looked up."""
    return f"{change.id}.{seen(change)}"


def read_press_value(value: str) -> tuple[str, str] | None:
    """Return (change id, seen) of a button value, or None where it is not one of ours."""
    change, dot, shown = value.partition(".")
    if not dot or not (change.isalnum() and shown.isalnum()) or len(value) > 64:
        return None
    return change, shown
