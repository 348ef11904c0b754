"""The Web API, called by the unmodified slack_sdk client."""

from __future__ import annotations

import urllib.request
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from playground.slack import ANA, EVE, MALLORY, RANDOM, TILL, ChannelSeed
from playground.slack.config import SCOPES
from tests.playground.slack.serving import Served, Starter

NOTE = {"event_type": "card", "event_payload": {"key": "k1"}}


def refusal(call: Any, **arguments: Any) -> dict[str, Any]:
    """What the API answered when it refused."""
    with pytest.raises(SlackApiError) as caught:
        call(**arguments)
    return dict(caught.value.response.data)


@pytest.fixture
def web(slack: Served) -> WebClient:
    return slack.web()


def test_a_card_is_posted_found_by_its_key_edited_and_deleted(web: WebClient) -> None:
    asked = web.chat_postMessage(channel=TILL.id, text="root")
    card = web.chat_postMessage(channel=TILL.id, thread_ts=asked["ts"], text="working", metadata=NOTE)
    thread = web.conversations_replies(channel=TILL.id, ts=asked["ts"], include_all_metadata=True)["messages"]
    assert [message.get("metadata") for message in thread] == [None, NOTE]
    assert thread[0]["reply_count"] == 1
    changed = web.chat_update(channel=TILL.id, ts=card["ts"], text="ready", blocks=[{"type": "divider"}])
    assert changed["message"]["edited"]["user"] == "U0SHIPMATE"
    again = web.conversations_replies(channel=TILL.id, ts=asked["ts"], include_all_metadata=True)["messages"][1]
    assert (again["text"], again["metadata"], again["blocks"][0]["type"]) == ("ready", NOTE, "divider")
    web.chat_delete(channel=TILL.id, ts=card["ts"])
    assert len(web.conversations_replies(channel=TILL.id, ts=asked["ts"])["messages"]) == 1


def test_metadata_is_hidden_unless_asked_for(web: WebClient) -> None:
    web.chat_postMessage(channel=TILL.id, text="hi", metadata=NOTE)
    assert "metadata" not in web.conversations_history(channel=TILL.id)["messages"][0]


def test_history_is_paged_newest_first(web: WebClient) -> None:
    sent = [web.chat_postMessage(channel=TILL.id, text=str(n))["ts"] for n in range(5)]
    assert sent == sorted(set(sent))
    first = web.conversations_history(channel=TILL.id, limit=3)
    rest = web.conversations_history(channel=TILL.id, limit=3, cursor=first["response_metadata"]["next_cursor"])
    assert [one["ts"] for one in first["messages"] + rest["messages"]] == list(reversed(sent))
    newer = web.conversations_history(channel=TILL.id, oldest=sent[2])["messages"]
    assert [one["text"] for one in newer] == ["4", "3"]


def test_an_unknown_argument_is_refused_by_name(web: WebClient) -> None:
    said = refusal(web.chat_postMessage, channel=TILL.id, text="x", thread="1.2")
    assert said["error"] == "invalid_arguments"
    assert "thread " in said["response_metadata"]["messages"][0] + " "


def test_a_missing_argument_is_refused_by_name(web: WebClient) -> None:
    said = refusal(web.api_call, api_method="reactions.add", params={"channel": TILL.id, "name": "eyes"})
    assert said["response_metadata"]["messages"] == [
        "[ERROR] missing required field: timestamp [json-pointer:/timestamp]"
    ]


def test_an_unknown_method_is_unknown(web: WebClient) -> None:
    assert refusal(web.api_call, api_method="chat.shout")["error"] == "unknown_method"


def test_tokens_are_checked(slack: Served) -> None:
    assert refusal(slack.web("xoxb-wrong").auth_test)["error"] == "invalid_auth"
    assert refusal(slack.web(slack.config.app_token).auth_test)["error"] == "not_allowed_token_type"
    with urllib.request.urlopen(f"{slack.config.public_url}/api/auth.test") as answer:
        assert b"not_authed" in answer.read()


def test_a_missing_scope_names_what_is_needed(start: Starter) -> None:
    web = start(scopes=SCOPES - {"reactions:write", "channels:history"}).web()
    ts = web.chat_postMessage(channel=TILL.id, text="x")["ts"]
    said = refusal(web.reactions_add, channel=TILL.id, timestamp=ts, name="eyes")
    assert (said["error"], said["needed"]) == ("missing_scope", "reactions:write")
    assert refusal(web.conversations_history, channel=TILL.id)["needed"] == "channels:history"


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ({"channel": "C0NOWHERE1", "text": "x"}, "channel_not_found"),
        ({"channel": RANDOM.id, "text": "x"}, "not_in_channel"),
        ({"channel": TILL.id}, "no_text"),
        ({"channel": TILL.id, "text": "x" * 40_001}, "msg_too_long"),
        ({"channel": TILL.id, "text": "x", "thread_ts": "1.000001"}, "thread_not_found"),
        ({"channel": TILL.id, "text": "x", "metadata": {"event_type": "a"}}, "invalid_metadata_format"),
        ({"channel": TILL.id, "text": "x", "markdown_text": "y"}, "markdown_text_conflict"),
        ({"channel": TILL.id, "text": "x", "username": "Somebody"}, "missing_scope"),
        ({"channel": TILL.id, "text": "x", "blocks": [{"type": "sektion"}]}, "invalid_blocks"),
    ],
)
def test_a_bad_message_is_refused(web: WebClient, arguments: dict[str, Any], word: str) -> None:
    assert refusal(web.chat_postMessage, **arguments)["error"] == word


def test_only_its_own_messages_can_be_changed(slack: Served, web: WebClient) -> None:
    theirs = slack.phone.say("ana", "#till", "mine")["ts"]
    assert refusal(web.chat_update, channel=TILL.id, ts=theirs, text="x")["error"] == "cant_update_message"
    assert refusal(web.chat_delete, channel=TILL.id, ts=theirs)["error"] == "cant_delete_message"
    assert refusal(web.chat_update, channel=TILL.id, ts="1.000001", text="x")["error"] == "message_not_found"


def test_a_reaction_is_given_once(web: WebClient) -> None:
    ts = web.chat_postMessage(channel=TILL.id, text="x")["ts"]
    web.reactions_add(channel=TILL.id, timestamp=ts, name="eyes")
    assert refusal(web.reactions_add, channel=TILL.id, timestamp=ts, name="eyes")["error"] == "already_reacted"
    found = web.reactions_get(channel=TILL.id, timestamp=ts)["message"]["reactions"]
    assert found == [{"name": "eyes", "users": ["U0SHIPMATE"], "count": 1}]
    web.reactions_remove(channel=TILL.id, timestamp=ts, name="eyes")
    assert refusal(web.reactions_remove, channel=TILL.id, timestamp=ts, name="eyes")["error"] == "no_reaction"


def test_an_ephemeral_message_reaches_one_member_alone(slack: Served, web: WebClient) -> None:
    web.chat_postEphemeral(channel=TILL.id, user=MALLORY.id, text="Guests cannot approve.")
    assert [one["text"] for one in slack.phone.ephemerals("mallory")] == ["Guests cannot approve."]
    assert slack.phone.ephemerals("ana") == []
    assert web.conversations_history(channel=TILL.id)["messages"] == []
    assert refusal(web.chat_postEphemeral, channel=TILL.id, user="U0NOBODY01", text="x")["error"] == "user_not_found"


def test_who_somebody_is_can_be_told(start: Starter) -> None:
    room = ChannelSeed("C0SHARED01", "shared", (ANA.id, EVE.id), is_ext_shared=True)
    web = start(people=(ANA, MALLORY, EVE), channels=(TILL, room)).web()
    assert web.users_info(user=MALLORY.id)["user"]["is_restricted"] is True
    stranger = web.users_info(user=EVE.id)["user"]
    assert (stranger["is_stranger"], stranger["team_id"]) == (True, "T0OTHER001")
    assert web.users_info(user="U0SHIPMATE")["user"]["is_bot"] is True
    assert refusal(web.users_info, user="U0NOBODY01")["error"] == "user_not_found"
    assert web.conversations_info(channel=room.id)["channel"]["is_ext_shared"] is True
    assert {one["id"] for one in web.users_list()["members"]} == {ANA.id, MALLORY.id, EVE.id, "U0SHIPMATE"}


def test_rooms_members_and_groups_are_listed(web: WebClient) -> None:
    assert [room["name"] for room in web.conversations_list()["channels"]] == ["till", "random"]
    assert ANA.id in web.conversations_members(channel=TILL.id)["members"]
    assert web.conversations_open(users=ANA.id)["channel"]["id"] == "D0ANA00001"
    group = web.usergroups_list(include_users=True)["usergroups"][0]
    assert web.usergroups_users_list(usergroup=group["id"])["users"] == group["users"]
    assert web.team_info()["team"]["domain"] == "playground"
    assert web.bots_info(bot="B0SHIPMATE")["bot"]["user_id"] == "U0SHIPMATE"


def test_a_permalink_opens_the_message_on_the_phone(slack: Served, web: WebClient) -> None:
    root = web.chat_postMessage(channel=TILL.id, text="x")["ts"]
    reply = web.chat_postMessage(channel=TILL.id, text="y", thread_ts=root)["ts"]
    link = web.chat_getPermalink(channel=TILL.id, message_ts=reply)["permalink"]
    with urllib.request.urlopen(link) as page:
        assert f"thread={root}" in page.url


def test_a_file_is_uploaded_shown_and_fetched_with_the_token(slack: Served, web: WebClient) -> None:
    made = web.files_upload_v2(
        channel=TILL.id, filename="diff.png", content=b"\x89PNG fake", initial_comment="the diff"
    )
    file = web.files_info(file=made["files"][0]["id"])["file"]
    shown = slack.phone.messages("#till")[-1]
    assert (shown["text"], shown["files"][0]["id"]) == ("the diff", file["id"])
    asked = urllib.request.Request(
        file["url_private_download"], headers={"Authorization": f"Bearer {slack.config.bot_token}"}
    )
    with urllib.request.urlopen(asked) as answer:
        assert answer.read() == b"\x89PNG fake"
    with urllib.request.urlopen(file["url_private_download"]) as answer:
        assert answer.headers["content-type"].startswith("text/html")
    assert refusal(web.files_info, file="F0NOTHING1")["error"] == "file_not_found"


def test_everything_survives_a_restart(slack: Served, web: WebClient) -> None:
    card = web.chat_postMessage(channel=TILL.id, text="card", metadata=NOTE)
    web.reactions_add(channel=TILL.id, timestamp=card["ts"], name="eyes")
    web.chat_postEphemeral(channel=TILL.id, user=ANA.id, text="psst")
    before = slack.phone.messages("#till")
    slack.stop()
    slack.start()
    assert slack.phone.messages("#till") == before
    assert [one["text"] for one in slack.phone.ephemerals("ana")] == ["psst"]
    assert web.chat_postMessage(channel=TILL.id, text="later")["ts"] > card["ts"]
