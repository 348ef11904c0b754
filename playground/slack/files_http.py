"""Bytes of files over HTTP: the upload URL, the private download, and response URLs.

Law: a private file without the right token is Slack's sign-in page, as HTML with status 200, never the file.
"""

from __future__ import annotations

import json
import secrets
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from playground.slack.blockkit import block_problems
from playground.slack.parts import Parts
from playground.slack.state import Doc
from playground.slack.views import with_ids
from playground.slack.web_api.files import LARGEST
from playground.slack.workspace import bot_message

SHOWN_INLINE = {"image/png", "image/jpeg", "image/gif", "image/webp"}
RESPONSE_KEYS = {
    "text",
    "blocks",
    "response_type",
    "replace_original",
    "delete_original",
    "thread_ts",
    "mrkdwn",
    "attachments",
}
RESPONSE_KEYS |= {"unfurl_links", "unfurl_media", "metadata"}


async def take_upload(request: Request) -> Response:
    """POST /upload/v1/{key}: the bytes themselves."""
    parts: Parts = request.app.state.parts
    doc = parts.state.get("file", request.path_params["key"])
    if doc is None or not doc.get("pending"):
        return PlainTextResponse("not found", 404)
    if int(request.headers.get("content-length") or 0) > LARGEST + 100_000:
        return PlainTextResponse("too large", 413)
    if request.headers.get("content-type", "").startswith("multipart/"):
        return PlainTextResponse("send the bytes themselves", 415)
    content = await request.body()
    if len(content) != doc["size"]:
        return PlainTextResponse("length mismatch", 400)
    parts.state.put_blob(doc["id"], content)
    return PlainTextResponse(f"OK - {len(content)}")


async def private_file(request: Request) -> Response:
    """GET /files-pri/…: with the bot's token and files:read, or with the page's key."""
    parts: Parts = request.app.state.parts
    doc = parts.state.get("file", request.path_params["key"])
    token = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
    of_the_bot = token == parts.config.bot_token and "files:read" in parts.config.scopes
    of_the_page = secrets.compare_digest(request.query_params.get("page", ""), parts.page_key)
    if not (of_the_bot or of_the_page):
        return HTMLResponse("<!doctype html><title>Sign in</title><p>Sign in to see this file.</p>")
    content = parts.state.blob(doc["id"]) if doc and not doc.get("pending") else None
    if doc is None or content is None:
        return PlainTextResponse("not found", 404)
    kind = doc["mimetype"]
    safe = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox"}
    if kind not in SHOWN_INLINE:
        safe["Content-Disposition"] = f'attachment; filename="{doc["id"]}"'
    return Response(content, media_type=kind, headers=safe)


async def respond(request: Request) -> Response:
    """POST /actions/{team}/{key}: what the app says through a response_url."""
    parts: Parts = request.app.state.parts
    try:
        body = json.loads(await request.body() or b"{}")
    except ValueError:
        return PlainTextResponse("invalid_payload", 400)
    if not isinstance(body, dict) or not set(body) <= RESPONSE_KEYS:
        return PlainTextResponse("invalid_payload", 400)
    if body.get("blocks") and block_problems(body["blocks"]):
        return PlainTextResponse("invalid_blocks", 400)
    target = parts.tokens.use_response_url(request.path_params["key"])
    if isinstance(target, str):
        return PlainTextResponse(target, 404)
    channel = parts.state.get("channel", target["channel"])
    if channel is None:
        return PlainTextResponse("channel_not_found", 404)
    problem = _say(parts, channel, target, body)
    return PlainTextResponse(problem or "ok", 400 if problem else 200)


def _say(parts: Parts, channel: Doc, target: Doc, body: dict[str, Any]) -> str:
    """Do what the app asked for; Slack's error word, or '' when done."""
    ts, whispered = target["message_ts"], target["ephemeral"]
    if body.get("delete_original") or body.get("replace_original"):
        if ts is None:
            return "no_original"
        if whispered:
            parts.workspace.unwhisper(channel["id"], target["user"], ts)
        elif body.get("delete_original"):
            parts.workspace.delete(channel, ts)
    if body.get("delete_original"):
        return ""
    if not body.get("text") and not body.get("blocks"):
        return "no_text"
    fields: Doc = {"text": body.get("text") or "", "blocks": with_ids(body["blocks"]) if body.get("blocks") else None}
    if body.get("replace_original") and not whispered:
        parts.workspace.edit(channel, ts, fields, parts.config.bot_user_id)
        return ""
    message = bot_message(parts.config, {key: value for key, value in fields.items() if value is not None})
    thread = body.get("thread_ts") or target["thread_ts"]
    if body.get("response_type") == "in_channel":
        parts.workspace.post(channel, message, thread)
    else:
        parts.workspace.whisper(channel, target["user"], message, thread)
    return ""
