"""The two kinds of failure a stage may meet at the edges; anything else is a bug of ours and is shown as one."""

from __future__ import annotations


class TryAgain(Exception):
    """Nothing is wrong with the change: come back in `after_seconds`. A snooze is not an attempt unless `counts`.

    `polling`: something is awaited, and a hint that it happened may cut the wait short.
    """

    def __init__(self, after_seconds: float, why: str = "", *, counts: bool = False, polling: bool = False) -> None:
        super().__init__(why or f"again in {after_seconds:g} s")
        self.after_seconds = after_seconds
        self.why = why
        self.counts = counts
        self.polling = polling


class GiveUp(Exception):
    """Trying again cannot help. `reason` is a sentence for the person in the thread; `advice` what they can do."""

    def __init__(self, reason: str, advice: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.advice = advice


class ClaimLost(Exception):
    """The claim that authorised this work is gone (stopped, expired, taken over): write nothing, stop at once."""
