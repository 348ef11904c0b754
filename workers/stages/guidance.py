"""Which files of a repository tell people and machines how to work in it, and what of them the agent is shown. Pure.

Law: they are read from the base commit alone. A change that edits them does not steer the run that makes it.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Sequence

ROOT = (
    "AGENTS.md",
    "CLAUDE.md",
    "CONTRIBUTING.md",
    ".github/CONTRIBUTING.md",
    ".github/copilot-instructions.md",
    ".cursorrules",
)
RULES = ".cursor/rules/"
NESTED = ("AGENTS.md", "CLAUDE.md", "CONTRIBUTING.md", ".cursorrules")
LARGEST = 16_000
"""Bytes of each file that are shown."""
MOST_RULES = 12
MOST_NESTED = 200
"""Files below the root that the agent may come upon."""


def at_root(files: Sequence[str], read: Callable[[str], str]) -> dict[str, str]:
    """Return what is shown first, by path; `read` gives the text at the base, "" for none. A copy is left out."""
    rules = sorted(path for path in files if path.startswith(RULES) and _is_rule(path))[:MOST_RULES]
    found: dict[str, str] = {}
    for path in (*ROOT, *rules):
        text = read(path)
        if text.strip() and text not in found.values():
            found[path] = text
    return found


def nested(files: Sequence[str]) -> tuple[str, ...]:
    """Return what is shown once the agent comes to the folder it speaks of."""
    found = (path for path in files if "/" in path and path not in ROOT and not path.startswith(RULES))
    return tuple(sorted(path for path in found if posixpath.basename(path) in NESTED or _is_rule(path))[:MOST_NESTED])


def _is_rule(path: str) -> bool:
    return f"/{RULES}" in f"/{path}" and path.endswith((".mdc", ".md"))
