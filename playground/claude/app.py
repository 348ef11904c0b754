"""The stand-in as a web application: `create_app(config)`, to be served by uvicorn on 127.0.0.1.

Order matters in `messages`: key, shape, signatures, faults, then usage and the script; a refused call costs nothing.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from playground.claude.config import ClaudeStandInConfig
from playground.claude.control import control_routes
from playground.claude.errors import ApiError, error_response, invalid, new_request_id, response_headers
from playground.claude.faults import refusal_of, spoil, take_fault
from playground.claude.models import MODELS, describe, find_model
from playground.claude.player import find_request, play
from playground.claude.prefix import digest, request_hash
from playground.claude.prompt_cache import account, count_input
from playground.claude.reply_message import compose
from playground.claude.request import canonical
from playground.claude.script import Script, ScriptError, load_scripts, read_script
from playground.claude.signatures import check_signatures
from playground.claude.state import State
from playground.claude.transport import MessageResponse
from playground.claude.validate_request import check_request

BUILT_IN_SCRIPTS = Path(__file__).parent / "scripts"
MAX_BODY_BYTES = 32 * 1024 * 1024
VERSIONS = ("2023-06-01", "2026-10-21")


def create_app(config: ClaudeStandInConfig) -> Starlette:
    """Yield the application. Raises ScriptError at once when a built-in or extra script cannot be read."""
    state = State(config.state_path)
    service = _Service(config, state)
    service.scripts()

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        state.close()

    return Starlette(
        routes=[
            Route("/v1/messages", service.messages, methods=["POST"]),
            Route("/v1/messages/count_tokens", service.count_tokens, methods=["POST"]),
            Route("/v1/models", service.list_models, methods=["GET"]),
            Route("/v1/models/{model_id}", service.get_model, methods=["GET"]),
            Route("/healthz", service.health, methods=["GET"]),
            *control_routes(state),
        ],
        exception_handlers={
            ApiError: _on_api_error,
            HTTPException: _on_http_error,
            ScriptError: _on_script_error,
            RecursionError: _on_deep_nesting,
            Exception: _on_bug,
        },
        lifespan=lifespan,
    )


def _on_api_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, ApiError)
    return error_response(error, new_request_id())


def _on_http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return error_response(
        ApiError(error.status_code, f"{request.method} {request.url.path}: {error.detail}"), new_request_id()
    )


def _on_script_error(_request: Request, error: Exception) -> Response:
    return error_response(ApiError(500, f"A script of the stand-in cannot be read: {error}"), new_request_id())


def _on_deep_nesting(_request: Request, _error: Exception) -> Response:
    return error_response(invalid("The request body is nested too deeply."), new_request_id())


def _on_bug(_request: Request, _error: Exception) -> Response:
    return error_response(ApiError(500, "The stand-in has a bug; its log has the details."), new_request_id())


class _Service:
    def __init__(self, config: ClaudeStandInConfig, state: State) -> None:
        self._config = config
        self._state = state
        self._built_in = load_scripts(BUILT_IN_SCRIPTS)
        self._read: dict[Path, tuple[tuple[int, int], Script]] = {}

    def scripts(self) -> list[Script]:
        extra = self._config.extra_scripts_dir
        paths = sorted(extra.glob("*.toml")) if extra is not None else []
        return [*(self._extra(path) for path in paths), *self._built_in]

    def _extra(self, path: Path) -> Script:
        """Return the script at `path`, read again only when the file changed."""
        status = path.stat()
        stamp = (status.st_mtime_ns, status.st_size)
        known = self._read.get(path)
        if known is None or known[0] != stamp:
            known = self._read[path] = (stamp, read_script(path))
        return known[1]

    async def messages(self, request: Request) -> Response:
        self._authenticate(request)
        body = await _json(request)
        asked = check_request(body, was_paused=self._was_paused)
        check_signatures(self._state.signing_key, asked)
        words, _ = find_request(asked.messages)
        reply = play(asked, self.scripts())
        call = self._state.open_call(
            self._config.clock(),
            request_hash=request_hash(asked),
            conversation=digest(*asked.messages[0].prints).hex()[:16],
            turn=asked.turn,
            model=asked.model.id,
            stream=asked.stream,
            script=reply.script,
        )
        fault = take_fault(self._state, asked.turn, words)
        refused = refusal_of(fault) if fault else None
        if fault is not None and refused is not None:
            self._state.close_call(call, fault.kind)
            raise refused
        usage = account(asked, self._state, self._config.clock())
        message = compose(asked, reply, usage, self._state.signing_key)
        if fault is not None:
            message = spoil(message, fault)
            if message["stop_reason"] == "pause_turn":
                self._state.put(_paused(message["content"]), "")

        def closed(ending: str) -> None:
            self._state.close_call(call, ending, message["id"], message["usage"])

        delay = int(self._state.get("turn_delay_ms", str(self._config.turn_delay_ms)))
        return MessageResponse(
            message, request_id=new_request_id(), stream=asked.stream, delay_ms=delay, fault=fault, closed=closed
        )

    async def count_tokens(self, request: Request) -> Response:
        self._authenticate(request)
        asked = check_request(await _json(request), counting=True)
        return _answer({"input_tokens": count_input(asked)})

    async def list_models(self, request: Request) -> Response:
        self._authenticate(request)
        data = [describe(model) for model in MODELS.values()]
        return _answer({"data": data, "has_more": False, "first_id": data[0]["id"], "last_id": data[-1]["id"]})

    async def get_model(self, request: Request) -> Response:
        self._authenticate(request)
        return _answer(describe(find_model(request.path_params["model_id"])))

    async def health(self, _request: Request) -> Response:
        return _answer({"ok": True})

    def _was_paused(self, content: object) -> bool:
        return self._state.get(_paused(content), "no") != "no"

    def _authenticate(self, request: Request) -> None:
        if request.headers.get("anthropic-version") not in VERSIONS:
            raise invalid(f"anthropic-version: header is required, one of {', '.join(VERSIONS)}")
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            key = request.headers.get("x-api-key", "")
        if not key:
            raise ApiError(401, "Authentication is required: send the API key as `Authorization: Bearer`.")
        if not hmac.compare_digest(key.strip().encode(), self._config.api_key.encode()):
            raise ApiError(401, "invalid API key")


def _paused(content: object) -> str:
    return f"paused {digest(canonical(content)).hex()}"


def _answer(body: dict[str, object]) -> JSONResponse:
    return JSONResponse(body, headers=response_headers(new_request_id()))


async def _json(request: Request) -> object:
    if "application/json" not in request.headers.get("content-type", ""):
        raise invalid("content-type: application/json is required")
    body = bytearray()
    try:
        async for part in request.stream():
            body += part
            if len(body) > MAX_BODY_BYTES:
                raise ApiError(413, "Request exceeds the maximum allowed number of bytes (32 MB).")
    except ClientDisconnect:
        raise invalid("The request body was not sent to its end.") from None
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise invalid("The request body is not valid JSON.") from None
