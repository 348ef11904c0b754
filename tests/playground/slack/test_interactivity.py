"""Taps, modals and response URLs, and what the phone shows when the app fails."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook import WebhookClient

from playground.slack import ANA, TILL
from playground.slack.client import PhoneRefused
from tests.playground.slack.serving import RequestUrl, Served, Starter

PLAIN = {"type": "plain_text", "text": "Go"}
OPTIONS = [{"text": {"type": "plain_text", "text": name}, "value": name} for name in ("till", "site")]
BLOCKS: list[dict[str, Any]] = [
    {
        "type": "actions",
        "block_id": "row",
        "elements": [
            {"type": "button", "action_id": "go", "text": PLAIN, "value": "id-7", "style": "primary"},
            {"type": "static_select", "action_id": "repo", "placeholder": PLAIN, "options": OPTIONS},
            {"type": "button", "action_id": "hidden", "text": PLAIN, "visible_to_user_ids": [ANA.id]},
        ],
    }
]
TITLE = {"type": "plain_text", "text": "Title"}
INPUT = {
    "type": "input",
    "block_id": "why",
    "label": PLAIN,
    "element": {"type": "plain_text_input", "action_id": "words"},
}
MODAL = {"type": "modal", "title": TITLE, "submit": PLAIN, "notify_on_close": True, "blocks": [INPUT]}


def card(slack: Served) -> str:
    return str(slack.web().chat_postMessage(channel=TILL.id, text="card", blocks=BLOCKS)["ts"])


def word(call: Any, **arguments: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        call(**arguments)
    return str(caught.value.response["error"])


def open_modal(slack: Served, view: dict[str, Any] = MODAL) -> WebClient:
    web = slack.web()
    payload = slack.phone.press_payload("ana", "#till", card(slack), "go")
    web.views_open(trigger_id=payload["trigger_id"], view=view)
    return web


def test_a_tap_carries_who_where_and_what(slack: Served, app_under_test: RequestUrl) -> None:
    ts = card(slack)
    assert slack.phone.press("ben", "#till", ts, "go") == {"ok": True, "status": 200}
    payload = app_under_test.interactions("block_actions")[0]
    assert payload["user"]["id"] == "U0BEN00001"
    assert payload["container"] == {"type": "message", "message_ts": ts, "channel_id": TILL.id, "is_ephemeral": False}
    action = payload["actions"][0]
    assert (action["action_id"], action["block_id"], action["value"]) == ("go", "row", "id-7")
    assert payload["message"]["ts"] == ts


def test_a_choice_carries_its_option(slack: Served, app_under_test: RequestUrl) -> None:
    slack.phone.press("ana", "#till", card(slack), "repo", value="site")
    assert app_under_test.interactions("block_actions")[0]["actions"][0]["selected_option"] == OPTIONS[1]
    with pytest.raises(PhoneRefused, match="not among the options"):
        slack.phone.press("ana", "#till", card(slack), "repo", value="other")


def test_a_person_can_only_tap_what_they_see(slack: Served) -> None:
    ts = card(slack)
    with pytest.raises(PhoneRefused, match="does not see that button"):
        slack.phone.press("ben", "#till", ts, "hidden")
    with pytest.raises(PhoneRefused, match="no element"):
        slack.phone.press("ben", "#till", ts, "nothing")
    with pytest.raises(PhoneRefused, match="no such message"):
        slack.phone.press("ben", "#till", "1.000001", "go")


def test_a_failing_app_leaves_a_warning_and_is_not_asked_again(slack: Served, app_under_test: RequestUrl) -> None:
    app_under_test.answer = lambda delivery: (404, None) if delivery["body"].get("actions") else (200, None)
    said = slack.phone.press("ana", "#till", card(slack), "go")
    assert (said["ok"], said["error"]) == (False, "dispatch_failed")
    assert said["warning"] == "We had some trouble connecting. Try again?"
    assert len(app_under_test.interactions("block_actions")) == 1


def test_a_slow_app_times_out(start: Starter, app_under_test: RequestUrl) -> None:
    slack = start(events_url=app_under_test.url, ack_seconds=0.2)
    ts = card(slack)
    slack.phone.wait_idle()

    def slow(delivery: dict[str, Any]) -> tuple[int, None]:
        time.sleep(0.6)  # the app's slowness is what is tested
        return 200, None

    app_under_test.answer = slow
    assert slack.phone.press("ana", "#till", ts, "go")["error"] == "operation_timeout"


def test_a_trigger_works_once_and_not_for_long(start: Starter, app_under_test: RequestUrl) -> None:
    slack = start(events_url=app_under_test.url, trigger_seconds=0.3)
    web, ts = slack.web(), card(slack)
    used = slack.phone.press_payload("ana", "#till", ts, "go")["trigger_id"]
    web.views_open(trigger_id=used, view=MODAL)
    assert word(web.views_open, trigger_id=used, view=MODAL) in ("exchanged_trigger_id", "expired_trigger_id")
    old = slack.phone.press_payload("ana", "#till", ts, "go")["trigger_id"]
    slack.phone.wait_for(lambda: word(web.views_open, trigger_id="made.up", view=MODAL) == "invalid_trigger_id")
    deadline = time.monotonic() + 0.35
    slack.phone.wait_for(lambda: time.monotonic() > deadline)
    assert word(web.views_open, trigger_id=old, view=MODAL) == "expired_trigger_id"


def test_a_modal_is_completed_before_it_is_sent(slack: Served, app_under_test: RequestUrl) -> None:
    open_modal(slack)
    assert slack.phone.submit("ana")["errors"] == {"why": "Please complete this required field."}
    assert app_under_test.interactions("view_submission") == []
    assert slack.phone.submit("ana", values={"why": {"words": "more tests"}}) == {"ok": True, "closed": True}
    values = app_under_test.interactions("view_submission")[0]["view"]["state"]["values"]
    assert values == {"why": {"words": {"type": "plain_text_input", "value": "more tests"}}}


@pytest.mark.parametrize(
    ("answer", "seen", "left"),
    [
        (None, {"ok": True, "closed": True}, 0),
        ({"response_action": "clear"}, {"ok": True, "closed": True}, 0),
        ({"response_action": "update", "view": MODAL}, {"ok": True, "closed": False}, 1),
        ({"response_action": "push", "view": MODAL}, {"ok": True, "closed": False}, 2),
        (
            {"response_action": "errors", "errors": {"why": "No."}},
            {"ok": False, "error": "errors", "errors": {"why": "No."}},
            1,
        ),
    ],
)
def test_every_answer_to_a_submission_is_understood(
    slack: Served, app_under_test: RequestUrl, answer: Any, seen: dict[str, Any], left: int
) -> None:
    open_modal(slack)
    app_under_test.answer = lambda delivery: (200, answer)
    assert slack.phone.submit("ana", values={"words": "x"}) == seen
    assert len(slack.phone.views("ana")) == left


def test_an_answer_slack_would_not_take_warns_and_keeps_the_modal(slack: Served, app_under_test: RequestUrl) -> None:
    open_modal(slack)
    app_under_test.answer = lambda delivery: (200, {"response_action": "errors", "errors": {"nowhere": "?"}})
    said = slack.phone.submit("ana", values={"words": "x"})
    assert (said["ok"], said["error"], len(slack.phone.views("ana"))) == (False, "bad_response_action", 1)


def test_views_are_updated_pushed_and_closed(slack: Served, app_under_test: RequestUrl) -> None:
    web = open_modal(slack)
    view = slack.phone.views("ana")[0]
    renamed = MODAL | {"title": {"type": "plain_text", "text": "New title"}}
    updated = web.views_update(view_id=view["id"], hash=view["hash"], view=renamed)["view"]
    assert slack.phone.views("ana")[0]["title"]["text"] == "New title"
    assert word(web.views_update, view_id=view["id"], hash=view["hash"], view=MODAL) == "hash_conflict"
    assert updated["id"] == view["id"]
    slack.phone.close_view("ana")
    assert app_under_test.interactions("view_closed")[0]["view"]["id"] == view["id"]
    assert word(web.views_update, view_id=view["id"], view=MODAL) == "not_found"


def test_the_home_tab_is_published_and_its_buttons_work(slack: Served, app_under_test: RequestUrl) -> None:
    slack.web().views_publish(user_id=ANA.id, view={"type": "home", "blocks": BLOCKS})
    home = slack.phone.home("ana")
    assert home is not None
    assert slack.phone.press_in_view("ana", home["id"], "go")["ok"]
    assert app_under_test.interactions("block_actions")[0]["container"] == {"type": "view", "view_id": home["id"]}


def test_a_response_url_answers_replaces_and_runs_out(slack: Served, app_under_test: RequestUrl) -> None:
    ts = card(slack)
    slack.phone.press("ana", "#till", ts, "go")
    hook = WebhookClient(app_under_test.interactions("block_actions")[0]["response_url"])
    assert hook.send(text="only you", response_type="ephemeral").body == "ok"
    assert [one["text"] for one in slack.phone.ephemerals("ana")] == ["only you"]
    hook.send(text="replaced", replace_original=True)
    assert slack.phone.messages("#till")[-1]["text"] == "replaced"
    hook.send(text="for all", response_type="in_channel")
    hook.send(delete_original=True)
    hook.send(text="fifth")
    assert [one["text"] for one in slack.phone.messages("#till")] == ["for all"]
    assert hook.send(text="sixth").body == "used_url"


def test_a_payload_can_be_sent_late_altered_and_twice(slack: Served, app_under_test: RequestUrl) -> None:
    payload = slack.phone.press_payload("ana", "#till", card(slack), "go")
    payload["actions"][0]["value"] = "forged"
    assert slack.phone.interact(payload)["ok"]
    assert slack.phone.interact(payload)["ok"]
    assert [one["actions"][0]["value"] for one in app_under_test.interactions("block_actions")] == ["forged", "forged"]


def test_a_failing_command_tells_the_person(slack: Served, app_under_test: RequestUrl) -> None:
    app_under_test.answer = lambda delivery: (500, None)
    slack.phone.command("ana", "#till", "/shipmate", "help")
    assert slack.phone.ephemerals("ana")[-1]["text"] == '/shipmate failed with the error "dispatch_failed"'
    with pytest.raises(PhoneRefused, match="not a valid command"):
        slack.phone.command("ana", "#till", "/other")


def test_the_controls_refuse_other_machines_names_and_pages(slack: Served) -> None:
    url = f"{slack.config.public_url}/_control/messages?channel=%23till"
    for headers in ({"Host": "evil.example"}, {"Origin": "http://evil.example"}):
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(urllib.request.Request(url, headers=headers))
        assert caught.value.code == 403
