"""What calls took that came to nothing: it is used up all the same.

Law: a worker that died says nothing, so its last call counts for as long as nobody wrote, within bounds.
"""

from __future__ import annotations

from bot.domain.change import Usage
from bot.domain.frozen import revised
from workers.agent.transcript import NONE, Transcript, Turn

CRASHED_MOST = 300.0
"""Seconds that count for a call whose worker died: how long it really went on, nobody knows."""


class Vain:
    """Of the turn that is waiting for its reply. `used.wasted` counts the calls that said what they took."""

    def __init__(self, transcript: Transcript) -> None:
        self._transcript = transcript
        self.used = NONE

    def found(self, row: Turn) -> None:
        """A turn that was begun before, and whose reply never came."""
        self.used = row.usage
        if row.begun > row.usage.wasted:
            self.add(row.n, Usage(seconds=round(min(row.since, CRASHED_MOST), 3)))

    def add(self, n: int, used: Usage) -> None:
        """One more call of turn `n` came to nothing. Raises `ClaimLost`."""
        used = revised(used, wasted=1)
        self._transcript.in_vain(n, used)
        self.used = self.used.plus(used)

    def counted(self, used: Usage, begun: int = 0) -> Usage:
        """`used` with all of it; as wasted count all beginnings, whether or not they said what they took."""
        return revised(used.plus(self.used), wasted=used.wasted + begun)
