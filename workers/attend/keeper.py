"""Keeps the claims of this process alive, and notices within a second that one is gone.

Law: a claim that cannot be renewed in time counts as lost, whatever the reason, and its work stops.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import structlog

from bot.store import Claim, Store, StoreDown

LOOK_SECONDS = 1.0
"""How often held claims are looked at: Stop has to arrive within five seconds."""

log = structlog.get_logger("keeper")


@dataclass
class _Held:
    claim: Claim
    lost: threading.Event
    until: float


class Keeper:
    """One thread for all claims of a process."""

    def __init__(self, store: Store, lease_seconds: float) -> None:
        self._store = store
        self._lease = lease_seconds
        self._held: dict[int, _Held] = {}
        self._guard = threading.Lock()
        self._leaving = threading.Event()
        self._look = min(LOOK_SECONDS, lease_seconds / 4)
        self._renewed = time.monotonic()
        threading.Thread(target=self._keep, name="keeper", daemon=True).start()

    @contextmanager
    def keeping(self, claim: Claim) -> Iterator[threading.Event]:
        """While inside, the lease is extended; the event is set when the claim is gone."""
        held = _Held(claim, threading.Event(), time.monotonic() + self._lease)
        with self._guard:
            self._held[claim.effect_id] = held
        if self._leaving.is_set():  # taken in the very moment in which all others were given back
            held.lost.set()
            self._store.outbox.release(claim)
        try:
            yield held.lost
        finally:
            with self._guard:
                if self._held.get(claim.effect_id) is held:
                    del self._held[claim.effect_id]

    @property
    def leaving(self) -> bool:
        """Return whether this process ends: it claims nothing any more, not even what it has just given back."""
        return self._leaving.is_set()

    def leave(self) -> None:
        """Give every claim back at once: this process is ending, and another worker continues."""
        self._leaving.set()
        with self._guard:
            held = list(self._held.values())
        for one in held:
            one.lost.set()
            try:
                self._store.outbox.release(one.claim)
            except StoreDown:
                return

    def _keep(self) -> None:
        while not self._leaving.wait(self._look):
            with self._guard:
                held = list(self._held.values())
            if not held:
                continue
            claims = [one.claim for one in held]
            renewing = time.monotonic() - self._renewed >= self._lease / 4
            try:
                outbox = self._store.outbox
                alive = outbox.renew(claims, self._lease) if renewing else outbox.held(claims)
            except StoreDown as down:
                log.warning("claims_not_renewed", error=str(down), held=len(held))
                self._drop_expired(held)
                continue
            now = time.monotonic()
            if renewing:
                self._renewed = now
            for one in held:
                if one.claim.effect_id not in alive:
                    one.lost.set()
                elif renewing:
                    one.until = now + self._lease

    def _drop_expired(self, held: list[_Held]) -> None:
        for one in held:
            if time.monotonic() > one.until:
                one.lost.set()
