"""What the composer makes of typed text."""

from __future__ import annotations

import pytest

from playground.slack.typing_in import compose

PEOPLE = {"ana": "U0ANA00001", "shipmate": "U0SHIPMATE"}
ROOMS = {"till": "C0TILL0001"}


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("@Shipmate go", "<@U0SHIPMATE> go"),
        ("<@U0SHIPMATE> go", "<@U0SHIPMATE> go"),
        ("mail me@ana or @nobody", "mail me@ana or @nobody"),
        ("see #till", "see <#C0TILL0001|till>"),
        ("a < b && c > d", "a &lt; b &amp;&amp; c &gt; d"),
        ("`@ana` @ana", "`@ana` <@U0ANA00001>"),
        ("```@ana <b>```", "```@ana &lt;b&gt;```"),
        ("see https://a.b/c?d=1&e=2.", "see <https://a.b/c?d=1&amp;e=2>."),
        ("@here :tada:", "<!here> :tada:"),
    ],
)
def test_typed_text_becomes_slack_text(typed: str, text: str) -> None:
    assert compose(typed, PEOPLE, ROOMS)[0] == text


def test_the_rich_text_beside_it_says_the_same() -> None:
    elements = compose("*Hi* @ana, run `make`", PEOPLE, ROOMS)[1][0]["elements"][0]["elements"]
    assert elements == [
        {"type": "text", "text": "Hi", "style": {"bold": True}},
        {"type": "text", "text": " "},
        {"type": "user", "user_id": "U0ANA00001"},
        {"type": "text", "text": ", run "},
        {"type": "text", "text": "make", "style": {"code": True}},
    ]
