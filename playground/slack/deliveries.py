"""Everything sent to the app: events with Slack's retries, and interactions, which Slack tries once.

Law: an event is in the state file before it is tried, and stays there until the app said 2xx or the last retry failed,
so a restart of the stand-in loses none.
"""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import asdict, dataclass, replace
from typing import Any

from playground.slack.config import SlackStandInConfig
from playground.slack.request_url import Outcome, RequestUrl
from playground.slack.socket_mode import SocketHub
from playground.slack.state import Doc, State


@dataclass(frozen=True)
class DeliveryFaults:
    """How deliveries misbehave: each sent `repeat` times, delayed by up to `jitter_ms` (seeded), or held back."""

    repeat: int = 1
    jitter_ms: int = 0
    seed: int = 0
    hold: bool = False


class Deliveries:
    def __init__(self, config: SlackStandInConfig, state: State, sockets: SocketHub) -> None:
        self._config, self._state, self._sockets = config, state, sockets
        self._url = (
            RequestUrl(config.events_url, config.signing_secret, config.ack_seconds) if config.events_url else None
        )
        self._wake = asyncio.Event()
        self._under_way: dict[int, asyncio.Task[None]] = {}
        self._pump: asyncio.Task[None] | None = None
        self._dice = random.Random(0)
        self.faults = DeliveryFaults()

    def start(self) -> None:
        self._state.move_deliveries("sending", "failed")  # interactions that a restart cut off are not tried again
        self._pump = asyncio.create_task(self._run())

    async def stop(self) -> None:
        tasks = [*self._under_way.values(), *([self._pump] if self._pump else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._url:
            self._url.close()

    def misbehave(self, **changes: Any) -> DeliveryFaults:
        self.faults = replace(self.faults, **changes)
        self._dice = random.Random(self.faults.seed)
        return self.faults

    def settings(self) -> Doc:
        return asdict(self.faults)

    def event(self, body: Doc) -> None:
        """Queue one Events API body."""
        jitter = self._dice.uniform(0, self.faults.jitter_ms) / 1000
        self._state.add_delivery("event", body, "held" if self.faults.hold else "waiting", time.time() + jitter)
        self._wake.set()

    def release(self) -> None:
        """Send what was held back."""
        self.faults = replace(self.faults, hold=False)
        for delivery in self._state.deliveries(("held",)):
            jitter = self._dice.uniform(0, self.faults.jitter_ms) / 1000
            self._state.note_attempt(delivery["id"], "waiting", time.time() + jitter, 0, [])
        self._wake.set()

    def retry_now(self) -> None:
        """Bring every waiting retry forward, as if its time had come."""
        for delivery in self._state.deliveries(("waiting",)):
            if delivery["id"] not in self._under_way:
                self._state.note_attempt(delivery["id"], "waiting", time.time(), delivery["attempts"], delivery["log"])
        self._wake.set()

    async def interaction(self, kind: str, body: Doc) -> Outcome:
        """Send an interaction or a command at once, without retries; it is logged with the rest."""
        number = self._state.add_delivery(kind, body, "sending", time.time())
        outcome = await self._send(kind, body, 0, "")
        log = [_line(outcome, 0)]
        for again in range(1, self.faults.repeat):
            log.append(_line(await self._send(kind, body, 0, ""), again))
        self._state.note_attempt(number, "delivered" if outcome.ok else "failed", time.time(), 1, log)
        return outcome

    async def _run(self) -> None:
        while True:
            self._wake.clear()
            waiting = [d for d in self._state.deliveries(("waiting",)) if d["id"] not in self._under_way]
            now = time.time()
            for delivery in waiting:
                if delivery["due"] <= now:
                    task = asyncio.create_task(self._attempt(delivery))
                    self._under_way[delivery["id"]] = task
            later = [d["due"] for d in waiting if d["due"] > now]
            try:
                await asyncio.wait_for(self._wake.wait(), max(0.0, min(later) - time.time()) if later else None)
            except TimeoutError:
                continue

    async def _attempt(self, delivery: Doc) -> None:
        number, attempts, log = delivery["id"], delivery["attempts"], delivery["log"]
        reason = log[-1]["reason"] if log else ""
        try:
            outcome = await self._send("event", delivery["body"], attempts, reason)
            log.append(_line(outcome, attempts))
            for again in range(1, self.faults.repeat):
                repeated = await self._send("event", delivery["body"], attempts + again, "http_timeout")
                log.append(_line(repeated, attempts + again))
            delays = self._config.retry_delays
            if outcome.ok:
                state, due = "delivered", time.time()
            elif attempts >= len(delays) or outcome.headers.get("x-slack-no-retry") == "1":
                state, due = "failed", time.time()
            else:
                state, due = "waiting", time.time() + delays[attempts]
            self._state.note_attempt(number, state, due, attempts + 1, log)
        finally:
            self._under_way.pop(number, None)
            self._wake.set()

    async def _send(self, kind: str, body: Doc, retry: int, reason: str) -> Outcome:
        if self._sockets.connected:
            return await self._sockets.send(kind, body, retry, reason, self._config.ack_seconds)
        if self._url is None:
            return Outcome(reason="connection_failed")
        headers = {"X-Slack-Retry-Num": str(retry), "X-Slack-Retry-Reason": reason} if retry else {}
        return await self._url.send(kind, body, headers)


def _line(outcome: Outcome, retry: int) -> Doc:
    return {"at": time.time(), "status": outcome.status, "reason": outcome.reason, "retry": retry}
