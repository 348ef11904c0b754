"""What the phone page asks for and gets: its first look, a conversation, a thread, and the live stream.

Law: a page is a browser and so not trusted: requests come from the page's own origin and as JSON, or they are refused.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from playground.slack.acts import Refused, perform, person, room
from playground.slack.parts import Parts
from playground.slack.state import Doc

HEARTBEAT_SECONDS = 15
LOOK_UP_SECONDS = 0.3
LARGEST_BODY = 8_000_000
MOST_MESSAGES = 200


def same_origin(request: Request) -> bool:
    """Return whether the Origin is ours or absent (not a browser, or a plain GET)."""
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")


async def json_body(request: Request) -> Doc:
    """Return the body as a JSON object. Raises Refused."""
    if request.headers.get("content-type", "").split(";")[0] != "application/json" or not same_origin(request):
        raise Refused("only the page itself may do this")
    if int(request.headers.get("content-length") or 0) > LARGEST_BODY:
        raise Refused("that is too large")
    try:
        found = json.loads(await request.body() or b"{}")
    except ValueError:
        raise Refused("that is not JSON") from None
    if not isinstance(found, dict):
        raise Refused("that is not a JSON object")
    return found


def refusal(problem: Refused) -> Response:
    return JSONResponse({"ok": False, "error": str(problem)}, 400)


async def act(request: Request) -> Response:
    """POST /_phone/act/{name}: one act of one person."""
    try:
        return JSONResponse(
            await perform(request.app.state.parts, request.path_params["name"], await json_body(request))
        )
    except Refused as problem:
        return refusal(problem)


async def look(request: Request) -> Response:
    """GET /_phone/{what}?as=…: `boot`, `channel` or `thread`."""
    parts: Parts = request.app.state.parts
    query: dict[str, Any] = dict(request.query_params)
    try:
        user = person(parts, query)
        what = request.path_params["what"]
        if what == "boot":
            return JSONResponse(_boot(parts, user))
        channel = room(parts, user, query)
        if what == "channel":
            return JSONResponse(_channel(parts, user, channel))
        if what == "thread":
            return JSONResponse(_thread(parts, user, channel, str(query.get("ts", ""))))
    except Refused as problem:
        return refusal(problem)
    return JSONResponse({"ok": False, "error": "no such view"}, 404)


def _boot(parts: Parts, user: Doc) -> Doc:
    config = parts.config
    people = [_person(found) for found in parts.state.every("user")]
    rooms = [_room(parts, user, found) for found in parts.state.every("channel") if user["id"] in found["members"]]
    return {
        "ok": True,
        "me": user["id"],
        "bot": config.bot_user_id,
        "bot_name": config.bot_name,
        "team": config.team_name,
        "page_key": parts.page_key,
        "notice": config.notice,
        "suggestions": [asdict(suggestion) for suggestion in config.suggestions],
        "shortcuts": [asdict(shortcut) for shortcut in config.shortcuts],
        "commands": [asdict(command) for command in config.commands],
        "people": people,
        "channels": rooms,
        "stack": parts.views.stack(user["id"]),
        "home": parts.state.get("home", user["id"]),
    }


def _person(user: Doc) -> Doc:
    kept = ("id", "name", "real_name", "color", "is_bot", "is_restricted", "is_admin", "deleted")
    return {key: user[key] for key in kept} | {
        "title": user["profile"].get("title", ""),
        "stranger": bool(user.get("is_stranger")),
    }


def _room(parts: Parts, user: Doc, channel: Doc) -> Doc:
    last = parts.state.last_message(channel["id"])
    mark = (parts.state.get("read", f"{user['id']}/{channel['id']}") or {"ts": "0"})["ts"]
    concerning = [note for note in parts.state.notifications(user["id"]) if note["channel"] == channel["id"]]
    unread = sum(note["ts"] > mark for note in concerning)
    shown = {
        "id": channel["id"],
        "is_im": bool(channel.get("is_im")),
        "name": channel.get("name", parts.config.bot_name),
    }
    shown |= {"topic": channel.get("topic", {}).get("value", ""), "members": channel["members"], "unread": unread}
    return shown | {"last": parts.workspace.present(channel["id"], last) if last else None}


def _channel(parts: Parts, user: Doc, channel: Doc) -> Doc:
    found = parts.state.history(channel["id"])[-MOST_MESSAGES:]
    messages = [parts.workspace.present(channel["id"], doc) for doc in found]
    return {"ok": True, "messages": messages, "ephemerals": parts.state.ephemerals(user["id"], channel["id"])}


def _thread(parts: Parts, user: Doc, channel: Doc, ts: str) -> Doc:
    messages = [parts.workspace.present(channel["id"], doc) for doc in parts.state.thread(channel["id"], ts)]
    whispers = [doc for doc in parts.state.ephemerals(user["id"], channel["id"]) if doc.get("thread_ts") == ts]
    return {"ok": True, "messages": messages, "ephemerals": whispers}


async def stream(request: Request) -> Response:
    """GET /_phone/stream?as=…: everything this person may see, as it happens (server-sent events)."""
    parts: Parts = request.app.state.parts
    try:
        user = person(parts, dict(request.query_params))
    except Refused as problem:
        return refusal(problem)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_events(parts, user, _leaving(request)), media_type="text/event-stream", headers=headers)


def _leaving(request: Request) -> Callable[[], bool]:
    """Return whether the server is ending: uvicorn then takes back the connection's keep-alive and waits for the
    stream.
    """
    cycle = getattr(request.scope.get("server_send"), "__self__", None)
    kept_alive = getattr(cycle, "keep_alive", False)
    return lambda: bool(kept_alive and not getattr(cycle, "keep_alive", True))


async def _events(parts: Parts, user: Doc, leaving: Callable[[], bool]) -> AsyncIterator[str]:
    with parts.bus.listen() as queue:
        yield "retry: 1000\n: hello\n\n"
        quiet_since = time.monotonic()
        while not leaving():
            try:
                event = await asyncio.wait_for(queue.get(), LOOK_UP_SECONDS)
            except TimeoutError:
                if time.monotonic() - quiet_since > HEARTBEAT_SECONDS:
                    quiet_since = time.monotonic()
                    yield ": still here\n\n"
                continue
            if event is None:
                return
            if _may_see(parts, user, event):
                yield f"data: {json.dumps(event)}\n\n"


def _may_see(parts: Parts, user: Doc, event: Doc) -> bool:
    if event["to"] is not None:
        return bool(event["to"] == user["id"])
    channel = parts.state.get("channel", event.get("channel", ""))
    return channel is None or user["id"] in channel["members"]
