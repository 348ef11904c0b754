"""Keeps configured secrets of this installation out of words that are about to leave, however they are spelled.

Nothing that a model wrote or that came from a repository goes to Slack or the forge without passing here.
"""

from __future__ import annotations

import json

from bot.cards import Words
from workers import GiveUp
from workers.chat import Chat
from workers.guards.secrets import configured

HIDDEN = (
    ":lock: This message held one of Shipmate's own secrets, so it is not shown. "
    "Shipmate's operator has to look at this change."
)


class Confidential:
    """The values that must not leave."""

    def __init__(self, values: tuple[str, ...] = ()) -> None:
        self.values = values
        self._needles = configured.needles(values)

    def among(self, *texts: str) -> bool:
        """Return whether any of them is in one of `texts`."""
        return any(configured.holds(self._needles, text) for text in texts)

    def require_none(self, *texts: str) -> None:
        """Raise `GiveUp` where one is."""
        if self.among(*texts):
            raise GiveUp(
                "The text of this change holds one of Shipmate's own secrets, so I published nothing.",
                "Shipmate's operator has to replace that secret. Discard this change, or ask again.",
            )


class CarefulChat:
    """Implements `Chat` over another one: a message with a secret in it is replaced by one that says so."""

    def __init__(self, chat: Chat, confidential: Confidential) -> None:
        self._chat = chat
        self._confidential = confidential

    def post(self, channel: str, thread_ts: str, words: Words, key: str) -> str:
        """See the protocol."""
        return self._chat.post(channel, thread_ts, self._fit(words), key)

    def update(self, channel: str, ts: str, words: Words, key: str) -> None:
        """See the protocol."""
        self._chat.update(channel, ts, self._fit(words), key)

    def find(self, channel: str, thread_ts: str, key: str) -> tuple[str, ...]:
        """See the protocol."""
        return self._chat.find(channel, thread_ts, key)

    def delete(self, channel: str, ts: str) -> None:
        """See the protocol."""
        self._chat.delete(channel, ts)

    def react(self, channel: str, ts: str, name: str) -> None:
        """See the protocol."""
        self._chat.react(channel, ts, name)

    def permalink(self, channel: str, ts: str) -> str | None:
        """See the protocol."""
        return self._chat.permalink(channel, ts)

    def download(self, url: str) -> bytes:
        """See the protocol."""
        return self._chat.download(url)

    def _fit(self, words: Words) -> Words:
        if not self._confidential.among(words.text, *_texts(words.blocks)):
            return words
        return Words(text=HIDDEN, blocks=({"type": "section", "text": {"type": "mrkdwn", "text": HIDDEN}},))


def _texts(value: object) -> tuple[str, ...]:
    """Return every text of a message's blocks, and all of them in one."""
    found: list[str] = []

    def walk(part: object) -> None:
        if isinstance(part, str):
            found.append(part)
        elif isinstance(part, dict):
            for one in part.values():
                walk(one)
        elif isinstance(part, list | tuple):
            for one in part:
                walk(one)

    walk(value)
    return (*dict.fromkeys(found), json.dumps(value, ensure_ascii=False))
