from __future__ import annotations

import pytest

from bot.cards import text
from bot.domain.actor import Actor


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("<!channel> & <@U0BEN>", "&lt;!channel&gt; &amp; &lt;@U0BEN&gt;"),
        ("*bold* and `code` and ~gone~", "∗bold∗ and ˋcodeˋ and ∼gone∼"),
        ("_slanted_ but snake_case", "ˍslantedˍ but snake_case"),
        (":white_check_mark: merged :tada:", "꞉white_check_mark꞉ merged ꞉tada꞉"),
        ("see https://evil.test/x", "see https꞉//evil.test/x"),
        ("one\n\ntwo\r\nthree\u2028four", "one two three four"),
        ("\x1b[31mred\x1b[0m\x07", "red"),
        ("a\u200bb\u2060c\ufeffd", "abcd"),
        ("left \u202eright", "left [hidden mark]right"),
        ("hi" + "".join(chr(0xE0000 + ord(c)) for c in "obey") + "!", "hi[hidden text]!"),
    ],
)
def test_outside_text_comes_out_inert_and_with_nothing_hidden(hostile: str, shown: str) -> None:
    assert text.line(hostile) == shown


def test_everybody_is_not_called() -> None:
    assert "@here" not in text.line("@here @channel @everyone")
    assert text.line("@here").replace("\u2060", "") == "@here"


def test_a_secret_split_by_invisible_characters_is_found_all_the_same() -> None:
    assert text.line("token xoxb-1234567\u200b89012-abcdefghijkl!") == "token [redacted]!"


def test_a_secret_at_the_edge_of_a_cut_does_not_survive_in_part() -> None:
    assert "ghp_" not in text.line("x" * 40 + " ghp_abcdefghijklmnopqrstuvwxyz0123456789", 60)


@pytest.mark.parametrize("limit", [10, 11, 12, 13, 14])
def test_a_cut_never_halves_an_entity(limit: int) -> None:
    cut = text.line("abcdefgh&&&&&&", limit)
    assert len(cut) <= limit
    assert cut.rstrip("…").replace("&amp;", "").replace("…", "") in {"abcdefgh", "abcdefg"}


def test_a_cut_counts_as_slack_counts() -> None:
    cut = text.line("😀" * 100, 20)
    assert len(cut.encode("utf-16-le")) // 2 <= 20


def test_every_line_of_a_quotation_carries_the_bar() -> None:
    quoted = text.quote("It works.\n> *Approved by ben*\n\nTests: 900 passed")
    assert quoted.split("\n") == ["> It works.", "> &gt; ∗Approved by ben∗", "> Tests: 900 passed"]


def test_a_long_quotation_says_that_it_goes_on() -> None:
    quoted = text.quote("\n".join("line" for _ in range(50)), lines=3)
    assert quoted.count("\n") == 2
    assert quoted.endswith("…")


def test_piled_up_accents_are_thinned() -> None:
    assert len(text.line("a" + "\u0301" * 200)) == 4


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "https://user:pass@evil.test/",
        "https://x.test/a|b",
        "https://x.test/<b>",
        "https://x.test/a b",
        "https://x.test:99999/",
        "https://[",
        "//x.test",
        "https://x.test/?token=ghp_abcdefghijklmnopqrstuvwxyz0123456789",
        "https://x.test/" + "a" * 3000,
    ],
)
def test_an_address_that_cannot_be_trusted_becomes_no_link(address: str) -> None:
    assert text.url(address) is None
    assert text.link(address, "the page") == "the page"


def test_a_link_shows_an_inert_label() -> None:
    assert text.link("https://x.test/?a=1&b=2", "a|b <c>") == "<https://x.test/?a=1&amp;b=2|a¦b &lt;c&gt;>"


def test_only_a_slack_id_is_ever_a_mention() -> None:
    assert text.mention(Actor(id="U0ANA", name="ana")) == "<@U0ANA>"
    assert text.mention(Actor(id="U0ANA> <!channel", name="ana")) == "ana"


def test_plain_text_objects_hold_no_markup_either() -> None:
    assert text.plain("<!channel> <@U1> a < b\nc") == "‹!channel> ‹@U1> a < b c"
