"""The bot's test build: crash points between a delivery's arrival, its persisting and its acknowledgement.

Steps: `keep.event`, `keep.tap` and `keep.webhook` (after them, the delivery is kept and not yet answered), `door.open`,
`door.record`.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from bot import main as bot
from bot.record import Door
from bot.store import Deliveries, Kept
from tests.journeys import crash
from tests.journeys.crash import around

_keep = Deliveries.keep


async def keep(self: Deliveries, source: Any, key: str, body: bytes, headers: Mapping[str, str]) -> Kept:
    """As `Deliveries.keep`, with crash points."""
    step = "keep.webhook" if source == "github" else "keep.tap" if b"block_actions" in body else "keep.event"
    crash.point(step, "before")
    kept = await _keep(self, source, key, body, headers)
    crash.point(step, "after")
    return kept


def main() -> int:
    """The bot with its crash points."""
    crash.arm()
    Deliveries.keep = keep  # type: ignore[method-assign]  # the test build
    Door.open = around("door.open", Door.open)  # type: ignore[method-assign]
    Door.record = around("door.record", Door.record)  # type: ignore[method-assign]
    return bot.main()


if __name__ == "__main__":
    sys.exit(main())
