"""Socket Mode: envelopes over a WebSocket, each acknowledged by its id.

Law: one connection gets each envelope; one that is not acknowledged in time is a failed delivery and comes again.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import time
import uuid
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from playground.slack.request_url import Outcome

MOST_CONNECTIONS = 10
TICKET_SECONDS = 30
TYPES = {"event": "events_api", "interactive": "interactive", "slash_commands": "slash_commands"}


class SocketHub:
    """The app's open connections."""

    def __init__(self, app_id: str) -> None:
        self._app_id = app_id
        self._tickets: dict[str, float] = {}
        self._open: list[WebSocket] = []
        self._acks: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._turn = 0

    @property
    def connected(self) -> int:
        return len(self._open)

    def ticket(self) -> str:
        """Return a ticket for one connection, good for half a minute."""
        made = secrets.token_urlsafe(24)
        self._tickets[made] = time.monotonic() + TICKET_SECONDS
        return made

    async def serve(self, socket: WebSocket) -> None:
        """Serve the `/link` endpoint."""
        expiry = self._tickets.pop(socket.query_params.get("ticket", ""), 0.0)
        if expiry < time.monotonic() or self.connected >= MOST_CONNECTIONS:
            await socket.close(1008)
            return
        await socket.accept()
        debug = {"host": "playground", "build_number": 1, "approximate_connection_time": 18060}
        hello = {"type": "hello", "num_connections": self.connected + 1, "debug_info": debug}
        await socket.send_json(hello | {"connection_info": {"app_id": self._app_id}})
        self._open.append(socket)
        try:
            while True:
                self._acknowledge(await socket.receive_text())
        except WebSocketDisconnect:
            pass
        finally:
            if socket in self._open:
                self._open.remove(socket)

    def _acknowledge(self, text: str) -> None:
        try:
            said = json.loads(text)
        except ValueError:
            return
        if isinstance(said, dict):
            waiting = self._acks.get(str(said.get("envelope_id")))
            if waiting and not waiting.done():
                payload = said.get("payload")
                waiting.set_result(payload if isinstance(payload, dict) else {})

    async def send(self, kind: str, body: dict[str, Any], retry: int, reason: str, seconds: float) -> Outcome:
        """Send one envelope and wait for its acknowledgement."""
        key = str(uuid.uuid4())
        envelope = {
            "envelope_id": key,
            "type": TYPES[kind],
            "payload": body,
            "accepts_response_payload": kind != "event",
        }
        if kind == "event":
            envelope |= {"retry_attempt": retry, "retry_reason": {"http_timeout": "timeout"}.get(reason, reason)}
        self._turn += 1
        socket = self._open[self._turn % len(self._open)]
        waiting: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._acks[key] = waiting
        try:
            await socket.send_json(envelope)
            payload = await asyncio.wait_for(waiting, seconds)
        except TimeoutError:
            return Outcome(reason="http_timeout")
        except (RuntimeError, WebSocketDisconnect):
            return Outcome(reason="connection_failed")
        finally:
            self._acks.pop(key, None)
        return Outcome(200, "", json.dumps(payload).encode() if payload else b"", {"content-type": "application/json"})

    async def disconnect(self, reason: str) -> int:
        """Ask every connection to connect again (`warning`, `refresh_requested`) or go (`link_disabled`)."""
        leaving = list(self._open)
        for socket in leaving:
            if reason != "warning":
                self._open.remove(socket)
            try:
                await socket.send_json({"type": "disconnect", "reason": reason, "debug_info": {"host": "playground"}})
                if reason != "warning":
                    await socket.close(1000)
            except (RuntimeError, WebSocketDisconnect):
                continue
        return len(leaving)
