"""Text that was written to stall us, to leak, or to speak in our name."""

from __future__ import annotations

import re
import subprocess
import time

import pytest

from bot.cards import text
from bot.cards.pull import commit_message, merge_message
from bot.domain import ids
from bot.domain.change import Change, Place
from bot.domain.commands import read
from bot.secret_forms.redact import MARK, redact
from tests import story
from workers.guards import examine
from workers.workspace import Changed

pytestmark = pytest.mark.attack("hostile texts")

SIZE = 400_000
STALLING = {
    "keys begun and never ended": "-----BEGIN PRIVATE KEY-----",
    "ends of keys": "-----END PRIVATE KEY-----",
    "a key's first words": "-----BEGIN ",
    "dashed words": "a-",
    "names of secrets": "password",
    "secrets one inside the other": "secret=1",
    "half tokens": "-eyJaaaaaaaa",
    "tokens of two parts": "-eyJaaaaaaaa.eyJ",
    "addresses": "https://a:b",
    "headers": "token aaaa.",
}


@pytest.mark.parametrize("piece", STALLING.values(), ids=STALLING.keys())
def test_no_text_stalls_the_search_for_secrets(piece: str) -> None:
    hostile = (piece * (SIZE // len(piece))) + "("
    began = time.thread_time()
    redact(hostile)
    # A pattern that looks at the rest from every place takes minutes here, and holds every other thread meanwhile.
    assert time.thread_time() - began < 3


def test_private_keys_are_found_whole_cut_and_between_words() -> None:
    key = "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA7\nabc+/=\n-----END RSA PRIVATE KEY-----"
    assert redact(f"a {key} b {key} c") == f"a {MARK} b {MARK} c"
    assert redact(f"a {key[:50]}") == f"a {MARK}"
    assert "MIIE" not in redact(f"{key[:50]}{'A' * 30_000}!")
    assert redact(key.replace("\n", "\\n")) == MARK


def test_a_named_value_is_a_secret_and_an_expression_is_code() -> None:
    assert redact('api_key = "abcdef1234567890"') == f'api_key = "{MARK}"'
    assert redact(f"{'x' * 60}_password=abcdef1234567890").endswith(MARK)
    assert redact("secret=settings1.load()") == "secret=settings1.load()"
    assert redact("password=correcthorsebatterystaple") == "password=correcthorsebatterystaple"


def test_a_secret_in_the_request_is_not_in_the_name_of_the_branch() -> None:
    token = "ghp_abcdefghijklmnopqrstuvwxyz0123456789"
    place = Place(team="T0ACME", channel="C0SHOP", thread_ts="1.1", message_ts="1.1")
    change = Change(
        id=ids.change_id(place),
        place=place,
        requester=story.ANA,
        request=f"use {token} here",
        created_at=1,
        updated_at=1,
    )
    assert token[4:20] not in ids.branch(change)
    assert ids.branch(change) == f"shipmate/use-redacted-here-{change.id}"


def _published(summary: str) -> Change:
    place = Place(team="T0ACME", channel="C0SHOP", thread_ts="1.1", message_ts="1.1")
    return Change(
        id=ids.change_id(place), place=place, requester=story.ANA, request="x", created_at=1, updated_at=1,
        title="Mend it", summary=summary,
    )  # fmt: skip


@pytest.mark.parametrize("words", ["word " * 14 + "Approved-by: ben", "x" * 72 + " Signed-off-by: ben <b@x.test>"])
def test_no_line_of_a_message_begins_like_a_trailer_of_ours_through_wrapping(words: str) -> None:
    change = _published(words)
    for message in (commit_message(change), merge_message(change)[1]):
        body = message[: message.index("Requested-by:")]
        assert not re.search(r"^(Approved|Signed-off)-by:", body, re.M)
        git = ["git", "interpret-trailers", "--parse"]
        asked = f"T\n\n{message}"
        parsed = subprocess.run(git, input=asked, capture_output=True, text=True, check=True, timeout=60).stdout
        assert "ben" not in parsed


def test_half_a_character_becomes_a_question_mark_and_not_a_fault() -> None:
    assert read("make it \ud83d red", "U0SHIPMATE").text == "make it ? red"
    assert text.line("a\ud800b") == "ab"


def test_a_file_full_of_begun_keys_does_not_hold_up_the_judge() -> None:
    content = b"-----BEGIN PRIVATE KEY-----" * 30_000
    one = Changed("docs/x.md", "A", "000000", "100644", "0" * 40, "a" * 40)
    began = time.thread_time()
    assert any(found.level == "block" for found in examine((one,), lambda _: None, lambda _: content))
    assert time.thread_time() - began < 5
