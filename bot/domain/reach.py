"""What CI could do with a change's code, before any person has looked at it.

CI runs outside of every sandbox of ours, often with secrets. So a push is itself a decision wherever new code would be
run there: `Rules.allowances` says how many people have to allow it, and a yes counts for one tree alone.
"""

from __future__ import annotations

from bot.domain.frozen import Frozen


class CiReach(Frozen):
    """What the base commit's CI files hand to the code that they run. Every text holds outside text.

    `because` are sentences that say which code of the change would be run; `secrets` are names of secrets, "*" for all
    of them; `also` completes "with ...": tokens, runners, and what could not be read, which counts as given.
    """

    because: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    also: tuple[str, ...] = ()

    @property
    def risky(self) -> bool:
        """Return whether new code would run where there is something to take."""
        return bool(self.because) and bool(self.secrets or self.also)
