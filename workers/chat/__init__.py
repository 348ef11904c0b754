"""The part of Slack's Web API that workers use: post a message once, find it by its key, edit it later.

Law: a message carries our key in its metadata. A stage that runs a second time looks it up before it posts again.
"""

from __future__ import annotations

from typing import Protocol

from bot.cards import Words


class MessageGone(Exception):
    """The message to edit was deleted."""


class Chat(Protocol):
    """Raises `TryAgain` (429, 5xx, network) or `GiveUp` (not in channel, archived, scope)."""

    def post(self, channel: str, thread_ts: str, words: Words, key: str) -> str:
        """Post into a thread and return the message's ts. Unfurling is off; `key` goes into the metadata."""
        ...

    def find(self, channel: str, thread_ts: str, key: str) -> tuple[str, ...]:
        """Return the ts of every message of ours in the thread that carries `key`, oldest first."""
        ...

    def update(self, channel: str, ts: str, words: Words, key: str) -> None:
        """Replace a message of ours. Raises `MessageGone`."""
        ...

    def delete(self, channel: str, ts: str) -> None: ...

    def react(self, channel: str, ts: str, name: str) -> None:
        """Add a reaction; one that is already there is fine."""
        ...

    def permalink(self, channel: str, ts: str) -> str | None: ...

    def download(self, url: str) -> bytes:
        """Return the bytes of a message's file (`url_private_download`), at most 5 MB. Raises `GiveUp`."""
        ...
