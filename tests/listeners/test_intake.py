"""One way in: whatever arrives by Socket Mode is kept, acknowledged and dealt with as what arrives by HTTP."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from bot.listeners.app import create_bolt
from bot.listeners.dispatch import Dispatcher
from bot.listeners.intake import Intake
from bot.listeners.socket_mode import SocketMode
from bot.store import StoreDown
from tests.listeners.world import CHANNEL, World
from tests.web.posting import event


class Line:
    """Remembers which envelopes were acknowledged, and how."""

    def __init__(self) -> None:
        self.acknowledged: list[tuple[str, object]] = []

    async def send_socket_mode_response(self, response: SocketModeResponse) -> None:
        self.acknowledged.append((response.envelope_id, response.payload))


def hears(here: World, *payloads: dict[str, Any]) -> list[tuple[str, object]]:
    """What is acknowledged of envelopes "0", "1" ..., once everything they started has ended."""
    line = Line()

    async def talk() -> None:
        take_in = Intake(here.services, Dispatcher(create_bolt(here.services), here.services))
        mode = SocketMode(take_in, "xapp-test", here.services.client)
        for n, payload in enumerate(payloads):
            request = SocketModeRequest(type="events_api", envelope_id=str(n), payload=payload)
            await mode.hear(line, request)  # type: ignore[arg-type]  # only asked to answer
        while here.services.in_flight:
            await asyncio.sleep(0.01)
        await mode.close()

    asyncio.run(talk())
    return line.acknowledged


def command(here: World, text: str) -> dict[str, Any]:
    me = here.services.identity
    return {
        "command": "/shipmate",
        "text": text,
        "user_id": "U0ANA00001",
        "channel_id": CHANNEL,
        "team_id": me.team_id,
        "trigger_id": f"trigger-{text}",
    }


def test_a_message_by_socket_mode_starts_a_change_once(here: World) -> None:
    said = event(here, "1600000500.000100")
    assert hears(here, said, said) == [("0", None), ("1", None)]
    change = here.soon(lambda: here.change_at("1600000500.000100"))
    assert here.journal(change) == ["moved"]


def test_a_command_by_socket_mode_is_kept_acknowledged_and_answered(here: World) -> None:
    with here.whispers("ana") as whispered:
        assert hears(here, command(here, "help")) == [("0", None)]
        assert "Tell me what to change" in whispered()
    with here.store.engine.connect() as connection:
        found = connection.exec_driver_sql("SELECT body FROM deliveries WHERE key = 'command:trigger-help'").all()
    assert len(found) == 1


def test_what_cannot_be_kept_is_not_acknowledged(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*_args: object) -> None:
        raise StoreDown("disk full")

    with monkeypatch.context() as patched:
        patched.setattr(here.store.deliveries, "_commit", down)
        assert hears(here, event(here, "1600000501.000100"), command(here, "status")) == []
    assert here.change_at("1600000501.000100") is None


def test_until_we_know_who_we_are_nothing_is_acknowledged(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(here.services.identity, "team_id", "")
        assert hears(here, event(here, "1600000502.000100")) == []


def test_what_nobody_listens_for_is_acknowledged_and_over(here: World) -> None:
    shortcut = {"type": "message_action", "callback_id": "unknown", "trigger_id": "trigger-unknown"}
    assert hears(here, shortcut) == [("0", None)]
