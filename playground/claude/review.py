"""A scripted review of a change: fine for every numbered hunk, unless the script of the request has a veto for it.

Law: nothing is judged here, and the answer says so; a veto comes from a script alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from playground.claude.script import Script
from playground.claude.validate_schemas import NOTICE

HUNK = re.compile(r"^\[hunk (\d+)\] ", re.MULTILINE)
MEMBERS = {"hunks", "missing", "verdict", "sentence"}


def is_review(schema: dict[str, Any]) -> bool:
    """Return whether an answer in this schema is a review of numbered hunks."""
    return set(schema.get("properties") or {}) >= MEMBERS


def reviewed(said: str, request: str, scripts: Sequence[Script]) -> tuple[str, dict[str, Any]]:
    """Return (name of the script, the answer) to what was `said`, for a change that was made on `request`."""
    parts = _parts(said)
    script = next((one for one in scripts if one.reviews and one.match(request) is not None), None)
    for review in script.reviews if script else ():
        if not any(re.search(review.when, text) for text in parts.values()):
            continue
        unasked = {n for n, text in parts.items() if review.unasked and re.search(review.unasked, text)}
        if unasked or review.missing:
            sentence = f"{review.sentence} (Scripted: no model judged this.)"
            return (script.name if script else ""), _answer(parts, unasked, list(review.missing), sentence)
    return "review", _answer(parts, set(), [], NOTICE)


def _parts(said: str) -> dict[int, str]:
    """Return the text of each numbered hunk."""
    found = list(HUNK.finditer(said))
    ends = [*(one.start() for one in found[1:]), len(said)]
    return {int(one[1]): said[one.end() : end] for one, end in zip(found, ends, strict=True)}


def _answer(parts: dict[int, str], unasked: set[int], missing: list[str], sentence: str) -> dict[str, Any]:
    return {
        "hunks": [{"n": n, "asked": "unasked" if n in unasked else "asked", "why": NOTICE} for n in parts],
        "missing": missing,
        "verdict": "veto" if unasked or missing else "fine",
        "sentence": sentence,
    }
