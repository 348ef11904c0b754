"""Look up people and conversations in Slack, cached for a minute.

Law: what Slack could not be asked is `unknown`, and the unknown may do nothing.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.actor import Actor, Standing
from bot.domain.frozen import revised
from bot.listeners import slack_errors

log = structlog.get_logger("people")
KEEP_SECONDS = 60.0
_MOST_KEPT = 5_000
_MOST_PAGES = 100
"""Pages of a list of members that are read: 100,000 people."""
Value = TypeVar("Value")


@dataclass(frozen=True)
class Conversation:
    """`known` is False where Slack did not say: then nothing else here means anything.

    `member` is about us, `shared` about other organisations; in a `public` one every full member can see the card.
    """

    id: str
    name: str = ""
    known: bool = False
    member: bool = False
    shared: bool = False
    public: bool = False


class People:
    """Look-ups with a short memory; only what Slack really answered is remembered."""

    def __init__(self, client: AsyncWebClient, team: Callable[[], str], clock: Callable[[], float] = time.monotonic):
        self._client = client
        self._team = team
        self._clock = clock
        self._actors: dict[str, tuple[float, Actor]] = {}
        self._conversations: dict[str, tuple[float, Conversation]] = {}

    async def actor(self, user_id: str, *, now: bool = False) -> Actor:
        """Return the person with their standing in our workspace, asked again with `now`; never raises."""
        if not now and (kept := self._fresh(self._actors, user_id)):
            return kept
        user = await self._asked("users.info", self._client.users_info, user=user_id)
        if user is None:
            return Actor(id=user_id, name=user_id, standing="unknown")
        found = user.get("user") or {}
        actor = Actor(id=user_id, name=_name(found) or user_id, standing=_standing(found, self._team()))
        self._keep(self._actors, user_id, actor)
        return actor

    async def conversation(self, channel: str, *, now: bool = False) -> Conversation:
        """Return what is known about a conversation, asked again with `now`; never raises."""
        if not now and (kept := self._fresh(self._conversations, channel)):
            return kept
        answer = await self._asked("conversations.info", self._client.conversations_info, channel=channel)
        if answer is None:
            return Conversation(channel)
        found = answer.get("channel") or {}
        made = Conversation(
            channel,
            name=str(found.get("name") or ""),
            known=True,
            member=bool(found.get("is_member") or found.get("is_im")),
            shared=bool(found.get("is_ext_shared") or found.get("is_pending_ext_shared")),
            public=found.get("is_private") is False and not (found.get("is_im") or found.get("is_mpim")),
        )
        self._keep(self._conversations, channel, made)
        return made

    async def presser(self, user_id: str, channel: str, *, decides: bool) -> Actor:
        """Return the person as one who taps on a card in a conversation: asked now, since a minute ago is too old.

        Only who can see the card may press it. Where something is decided, everybody in a conversation that is shared
        with others is a stranger.
        """
        actor, place = await asyncio.gather(self.actor(user_id, now=True), self.conversation(channel, now=True))
        if actor.standing != "member":
            return actor
        if not place.known:
            return revised(actor, standing="unknown")
        if decides and place.shared:
            return revised(actor, standing="stranger")
        inside = place.public or await self._is_in(user_id, channel)
        return actor if inside else revised(actor, standing="unknown" if inside is None else "absent")

    async def _is_in(self, user_id: str, channel: str) -> bool | None:
        """Return whether a person is in a conversation, by the list of its members read to its end; None in doubt."""
        cursor = ""
        for _ in range(_MOST_PAGES):
            answer = await self._asked(
                "conversations.members",
                self._client.conversations_members,
                channel=channel,
                limit="1000",
                cursor=cursor,
            )
            if answer is None:
                return None
            if user_id in (answer.get("members") or ()):
                return True
            cursor = str((answer.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                return False
        return None

    async def _asked(self, method: str, call: Callable[..., Any], **arguments: str) -> Any:
        try:
            async with asyncio.timeout(5):
                return await call(**arguments)
        except SlackApiError as error:
            log.warning("slack_did_not_say", method=method, error=slack_errors.code(error))
        except Exception as error:  # network, time-out, a broken answer: all the same to the caller
            log.warning("slack_did_not_say", method=method, error=repr(error)[:200])
        return None

    def _fresh(self, kept: dict[str, tuple[float, Value]], key: str) -> Value | None:
        found = kept.get(key)
        return found[1] if found and self._clock() - found[0] < KEEP_SECONDS else None

    def _keep(self, kept: dict[str, tuple[float, Value]], key: str, value: Value) -> None:
        if len(kept) >= _MOST_KEPT:
            kept.clear()
        kept[key] = (self._clock(), value)


def _standing(user: dict[str, Any], team: str) -> Standing:
    teams = {user.get("team_id"), *((user.get("enterprise_user") or {}).get("teams") or ())}
    if user.get("deleted"):
        return "gone"
    if user.get("is_bot") or user.get("id") == "USLACKBOT":
        return "bot"
    if user.get("is_stranger") or not team or team not in teams:
        return "stranger"
    if user.get("is_restricted") or user.get("is_ultra_restricted"):
        return "guest"
    return "member"


def _name(user: dict[str, Any]) -> str:
    profile = user.get("profile") or {}
    named = (profile.get("real_name"), user.get("real_name"), profile.get("display_name"), user.get("name"))
    return next((str(name)[:80] for name in named if name), "")
