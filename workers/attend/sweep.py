"""The sweep: in every worker, one round at a time under a database lock, it rings for whatever nobody performs.

Law: nothing depends on a message of the broker: this loop alone finishes every change.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import structlog

from bot.domain.effects import Lane
from bot.store import Store, StoreDown

log = structlog.get_logger("sweep")


class Sweep:
    """A thread that looks for due effects every `seconds` and performs them in this process, without any broker.

    At most `hands` changes are attended by the sweep at the same time.
    """

    def __init__(
        self,
        store: Store,
        attend: Callable[[str, Lane], object],
        lanes: frozenset[str],
        seconds: float,
        hands: int = 16,
    ) -> None:
        self._store = store
        self._attend = attend
        self._lanes = lanes
        self._seconds = seconds
        self._leaving = threading.Event()
        self._busy: set[tuple[str, Lane]] = set()
        self._hands = ThreadPoolExecutor(hands, thread_name_prefix="swept")
        self._thread = threading.Thread(target=self._sweep, name="sweep", daemon=True)

    def start(self) -> None:
        """Begin at once: what was left behind by a crash should not wait."""
        self._thread.start()

    def leave(self) -> None:
        """Stop looking for work; running stages continue until their claims are given back."""
        self._leaving.set()
        self._hands.shutdown(wait=False, cancel_futures=True)

    def round(self) -> int:
        """Look once, and return how many (change, lane) pairs were attended. A round of another worker counts
        as ours.
        """
        if not self._store.take_lock("sweep:" + ",".join(sorted(self._lanes)), self._seconds * 0.9):
            return 0
        self._store.ballast.keep()
        taken = 0
        for one in self._store.outbox.due():
            pair = (one.change_id, one.lane)
            if one.lane in self._lanes and pair not in self._busy:
                self._busy.add(pair)
                self._hands.submit(self._take_up, pair)
                taken += 1
        return taken

    def _take_up(self, pair: tuple[str, Lane]) -> None:
        try:
            self._attend(*pair)
        finally:
            self._busy.discard(pair)

    def _sweep(self) -> None:
        while True:
            try:
                if taken := self.round():
                    log.info("swept", taken=taken)
            except StoreDown as down:
                log.warning("database_down", error=str(down))
            except RuntimeError:  # the hands were shut down while a round was on its way
                return
            if self._leaving.wait(self._seconds):
                return
