"""attend(change, lane): claim, perform as a stage, record the result; again until nothing is due.

Law: whatever a stage does, exactly one of record, snooze, finish or nothing (claim lost) happens to its effect.
"""

from __future__ import annotations

import errno
import secrets
import time
from dataclasses import dataclass, field

import structlog

from bot.domain.effects import Effect, Lane
from bot.domain.events import StageFailed, StageResult
from bot.store import Claim, ClaimRefused, DiskSpace, StoreDown
from workers import ClaimLost, GiveUp, TryAgain
from workers.attend.full_disk import LOOK_SECONDS, DiskFull, DiskGuard
from workers.attend.keeper import Keeper
from workers.attend.meter import SPENT
from workers.stages import Stage
from workers.stages.context import StageContext, Tools

MOST_ATTEMPTS = 5
"""Claims of one effect that may end without a result (a crash, a bug) before the change gets stuck."""
BUG_PAUSE = 2.0
FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
LONGEST_WAIT = 24 * 3600.0
"""Seconds for which an effect may be postponed before the change gets stuck."""

DOING = {
    "Prepare": "getting a copy of the code",
    "Edit": "making the change",
    "Check": "running the tests",
    "Judge": "reviewing the change",
    "Publish": "opening the pull request",
    "ReadCi": "reading CI results",
    "WatchPull": "watching the pull request",
    "Merge": "merging",
    "OpenUndo": "preparing the undo",
    "ReadUndoCi": "reading the undo's CI results",
    "MergeUndo": "merging the undo",
    "Tidy": "cleaning up",
    "React": "reacting to your message",
    "ShowCard": "showing the card",
    "Notify": "sending a message",
}
"""Each effect in the words of a sentence to people."""

log = structlog.get_logger("attend")


@dataclass(frozen=True)
class Attendant:
    """Performs effects. `stages` maps an effect's type to the stage that performs it."""

    tools: Tools
    keeper: Keeper
    stages: dict[type, Stage]
    owner: str
    disk: DiskGuard = field(default_factory=lambda: DiskGuard(DiskSpace()))

    def attend(self, change_id: str, lane: Lane) -> int:
        """Perform everything that is due for a change on a lane, in order, and return how many effects that were."""
        performed = 0
        try:
            while not self.keeper.leaving and (claim := self._claim(change_id, lane)):
                performed += 1
                if not self.perform(claim):
                    break  # whatever is put off is rung for when it is due, so that no change can spin here
            else:
                self._ring_when_due(change_id, lane)
        except StoreDown as down:
            log.warning("database_down", change=change_id, lane=lane, error=str(down))
        return performed

    def _claim(self, change_id: str, lane: Lane) -> Claim | None:
        return self.tools.store.outbox.claim(change_id, lane, self.owner, self.tools.lease_seconds)

    def _ring_when_due(self, change_id: str, lane: Lane) -> None:
        """Ring later for a card that has to keep its distance from the one before waits behind what was performed just
        now.
        """
        if lane == "talk" and (seconds := self.tools.store.outbox.due_in(change_id, lane)):
            self.tools.ring(change_id, {lane: seconds})

    def perform(self, claim: Claim) -> bool:
        """Perform one claimed effect to its end, and return whether the lane may go on at once."""
        said = log.bind(change=claim.change_id, effect=claim.effect.kind, id=claim.effect_id, again=claim.again)
        try:
            with self.keeper.keeping(claim) as lost:
                change = self.tools.store.changes.get(claim.change_id)
                if change is None:
                    raise AssertionError(f"an effect without a change: {claim.change_id}")
                if claim.attempts > MOST_ATTEMPTS:
                    raise GiveUp("This step failed every time I tried.", "Try again, or ask Shipmate's operator.")
                SPENT.begin()
                began = time.perf_counter()
                with self.disk.watched(claim, change, self.tools):
                    said.info("stage_begins")
                    found = self.stages[type(claim.effect)](StageContext(claim, change, self.tools, lost))
                    self.disk.believes(claim, found)
                taken = time.perf_counter() - began
                self._record(claim, found)
                ended = {"found": found.kind if found else None, "seconds": round(taken, 4), "spent": SPENT.report()}
                said.info("stage_ends", **ended)
            return True
        except (ClaimLost, ClaimRefused):
            said.info("claim_lost")
            return True
        except TryAgain as later:
            said.info("stage_waits", after=later.after_seconds, why=later.why, spent=SPENT.report())
            self._snooze(claim, later)
            return False
        except GiveUp as failure:
            said.warning("stage_gives_up", reason=failure.reason)
            self._fail(claim, failure.reason, failure.advice)
            return True
        except DiskFull as full:
            self._snooze(claim, TryAgain(LOOK_SECONDS, str(full)))
            return False
        except StoreDown:
            raise
        except OSError as error:
            if error.errno not in FULL:
                self._bug(claim, error)
                return False
            said.error("disk_full", error=str(error))
            self._fail(claim, "Our server is out of space.", "Shipmate's operator has to free some. Then try again.")
            return True
        except Exception as bug:
            self._bug(claim, bug)
            return False

    def _record(self, claim: Claim, found: StageResult | None) -> None:
        if found is None:
            self.tools.store.outbox.finish(claim)
            return
        recorded = self.tools.door.record_result(claim, found)
        self.tools.ring(claim.change_id, dict(recorded.lanes))

    def _snooze(self, claim: Claim, later: TryAgain) -> None:
        if claim.age > LONGEST_WAIT:
            why = later.why or "it had no result"
            self._fail(claim, f"I waited a whole day: {why}", "Try again, or ask Shipmate's operator.")
            return
        try:
            outbox = self.tools.store.outbox
            after = outbox.snooze(claim, later.after_seconds, counts=later.counts, hintable=later.polling)
        except ClaimRefused:
            return
        self.tools.ring(claim.change_id, {claim.effect.lane: max(after, 0.01)})

    def _fail(self, claim: Claim, reason: str, advice: str, reference: str = "") -> None:
        """Record a failed build effect for the card; a talk effect can't be shown, so the operator's log has to do."""
        try:
            if claim.effect.lane == "talk":
                log.error("could_not_say", change=claim.change_id, effect=claim.effect.kind, reason=reason)
                self.tools.store.outbox.finish(claim)
                return
            stage = _name(claim.effect)
            self._record(claim, StageFailed(stage=stage, reason=reason, advice=advice, reference=reference))
        except ClaimRefused:
            log.info("claim_lost", change=claim.change_id, effect=claim.effect.kind)

    def _bug(self, claim: Claim, bug: Exception) -> None:
        reference = secrets.token_hex(4)
        log.error(
            "stage_broke",
            change=claim.change_id,
            effect=claim.effect.kind,
            reference=reference,
            attempt=claim.attempts,
            exc_info=bug,
        )
        if claim.attempts < MOST_ATTEMPTS - 2:
            self._snooze(claim, TryAgain(BUG_PAUSE, counts=True))
            return
        reason = f"Something went wrong on our side while I was {DOING[claim.effect.kind]}."
        self._fail(
            claim, reason, "Your request is kept. Try again, or give the reference to Shipmate's operator.", reference
        )


def _name(effect: Effect) -> str:
    """Return the verb of an effect in plain words: "read ci" for ReadCi."""
    return "".join(f" {char.lower()}" if char.isupper() else char for char in effect.kind).strip()
