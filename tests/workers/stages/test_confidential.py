"""Configured secrets do not leave, however they are spelled and wherever they stand."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from bot.cards import Words
from bot.cards.card import card
from bot.cards.pull import commit_message, pull_body, pull_title
from bot.domain.change import Phase
from bot.settings.secret import configured
from shipmate.embedded.defaults import complete
from tests.story import at
from workers import GiveUp
from workers.stages.confidential import HIDDEN, CarefulChat, Confidential

CANARY = "canary-7f3a9c1e-4b2d"


class Wire:
    """A chat that keeps what was sent."""

    def __init__(self) -> None:
        self.sent: list[Words] = []

    def post(self, _channel: str, _thread: str, words: Words, _key: str) -> str:
        self.sent.append(words)
        return "1.1"

    def update(self, _channel: str, _ts: str, words: Words, _key: str) -> None:
        self.sent.append(words)

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(name)


def spelled() -> list[str]:
    half = len(CANARY) // 2
    return [
        CANARY,
        CANARY[::-1],
        base64.b64encode(CANARY.encode()).decode(),
        CANARY.encode().hex(),
        f"{CANARY[:half]}\n{CANARY[half:]}",
        f"{CANARY[:half]}' + '{CANARY[half:]}",
    ]


def test_every_secret_setting_is_known_and_of_an_address_its_password(tmp_path: Path) -> None:
    settings = complete(
        {
            "SHIPMATE_HOME": str(tmp_path / "home"),
            "GITHUB_TOKEN": "ghp_realtoken000000000000000000000000000",
            "SHIPMATE_REPOSITORIES": "acme/till",
            "REDIS_URL": "redis://:correct%20horse%20battery@cache.example.com/0",
            "DATABASE_URL": "postgresql://shipmate:shipmate@db.example.com/shipmate",
        }
    ).worker
    found = configured(settings)
    assert "ghp_realtoken000000000000000000000000000" in found
    assert "correct horse battery" in found
    assert settings.slack.bot_token.get_secret_value() in found
    assert settings.claude.api_key.get_secret_value() in found
    assert "shipmate" not in found, "an ordinary word would hide every card"
    assert not any("://" in value for value in found)


@pytest.mark.parametrize("spelling", spelled())
def test_a_message_with_a_secret_is_replaced_by_one_that_says_so(spelling: str) -> None:
    wire = Wire()
    chat = CarefulChat(wire, Confidential((CANARY,)))
    block = {"type": "section", "text": {"type": "mrkdwn", "text": f"It prints {spelling} now."}}
    chat.post("C1", "1.0", Words(text="Done", blocks=(block,)), "k")
    chat.update("C1", "1.0", Words(text=spelling, blocks=()), "k")
    assert [words.text for words in wire.sent] == [HIDDEN, HIDDEN]
    assert spelling not in str(wire.sent)


def test_cards_without_a_secret_are_sent_as_they_are() -> None:
    wire = Wire()
    chat = CarefulChat(wire, Confidential((CANARY, "xoxb-playground-0123456789abcdef")))
    for phase in Phase:
        words = card(at(phase).change, 1_700_000_000.0)
        chat.post("C1", "1.0", words, "k")
        assert wire.sent[-1] == words


@pytest.mark.parametrize("spelling", spelled())
@pytest.mark.parametrize("place", ["request", "title", "summary", "risks", "proven"])
def test_nothing_is_published_whose_words_hold_a_secret(place: str, spelling: str) -> None:
    change = at(Phase.PUBLISHING).change.model_copy(update={place: f"It prints {spelling} now."})
    careful = Confidential((CANARY,))
    texts = (pull_title(change), pull_body(change), commit_message(change))
    with pytest.raises(GiveUp, match="published nothing"):
        careful.require_none(*texts)


def test_nothing_is_held_back_where_nothing_is_secret() -> None:
    change = at(Phase.PUBLISHING).change
    Confidential((CANARY,)).require_none(pull_title(change), pull_body(change), commit_message(change))
    assert not Confidential().among(CANARY)
