"""Describe what CI would run of a change, and which secrets it would hand to that code.

CI runs outside of every sandbox of ours, often with secrets. So a push is itself a decision wherever new code would be
run there: `Rules.allowances` says how many people have to allow it, and a yes counts for one tree alone.
"""

from __future__ import annotations

from bot.domain.frozen import Frozen


class CiReach(Frozen):
    """The code that CI would run, and the secrets and tokens it would get there, read from the base commit's CI files.

    All texts are outside text. `because` are sentences that say which code would be run; `secrets` are names, or "*".
    `also` completes "with ...": tokens, runners, and what could not be read, which counts as given.
    """

    because: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    also: tuple[str, ...] = ()

    @property
    def risky(self) -> bool:
        """Return whether new code would run where there is something to take."""
        return bool(self.because) and bool(self.secrets or self.also)
