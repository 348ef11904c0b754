"""Tell when the budget that a person granted is used up. Pure.

Law: a budget ends nothing by itself: the work pauses, a person is asked, and the same is granted again.
"""

from __future__ import annotations

from bot.domain.change import Usage
from workers.agent import Job
from workers.agent.conversation import tokens

_MICROS = 1_000_000


def over(job: Job, used: Usage) -> str:
    """Return what is used up, as a sentence for the person in the thread; empty while something is left of each."""
    dollars = used.micros / _MICROS
    if used.turns >= job.max_turns:
        what = f"all {job.max_turns} turns"
    elif tokens(used) >= job.max_tokens_total:
        what = f"all {_rounded(job.max_tokens_total)} tokens"
    elif dollars >= job.max_dollars:
        what = f"all of ${job.max_dollars:.2f}"
    elif used.seconds >= job.max_minutes * 60:
        what = f"all {job.max_minutes:g} minutes"
    else:
        return ""
    known = f", ${dollars:.2f} so far" if used.micros else ""
    # Replies without a price: the model is not on the list, so the budget of dollars did not bind it.
    cost = ", at an unknown cost" if used.output_tokens and not used.micros else known
    return f"I used {what} that were granted for this and am not done ({used.turns} turns{cost}). Shall I go on?"


def _rounded(count: int) -> str:
    return f"{count / 1e6:g} million" if count >= 1_000_000 else f"{count:,}"
