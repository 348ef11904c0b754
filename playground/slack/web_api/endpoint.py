"""The door of the Web API: reads the arguments, checks the token, and answers in Slack's way, always with HTTP 200.

Law: the token is looked at before anything else, the arguments before any effect.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from playground.slack import web_api
from playground.slack.faults import Cut, Dropped, Fault
from playground.slack.parts import Parts
from playground.slack.state import Doc
from playground.slack.web_api.registry import JSON_ARGUMENTS, METHODS, ApiError, Call, Method, invalid

__all__ = ["serve_method", "web_api"]

LARGEST_BODY = 2_000_000
CALLS_KEPT = 10_000


async def serve_method(request: Request) -> Response:
    """Serve `/api/{method}` by GET or POST."""
    parts: Parts = request.app.state.parts
    name = request.path_params["method"]
    fault = parts.faults.take(name)
    try:
        await parts.faults.before(fault)
        if fault and fault.kind in ("ratelimited", "error"):
            return _fault_answer(fault)
        answer = await _answer(request, parts, name)
        await parts.faults.after(fault)
    except Dropped:
        return Cutting()
    return answer


class Cutting(Response):
    """A response that resets the connection."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await Cut()(scope, receive, send)


def _fault_answer(fault: Fault) -> Response:
    if fault.kind == "ratelimited":
        body = {"ok": False, "error": "ratelimited"}
        return JSONResponse(body, 429, headers={"Retry-After": str(fault.retry_after)})
    return Response("upstream connect error", fault.status, media_type="text/plain")


async def _answer(request: Request, parts: Parts, name: str) -> Response:
    try:
        known = METHODS.get(name)
        if known is None:
            raise ApiError("unknown_method", req_method=name)
        args = await _arguments(request)
        _authorize(request, parts, known, args)
        if args.get("team_id") not in (None, "", parts.config.team_id):
            raise ApiError("team_access_not_granted")
        call = Call(parts, _checked(known, args))
        for scope in () if known.app_token else known.scopes:
            call.need(scope)
        parts.calls.append(name)
        del parts.calls[:-CALLS_KEPT]
        found = await known.handler(call)
    except ApiError as problem:
        return _json({"ok": False, "error": problem.word, **problem.extra}, parts)
    return _json({"ok": True, **found}, parts)


def _json(body: Doc, parts: Parts) -> Response:
    return JSONResponse(body, headers={"X-OAuth-Scopes": ",".join(sorted(parts.config.scopes))})


async def _arguments(request: Request) -> Doc:
    args: Doc = dict(request.query_params)
    content_type = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if int(request.headers.get("content-length") or 0) > LARGEST_BODY:
        raise ApiError("request_too_large")
    if content_type == "application/json":
        try:
            given = json.loads(await request.body() or b"{}")
        except ValueError:
            raise ApiError("invalid_json") from None
        if not isinstance(given, dict):
            raise ApiError("json_not_object")
        args |= given
    elif content_type == "application/x-www-form-urlencoded":
        args |= dict(parse_qsl((await request.body()).decode(errors="replace"), keep_blank_values=True))
    elif await request.body():
        raise ApiError("invalid_post_type")
    for key in JSON_ARGUMENTS & set(args):
        if isinstance(args[key], str):
            try:
                args[key] = json.loads(args[key]) if args[key] else None
            except ValueError:
                raise ApiError("invalid_blocks_format" if key == "blocks" else "invalid_json") from None
    return args


def _authorize(request: Request, parts: Parts, known: Method, args: Doc) -> None:
    header = request.headers.get("authorization", "")
    token = header.removeprefix("Bearer ").strip() if header.startswith("Bearer ") else args.get("token")
    config = parts.config
    if not token:
        raise ApiError("not_authed")
    if token not in (config.bot_token, config.app_token):
        raise ApiError("invalid_auth")
    if (token == config.app_token) != known.app_token:
        raise ApiError("not_allowed_token_type")


def _checked(known: Method, args: Doc) -> Doc:
    unknown = sorted(set(args) - known.arguments)
    if unknown:
        raise invalid(*(f"no such argument of {known.name}: {name} [json-pointer:/{name}]" for name in unknown))
    given = {key: value for key, value in args.items() if value is not None and key not in ("token", "team_id")}
    lacking = [name for name in known.required if given.get(name) in (None, "")]
    if lacking:
        raise invalid(*(f"missing required field: {name} [json-pointer:/{name}]" for name in lacking))
    return given
