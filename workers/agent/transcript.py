"""The transcript of one change: every turn with the model, saved as it happens.

Law: a stored reply is never asked again and never edited; a turn's tools run only after its reply is stored.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from bot.domain.change import Usage
from workers.agent import Block, Reply

NONE = Usage()
SEGMENT = "segment:"


@dataclass(frozen=True)
class Turn:
    """One row. Turn 0 is the opening: no reply, its `results` are the first user message.

    From turn 1 on: `reply` is None while the model has not answered; `results` is None while the reply's tools have
    not all run, else the user message that answers it (empty when the reply is simply sent back). `tree` is the
    workspace after the tools, `notes_read` how many notes had been heard by then, `begun` how often it was asked for.

    A row whose `stop_reason` begins with "segment:" starts a new conversation: its `results` are the first user
    message from there on, `reply` is what the model wrote down before (or empty), `model` who is asked from there on.
    In any other row `model` is who was asked; "" in rows older than that.

    While there is no reply, `usage` is what lost calls took, of which it counts those that said so as `wasted`, and
    `since` are the seconds since the row was last written.
    """

    n: int
    request_hash: str
    reply: tuple[Block, ...] | None = None
    stop_reason: str = ""
    usage: Usage = NONE
    results: tuple[Block, ...] | None = None
    tree: str | None = None
    notes_read: int = 0
    begun: int = 0
    model: str = ""
    since: float = field(default=0.0, compare=False)

    @property
    def begins(self) -> bool:
        """Return whether a new conversation starts with this row."""
        return self.stop_reason.startswith(SEGMENT)


class Transcript(Protocol):
    """The store of turns. Every method that writes may raise `ClaimLost`, and then has written nothing."""

    def rows(self) -> tuple[Turn, ...]:
        """Return every turn so far, in order."""
        ...

    def begin(self, n: int, request_hash: str) -> int:
        """Write the row of turn `n` before the model is called, or count another beginning of it.

        How many times it had been begun before without a reply: that many lost calls may have been paid for.
        """
        ...

    def count_lost(self, n: int, used: Usage) -> None:
        """Add the usage of a lost call of a begun turn; `used.wasted` is 1."""
        ...

    def save_reply(self, n: int, request_hash: str, reply: Reply, usage: Usage) -> None:
        """Keep the reply of a begun turn. `usage` is the reply's, with the lost calls counted as `wasted`."""
        ...

    def save_results(
        self, n: int, content: tuple[Block, ...], tree: str, notes_read: int, usage: Usage | None = None
    ) -> None:
        """Keep what answers the reply of turn `n`, once. Also called for turn 0, which is begun but has no reply.

        `usage`, where given, is the turn's with the time of its tools. It may be written no earlier than the next
        `begin` or `settle`.
        """
        ...

    def settle(self) -> None:
        """Write what is still held back."""
        ...
