"""Slack's Web API, through slack_sdk.

Law: the client never retries by itself. A message posted twice is worse than one posted late.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPException
from urllib.parse import urlsplit

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.cards import Words
from workers.chat import MessageGone, files
from workers.chat.slack_errors import fault, unreachable

EVENT = "shipmate"
TIMEOUT = 15
PAGE = 200
MOST_PAGES = 20


class SlackChat:
    """Implements `Chat`. `base_url` ends in "/api/". Safe to share between threads."""

    def __init__(self, token: str, base_url: str = "https://slack.com/api/") -> None:
        self._token, self._api_url = token, base_url
        self._client = WebClient(token=token, base_url=base_url.rstrip("/") + "/", timeout=TIMEOUT, retry_handlers=[])
        if urlsplit(base_url).hostname in files.LOOPBACK:
            # The library sends even loopback calls to a proxy named in the environment.
            self._client.proxy = None
        self._bot_id: str | None = None

    def post(self, channel: str, thread_ts: str, words: Words, key: str) -> str:
        with _in_words("post a message"):
            said = self._client.chat_postMessage(
                channel=channel,
                thread_ts=thread_ts,
                text=words.text,
                blocks=list(words.blocks) or None,
                metadata=_metadata(key),
                unfurl_links=False,
                unfurl_media=False,
            )
        return str(said["ts"])

    def find(self, channel: str, thread_ts: str, key: str) -> tuple[str, ...]:
        me = self._me()
        found: dict[str, None] = {}
        cursor: str | None = None
        for _ in range(MOST_PAGES):
            with _in_words("read the thread"):
                page = self._client.conversations_replies(
                    channel=channel, ts=thread_ts, include_all_metadata=True, limit=PAGE, cursor=cursor
                )
            for message in page.get("messages") or ():
                if message.get("bot_id") == me and _key(message) == key:
                    found[str(message["ts"])] = None
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or None
            if cursor is None:
                break
        return tuple(sorted(found, key=_moment))

    def _me(self) -> str:
        """Return our bot's id. Other apps may copy a key, and we must not edit their messages."""
        if self._bot_id is None:
            with _in_words("ask who I am"):
                self._bot_id = str(self._client.auth_test()["bot_id"])
        return self._bot_id

    def update(self, channel: str, ts: str, words: Words, key: str) -> None:
        with _in_words("edit a message", fine=frozenset({"message_not_found"})):
            self._client.chat_update(
                channel=channel, ts=ts, text=words.text, blocks=list(words.blocks), metadata=_metadata(key)
            )
            return
        raise MessageGone(ts)

    def delete(self, channel: str, ts: str) -> None:
        with _in_words("delete a message", fine=frozenset({"message_not_found"})):
            self._client.chat_delete(channel=channel, ts=ts)

    def react(self, channel: str, ts: str, name: str) -> None:
        with _in_words("add a reaction", fine=frozenset({"already_reacted"})):
            self._client.reactions_add(channel=channel, timestamp=ts, name=name)

    def permalink(self, channel: str, ts: str) -> str | None:
        with _in_words("get a link", fine=frozenset({"message_not_found"})):
            return str(self._client.chat_getPermalink(channel=channel, message_ts=ts)["permalink"])
        return None

    def download(self, url: str) -> bytes:
        return files.download(url, self._token, self._api_url, TIMEOUT)


def _metadata(key: str) -> dict[str, object]:
    return {"event_type": EVENT, "event_payload": {"key": key}}


def _key(message: Mapping[str, object]) -> str | None:
    metadata = message.get("metadata")
    if not isinstance(metadata, dict) or metadata.get("event_type") != EVENT:
        return None
    key = (metadata.get("event_payload") or {}).get("key")
    return key if isinstance(key, str) else None


def _moment(ts: str) -> tuple[int, str]:
    seconds, _, rest = ts.partition(".")
    return int(seconds), rest


@contextmanager
def _in_words(doing: str, fine: frozenset[str] = frozenset()) -> Iterator[None]:
    try:
        yield
    except SlackApiError as error:
        answer = error.response
        data = answer.data if isinstance(answer.data, dict) else {}
        if data.get("error") in fine:
            return
        raise fault(answer.status_code, answer.headers, data, doing) from error
    except (SlackClientError, HTTPException, OSError) as error:
        raise unreachable(type(error).__name__) from error
