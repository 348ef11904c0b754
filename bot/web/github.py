"""`/github/webhooks`: hints that something happened at the forge.

Law: a webhook proves only that its sender knows the secret. It only makes a change ask GitHub sooner;
its headers (event name, delivery id) are not even signed.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import re
import time
from collections.abc import Iterator
from typing import Any

import structlog
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.domain.change import Change
from bot.listeners.services import Services
from bot.store import StoreDown
from bot.web.guard import DeliveryRefused, read_body

log = structlog.get_logger("webhooks")
MAX_BODY = 5 * 1024 * 1024
MAX_NAMED = 20
"""Pull requests and commits of one delivery that are looked up."""

_DELIVERY = re.compile(r"[0-9A-Za-z-]{8,64}")
_EVENT = re.compile(r"[a-z_]{1,40}")
_SHA = re.compile(r"[0-9a-f]{40,64}")
Json = dict[str, Any]


def routes(services: Services, secret: str | None) -> list[Route]:
    """Serve one address; without a secret every delivery is refused and polling does the work."""

    async def webhooks(request: Request) -> Response:
        began = time.perf_counter()
        try:
            key, body, content = await _accepted(request, secret)
        except DeliveryRefused as no:
            services.metrics.deliveries.labels("github", "refused").inc()
            peer = request.client.host if request.client else ""
            log.warning("github_delivery_refused", status=no.status, reason=no.reason, peer=peer)
            return PlainTextResponse(no.reason, no.status)
        if content.get("hook_id") is not None and "zen" in content:
            return PlainTextResponse("pong")
        try:
            kept = await services.store.deliveries.keep("github", key, body, {"content-type": "application/json"})
        except StoreDown as down:
            log.error("delivery_not_kept", source="github", error=str(down)[:200])
            services.metrics.deliveries.labels("github", "not_kept").inc()
            return PlainTextResponse("try again later", 503)
        services.metrics.seconds.labels("github").observe(time.perf_counter() - began)
        if not kept.new:
            services.metrics.deliveries.labels("github", "repeated").inc()
            return PlainTextResponse("known already")
        services.metrics.deliveries.labels("github", "kept").inc()
        return PlainTextResponse("noted", 202, background=BackgroundTask(_attend, services, kept.id, body))

    return [Route("/github/webhooks", webhooks, methods=["POST"])]


async def hint(services: Services, body: bytes) -> int:
    """Wake every change that the delivery may be about; how many there were."""
    content = json.loads(body)
    changes = await asyncio.to_thread(_about, services, content)
    for change in changes:
        if await asyncio.to_thread(services.store.nudge, change.id):
            services.bell.ring_lanes(change.id, {"build": 0.0})
    return len(changes)


async def _attend(services: Services, row: int, body: bytes) -> None:
    try:
        await hint(services, body)
    except StoreDown as down:  # the row stays open and is replayed
        log.error("hint_waits_for_store", error=str(down)[:200])
        return
    except Exception:
        log.exception("hint_failed")
    services.store.deliveries.done(row)


async def _accepted(request: Request, secret: str | None) -> tuple[str, bytes, Json]:
    if secret is None:
        raise DeliveryRefused(401, "webhooks are not set up here")
    body = await read_body(request.scope, request.receive, MAX_BODY)
    signatures = request.headers.getlist("x-hub-signature-256")
    made = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    if len(signatures) != 1 or not hmac.compare_digest(made.encode(), signatures[0].encode("utf-8", "replace")):
        raise DeliveryRefused(401, "the signature does not fit")
    key, event = request.headers.get("x-github-delivery", ""), request.headers.get("x-github-event", "")
    if not _DELIVERY.fullmatch(key) or not _EVENT.fullmatch(event):
        raise DeliveryRefused(400, "no delivery id, or no event name")
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != "application/json":
        raise DeliveryRefused(400, "set the webhook's content type to application/json")
    try:
        content = json.loads(body.decode())
    except (ValueError, RecursionError) as wrong:
        raise DeliveryRefused(400, "cannot be read") from wrong
    if not isinstance(content, dict):
        raise DeliveryRefused(400, "not an object")
    return key, body, content


def _about(services: Services, content: Json) -> list[Change]:
    repository = content.get("repository")
    full_name = repository.get("full_name") if isinstance(repository, dict) else None
    if not isinstance(full_name, str):
        return []
    served = {name.lower(): name for name in services.rules.repositories}.get(full_name.lower())
    if served is None:
        return []
    found: dict[str, Change] = {}
    for number in list(dict.fromkeys(numbers(content)))[:MAX_NAMED]:
        if change := services.store.changes.by_pull(served, number):
            found[change.id] = change
    for sha in list(dict.fromkeys(shas(content)))[:MAX_NAMED]:
        if change := services.store.changes.by_head(served, sha):
            found[change.id] = change
    return list(found.values())


def numbers(content: Json) -> Iterator[int]:
    """Yield numbers of the pull requests that a delivery names."""
    for name in ("pull_request", "issue", "check_run", "check_suite", "workflow_run"):
        part = content.get(name)
        if not isinstance(part, dict):
            continue
        pulls = part.get("pull_requests")
        for one in (part, *(pulls if isinstance(pulls, list) else ())):
            if isinstance(one, dict) and type(one.get("number")) is int and 0 < one["number"] < 2**31:
                yield one["number"]


def shas(content: Json) -> Iterator[str]:
    """Yield commits that a delivery names: heads, and what a push replaced."""
    parts = [content]
    for name in ("check_run", "check_suite", "workflow_run", "deployment", "workflow_job"):
        part = content.get(name)
        parts += [part] if isinstance(part, dict) else []
    pull = content.get("pull_request")
    head = pull.get("head") if isinstance(pull, dict) else None
    parts += [head] if isinstance(head, dict) else []
    for part in parts:
        for name in ("sha", "head_sha", "before", "after"):
            value = part.get(name)
            if isinstance(value, str) and _SHA.fullmatch(value):
                yield value
