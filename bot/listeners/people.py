"""Who somebody is and what a conversation is, as Slack says right now (or said within the last minute).

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

from bot.domain.change import Actor, Standing
from bot.domain.frozen import revised
from bot.listeners import slack_errors

log = structlog.get_logger("people")
KEEP_SECONDS = 60.0
_MOST_KEPT = 5_000
Value = TypeVar("Value")


@dataclass(frozen=True)
class Conversation:
    """`known` is False where Slack did not say: then nothing else here means anything."""

    id: str
    name: str = ""
    known: bool = False
    member: bool = False
    shared: bool = False


class People:
    """Look-ups with a short memory; only what Slack really answered is remembered."""

    def __init__(self, client: AsyncWebClient, team: Callable[[], str], clock: Callable[[], float] = time.monotonic):
        self._client = client
        self._team = team
        self._clock = clock
        self._actors: dict[str, tuple[float, Actor]] = {}
        self._conversations: dict[str, tuple[float, Conversation]] = {}

    async def actor(self, user_id: str) -> Actor:
        """Return the person with their standing in our workspace; never raises."""
        if kept := self._fresh(self._actors, user_id):
            return kept
        user = await self._asked("users.info", self._client.users_info, user=user_id)
        if user is None:
            return Actor(id=user_id, name=user_id, standing="unknown")
        found = user.get("user") or {}
        actor = Actor(id=user_id, name=_name(found) or user_id, standing=_standing(found, self._team()))
        self._keep(self._actors, user_id, actor)
        return actor

    async def conversation(self, channel: str) -> Conversation:
        """Return what is known about a conversation; never raises."""
        if kept := self._fresh(self._conversations, channel):
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
        )
        self._keep(self._conversations, channel, made)
        return made

    async def decider(self, user_id: str, channel: str) -> Actor:
        """Return the person as one who decides: in a conversation shared with others, everybody is a stranger."""
        actor, conversation = await asyncio.gather(self.actor(user_id), self.conversation(channel))
        if actor.standing != "member":
            return actor
        if not conversation.known:
            return revised(actor, standing="unknown")
        return revised(actor, standing="stranger") if conversation.shared else actor

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
