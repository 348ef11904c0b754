"""What is said: pure functions from the state of a change to Block Kit, one file per moment.

Law: every outside string passes `bot.cards.text` on its way into a block.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Blocks = tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class Words:
    """A message: `text` for notifications and screen readers (mrkdwn, escaped), `blocks` for the eye."""

    text: str
    blocks: Blocks = ()
