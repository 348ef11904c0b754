"""How a reply goes out: at once, slowly, or broken off in the ways that networks break.

Law: a call is logged as answered only after its last byte was handed over; a reader who left sees `cut`.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from playground.claude.errors import ApiError, error_body, response_headers
from playground.claude.faults import Fault
from playground.claude.stream import events, sse

BROKEN = ("drop_before_reply", "drop_stream", "end_stream_early", "error_event")


class MessageResponse(Response):
    """One message, as JSON or as events; `closed` is called with how it ended: answered, cut, or the fault's kind."""

    def __init__(
        self,
        message: dict[str, Any],
        *,
        request_id: str,
        stream: bool,
        delay_ms: int,
        fault: Fault | None,
        closed: Callable[[str], None],
    ) -> None:
        super().__init__(status_code=200)
        self._message = message
        self._request_id = request_id
        self._stream = stream
        self._delay = (delay_ms if fault is None or fault.kind != "slow" else fault.delay_ms) / 1000
        self._fault = fault
        self._closed = closed

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        ending = "cut"
        try:
            gone = asyncio.create_task(_until_gone(receive))
            sending = asyncio.create_task(self._send_stream(send) if self._stream else self._send_json(send))
            try:
                await asyncio.wait({gone, sending}, return_when=asyncio.FIRST_COMPLETED)
                if sending.done():
                    sending.result()
                    ending = "answered" if self._fault is None or self._fault.kind == "slow" else self._fault.kind
            finally:
                for task in (gone, sending):
                    task.cancel()
                await asyncio.gather(gone, sending, return_exceptions=True)
        finally:
            self._closed(ending)

    def _start(self, content_type: str, length: int | None = None) -> dict[str, Any]:
        headers = {**response_headers(self._request_id), "content-type": content_type}
        if length is not None:
            headers["content-length"] = str(length)
        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        return {"type": "http.response.start", "status": 200, "headers": raw}

    async def _send_json(self, send: Send) -> None:
        await asyncio.sleep(self._delay)
        body = json.dumps(self._message, ensure_ascii=False).encode()
        broken = self._fault is not None and self._fault.kind in BROKEN
        await send(self._start("application/json", len(body)))
        # Leaving the response unfinished makes the server close the connection: that is the fault.
        await send({"type": "http.response.body", "body": b"" if broken else body, "more_body": broken})

    async def _send_stream(self, send: Send) -> None:
        kind = self._fault.kind if self._fault else ""
        told = list(events(self._message))
        if self._fault is not None and kind in BROKEN:
            told = told[: 0 if kind == "drop_before_reply" else self._fault.after_events]
        pause = self._delay / max(len(told) - 1, 1)
        await send(self._start("text/event-stream; charset=utf-8"))
        for number, event in enumerate(told):
            if number:  # the first event tells at once that the call was taken
                await asyncio.sleep(pause)
            await send({"type": "http.response.body", "body": sse(event), "more_body": True})
        if kind in ("drop_before_reply", "drop_stream"):
            return
        last = b""
        if kind == "error_event":
            last = sse(error_body(ApiError(529, "Overloaded"), self._request_id))
        await send({"type": "http.response.body", "body": last, "more_body": False})


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
