"""Deals with what Slack delivered after it was kept and answered: in the background, in batches, bounded.

Deliveries, replayed rows and messages found in a history all come through here, so that each is dealt with alike.

Law: whatever waits here is a row that is not done, so that forgetting it (a crash, too much at once) costs a replay and
nothing more. What is said to us goes before what is only overheard.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field

import structlog
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest

from bot.listeners.delivery import DONE, KEPT, Body, overheard
from bot.listeners.services import Services
from bot.store import StoreDown

log = structlog.get_logger("dispatch")
Waiting = tuple[int | None, Body]
MOST_WAITING = 5_000
"""Events that wait in memory; further ones wait as rows, for the replay."""
MOST_AT_ONCE = 64
"""Listeners that are at work at the same time."""
LISTENER_SECONDS = 60.0
"""A listener that takes longer gives its place to another."""
COMPANY = 0.02
"""Seconds for which an overheard reply waits for others to be looked up with."""
BATCH = 64
"""Overheard replies that are looked up with one question to the database."""


@dataclass
class Dispatcher:
    """Hands deliveries to Bolt's listeners. Everything happens on the web process's loop."""

    app: AsyncApp
    services: Services
    _spoken: deque[Waiting] = field(default_factory=deque)
    _overheard: deque[Waiting] = field(default_factory=deque)
    _task: asyncio.Task[None] | None = None

    def put(self, row: int | None, body: Body) -> None:
        """Deal with a delivery soon; `row` is where it is kept, if it is. Never blocks, never raises."""
        if len(self._spoken) + len(self._overheard) >= MOST_WAITING:
            return
        if row is not None:
            self.services.in_flight.add(row)
        heard_only = overheard(body, self.services.identity.bot_user_id)
        (self._overheard if heard_only else self._spoken).append((row, body))
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._deal())

    async def _deal(self) -> None:
        """Work until nothing waits."""
        at_work: set[asyncio.Task[None]] = set()
        while self._spoken or self._overheard or at_work:
            while self._spoken and len(at_work) < MOST_AT_ONCE:
                at_work.add(asyncio.create_task(self._hand_over(*self._spoken.popleft())))
            if self._overheard and not self._spoken and len(self._overheard) < BATCH:
                await asyncio.sleep(COMPANY)
            if self._overheard and len(at_work) < MOST_AT_ONCE:
                batch = [self._overheard.popleft() for _ in range(min(BATCH, len(self._overheard)))]
                at_work |= {asyncio.create_task(self._hand_over(*one)) for one in await self._heeded(batch)}
            elif at_work:
                await asyncio.wait(at_work, return_when=asyncio.FIRST_COMPLETED)
            at_work = {task for task in at_work if not task.done()}

    async def _heeded(self, batch: list[Waiting]) -> list[Waiting]:
        """Of overheard replies, those in threads of changes; the others are remembered for a while, and done.

        Remembered before the look-up: whatever opens a change there after it takes the reply along.
        """
        services, threads = self.services, [_thread(body) for _, body in batch]
        waits = [
            services.early.remember(*thread, body, services.clock())
            for (_, body), thread in zip(batch, threads, strict=True)
        ]
        try:
            ours = await asyncio.to_thread(
                services.store.changes.threads_of_changes, services.identity.team_id, dict.fromkeys(threads)
            )
        except StoreDown as down:
            log.error("overheard_waits_for_store", error=str(down)[:200], waiting=len(batch))
            self._leave_to_replay(batch)
            return []
        except Exception:
            log.exception("overheard_failed")
            return batch
        heeded = []
        for (row, body), thread, waited in zip(batch, threads, waits, strict=True):
            # What was remembered and is gone was taken along by whatever opened the change.
            if thread in ours and (not waited or services.early.forget(*thread, body)):
                heeded.append((row, body))
            else:
                self._done(row)
        return heeded

    async def _hand_over(self, row: int | None, body: Body) -> None:
        """Hand one delivery to Bolt; return when its listener has ended."""
        ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        try:
            # Checked before the row was written, so that nothing is left of the request but its body.
            request = AsyncBoltRequest(body=body, mode="socket_mode", context={KEPT: row, DONE: ended})
            answer = await self.app.async_dispatch(request)
            if answer.status != 404:
                async with asyncio.timeout(LISTENER_SECONDS):
                    await ended
            else:  # nobody listens for it
                self._done(row)
        except TimeoutError:
            log.error("listener_takes_long", delivery=row)
        except StoreDown as down:
            log.error("event_waits_for_store", error=str(down)[:200])
        except Exception:  # one event that cannot even be read must not stop the others
            log.exception("event_given_up", delivery=row)
            self._done(row)
        self._forget(row)

    def _leave_to_replay(self, batch: list[Waiting]) -> None:
        for row, _ in batch:
            self._forget(row)

    def _done(self, row: int | None) -> None:
        self._forget(row)
        if row is not None:
            self.services.store.deliveries.done(row)

    def _forget(self, row: int | None) -> None:
        if row is not None:
            self.services.in_flight.discard(row)


def _thread(body: Body) -> tuple[str, str]:
    event = body["event"]
    return str(event["channel"]), str(event.get("thread_ts") or event["ts"])
