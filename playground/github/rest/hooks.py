"""The app's own webhook: where it goes, what was delivered, and delivering again."""

from __future__ import annotations

from typing import Any

from ..api import Answer, Call, route
from ..errors import not_found
from ..store import Doc
from ..webhooks import listed


def _delivery(call: Call) -> Doc:
    found = call.hub.store.get("delivery", call.number("delivery_id"))
    if found is None:
        raise not_found()
    return found


@route("GET", "/app/hook/config", needs="app")
def hook_config(call: Call) -> Any:
    return {
        "content_type": "json", "insecure_ssl": "0", "secret": "********", "url": call.hub.config.webhook_url or "",
    }  # fmt: skip


@route("GET", "/app/hook/deliveries", needs="app")
def deliveries(call: Call) -> Answer:
    sent = call.hub.store.find("delivery", key="sent")[::-1]
    return call.page(sent, lambda it: listed(it, config=call.hub.config))


@route("GET", "/app/hook/deliveries/{delivery_id}", needs="app")
def delivery(call: Call) -> Any:
    return listed(_delivery(call), full=True, config=call.hub.config)


@route("POST", "/app/hook/deliveries/{delivery_id}/attempts", needs="app")
def redeliver(call: Call) -> Answer:
    call.hub.webhooks.redeliver(_delivery(call))
    return Answer({}, 202)
