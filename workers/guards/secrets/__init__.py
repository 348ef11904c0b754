"""Secrets in the lines that a change adds: known kinds, named values, random strings, and this installation's own.

A sentence says what kind of secret it is and on which line, and never repeats the secret.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain

from workers.guards.edits import Edit, Examined, is_binary
from workers.guards.found import Found
from workers.guards.rules import found
from workers.guards.secrets import configured, known, named, respelled, unknown
from workers.guards.secrets.added import Added, Hit
from workers.guards.secrets.permitted import Permitted, permitted

__all__ = ["configured", "guard"]

_MOST = 5
"""Findings of one rule in one file: those of another rule never hide one."""


def guard(change: Examined) -> Iterator[Found]:
    """Look through every changed file and path for secrets that the base did not hold."""
    needles = configured.needles(change.secrets)
    named_by = permitted(change)
    for edit in change.edits:
        if configured.holds(needles, edit.path) and edit.changed.status != "D":
            yield found("own-secret", "(a path)", "the name of a file holds a secret of this installation")
        if edit.changed.status == "A" and (kind := known.in_path(edit.path)):
            yield found("secret", "(a path)", f"the name of a file looks like a secret ({_bare(kind)})")
        if not edit.after:
            continue
        if configured.holds(needles, edit.after) and not configured.holds(needles, edit.before or b""):
            yield found("own-secret", edit.path, "holds a secret of this installation")
        yield from _in_file(edit, named_by)


def _in_file(edit: Edit, named_by: Permitted) -> Iterator[Found]:
    if edit.after and is_binary(edit.after) and not edit.new:
        for kind in sorted(known.in_bytes(edit.after) - known.in_bytes(edit.before or b"")):
            yield found("secret", edit.path, f"looks like it holds a secret ({_bare(kind)}, in a binary file)")
        return
    added = Added(edit.added)
    told: dict[str, dict[int, Found]] = {}
    plain, sewn = named.search(edit, added), named.search(edit, respelled.sewn(added))
    for one in chain(known.search(edit, added), plain, sewn, unknown.search(edit, added)):
        lines = told.setdefault(one.rule, {})
        before = lines.get(one.line)
        # Of two on one line, the one that no person has named counts.
        if before is None or (before.passable and not named_by.why(one.value)):
            lines[one.line] = _said(edit.path, one, named_by)
    known_lines = {number for rule in ("secret", "secret-public") for number in told.get(rule, ())}
    for rule, lines in told.items():
        fresh = [each for each in lines.items() if rule != "random-string" or each[0] not in known_lines]
        worst = sorted(fresh, key=lambda each: (each[1].passable, each[0]))
        yield from (each for _, each in worst[:_MOST])


def _said(path: str, one: Hit, named_by: Permitted) -> Found:
    """Say rule, line and kind, and never the value."""
    if one.rule != "secret":
        what = "holds" if one.rule == "secret-public" else "seems to hold"
        public = ", which its provider calls public" if one.rule == "secret-public" else ""
        return found(one.rule, path, f"line {one.line} {what} {one.what}{public}")
    why = named_by.why(one.value)
    words = f"line {one.line} looks like a secret ({_bare(one.what)}){f', {why}' if why else ''}"
    return replace(found("secret", path, words), passable=bool(why))


def _bare(kind: str) -> str:
    """Return a kind of secret without its article."""
    return kind.removeprefix("an ").removeprefix("a ").removeprefix("the ")
