"""Turn the rows of a transcript into messages, sums and the current tree.

Law: within a segment, the messages of a longer transcript begin with the messages of a shorter one, byte for byte.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from bot.domain.change import Usage
from workers.agent import BlobStore, Block
from workers.agent.pictures import expanded
from workers.agent.transcript import Turn


def messages(rows: Sequence[Turn], blobs: BlobStore) -> list[Block]:
    """Return the last segment as the Messages API takes it, pictures included. A reply without content is left out."""
    return SegmentMessages(blobs).follow(rows)


def segment(rows: Sequence[Turn]) -> Sequence[Turn]:
    """Return the rows from where the conversation last began."""
    start = next((at for at in range(len(rows) - 1, -1, -1) if rows[at].begins), 0)
    return rows[start:]


class SegmentMessages:
    """The messages of the present segment and their hash, which grow by what is new: a turn costs what it adds."""

    def __init__(self, blobs: BlobStore) -> None:
        self._blobs = blobs
        self._begin()

    def _begin(self) -> None:
        self._messages: list[Block] = []
        self._hash = hashlib.sha256()
        self._at = -1

    def follow(self, rows: Sequence[Turn]) -> list[Block]:
        """Return the messages up to the last row, whose results must be there. The list is the caller's to add to."""
        for row in rows:
            if row.n <= self._at:
                continue
            if row.begins:
                self._begin()
            elif row.reply:
                self._add("assistant", row.reply)
            if row.results:
                self._add("user", row.results)
            self._at = row.n
        return list(self._messages)

    def key(self, model: str, system: str, tools: list[Block]) -> str:
        """Return what identifies the request to the model: sha256 over everything that is sent but limits."""
        whole = self._hash.copy()
        whole.update(json.dumps([model, system, tools], sort_keys=True, separators=(",", ":")).encode())
        return whole.hexdigest()

    def _add(self, role: str, content: tuple[Block, ...]) -> None:
        self._hash.update(json.dumps([role, content], sort_keys=True, separators=(",", ":")).encode())
        self._messages.append({"role": role, "content": [expanded(block, self._blobs) for block in content]})


def calls(row: Turn) -> list[Block]:
    """Return the tool calls of a reply, in order."""
    return [block for block in row.reply or () if block.get("type") == "tool_use"]


def spoken(row: Turn) -> str:
    """Return the plain text of a reply."""
    return "\n".join(block["text"] for block in row.reply or () if block.get("type") == "text").strip()


def tree(rows: Sequence[Turn]) -> str:
    """Return the workspace after the last turn whose tools have run."""
    return next(row.tree for row in reversed(rows) if row.tree is not None)


def notes_read(rows: Sequence[Turn]) -> int:
    """Return how many notes the conversation holds."""
    return max((row.notes_read for row in rows), default=0)


def usage(rows: Sequence[Turn]) -> Usage:
    """Return everything that was asked of the model, summed."""
    used = [row.usage for row in rows]
    return Usage(
        turns=sum(u.turns for u in used),
        input_tokens=sum(u.input_tokens for u in used),
        cache_read_tokens=sum(u.cache_read_tokens for u in used),
        cache_write_tokens=sum(u.cache_write_tokens for u in used),
        output_tokens=sum(u.output_tokens for u in used),
        wasted=sum(u.wasted for u in used),
        micros=sum(u.micros for u in used),
        seconds=round(sum(u.seconds for u in used), 3),
    )


def prompt_tokens(used: Usage) -> int:
    """Return everything that one request sent."""
    return used.input_tokens + used.cache_read_tokens + used.cache_write_tokens


def tokens(used: Usage) -> int:
    """Return the tokens that count against a budget: those read from the cache count a tenth."""
    return used.input_tokens + used.cache_write_tokens + used.output_tokens + used.cache_read_tokens // 10


def text(said: str) -> Block:
    return {"type": "text", "text": said}
