"""Events: what the app is told, signed, and again until it listens."""

from __future__ import annotations

from slack_sdk.signature import SignatureVerifier

from playground.slack import ANA, TILL
from tests.playground.slack.serving import RequestUrl, Served, Starter


def test_a_mention_comes_twice_signed_as_slack_signs(slack: Served, app_under_test: RequestUrl) -> None:
    said = slack.phone.say("ana", "#till", "@Shipmate make the total include tax")
    slack.phone.wait_idle()
    verifier = SignatureVerifier(slack.config.signing_secret)
    for delivery in app_under_test.got:
        headers = delivery["headers"]
        stamp, signature = headers["x-slack-request-timestamp"], headers["x-slack-signature"]
        assert verifier.is_valid(delivery["raw"], stamp, signature)
        assert not SignatureVerifier("other").is_valid(delivery["raw"], stamp, signature)
    mention, message = app_under_test.events("app_mention")[0], app_under_test.events("message")[0]
    assert len(app_under_test.got) == 2
    assert mention["text"] == message["text"] == "<@U0SHIPMATE> make the total include tax"
    assert mention["ts"] == message["ts"] == said["ts"]
    assert message["channel_type"] == "channel"
    body = app_under_test.got[0]["body"]
    assert (body["api_app_id"], body["team_id"]) == (slack.config.app_id, slack.config.team_id)


def test_a_direct_message_is_no_mention(slack: Served, app_under_test: RequestUrl) -> None:
    slack.phone.say("ana", "dm", "@Shipmate hello")
    slack.phone.wait_idle()
    assert [event["channel_type"] for event in app_under_test.events("message")] == ["im"]
    assert app_under_test.events("app_mention") == []


def test_a_name_inside_code_is_no_mention(slack: Served, app_under_test: RequestUrl) -> None:
    slack.phone.say("ana", "#till", "write `@Shipmate fix it` or ```@Shipmate do it```")
    slack.phone.wait_idle()
    assert app_under_test.events("app_mention") == []
    assert "<@" not in app_under_test.events("message")[0]["text"]


def test_the_app_hears_its_own_echo_edits_and_deletions(slack: Served, app_under_test: RequestUrl) -> None:
    web = slack.web()
    ts = web.chat_postMessage(channel=TILL.id, text="one")["ts"]
    web.chat_update(channel=TILL.id, ts=ts, text="two")
    web.chat_delete(channel=TILL.id, ts=ts)
    slack.phone.wait_idle()
    events = {event.get("subtype", "new"): event for event in app_under_test.events("message")}
    assert events["new"]["bot_id"] == slack.config.bot_id
    assert events["message_changed"]["message"]["text"] == "two"
    assert events["message_changed"]["previous_message"]["text"] == "one"
    assert events["message_deleted"]["deleted_ts"] == ts


def test_nothing_is_told_of_rooms_without_the_app_or_events_without_a_subscription(
    start: Starter, app_under_test: RequestUrl
) -> None:
    slack = start(events_url=app_under_test.url, events=frozenset({"app_mention"}))
    slack.phone.say("ana", "#random", "@Shipmate hello?")
    slack.phone.say("ana", "#till", "just talking")
    slack.phone.wait_idle()
    assert app_under_test.got == []
    whispers = [one["text"] for one in slack.phone.ephemerals("ana")]
    assert whispers == ["You mentioned <@U0SHIPMATE>, but they're not in this channel."]


def test_a_failed_delivery_comes_again_with_its_number_and_reason(slack: Served, app_under_test: RequestUrl) -> None:
    app_under_test.answer = lambda delivery: (500 if len(app_under_test.got) < 3 else 200, None)
    slack.phone.say("ana", "dm", "hello")
    slack.phone.wait_idle()
    headers = [one["headers"] for one in app_under_test.got]
    assert [head.get("x-slack-retry-num") for head in headers] == [None, "1", "2"]
    assert headers[1]["x-slack-retry-reason"] == "http_error"
    assert len({one["body"]["event_id"] for one in app_under_test.got}) == 1


def test_after_the_third_retry_slack_gives_up(slack: Served, app_under_test: RequestUrl) -> None:
    app_under_test.answer = lambda delivery: (503, None)
    slack.phone.say("ana", "dm", "hello")
    slack.phone.wait_idle()
    assert len(app_under_test.got) == 4
    assert [one["state"] for one in slack.phone.deliveries()] == ["failed"]


def test_a_waiting_delivery_survives_a_restart(start: Starter, app_under_test: RequestUrl) -> None:
    slack = start(events_url=app_under_test.url, retry_delays=(0.0, 3600.0))
    app_under_test.answer = lambda delivery: (503, None)
    slack.phone.say("ana", "dm", "hello")
    slack.phone.wait_for(lambda: len(app_under_test.got) == 2)
    slack.phone.wait_for(lambda: slack.phone.deliveries("waiting")[0]["attempts"] == 2)
    slack.stop()
    app_under_test.answer = lambda delivery: (200, None)
    slack.start()
    slack.phone.retry_now()
    slack.phone.wait_idle()
    assert [one["state"] for one in slack.phone.deliveries()] == ["delivered"]
    assert len({one["body"]["event_id"] for one in app_under_test.got}) == 1


def test_deliveries_can_be_repeated_held_and_reordered(slack: Served, app_under_test: RequestUrl) -> None:
    phone = slack.phone
    phone.misdeliver(hold=True, repeat=3, jitter_ms=200, seed=4)
    for number in range(6):
        phone.say("ana", "dm", str(number))
    assert app_under_test.got == []
    phone.release()
    phone.wait_idle()
    texts = [event["text"] for event in app_under_test.events("message")]
    assert sorted(texts) == sorted("012345" * 3)
    assert list(dict.fromkeys(texts)) != list("012345")


def test_opening_the_home_tab_is_told(slack: Served, app_under_test: RequestUrl) -> None:
    slack.phone.open_home("ana", "home")
    slack.phone.wait_idle()
    event = app_under_test.events("app_home_opened")[0]
    assert (event["user"], event["tab"], event["channel"]) == (ANA.id, "home", "D0ANA00001")


def test_an_edit_notifies_nobody_and_a_reply_in_ones_thread_does(slack: Served) -> None:
    web, phone = slack.web(), slack.phone
    asked = phone.say("ana", "#till", "@Shipmate do it")["ts"]
    card = web.chat_postMessage(channel=TILL.id, thread_ts=asked, text="working")["ts"]
    web.chat_update(channel=TILL.id, ts=card, text="ready")
    web.chat_postMessage(channel=TILL.id, thread_ts=asked, text="<@U0BEN00001> *please look* at 2*3*4 &lt;now&gt;")
    assert [note["text"] for note in phone.notifications("ana")] == ["working", "@ben please look at 2*3*4 <now>"]
    assert [note["reason"] for note in phone.notifications("ben")] == ["mention"]
    assert phone.notifications("cleo") == []
