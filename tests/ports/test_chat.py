"""What every `Chat` promises: Slack's adapter at the stand-in, and the chat in memory that tests of full disks use."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest

from bot.cards import Words
from playground.slack.app import create_app
from playground.slack.client import SlackPhone
from playground.slack.config import TILL, SlackStandInConfig
from tests.workers.agent.serving import served
from tests.workers.attend.test_full_disk import Chat as ChatInMemory
from workers.chat import MessageGone
from workers.chat.slack import SlackChat

WORDS, OTHERS = Words("Working on it", ()), Words("Ready", ())


class Posting(Protocol):
    """The part of `Chat` that the one in memory has."""

    def post(self, channel: str, thread_ts: str, words: Words, key: str, /) -> str: ...

    def find(self, channel: str, thread_ts: str, key: str, /) -> tuple[str, ...]: ...

    def update(self, channel: str, ts: str, words: Words, key: str, /) -> None: ...


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    state: Path = tmp_path_factory.mktemp("slack") / "state.db"
    with served(lambda url: create_app(SlackStandInConfig(state_path=state, public_url=url))) as url:
        yield url


@pytest.fixture(params=["slack", "memory"])
def chat(request: pytest.FixtureRequest, address: str) -> Posting:
    return SlackChat(SlackStandInConfig.bot_token, f"{address}/api/") if request.param == "slack" else ChatInMemory()


@pytest.fixture
def threads(address: str) -> tuple[str, str]:
    """Two threads in which ana asked for something."""
    phone = SlackPhone(address)
    first, second = (str(phone.say("ana", TILL.id, "@Shipmate include the tax")["ts"]) for _ in range(2))
    return first, second


def test_a_message_is_found_by_its_key_after_an_edit_too(chat: Posting, threads: tuple[str, str]) -> None:
    ts = chat.post(TILL.id, threads[0], WORDS, "card-1")
    chat.update(TILL.id, ts, OTHERS, "card-1")
    assert chat.find(TILL.id, threads[0], "card-1") == (ts,)
    assert chat.find(TILL.id, threads[0], "card-2") == ()


def test_posting_twice_makes_two_messages_and_both_are_found_oldest_first(
    chat: Posting, threads: tuple[str, str]
) -> None:
    posted = tuple(chat.post(TILL.id, threads[0], WORDS, "card-1") for _ in range(2))
    assert len(set(posted)) == 2
    assert chat.find(TILL.id, threads[0], "card-1") == posted


def test_a_key_is_looked_for_in_one_thread_only(chat: Posting, threads: tuple[str, str]) -> None:
    chat.post(TILL.id, threads[0], WORDS, "card-1")
    assert chat.find(TILL.id, threads[1], "card-1") == ()


def test_a_message_that_is_not_there_cannot_be_edited(chat: Posting) -> None:
    with pytest.raises(MessageGone):
        chat.update(TILL.id, "1.000001", WORDS, "card-1")
