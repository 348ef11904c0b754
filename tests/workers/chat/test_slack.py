"""The chat adapter through the unmodified client, against the Slack stand-in on a real socket."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bot.cards import Words
from playground.slack.app import create_app
from playground.slack.client import SlackPhone
from playground.slack.config import SCOPES, TILL, SlackStandInConfig
from tests.workers.agent.serving import served
from workers import GiveUp, TryAgain
from workers.chat import MessageGone
from workers.chat.slack import SlackChat
from workers.chat.slack_errors import fault

CHANNEL = TILL.id
TOKEN = SlackStandInConfig.bot_token


def words(text: str = "Working on it") -> Words:
    return Words(text, ({"type": "section", "text": {"type": "mrkdwn", "text": text}},))


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., str]]:
    from contextlib import ExitStack

    with ExitStack() as stack:

        def run(**more: Any) -> str:
            path = tmp_path_factory.mktemp("slack") / "state.db"
            return stack.enter_context(
                served(lambda url: create_app(SlackStandInConfig(state_path=path, public_url=url, **more)))
            )

        yield run


@pytest.fixture(scope="module")
def address(start: Callable[..., str]) -> str:
    return start()


@pytest.fixture
def phone(address: str) -> Iterator[SlackPhone]:
    phone = SlackPhone(address)
    yield phone
    phone.clear_faults()


@pytest.fixture
def chat(address: str) -> SlackChat:
    return SlackChat(TOKEN, f"{address}/api/")


@pytest.fixture
def thread(phone: SlackPhone) -> str:
    return str(phone.say("ana", CHANNEL, "@Shipmate make the total include tax")["ts"])


def test_a_message_is_posted_into_the_thread_with_its_key_and_edited_in_place(
    chat: SlackChat, phone: SlackPhone, thread: str
) -> None:
    ts = chat.post(CHANNEL, thread, words(), "card-1")
    chat.update(CHANNEL, ts, words("Ready"), "card-1")
    _, card = phone.thread(CHANNEL, thread)
    assert (card["ts"], card["text"], card["thread_ts"]) == (ts, "Ready", thread)
    assert card["blocks"][0]["text"]["text"] == "Ready"
    assert chat.find(CHANNEL, thread, "card-1") == (ts,)


def test_the_key_finds_only_our_own_messages_of_that_key(chat: SlackChat, thread: str) -> None:
    first = chat.post(CHANNEL, thread, words(), "note-1")
    second = chat.post(CHANNEL, thread, words(), "note-1")
    chat.post(CHANNEL, thread, words(), "note-2")
    assert chat.find(CHANNEL, thread, "note-1") == (first, second)
    assert chat.find(CHANNEL, thread, "note-3") == ()


def test_a_key_that_another_app_copied_is_not_ours(
    chat: SlackChat, thread: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat.post(CHANNEL, thread, words(), "note-copied")
    monkeypatch.setattr(chat, "_bot_id", "B0ANOTHER1")
    assert chat.find(CHANNEL, thread, "note-copied") == ()


def test_a_key_is_found_in_a_long_thread(
    chat: SlackChat, phone: SlackPhone, thread: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.chat.slack.PAGE", 5)
    for n in range(12):
        phone.say("ben", CHANNEL, f"reply {n}", thread)
    ts = chat.post(CHANNEL, thread, words(), "card-late")
    assert chat.find(CHANNEL, thread, "card-late") == (ts,)


def test_a_post_whose_answer_was_lost_is_there_once_and_found(chat: SlackChat, phone: SlackPhone, thread: str) -> None:
    phone.fault("chat.postMessage", "drop_after")
    with pytest.raises(TryAgain, match="could not be reached"):
        chat.post(CHANNEL, thread, words(), "card-lost")
    assert len(chat.find(CHANNEL, thread, "card-lost")) == 1
    assert len(phone.thread(CHANNEL, thread)) == 2


def test_a_limit_is_told_and_not_waited_for(chat: SlackChat, phone: SlackPhone, thread: str) -> None:
    phone.fault("chat.postMessage", "ratelimited", retry_after=17)
    with pytest.raises(TryAgain) as caught:
        chat.post(CHANNEL, thread, words(), "card-2")
    assert (caught.value.after_seconds, caught.value.counts) == (17, False)
    phone.fault("chat.update", "error", status=503)
    ts = chat.post(CHANNEL, thread, words(), "card-2")
    with pytest.raises(TryAgain) as caught:
        chat.update(CHANNEL, ts, words(), "card-2")
    assert caught.value.counts
    assert chat.find(CHANNEL, thread, "card-2") == (ts,)


def test_reacting_twice_and_deleting_twice_are_fine(chat: SlackChat, phone: SlackPhone, thread: str) -> None:
    chat.react(CHANNEL, thread, "eyes")
    chat.react(CHANNEL, thread, "eyes")
    ts = chat.post(CHANNEL, thread, words(), "card-gone")
    chat.delete(CHANNEL, ts)
    chat.delete(CHANNEL, ts)
    assert [message["ts"] for message in phone.thread(CHANNEL, thread)] == [thread]
    with pytest.raises(MessageGone):
        chat.update(CHANNEL, ts, words(), "card-gone")


def test_a_permalink_leads_to_the_message_and_a_missing_one_has_none(chat: SlackChat, thread: str) -> None:
    link = chat.permalink(CHANNEL, thread)
    assert link is not None
    assert link.startswith("http")
    assert chat.permalink(CHANNEL, "1.000001") is None


def test_a_channel_without_us_is_told_with_what_to_do(chat: SlackChat, phone: SlackPhone) -> None:
    ts = str(phone.say("ana", "#random", "hello")["ts"])
    with pytest.raises(GiveUp, match="not in that channel") as caught:
        chat.post("C0RANDOM01", ts, words(), "card-3")
    assert "/invite" in caught.value.advice


def test_a_wrong_token_and_a_missing_scope_are_told_with_how_to_mend(
    start: Callable[..., str], address: str, thread: str
) -> None:
    with pytest.raises(GiveUp, match="rejects Shipmate's token"):
        SlackChat("xoxb-wrong", f"{address}/api/").post(CHANNEL, thread, words(), "k")
    narrow = start(scopes=SCOPES - {"reactions:write"})
    ts = str(SlackPhone(narrow).say("ana", CHANNEL, "hello")["ts"])
    with pytest.raises(GiveUp, match="lacks the scope reactions:write") as caught:
        SlackChat(TOKEN, f"{narrow}/api/").react(CHANNEL, ts, "eyes")
    assert "Add reactions:write" in caught.value.advice


def test_bad_blocks_are_refused_with_the_detail(chat: SlackChat, thread: str) -> None:
    with pytest.raises(GiveUp, match="refused to post a message"):
        chat.post(CHANNEL, thread, Words("x", ({"type": "nonsense"},)), "k")


def test_nobody_listening_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TryAgain, match="could not be reached"):
        SlackChat(TOKEN, "http://127.0.0.1:9/api/").permalink(CHANNEL, "1.0")


def test_a_proxy_of_the_environment_does_not_stand_before_the_loopback(
    address: str, thread: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    assert SlackChat(TOKEN, f"{address}/api/").permalink(CHANNEL, thread)


@pytest.mark.parametrize("error", ["is_archived", "channel_not_found", "token_revoked", "something_new"])
def test_every_lasting_error_is_a_sentence(error: str) -> None:
    failure = fault(200, {}, {"ok": False, "error": error}, "post a message")
    assert isinstance(failure, GiveUp)
    assert failure.reason.endswith(".")
    assert failure.advice


@pytest.mark.parametrize(
    ("headers", "seconds"), [({"Retry-After": "3"}, 3.0), ({}, 10.0), ({"retry-after": "x"}, 10.0)]
)
def test_a_limit_without_a_readable_time_has_one_of_ours(headers: dict[str, str], seconds: float) -> None:
    failure = fault(429, headers, {}, "post a message")
    assert isinstance(failure, TryAgain)
    assert failure.after_seconds == seconds
