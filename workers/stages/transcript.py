"""The agent's transcript in the store, under the claim of the edit that is being performed.

Law: a save without a living claim is refused, so that two workers can never interleave one conversation. What a turn
came to is kept in the transaction that begins the next one: nothing happens between the two.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from bot.domain.change import Usage
from bot.store import ClaimRefused, StoredTurn, TurnDone, Turns
from workers import ClaimLost
from workers.agent import Block, Reply
from workers.agent.transcript import Turn
from workers.stages.context import StageContext


class ClaimedTranscript:
    """Implements `workers.agent.transcript.Transcript`."""

    def __init__(self, context: StageContext) -> None:
        self._context = context
        self._turns: Turns = context.tools.store.turns
        self._done: TurnDone | None = None

    def rows(self) -> tuple[Turn, ...]:
        """Return every turn so far, in order."""
        self.settle()
        return tuple(_turn(row) for row in self._turns.of(self._context.change.id))

    def begin(self, n: int, request_hash: str) -> int:
        """See the protocol."""
        with self._claimed():
            begun = self._turns.begin(self._context.claim, n, request_hash, self._done)
        self._done = None
        return begun

    def count_lost(self, n: int, used: Usage) -> None:
        """See the protocol."""
        with self._claimed():
            self._turns.count_lost(self._context.claim, n, used)

    def save_reply(self, n: int, request_hash: str, reply: Reply, usage: Usage) -> None:  # noqa: ARG002 - kept by begin
        """See the protocol."""
        with self._claimed():
            blocks = list(reply.content)
            self._turns.save_reply(self._context.claim, n, blocks, reply.stop_reason, usage, reply.model)

    def save_results(
        self, n: int, content: tuple[Block, ...], tree: str, notes_read: int, usage: Usage | None = None
    ) -> None:
        """See the protocol."""
        self.settle()
        self._done = TurnDone(n, list(content), tree, notes_read, usage)

    def settle(self) -> None:
        """See the protocol."""
        done, self._done = self._done, None
        if done is not None:
            with self._claimed():
                self._turns.save_results(self._context.claim, done)

    @contextmanager
    def _claimed(self) -> Iterator[None]:
        try:
            yield
        except ClaimRefused as refused:
            self._context.lost.set()
            raise ClaimLost(self._context.change.id) from refused


def _turn(row: StoredTurn) -> Turn:
    return Turn(
        n=row.n,
        request_hash=row.request_hash,
        reply=None if row.reply is None else tuple(row.reply),
        stop_reason=row.stop_reason or "",
        usage=row.usage,
        results=None if row.results is None else tuple(row.results),
        tree=row.tree,
        notes_read=row.notes_read,
        begun=row.begun,
        model=row.model,
        since=row.since,
    )
