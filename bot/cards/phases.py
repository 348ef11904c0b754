"""The words for every phase of a change, in one table, so that the card, a refusal and the command line agree.

A new phase gets its row here; a test asks for one. Add words for a phase nowhere else: people compare what they read.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.change import Phase

STEPS = 5
"""Steps from a request to a change that waits for a yes, as the dots on a card count them."""


@dataclass(frozen=True)
class PhaseWords:
    """`label` heads the card and is what the command line prints; `now` completes "Not now: ..."."""

    emoji: str
    label: str
    now: str
    step: int = 0
    """Which of the steps it belongs to, where work is going on."""


_WORK = ":hourglass_flowing_sand:"

WORDS: dict[Phase, PhaseWords] = {
    Phase.RECEIVED: PhaseWords(":question:", "Which repository is this for?", "I'm waiting to hear which repository"),
    Phase.PREPARING: PhaseWords(_WORK, "Getting a fresh copy of the code", "the work has only just started", 1),
    Phase.EDITING: PhaseWords(_WORK, "Making the change", "I'm still making the change", 2),
    Phase.ASKING: PhaseWords(":question:", "I have a question", "a question is waiting for an answer"),
    Phase.CHECKING: PhaseWords(_WORK, "Running the tests", "the tests are still running", 3),
    Phase.JUDGING: PhaseWords(_WORK, "Reviewing the change", "the review is still running", 3),
    Phase.PUBLISHING: PhaseWords(_WORK, "Opening the pull request", "the pull request is being opened", 4),
    Phase.IN_CI: PhaseWords(_WORK, "Waiting for the checks on GitHub", "the checks on GitHub are still running", 5),
    Phase.READY: PhaseWords(":large_green_circle:", "Ready to merge", "it's waiting for a yes"),
    Phase.MERGING: PhaseWords(_WORK, "Merging", "it's being merged right now"),
    Phase.MERGED: PhaseWords(":tada:", "Merged", "it's already merged"),
    Phase.UNDOING: PhaseWords(":rewind:", "Undoing", "it's being undone right now"),
    Phase.UNDONE: PhaseWords(":leftwards_arrow_with_hook:", "Undone", "it was undone"),
    Phase.DECLINED: PhaseWords(":no_entry_sign:", "Discarded", "it was discarded"),
    Phase.STOPPED: PhaseWords(":octagonal_sign:", "Stopped", "it was stopped"),
    Phase.STUCK: PhaseWords(":raised_hand:", "Stuck", "it's stuck"),
}


def heading(phase: Phase, more: str = "", *, label: str = "", emoji: str = "") -> str:
    """Return the first line of a phase's card: its sign and its label (or those given), with `more` after the label."""
    words = WORDS[phase]
    return f"{emoji or words.emoji} *{label or words.label}{more}*"
