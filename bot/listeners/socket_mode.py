"""Socket Mode: the same deliveries over a connection that we open, for hosts that Slack cannot reach.

Law: an envelope is acknowledged only after `Intake` has kept it; Slack sends an unacknowledged one again.
"""

from __future__ import annotations

import asyncio

import structlog
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.listeners.intake import Intake

log = structlog.get_logger("slack")


class SocketMode:
    """One connection, made on a running loop.

    The client reconnects by itself once it was connected; the first time is ours to repeat.
    """

    def __init__(self, take_in: Intake, app_token: str, client: AsyncWebClient) -> None:
        self._take_in = take_in
        self._socket = SocketModeClient(app_token=app_token, web_client=client)
        self._socket.socket_mode_request_listeners.append(self.hear)

    async def connect(self) -> None:
        """Return once it is connected."""
        pause = 1.0
        while True:
            try:
                await self._socket.connect()  # type: ignore[no-untyped-call]  # Slack's SDK leaves it untyped
            except Exception as error:  # Slack keeps what it could not deliver, so waiting loses nothing
                log.warning("socket_not_connected", error=repr(error)[:200])
                await asyncio.sleep(pause)
                pause = min(pause * 2, 30.0)
            else:
                log.info("socket_connected")
                return

    async def hear(self, socket: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        """Take one envelope in, and acknowledge it where it was taken."""
        status, _text = await self._take_in(request.payload)
        if status == 200:
            await socket.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id))

    async def close(self) -> None:
        """Close the connection for good."""
        await self._socket.close()  # type: ignore[no-untyped-call]  # Slack's SDK leaves it untyped
