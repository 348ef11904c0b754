"""Pause work while the disk is full, say so once in the thread, and continue as soon as there is space.

Law: nothing that a stage found on a full disk is believed unless it is good: what could not write has proved nothing.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import structlog

from bot.cards import Words
from bot.cards.disk_full import has_space_again, waits_for_space
from bot.domain.change import Change
from bot.domain.effects import Merge, MergeUndo, ReadCi, ReadUndoCi, Tidy, WatchPull
from bot.domain.events import Checked, StageResult
from bot.domain.verdict import Verdict
from bot.store import Claim, ClaimRefused, DiskSpace, StoreDown
from bot.store.disk_space import Left
from workers import ClaimLost, GiveUp, TryAgain
from workers.chat import MessageGone
from workers.stages.context import Tools

LOOK_SECONDS = 5.0
"""Seconds between two checks whether there is space again."""
_NEEDS_NONE = (Merge, MergeUndo, ReadCi, ReadUndoCi, Tidy, WatchPull)
"""Build effects that write next to nothing here, and may even make room."""

log = structlog.get_logger("disk")


class DiskFull(Exception):
    """The disk described by `left` is too full for this work."""

    def __init__(self, left: Left) -> None:
        super().__init__(left.words())
        self.left = left


@dataclass(frozen=True)
class DiskGuard:
    """Checks the disk before and after every stage. `relieve` evicts caches, and returns the bytes that it freed."""

    disk: DiskSpace
    relieve: Callable[[], int] = lambda: 0
    told: dict[int, str] = field(default_factory=dict)
    """The message of ours (its ts) by effect, for those that wait."""
    guard: threading.Lock = field(default_factory=threading.Lock)

    @contextlib.contextmanager
    def watched(self, claim: Claim, change: Change, tools: Tools) -> Iterator[None]:
        """Around a stage: raises `DiskFull` before it, and in place of any trouble that it met on a full disk.

        By then the people concerned have been notified.
        """
        try:
            self._see(claim)
            self._goes_on(claim, change, tools)
            yield
        except (ClaimLost, ClaimRefused, StoreDown):
            raise
        except Exception as error:
            left = error.left if isinstance(error, DiskFull) else self._hinders(claim)
            if left is None:
                raise
            if not isinstance(error, DiskFull):
                log.warning("stage_met_full_disk", change=change.id, error=repr(error)[:300])
            self._waits(claim, change, left, tools)
            raise DiskFull(left) from error

    def believes(self, claim: Claim, found: StageResult | None) -> None:
        """Raises `DiskFull` where the disk may be the reason for what a stage found."""
        if isinstance(found, Checked) and found.evidence.verdict is not Verdict.GREEN:
            self._see(claim)

    def _see(self, claim: Claim) -> None:
        if left := self._hinders(claim):
            raise DiskFull(left)

    def _hinders(self, claim: Claim) -> Left | None:
        if claim.effect.lane != "build" or isinstance(claim.effect, _NEEDS_NONE):
            return None
        left = self.disk.short()
        if left is None:
            return None
        try:
            gone = self.relieve()
        except OSError as error:
            log.warning("could_not_make_room", error=repr(error)[:300])
            return left
        if gone:
            log.info("made_room", removed=gone, disk=left.words())
        return self.disk.short() if gone else left

    def _waits(self, claim: Claim, change: Change, left: Left, tools: Tools) -> None:
        """Give back the room of this change's own workspace, and tell its people, once for every effect."""
        log.error("no_room", change=change.id, effect=claim.effect.kind, disk=left.words())
        with contextlib.suppress(OSError):
            tools.workspaces.tidy(change.id)
        with self.guard:
            if claim.effect_id in self.told:
                return
            self.told[claim.effect_id] = ""
        ts = _say(tools, change, claim, waits_for_space(change))
        with self.guard:
            if ts is None:  # posted at the next check
                del self.told[claim.effect_id]
            else:
                self.told[claim.effect_id] = ts

    def _goes_on(self, claim: Claim, change: Change, tools: Tools) -> None:
        """There is room: the message that said otherwise says so."""
        with self.guard:
            ts = self.told.pop(claim.effect_id, "")
        if not ts:
            return
        log.info("room_again", change=change.id, effect=claim.effect.kind)
        with contextlib.suppress(TryAgain, GiveUp, MessageGone):
            tools.chat.update(change.place.channel, ts, has_space_again(change), _key(claim))


def _say(tools: Tools, change: Change, claim: Claim, words: Words) -> str | None:
    """Return the ts of the one message, posted by this or another worker; None if Slack refuses it now."""
    place, key = change.place, _key(claim)
    try:
        known = tools.chat.find(place.channel, place.thread_ts, key)
        return known[0] if known else tools.chat.post(place.channel, place.thread_ts, words, key)
    except (TryAgain, GiveUp) as trouble:
        log.warning("could_not_say", change=change.id, error=str(trouble)[:200])
        return None


def _key(claim: Claim) -> str:
    return f"room:{claim.change_id}:{claim.effect_id}"
