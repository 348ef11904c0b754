"""What Slack could not deliver and gave up on is found again: read from the conversations, at start and now and then.

Law: a message found here is kept under the same identity as a delivered one, and only a new row is dealt with; so
whatever was heard before, on whichever way, is silent. A place is marked as read after its messages were dealt with.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.change import Change, Phase
from bot.domain.transitions import ENDED
from bot.listeners import slack_errors
from bot.listeners.delivery import ignorable
from bot.listeners.dispatch import Dispatcher
from bot.listeners.events import understood
from bot.listeners.histories import Doc, delivery_of, in_thread, kind_of, number, ts_of
from bot.listeners.replay import Hint, replay
from bot.listeners.services import Services
from bot.store import StoreDown

log = structlog.get_logger("backfill")
EVERY = 300.0
"""Seconds between two rounds, of all processes together."""

FARTHEST = 24 * 3600.0
"""What is older than so many seconds is no longer looked for."""

AGAIN = 600.0
"""Seconds before the last look that are looked at once more: histories and clocks lag."""

TICK = 10.0
"""Seconds between two questions whether a round is due."""

PAUSE = 60.0
"""Seconds after a round that had to stop."""

ROUND_SECONDS = 60.0
LOCK_SECONDS = 120.0
"""Longer than a round takes with its last call and its last listener: there are never two rounds at once."""

LISTENER_SECONDS = 10.0
_OVER = ENDED | {Phase.MERGED}


class Enough(Exception):
    """Slack wants to be left alone, or does not answer: the rest is for the next round."""


@dataclass
class Backfill:
    """Looks for what was not heard. `page` messages are asked for at a time, at most `pages` times in one place."""

    dispatcher: Dispatcher
    services: Services
    hint: Hint
    every: float = EVERY
    page: int = 200
    pages: int = 25
    _started: float = field(init=False)
    _client: AsyncWebClient = field(init=False)
    _begun: float | None = field(init=False, default=None)
    """When an interrupted round began; `_seen` is what it has read, so that the next one continues there."""
    _seen: set[str] = field(init=False, default_factory=set)
    _deadline: float = field(init=False, default=0.0)
    _told: set[tuple[str, str]] = field(init=False, default_factory=set)

    def __post_init__(self) -> None:
        self._started = self.services.clock()
        # Not the services's client: that one waits where Slack is busy, and a round stops there.
        self._client = AsyncWebClient(
            token=self.services.client.token, base_url=self.services.client.base_url, timeout=15
        )
        self._client.retry_handlers.clear()

    async def for_ever(self, tick: float = TICK, pause: float = PAUSE) -> None:
        """Run until cancelled: a round at start, then one every `every` seconds, by one process of all."""
        while True:
            stopped = False
            try:
                stopped = await self.due() and not await self.round()
            except StoreDown as down:
                log.warning("backfill_waits_for_store", error=str(down)[:200])
            except Exception:
                stopped = True
                log.exception("backfill_failed")
            await asyncio.sleep(pause if stopped else tick)

    async def due(self) -> bool:
        """Return whether nobody has looked everywhere since this process began, or for `every` seconds."""
        if not self.services.identity.known:
            return False
        now, looked = self.services.clock(), (await self._marks()).get("looked", 0.0)
        # A mark in the future is of a clock that went wrong.
        return not max(self._started, now - self.every) <= looked <= now + self.every

    async def round(self) -> bool:
        """Look everywhere once, unless another process is at it; False where Slack made us stop."""
        if not await asyncio.to_thread(self.services.store.take_lock, "backfill", LOCK_SECONDS):
            return True
        self._deadline = time.monotonic() + ROUND_SECONDS
        try:
            await self._look()
        except Enough as enough:
            log.warning("backfill_stopped", reason=str(enough))
            return False
        finally:
            await asyncio.to_thread(self.services.store.free_lock, "backfill")
        return True

    async def _look(self) -> None:
        now = self.services.clock()
        marks = {name: min(value, now) for name, value in (await self._marks()).items()}
        if "began" not in marks:  # a new database missed nothing: what was said before it is old chatter
            await self._mark("began", now)
            await self._mark("looked", now)
            return
        # What was kept comes first: a reply is understood only after the request before it.
        await replay(self.dispatcher, self.services, self.hint)
        await self._until(lambda: not self.services.in_flight)
        self._begun = begun = self._begun or now
        earliest = max(marks["began"], now - FARTHEST)
        for place in sorted([one async for one in self._places()], key=lambda one: marks.get(f"at:{one['id']}", 0.0)):
            mark = f"at:{place['id']}"
            read = min(marks.get(mark, marks.get("looked", 0.0)), begun) - AGAIN
            if mark not in self._seen and await self._place(place, max(earliest, read), earliest):
                self._seen.add(mark)
                await self._mark(mark, begun)
        await asyncio.to_thread(self.services.store.marks.forget, self._name("at:"), now - FARTHEST)
        await self._mark("looked", begun)
        self._begun = None
        self._seen.clear()

    async def _places(self) -> AsyncIterator[Doc]:
        for kind in ("public_channel", "private_channel", "im"):
            ask = self._client.conversations_list
            async for page in self._pages(kind, ask, "channels", types=kind, exclude_archived=True):
                for place in page:
                    if place.get("id") and (place.get("is_member") or place.get("is_im")):
                        yield place

    async def _place(self, place: Doc, since: float, earliest: float) -> bool:
        """Read what was said in a conversation, then in its threads; return False where we may not."""
        channel, could, found = str(place["id"]), False, list[Doc]()
        ask, oldest = self._client.conversations_history, f"{earliest:.6f}"
        # Newest first. At least one page, since an old message may have new replies.
        async for page in self._pages(kind_of(place), ask, "messages", channel=channel, oldest=oldest):
            could = True
            found += page
            if page and ts_of(page[-1]) <= since:
                break
        if not could:
            return False
        for message in sorted(found, key=ts_of):
            if ts_of(message) > since and not in_thread(message):
                await self._hear(place, message)
        for root in await self._threads(channel, found, since, earliest):
            if (thread := f"{channel}:{root}") not in self._seen:
                await self._thread(place, root, since)
                self._seen.add(thread)
        return True

    async def _threads(self, channel: str, found: list[Doc], since: float, earliest: float) -> list[str]:
        """Return threads in which something may have been said: those with new replies, and ours that we cannot tell
        of.
        """
        latest = {str(one.get("ts")): number(one.get("latest_reply")) for one in found if not in_thread(one)}
        fresh = [root for root, at in latest.items() if at > since]
        shared = [str(one["thread_ts"]) for one in found if in_thread(one) and ts_of(one) > since]
        team, store = self.services.identity.team_id, self.services.store
        ours = await asyncio.to_thread(store.changes.threads, team, channel, earliest)
        return list(dict.fromkeys([*fresh, *shared, *(root for root in ours if root not in latest)]))

    async def _thread(self, place: Doc, root: str, since: float) -> None:
        ask, oldest, found = self._client.conversations_replies, f"{since:.6f}", list[Doc]()
        async for page in self._pages(
            kind_of(place), ask, "messages", channel=str(place["id"]), ts=root, oldest=oldest
        ):
            found += page
        for message in sorted(found, key=ts_of):
            if ts_of(message) > since and in_thread(message):
                await self._hear(place, message)

    async def _hear(self, place: Doc, message: Doc) -> None:
        """Take one message; one that can't be read must not stop the others."""
        try:
            await self._deal(place, message)
        except (Enough, StoreDown):
            raise
        except Exception:
            log.exception("message_given_up", channel=place["id"], ts=message.get("ts"))

    async def _deal(self, place: Doc, message: Doc) -> None:
        """Deal with a message as if it had been delivered, if it matters and was not heard before."""
        body = delivery_of(self.services.identity, place, message)
        if ignorable(body, self.services.identity.bot_user_id):
            return
        said = understood(body["event"], self.services.identity.bot_user_id)
        change = await self.services.change_of(said.channel, said.root)
        if not said.spoken_to and not _listens(change, said.ts):
            return
        if change is not None and change.place.message_ts == said.ts:  # opened from it, if not by it
            return
        if said.command.mentioned and not said.direct:
            body["event"]["type"] = "app_mention"
        self._in_time()
        raw, key = json.dumps(body).encode(), f"history:{said.channel}:{said.ts}"
        kept = await self.services.store.deliveries.keep("slack", key, raw, {"content-type": "application/json"})
        if not kept.new:
            return
        log.info("found_again", channel=said.channel, ts=said.ts, user=said.user, delivery=kept.id)
        self.services.metrics.deliveries.labels("slack", "found").inc()
        self.dispatcher.put(kept.id, body)
        await self._until(lambda: kept.id not in self.services.in_flight)

    async def _pages(
        self, kind: str, ask: Callable[..., Any], items: str, **arguments: Any
    ) -> AsyncIterator[list[Doc]]:
        """Page after page. Nothing at all where we may not read. Raises `Enough`."""
        cursor = ""
        for _ in range(self.pages):
            self._in_time()
            try:
                answer = await ask(limit=self.page, **arguments, **({"cursor": cursor} if cursor else {}))
            except SlackApiError as error:
                said = slack_errors.code(error)
                if slack_errors.passing(error) or said.startswith("http_"):
                    raise Enough(said) from None
                if (kind, said) not in self._told:
                    self._told.add((kind, said))
                    log.warning("backfill_cannot_read", kind=kind, error=said, where=arguments.get("channel"))
                return
            except (aiohttp.ClientError, TimeoutError) as error:
                raise Enough(repr(error)[:200]) from None
            yield [one for one in answer.get(items) or () if isinstance(one, dict)]
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return
        log.warning("backfill_cut", kind=kind, where=arguments.get("channel"), pages=self.pages)

    def _in_time(self) -> None:
        if time.monotonic() > self._deadline:
            raise Enough("it takes too long")

    async def _until(self, fact: Callable[[], bool]) -> None:
        deadline = time.monotonic() + LISTENER_SECONDS
        while not fact() and time.monotonic() < deadline:
            await asyncio.sleep(0.02)

    async def _marks(self) -> dict[str, float]:
        return await asyncio.to_thread(self.services.store.marks.under, self._name(""))

    async def _mark(self, name: str, value: float) -> None:
        await asyncio.to_thread(self.services.store.marks.move, self._name(name), value)

    def _name(self, name: str) -> str:
        return f"slack:{self.services.identity.team_id}:{name}"


def _listens(change: Change | None, ts: str) -> bool:
    """Return whether what is said in the thread of a change is said to it."""
    return change is not None and change.phase not in _OVER and number(ts) > number(change.place.message_ts)
