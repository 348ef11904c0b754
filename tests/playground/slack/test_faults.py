"""The Web API misbehaving to order, as the unmodified SDK sees it."""

from __future__ import annotations

import pytest
from slack_sdk.errors import SlackApiError

from playground.slack import TILL
from tests.playground.slack.serving import Served


def test_a_rate_limit_says_when_to_come_back_and_is_used_up(slack: Served) -> None:
    slack.phone.fault("chat.postMessage", "ratelimited", retry_after=7)
    with pytest.raises(SlackApiError) as caught:
        slack.web().chat_postMessage(channel=TILL.id, text="x")
    assert caught.value.response.status_code == 429
    assert caught.value.response.headers["retry-after"] == "7"
    assert slack.web().chat_postMessage(channel=TILL.id, text="y")["ok"]
    assert [one["text"] for one in slack.phone.messages("#till")] == ["y"]


def test_a_server_error_has_no_effect(slack: Served) -> None:
    slack.phone.fault("*", "error", status=503, times=2)
    for _ in range(2):
        with pytest.raises(SlackApiError):
            slack.web().chat_postMessage(channel=TILL.id, text="x")
    assert slack.phone.messages("#till") == []


@pytest.mark.parametrize(("kind", "posted"), [("drop_before", 0), ("drop_after", 1)])
def test_a_dropped_connection_is_a_connection_error_before_or_after_the_effect(
    slack: Served, kind: str, posted: int
) -> None:
    slack.phone.fault("chat.postMessage", kind)
    with pytest.raises(OSError, match=r"(?i)closed|reset|remote"):
        slack.web().chat_postMessage(channel=TILL.id, text="x")
    assert len(slack.phone.messages("#till")) == posted


def test_a_slow_answer_outlasts_a_short_patience(slack: Served) -> None:
    slack.phone.fault("chat.postMessage", "slow", ms=800)
    web = slack.web()
    web.timeout = 0.2  # type: ignore[assignment]  # urllib takes fractions, the SDK's annotation does not
    with pytest.raises(TimeoutError):
        web.chat_postMessage(channel=TILL.id, text="x")


def test_faults_can_be_cleared(slack: Served) -> None:
    slack.phone.fault("*", "error", times=100)
    slack.phone.clear_faults()
    assert slack.web().auth_test()["ok"]
