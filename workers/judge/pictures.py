"""The pictures that people sent with a request, as the judge is shown them.

Law: they are those that the agent was shown, out of its transcript: nothing is fetched again, and what came of the work
itself (screenshots) is no part of the request.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from workers import GiveUp
from workers.agent import BlobStore, Block
from workers.agent.conversation import segment
from workers.agent.pictures import expanded
from workers.agent.transcript import Turn
from workers.judge.numbered import safe

MOST = 8
MOST_BYTES = 12_000_000
"""Of all of them; in base64 a third more."""


def shown(rows: Sequence[Turn], keep: BlobStore) -> tuple[Block, ...]:
    """Return the last `MOST` pictures that fit, each after its name; one that is no longer kept is left out."""
    found: list[Block] = []
    left = MOST_BYTES
    for name, picture in list(_named(rows))[-MOST:]:
        size = picture["source"].get("size", 0)
        if size > left:
            continue
        try:
            sent = expanded(picture, keep)
        except GiveUp:
            continue
        left -= size
        found += [{"type": "text", "text": name}, sent]
    return tuple(found)


def _named(rows: Sequence[Turn]) -> Iterable[tuple[str, Block]]:
    """Return the pictures of the last segment, which begins with all pictures that people sent before it."""
    for row in segment(rows) if rows else ():
        before: Block = {}
        for block in row.results or ():
            if block.get("type") == "image":
                said = str(before.get("text", ""))
                yield safe(said) if said.startswith("[picture ") else "[picture]", block
            before = block
