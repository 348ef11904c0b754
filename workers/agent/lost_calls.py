"""Count model calls whose reply was lost: they may have been paid for, so they use up the budget all the same.

Law: a worker that died reports nothing, so its last call counts for the seconds since its row was written.
"""

from __future__ import annotations

from bot.domain.change import Usage
from bot.domain.frozen import revised
from workers.agent.transcript import NONE, Transcript, Turn

CRASHED_MOST = 300.0
"""Most seconds that count for a call whose worker died: how long it really ran is unknown."""


class LostCalls:
    """The lost calls of the turn that waits for its reply. `used.wasted` counts those whose usage is known."""

    def __init__(self, transcript: Transcript) -> None:
        self._transcript = transcript
        self.used = NONE

    def found(self, row: Turn) -> None:
        """Count a turn that was begun before and never got its reply."""
        self.used = row.usage
        if row.begun > row.usage.wasted:
            self.add(row.n, Usage(seconds=round(min(row.since, CRASHED_MOST), 3)))

    def add(self, n: int, used: Usage) -> None:
        """Count one more lost call of turn `n`. Raises `ClaimLost`."""
        used = revised(used, wasted=1)
        self._transcript.count_lost(n, used)
        self.used = self.used.plus(used)

    def counted(self, used: Usage, begun: int = 0) -> Usage:
        """Return `used` with all lost calls added; `begun` counts as wasted every beginning, reported or not."""
        return revised(used.plus(self.used), wasted=used.wasted + begun)
