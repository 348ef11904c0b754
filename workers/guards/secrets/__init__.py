"""Secrets in the lines that a change adds: known kinds, named values, random strings, and this installation's own.

A sentence says what kind of secret it is and on which line, and never repeats the secret.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from workers.guards.edits import Edit, Examined, is_binary
from workers.guards.found import Found
from workers.guards.rules import found
from workers.guards.secrets import configured, known, named, unknown
from workers.guards.secrets.added import Added

__all__ = ["configured", "guard"]

_MOST = 5
"""Findings of one file."""


def guard(change: Examined) -> Iterator[Found]:
    """Look through every changed file and path for secrets that the base did not hold."""
    needles = configured.needles(change.secrets)
    for edit in change.edits:
        if configured.holds(needles, edit.path) and edit.changed.status != "D":
            yield found("own-secret", "(a path)", "the name of a file holds a secret of this installation")
        if edit.changed.status == "A" and (kind := known.in_path(edit.path)):
            yield found("secret", "(a path)", f"the name of a file seems to hold {kind}")
        if not edit.after:
            continue
        if configured.holds(needles, edit.after) and not configured.holds(needles, edit.before or b""):
            yield found("own-secret", edit.path, "holds a secret of this installation")
        yield from _in_file(edit)


def _in_file(edit: Edit) -> Iterator[Found]:
    if edit.after and is_binary(edit.after) and not edit.new:
        for kind in sorted(known.in_bytes(edit.after) - known.in_bytes(edit.before or b"")):
            yield found("secret", edit.path, f"seems to hold {kind} (in a binary file)")
        return
    added = Added(edit.added)
    told: set[tuple[bool, int]] = set()
    for rule, kind, number in chain(known.search(edit, added), named.search(edit, added), unknown.search(edit, added)):
        line = (rule == "secret-public", number)
        if line not in told:
            told.add(line)
            yield found(rule, edit.path, f"seems to hold {kind} (line {number})")
        if len(told) == _MOST:
            return
