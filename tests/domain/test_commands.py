from __future__ import annotations

import pytest

from bot.domain.commands import Command, read, readable

ME = "U0SHIP"


@pytest.mark.parametrize(
    "said",
    ["stop", "Stop!", "please stop", "STOP IT", "cancel", "<@U0SHIP> stop", "abort.", "cancel that", "No, stop!"],
)
def test_stop_is_understood_in_every_way_people_say_it(said: str) -> None:
    assert read(said, ME).kind == "stop"


@pytest.mark.parametrize(
    "said",
    ["`stop`", "```stop```", "stop showing the old price on receipts", "the bus stop page is wrong", "don't stop"],
)
def test_a_sentence_or_code_with_stop_in_it_is_no_command(said: str) -> None:
    assert read(said, ME).kind == "ask"


@pytest.mark.parametrize(
    "said", ["stop, that was wrong", "that was wrong. Stop!", "no - stop - I meant ana", "cancel the whole thing"]
)
def test_what_may_be_meant_as_a_stop_is_told_from_a_wish(said: str) -> None:
    assert read(said, ME).kind == "may_stop"


def test_the_mention_is_taken_out_and_the_rest_reads_plainly() -> None:
    assert read("<@U0SHIP> make 1 &lt; 2 &amp; fix <https://x.test/a|the page>", ME) == Command(
        kind="ask", text="make 1 < 2 & fix the page (https://x.test/a)", mentioned=True
    )


@pytest.mark.parametrize("said", ["`<@U0SHIP> do it`", "look: ```\n<@U0SHIP> do it\n```"])
def test_a_mention_inside_code_is_none(said: str) -> None:
    assert not read(said, ME).mentioned


def test_a_mention_beside_code_counts_and_the_code_is_kept() -> None:
    told = read("<@U0SHIP> rename `old()` to `new()`", ME)
    assert told == Command(kind="ask", text="rename `old()` to `new()`", mentioned=True)


@pytest.mark.parametrize("said", ["<@U0SHIP>", "<@U0SHIP>  \n", ""])
def test_nothing_but_a_mention_is_empty(said: str) -> None:
    assert read(said, ME).kind == "empty"


@pytest.mark.parametrize(
    ("said", "kind"), [("help", "help"), ("?", "help"), ("status", "status"), ("try again", "retry")]
)
def test_the_few_words(said: str, kind: str) -> None:
    assert read(f"<@U0SHIP> {said}", ME).kind == kind


def test_people_channels_and_groups_read_as_names() -> None:
    assert readable("<@U0BEN|ben> in <#C1|shop> and <!here> and <!subteam^S1|@engineers>") == (
        "@ben in #shop and @here and @engineers"
    )


def test_addresses_without_a_label_of_their_own_stay_addresses() -> None:
    assert readable("<https://x.test> <mailto:a@x.test|a@x.test> <http://x.test|x.test>") == (
        "https://x.test a@x.test http://x.test"
    )
