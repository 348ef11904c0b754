"""What the rows of a transcript amount to. Pure.

Law: the messages of a longer transcript begin with the messages of a shorter one, byte for byte.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.change import Usage
from workers.agent import Block
from workers.agent.transcript import Turn


def messages(rows: Sequence[Turn]) -> list[Block]:
    """The conversation as the Messages API takes it. A reply without content is left out."""
    said: list[Block] = []
    for row in rows:
        if row.reply:
            said.append({"role": "assistant", "content": list(row.reply)})
        if row.results:
            said.append({"role": "user", "content": list(row.results)})
    return said


def calls(row: Turn) -> list[Block]:
    """The tool calls of a reply, in order."""
    return [block for block in row.reply or () if block.get("type") == "tool_use"]


def spoken(row: Turn) -> str:
    """The plain text of a reply."""
    return "\n".join(block["text"] for block in row.reply or () if block.get("type") == "text").strip()


def tree(rows: Sequence[Turn]) -> str:
    """The workspace after the last turn whose tools have run."""
    return next(row.tree for row in reversed(rows) if row.tree is not None)


def notes_read(rows: Sequence[Turn]) -> int:
    """How many notes the conversation holds."""
    return max((row.notes_read for row in rows), default=0)


def usage(rows: Sequence[Turn]) -> Usage:
    """Everything that was asked of the model, summed."""
    used = [row.usage for row in rows]
    return Usage(
        turns=sum(u.turns for u in used),
        input_tokens=sum(u.input_tokens for u in used),
        cache_read_tokens=sum(u.cache_read_tokens for u in used),
        cache_write_tokens=sum(u.cache_write_tokens for u in used),
        output_tokens=sum(u.output_tokens for u in used),
        wasted=sum(u.wasted for u in used),
    )


def tokens(used: Usage) -> int:
    """Tokens as a budget counts them: what is read from the cache counts a tenth."""
    return used.input_tokens + used.cache_write_tokens + used.output_tokens + used.cache_read_tokens // 10


def text(said: str) -> Block:
    return {"type": "text", "text": said}
