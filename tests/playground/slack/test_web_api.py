"""The Web API, called by the unmodified slack_sdk client."""

from __future__ import annotations

from tests.playground.slack.serving import Served


def test_smoke(slack: Served) -> None:
    web = slack.web()
    me = web.auth_test()
    sent = web.chat_postMessage(
        channel="C0TILL0001", text="hello <@U0ANA00001>", metadata={"event_type": "x", "event_payload": {"key": "k"}}
    )
    web.chat_update(channel=sent["channel"], ts=sent["ts"], text="better", blocks=[{"type": "divider"}])
    web.reactions_add(channel=sent["channel"], timestamp=sent["ts"], name="eyes")
    reply = web.chat_postMessage(channel="C0TILL0001", text="in thread", thread_ts=sent["ts"])
    thread = web.conversations_replies(channel=sent["channel"], ts=sent["ts"], include_all_metadata=True)
    print(me.data, thread.data, reply.data)
    assert len(thread["messages"]) == 2
