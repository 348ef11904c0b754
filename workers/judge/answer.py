"""Define the judge's answers, and refuse one that contradicts itself.

Law: the service keeps the shape, we keep the sense: every hunk exactly once, and a verdict that follows from them.
"""

from __future__ import annotations

import json
import re
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.domain.change import Opinion, Usage
from workers.agent.framing import spelled
from workers.judge.numbered import Numbered

MOST_SENTENCE = 200
MOST_WHY = 240
MOST_MISSING = 20
LINK = re.compile(r"\w://|\bwww\.|<\s*[@#!/a-z]|\]\s*\(|@(here|channel|everyone)\b", re.IGNORECASE)
"""Links, mentions and tags."""
MARKUP = re.compile(r"[`*]+|^\s*(#+|>|-)\s+")
SCHEMA: dict[str, object] = {
    "type": "object",
    "properties": {
        "hunks": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "n": {"type": "integer", "description": "The number of the hunk."},
                    "asked": {"type": "string", "enum": ["asked", "needed", "unasked"]},
                    "why": {"type": "string", "description": "At most 15 words: what this hunk does."},
                },
                "required": ["n", "asked", "why"],
                "additionalProperties": False,
            },
        },
        "missing": {
            "type": "array",
            "items": {"type": "string"},
            "description": "What was asked for and is not there; empty if nothing.",
        },
        "verdict": {"type": "string", "enum": ["fine", "veto"]},
        "sentence": {"type": "string", "description": "One plain sentence of at most 200 characters."},
    },
    "required": ["hunks", "missing", "verdict", "sentence"],
    "additionalProperties": False,
}


class Unusable(Exception):
    """The answer does not hold together; the message tells the model what to put right."""


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class HunkAnswer(_Closed):
    """The answer to one hunk."""

    n: int
    asked: Literal["asked", "needed", "unasked"]
    why: str = Field(max_length=4_000)


class Answer(_Closed):
    """A whole answer, of the right shape."""

    hunks: tuple[HunkAnswer, ...]
    missing: tuple[str, ...]
    verdict: Literal["fine", "veto"]
    sentence: str = Field(max_length=4_000)


def read(text: str, change: Numbered) -> Answer:
    """Return the answer in `text`, consistent with itself and with the hunks that were shown. Raises `Unusable`."""
    try:
        answer = Answer.model_validate(_tuples(json.loads(text)))
    except (ValidationError, ValueError, RecursionError) as wrong:
        raise Unusable("Your answer was not JSON of the form asked for.") from wrong
    numbers = [hunk.n for hunk in answer.hunks]
    if left_out := sorted(set(change.numbers) - set(numbers)):
        raise Unusable(f"You did not answer for every hunk: {_numbers(left_out)} missing.")
    if unknown := sorted(set(numbers) - set(change.numbers)):
        raise Unusable(f"There is no hunk {_numbers(unknown)}.")
    if len(numbers) != len(set(numbers)):
        raise Unusable("You answered more than once for the same hunk.")
    if not _plain(answer.sentence):
        raise Unusable("The sentence is empty.")
    if LINK.search(answer.sentence):
        raise Unusable("The sentence holds a link, a mention or a tag. Write one plain sentence.")
    objections = any(hunk.asked == "unasked" for hunk in answer.hunks) or any(one.strip() for one in answer.missing)
    if answer.verdict == "veto" and not objections:
        raise Unusable("The verdict is veto, but no hunk is unasked and nothing is missing. Name it, or say fine.")
    if answer.verdict == "fine" and objections:
        raise Unusable("The verdict is fine, but a hunk is unasked or something is missing. Make them agree.")
    return answer


def opinion(answer: Answer, change: Numbered, *, model: str, scripted: bool, usage: Usage) -> Opinion:
    """Return the answer in the words of the domain, each on one line and no longer than a card can bear."""
    return Opinion(
        verdict=answer.verdict,
        sentence=line(_plain(answer.sentence), MOST_SENTENCE),
        unasked=tuple(
            line(f"{change.labels[hunk.n - 1]}: {hunk.why}", MOST_WHY)
            for hunk in sorted(answer.hunks, key=lambda one: one.n)
            if hunk.asked == "unasked"
        )[:MOST_MISSING],
        missing=tuple(line(one, MOST_WHY) for one in answer.missing if one.strip())[:MOST_MISSING],
        model=model,
        scripted=scripted,
        usage=usage,
    )


def _plain(text: str) -> str:
    """Return a text without the quotes or marks that some models put around it."""
    return MARKUP.sub("", text).strip()


def line(text: str, most: int) -> str:
    """Return one line of at most `most` characters, with unseen characters spelled out."""
    words = " ".join(spelled(text).split())
    return words if len(words) <= most else f"{words[: most - 1]}…"


def _tuples(value: object) -> object:
    """Lists as tuples: strict reading takes nothing else for them."""
    if isinstance(value, dict):
        return {name: _tuples(part) for name, part in value.items()}
    return tuple(_tuples(part) for part in value) if isinstance(value, list) else value


def _numbers(numbers: list[int]) -> str:
    shown = ", ".join(str(n)[:12] for n in numbers[:10])
    return f"{shown} and {len(numbers) - 10} more" if len(numbers) > 10 else shown
