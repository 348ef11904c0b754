"""Word what the agent is doing, for the card. The lines are outside text, to be escaped where they are shown."""

from __future__ import annotations

import re
from collections.abc import Iterator

LONGEST = 140
SHORT_COMMAND = 48
SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
MARKUP = re.compile(r"[*_`#]+")


def line(text: str) -> str:
    """Return one line without markup, at most 140 characters."""
    words = " ".join(MARKUP.sub("", text).split())
    return words if len(words) <= LONGEST else words[: LONGEST - 1].rstrip() + "…"


class Thoughts:
    """Cuts streamed thinking into sentences."""

    def __init__(self) -> None:
        self._rest = ""

    def add(self, delta: str) -> Iterator[str]:
        """Yield the sentences that became complete."""
        *whole, self._rest = SENTENCE.split(self._rest + delta)
        yield from filter(None, map(line, whole))

    def end(self) -> Iterator[str]:
        """Yield what is left when the block ends."""
        rest, self._rest = line(self._rest), ""
        if rest:
            yield rest


def of_call(name: str, given: object) -> str:
    """Return what a tool call is about to do, in a few words; empty when there is nothing worth showing."""
    asked = given if isinstance(given, dict) else {}
    path = str(asked.get("path", "")).removeprefix("/workspace/")
    if name == "bash":
        return _running(asked["command"]) if isinstance(asked.get("command"), str) else ""
    if name == "str_replace_based_edit_tool":
        verb = {"view": "Reading", "create": "Writing"}.get(str(asked.get("command")), "Editing")
        return line(f"{verb} {path}")
    if name == "search":
        return line(f"Looking for {asked['pattern']}") if isinstance(asked.get("pattern"), str) else ""
    if name == "run_checks":
        what = {"quick": "the quick checks", "changed": "the tests of what changed", "all": "all tests"}
        return f"Running {what.get(str(asked.get('which')), 'the checks')}"
    if name == "view_image":
        return line(f"Looking at {path}")
    return "Summing up" if name == "finish" else ""


def _running(command: str) -> str:
    """Return a short command as it is, of a long one its program only: readers of the card may not be programmers."""
    words = command.split()
    told = " ".join(words)
    return line(f"Running {told}" if len(told) <= SHORT_COMMAND else f"Running a command ({words[0]} …)")
