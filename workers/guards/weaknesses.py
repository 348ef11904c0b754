"""Weak code in the lines that a change adds, as scanners of the languages see it; others have tables of forms.

Law: a scanner is given copies of the changed files, and only what it says of added lines counts.
"""

from __future__ import annotations

from collections.abc import Iterator

from workers.ecosystems import Scan
from workers.ecosystems.registry import ALL
from workers.guards.edits import Edit, Examined
from workers.guards.found import Found
from workers.guards.rules import found, is_of

_MOST_FILES, _LARGEST, _LONGEST = 200, 1 << 20, 2000
_PER_FILE = 3
_PROBABLE, _SURE = 2, 4


def guard(change: Examined) -> Iterator[Found]:
    """Yield what scanners say of added lines."""
    for scan in (one.scan for one in ALL if one.scan):
        worth = [edit for edit in change.edits if _is_worth(scan, edit)]
        if len(worth) > _MOST_FILES:
            more = f"is one of {len(worth) - _MOST_FILES} files not scanned"
            yield found("weakness-unread", worth[_MOST_FILES].path, more)
        if worth:
            yield from _scanned(scan, worth[:_MOST_FILES])


def _is_worth(scan: Scan, edit: Edit) -> bool:
    if edit.changed.status == "D" or not scan.files.search(edit.path) or is_of("test", edit.path):
        return False
    return len(edit.new) <= _LARGEST and scan.worth("\n".join(line.text[:_LONGEST] for line in edit.added))


def _scanned(scan: Scan, edits: list[Edit]) -> Iterator[Found]:
    results = scan.run([edit.new for edit in edits])
    if results is None:
        yield found("weakness-unread", edits[0].path, "the scan for weak code failed")
        return
    for edit, weak in zip(edits, results, strict=True):
        added = {line.number for line in edit.added}
        fresh = sorted((one for one in weak if one.line in added), key=lambda one: -one.weight)
        for one in fresh[:_PER_FILE]:
            if one.weight >= _PROBABLE and not is_of("example", edit.path):
                rule = "weakness" if one.weight == _SURE and not one.mild else "weakness-possible"
                yield found(rule, edit.path, f"line {one.line}: {one.words}")
