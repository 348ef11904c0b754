"""`/_control`: how tests and the demo steer the stand-in. Not part of the real API; JSON in and out, no key."""

from __future__ import annotations

import re
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from playground.claude.faults import Fault
from playground.claude.state import State

LOCAL = ("127.0.0.1", "::1", "testclient")


def control_routes(state: State) -> list[Route]:
    """Return the control routes over `state`; they answer callers on this machine only."""

    async def add_fault(request: Request) -> Response:
        try:
            data = dict(await request.json())
            times = int(data.pop("times", 1))
            fault = Fault(**data)
        except (TypeError, ValueError, re.error) as error:
            return JSONResponse({"error": str(error)}, status_code=422)
        state.add_fault(fault.as_json(), times)
        return JSONResponse({"ok": True}, status_code=201)

    async def list_faults(_request: Request) -> Response:
        return JSONResponse({"faults": [{**fault, "times": left} for _, left, fault in state.faults()]})

    async def clear_faults(_request: Request) -> Response:
        state.clear_faults()
        return JSONResponse({"ok": True})

    async def list_calls(_request: Request) -> Response:
        return JSONResponse({"calls": state.calls()})

    async def clear_calls(_request: Request) -> Response:
        state.clear_calls()
        return JSONResponse({"ok": True})

    async def usage(_request: Request) -> Response:
        return JSONResponse(total_usage(state.calls()))

    async def turn_delay(request: Request) -> Response:
        try:
            milliseconds = int((await request.json())["ms"])
        except (TypeError, ValueError, KeyError):
            return JSONResponse({"error": "ms: a number of milliseconds"}, status_code=422)
        state.put("turn_delay_ms", str(max(0, milliseconds)))
        return JSONResponse({"ok": True})

    table = [
        ("/_control/faults", add_fault, "POST"),
        ("/_control/faults", list_faults, "GET"),
        ("/_control/faults", clear_faults, "DELETE"),
        ("/_control/calls", list_calls, "GET"),
        ("/_control/calls", clear_calls, "DELETE"),
        ("/_control/usage", usage, "GET"),
        ("/_control/turn_delay", turn_delay, "PUT"),
    ]
    return [Route(path, _local_only(endpoint), methods=[method]) for path, endpoint, method in table]


def _local_only(endpoint: Any) -> Any:
    async def guarded(request: Request) -> Response:
        if request.client is None or request.client.host not in LOCAL:
            return JSONResponse({"error": "the control routes answer this machine only"}, status_code=403)
        answer: Response = await endpoint(request)
        return answer

    return guarded


def total_usage(calls: list[dict[str, Any]]) -> dict[str, int]:
    """Return sums over all calls that were answered: calls, input tokens by kind, output tokens."""
    names = ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens", "output_tokens")
    answered = [call for call in calls if call["outcome"] == "answered"]
    return {
        "calls": len(answered),
        **{name: sum(int(call["usage"].get(name, 0)) for call in answered) for name in names},
    }
