"""Start a new segment of a conversation that became too long, or that another model continues. Pure.

Law: nothing stored is rewritten. A new segment begins with everything people said, word for word, the workspace as it
stands, and what was written down of the work; thinking never crosses over.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from bot.domain.change import Note
from workers.agent import Block, Job, pictures
from workers.agent.conversation import calls, prompt_tokens, segment, spoken, text
from workers.agent.framing import fenced, note, one_line, opening, shorten
from workers.agent.transcript import SEGMENT, Turn

Reason = Literal["full", "window", "model", "refusal", "broken"]
SHARE = 0.8
"""Of the model's window; the rest is for the reply, and for our estimate being wrong."""
SMALLEST = 20_000
"""Tokens below which a conversation is never compacted: its beginning alone may be that long."""
ACCOUNT_MOST = 24_000
PATHS_MOST = 200

_WHY = {
    "full": "This conversation continues an earlier one that had become long. Your notes on it:",
    "window": "This conversation continues an earlier one that had become too long. What was done in it, in short:",
    "model": "This conversation continues one that another model held. What was done in it, in short:",
    "broken": "This conversation continues an earlier one that could no longer be sent; its pictures are left "
    "out. What was done in it, in short:",
    "refusal": "This conversation continues one that another model held. What was done in it, in short:",
}


def kind(reason: Reason) -> str:
    """Return the stop reason of a row that begins a segment."""
    return SEGMENT + reason


def length(rows: Sequence[Turn]) -> int:
    """Estimate the tokens of the next request: the last reply's usage, and a token for three characters since.

    0 while the segment has no reply: a beginning is never compacted.
    """
    last = rows[-1]
    replied = next((row for row in reversed(segment(rows)) if row.reply and not row.begins), None)
    if replied is None:
        return 0
    return prompt_tokens(replied.usage) + replied.usage.output_tokens + sum(map(_tokens, last.results or ()))


def too_long(rows: Sequence[Turn], job: Job, window: int) -> bool:
    """Return whether the next request is one too long."""
    return length(rows) > max(SMALLEST, min(job.context_tokens, int(window * SHARE)))


def holders(rows: Sequence[Turn]) -> tuple[str, str]:
    """Return (the model whose thinking the segment holds, "" for none known; the model that took over a refusal, or
    "").
    """
    first, *others = segment(rows)
    holds = first.model if first.begins else next((row.model for row in others if row.model), "")
    moved = {kind("refusal"), kind("model")}
    last = next((row for row in reversed(rows) if row.stop_reason in moved), first)
    return holds, last.model if last.stop_reason == kind("refusal") else ""


def can_shrink(rows: Sequence[Turn]) -> bool:
    """Return whether a new segment would leave out any part of a refused request."""
    first, *others = segment(rows)
    return bool(others or (first.stop_reason != kind("broken") and pictures.of(first.results or ())))


def begin(job: Job, rows: Sequence[Turn], row: Turn, notes: Sequence[Note], pictures: list[Block]) -> list[Block]:
    """Return the first user message of the segment that `row` begins; `rows` are all before it."""
    reason = row.stop_reason.removeprefix(SEGMENT)
    account = spoken(row) if reason == "full" and spoken(row) else digest(rows)
    said = [opening(job), *map(note, notes)]
    said.append(f"{_WHY.get(reason, _WHY['window'])}\n{fenced('history', account, ACCOUNT_MOST)}")
    said.append(_workspace(job, rows))
    return [*map(text, said[:1]), *pictures, *map(text, said[1:])]


def digest(rows: Sequence[Turn]) -> str:
    """Return what was said and done, turn by turn and in short, without anybody's thinking."""
    return shorten("\n".join(filter(None, map(_turn, rows))), ACCOUNT_MOST)


def _workspace(job: Job, rows: Sequence[Turn]) -> str:
    tree = next(row.tree for row in reversed(rows) if row.tree is not None)
    paths = job.changed(tree)
    if not paths:
        return "/workspace is as it was at the base. Go on from here."
    shown = "\n".join(one_line(path, 300) for path in paths[:PATHS_MOST])
    more = f"\n[and {len(paths) - PATHS_MOST} more]" if len(paths) > PATHS_MOST else ""
    return f"/workspace holds your work as it stands. It differs from the base in:\n{shown}{more}\nGo on from there."


def _turn(row: Turn) -> str:
    if row.begins:
        return shorten(spoken(row), ACCOUNT_MOST // 2)
    said = [f"Turn {row.n}. {shorten(spoken(row), 600)}".rstrip()] if row.reply else []
    answers = {block.get("tool_use_id"): block for block in row.results or () if block.get("type") == "tool_result"}
    for call in calls(row):
        given = call.get("input")
        about = (
            "; ".join(f"{key}: {one_line(str(value), 160)}" for key, value in given.items())
            if isinstance(given, dict)
            else ""
        )
        said.append(f"- {call['name']} ({about}): {_answered(answers.get(call['id']))}")
    return "\n".join(said)


def _answered(block: Block | None) -> str:
    if block is None:
        return "no answer"
    content = block.get("content")
    words = content if isinstance(content, str) else "a picture"
    return ("failed: " if block.get("is_error") else "") + one_line(words[-300:], 300)


def _tokens(block: Block) -> int:
    if block.get("type") == "image":
        return 1_600
    content = block.get("content", block.get("text", ""))
    return sum(map(_tokens, content)) if isinstance(content, list) else len(str(content)) // 3
