"""The tests' hand on the workspace: everything a person can do, a look at everything, and misbehaviour to order.

Law: served to this machine alone; nothing an app under test does may depend on it.
"""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from playground.slack.acts import ACTS, Refused, perform, person, press_payload, room
from playground.slack.parts import Parts
from playground.slack.phone_api import json_body, refusal, same_origin
from playground.slack.state import Doc


def from_here(request: Request) -> bool:
    """Asked from this machine, under a name of this machine."""
    host = (request.headers.get("host") or "").rsplit(":", 1)[0].strip("[]")
    try:
        near = request.client is not None and ipaddress.ip_address(request.client.host).is_loopback
        named = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
    return near and named and same_origin(request)


async def ask(request: Request) -> Response:
    """GET /_control/{name}."""
    if not from_here(request):
        return JSONResponse({"ok": False, "error": "only from this machine"}, 403)
    look = LOOKS.get(request.path_params["name"])
    if look is None:
        return JSONResponse({"ok": False, "error": f"looks: {', '.join(sorted(LOOKS))}"}, 404)
    try:
        return JSONResponse({"ok": True} | look(request.app.state.parts, dict(request.query_params)))
    except Refused as problem:
        return refusal(problem)


async def do(request: Request) -> Response:
    """POST /_control/{name} with a JSON object."""
    if not from_here(request):
        return JSONResponse({"ok": False, "error": "only from this machine"}, 403)
    parts: Parts = request.app.state.parts
    name = request.path_params["name"]
    try:
        body = await json_body(request)
        if name in ACTS:
            return JSONResponse(await perform(parts, name, body))
        if name == "interact":
            outcome = await parts.deliveries.interaction(str(body.get("kind", "interactive")), body["payload"])
            return JSONResponse(
                {"ok": outcome.ok, "status": outcome.status, "reason": outcome.reason, "answer": outcome.json()}
            )
        if name == "socket":
            return JSONResponse(
                {"ok": True, "asked": await parts.sockets.disconnect(str(body.get("reason", "refresh_requested")))}
            )
        order = ORDERS.get(name)
        if order is None:
            return JSONResponse({"ok": False, "error": f"orders: {', '.join(sorted((*ORDERS, *ACTS)))}"}, 404)
        return JSONResponse({"ok": True} | order(parts, body))
    except Refused as problem:
        return refusal(problem)
    except (KeyError, TypeError, ValueError) as problem:
        return refusal(Refused(f"{type(problem).__name__}: {problem}"))


def _messages(parts: Parts, query: Doc) -> Doc:
    channel = _any_room(parts, query)
    return {"messages": [parts.workspace.present(channel["id"], doc) for doc in parts.state.history(channel["id"])]}


def _thread(parts: Parts, query: Doc) -> Doc:
    channel = _any_room(parts, query)
    found = parts.state.thread(channel["id"], query.get("ts", ""))
    return {"messages": [parts.workspace.present(channel["id"], doc) for doc in found]}


def _any_room(parts: Parts, query: Doc) -> Doc:
    if query.get("as"):
        return room(parts, person(parts, query), query)
    found = parts.workspace.channel(query.get("channel", ""))
    if found is None:
        raise Refused(f"there is no conversation {query.get('channel')!r}")
    return found


def _ephemerals(parts: Parts, query: Doc) -> Doc:
    return {"messages": parts.state.ephemerals(person(parts, query)["id"])}


def _notifications(parts: Parts, query: Doc) -> Doc:
    return {"notifications": parts.state.notifications(person(parts, query)["id"])}


def _views(parts: Parts, query: Doc) -> Doc:
    user = person(parts, query)["id"]
    return {"stack": parts.views.stack(user), "home": parts.state.get("home", user)}


def _deliveries(parts: Parts, query: Doc) -> Doc:
    states = tuple(str(query.get("states") or "waiting,held,sending,delivered,failed").split(","))
    return {
        "deliveries": parts.state.deliveries(states),
        "sockets": parts.sockets.connected,
        "faults": parts.deliveries.settings(),
    }


def _calls(parts: Parts, _query: Doc) -> Doc:
    return {"calls": list(parts.calls)}


Look = Callable[[Parts, dict[str, Any]], Doc]
LOOKS: dict[str, Look] = {
    "messages": _messages,
    "thread": _thread,
    "ephemerals": _ephemerals,
    "notifications": _notifications,
    "views": _views,
    "deliveries": _deliveries,
    "calls": _calls,
}


def _fault(parts: Parts, body: Doc) -> Doc:
    parts.faults.add(**body)
    return {"faults": len(parts.faults.set)}


def _clear(parts: Parts, _body: Doc) -> Doc:
    parts.faults.set.clear()
    parts.deliveries.misbehave(repeat=1, jitter_ms=0, seed=0)
    parts.deliveries.release()
    return {}


def _misdeliver(parts: Parts, body: Doc) -> Doc:
    if not set(body) <= {"repeat", "jitter_ms", "seed", "hold"}:
        raise Refused("repeat, jitter_ms, seed, hold")
    parts.deliveries.misbehave(**body)
    return {"faults": parts.deliveries.settings()}


def _release(parts: Parts, _body: Doc) -> Doc:
    parts.deliveries.release()
    return {}


def _retry_now(parts: Parts, _body: Doc) -> Doc:
    parts.deliveries.retry_now()
    return {}


def _redeliver(parts: Parts, body: Doc) -> Doc:
    """Queue a copy of an earlier event delivery, same event_id."""
    states = ("waiting", "held", "delivered", "failed")
    found = [one for one in parts.state.deliveries(states) if one["id"] == body["id"] and one["kind"] == "event"]
    if not found:
        raise Refused("there is no such event delivery")
    parts.deliveries.event(found[0]["body"])
    return {}


def _event(parts: Parts, body: Doc) -> Doc:
    """Queue any Events API body as it is."""
    parts.deliveries.event(body["body"])
    return {}


def _user(parts: Parts, body: Doc) -> Doc:
    user = person(parts, body)
    changed = user | {"updated": int(time.time())} | body["fields"]
    parts.state.put("user", user["id"], changed)
    return {"user": changed}


def _members(parts: Parts, body: Doc) -> Doc:
    channel = _any_room(parts, {"channel": body["channel"]})
    gone, come = set(body.get("remove", [])), list(body.get("add", []))
    members = [member for member in channel["members"] if member not in gone] + come
    changed = channel | {"members": list(dict.fromkeys(members))}
    parts.state.put("channel", channel["id"], changed)
    return {"members": changed["members"]}


def _channel(parts: Parts, body: Doc) -> Doc:
    channel = _any_room(parts, {"channel": body["channel"]})
    changed = channel | body["fields"]
    parts.state.put("channel", channel["id"], changed)
    return {"channel": changed}


def _payload(parts: Parts, body: Doc) -> Doc:
    """Return the payload a tap would send, unsent: to be sent late, twice, or altered with `interact`."""
    return {"payload": press_payload(parts, body)}


Order = Callable[[Parts, Doc], Doc]
ORDERS: dict[str, Order] = {
    "fault": _fault,
    "clear": _clear,
    "misdeliver": _misdeliver,
    "release": _release,
    "retry_now": _retry_now,
    "redeliver": _redeliver,
    "event": _event,
    "user": _user,
    "members": _members,
    "channel": _channel,
    "payload": _payload,
}
