"""An unmodified slack_bolt app, over HTTP and over Socket Mode."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
import uvicorn
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.playground.slack.serving import Served, Starter

BUTTON = {"type": "button", "action_id": "merge", "value": "id-1", "text": {"type": "plain_text", "text": "Merge"}}
ACTIONS = [{"type": "actions", "block_id": "row", "elements": [BUTTON]}]
WORDS = {"type": "plain_text_input", "action_id": "words", "multiline": True}
LABEL = {"type": "plain_text", "text": "What should change?"}
MODAL = {
    "type": "modal",
    "callback_id": "changes",
    "title": {"type": "plain_text", "text": "Ask for changes"},
    "submit": {"type": "plain_text", "text": "Send"},
    "blocks": [{"type": "input", "block_id": "why", "label": LABEL, "element": WORDS}],
}


def bolt_app(slack: Served) -> AsyncApp:
    """Answers a mention with a button, the button with a modal, the modal in the thread."""
    client = AsyncWebClient(slack.config.bot_token, base_url=f"{slack.config.public_url}/api/")
    app = AsyncApp(signing_secret=slack.config.signing_secret, client=client)

    @app.event("app_mention")
    async def mentioned(event: dict[str, Any], client: AsyncWebClient) -> None:
        await client.chat_postMessage(channel=event["channel"], thread_ts=event["ts"], text="card", blocks=ACTIONS)

    @app.event("message")
    async def message() -> None:
        pass

    @app.action("merge")
    async def merge(ack: Any, body: dict[str, Any], client: AsyncWebClient) -> None:
        await ack()
        where = {"channel": body["channel"]["id"], "thread": body["message"]["thread_ts"]}
        view = MODAL | {"private_metadata": f"{where['channel']} {where['thread']}"}
        await client.views_open(trigger_id=body["trigger_id"], view=view)

    @app.view("changes")
    async def changes(ack: Any, view: dict[str, Any], client: AsyncWebClient) -> None:
        words = view["state"]["values"]["why"]["words"]["value"]
        if words == "bad":
            await ack(response_action="errors", errors={"why": "Say more."})
            return
        await ack()
        channel, thread = view["private_metadata"].split()
        await client.chat_postMessage(channel=channel, thread_ts=thread, text=f"noted: {words}")

    @app.shortcut("make_change")
    async def make_change(ack: Any, body: dict[str, Any], respond: Any) -> None:
        await ack()
        await respond(text=f"on it: {body['message']['text']}", response_type="ephemeral")

    @app.command("/shipmate")
    async def command(ack: Any, body: dict[str, Any]) -> None:
        await ack(f"you said {body['text']}")

    return app


def tell_the_story(slack: Served) -> None:
    """A mention, a tap, a modal refused and accepted, a shortcut and a command."""
    phone = slack.phone
    asked = phone.say("ana", "#till", "@Shipmate make the total include tax")
    thread = phone.wait_for(lambda: t if len(t := phone.thread("#till", asked["ts"])) == 2 else None)
    assert phone.press("ana", "#till", thread[1]["ts"], "merge")["ok"]
    view = phone.wait_for(lambda: phone.views("ana"))[0]
    assert phone.submit("ana", view["id"], {})["errors"] == {"why": "Please complete this required field."}
    assert phone.submit("ana", view["id"], {"words": "bad"})["errors"] == {"why": "Say more."}
    assert phone.submit("ana", view["id"], {"words": "rounder corners"}) == {"ok": True, "closed": True}
    assert phone.views("ana") == []
    phone.wait_for(lambda: [m for m in phone.thread("#till", asked["ts"]) if m["text"] == "noted: rounder corners"])
    assert phone.shortcut("ben", "#till", asked["ts"])["ok"]
    whispers = phone.wait_for(lambda: phone.ephemerals("ben"))
    assert whispers[0]["text"] == "on it: <@U0SHIPMATE> make the total include tax"
    assert phone.command("ben", "#till", "/shipmate", "help")["ok"]
    assert phone.ephemerals("ben")[-1]["text"] == "you said help"


@pytest.fixture
def run_in_thread() -> Any:
    """Run a coroutine function in a loop of its own until the test ends."""
    ended: list[tuple[asyncio.AbstractEventLoop, threading.Thread, asyncio.Event]] = []

    def run(main: Any) -> None:
        loop, stop = asyncio.new_event_loop(), asyncio.Event()
        thread = threading.Thread(target=lambda: loop.run_until_complete(main(stop)), daemon=True)
        thread.start()
        ended.append((loop, thread, stop))

    yield run
    for loop, thread, stop in ended:
        loop.call_soon_threadsafe(stop.set)
        thread.join(60)
        assert not thread.is_alive()


def test_bolt_over_http_hears_and_answers_everything(start: Starter, run_in_thread: Any, unused_port: int) -> None:
    slack = start(events_url=f"http://127.0.0.1:{unused_port}/slack/events")
    handler = AsyncSlackRequestHandler(bolt_app(slack))

    async def events(request: Request) -> Response:
        return await handler.handle(request)

    web = Starlette(routes=[Route("/slack/events", events, methods=["POST"])])
    server = uvicorn.Server(uvicorn.Config(web, port=unused_port, log_level="warning"))

    async def main(stop: asyncio.Event) -> None:
        serving = asyncio.create_task(server.serve())
        await stop.wait()
        server.should_exit = True
        await serving

    run_in_thread(main)
    slack.phone.wait_for(lambda: server.started)
    tell_the_story(slack)


def test_bolt_over_socket_mode_hears_and_answers_everything(start: Starter, run_in_thread: Any) -> None:
    slack = start(events_url=None)

    async def main(stop: asyncio.Event) -> None:
        handler = AsyncSocketModeHandler(bolt_app(slack), slack.config.app_token)
        await handler.connect_async()  # type: ignore[no-untyped-call]  # the library has no types here
        await stop.wait()
        await handler.close_async()  # type: ignore[no-untyped-call]  # likewise

    run_in_thread(main)
    phone = slack.phone
    phone.wait_for(lambda: phone.sockets() == 1)
    tell_the_story(slack)
    assert phone.disconnect_sockets() == 1
    phone.wait_for(lambda: phone.sockets() == 1, what="the app's new connection")
