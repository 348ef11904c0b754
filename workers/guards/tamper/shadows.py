"""Settings that stop to count: moved to where no tool looks, or hidden behind a new file that goes before them.

Law: what a settings file says is compared elsewhere; here only its name and its place count. Which files go before
which others stands in the tables (`[[shadow]]`), most of them in the languages' folders.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from workers.ecosystems.places import is_named
from workers.guards.edits import Edit, Examined
from workers.guards.found import Found
from workers.guards.rules import SHADOWS, found, is_of
from workers.guards.tamper.settings import is_settings

_MOST_BYTES = 1 << 20


def guard(change: Examined) -> Iterator[Found]:
    """Yield moved settings and new ones that go before others."""
    for edit in change.edits:
        if edit.moved_from and is_settings(edit.moved_from) and _elsewhere(edit.moved_from, edit.path):
            yield found(
                "settings-weakened", edit.moved_from, "these settings were moved to where no tool looks for them"
            )
        if edit.changed.status == "A" and not is_of("example", edit.path):
            yield from _new(change, edit)


def _elsewhere(before: str, after: str) -> bool:
    """Return whether a moved file is another tool's or none's now, or is seen by fewer files further down."""
    if posixpath.basename(before) != posixpath.basename(after):
        return not is_settings(after)
    folder = posixpath.dirname(after)
    return folder != "" and not posixpath.dirname(before).startswith(folder)


def _new(change: Examined, edit: Edit) -> Iterator[Found]:
    for shadow in SHADOWS:
        if any(is_named(edit.path, mark) for mark in shadow.files):
            for place in dict.fromkeys((posixpath.dirname(edit.path), "")):
                for other, mark in shadow.hides.items():
                    path = posixpath.join(place, other)
                    content = change.old(path) if path not in {edit.path, edit.moved_from} else None
                    if content is not None and mark.encode() in content[:_MOST_BYTES]:
                        words = f"goes before the settings in {other}, which no longer count"
                        yield found("settings-suspect", edit.path, words)
                        return
