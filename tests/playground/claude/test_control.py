"""The control routes belong to this machine alone."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from playground.claude import ClaudeStandInConfig
from playground.claude.app import create_app


@pytest.mark.parametrize(("caller", "status"), [("127.0.0.1", 200), ("::1", 200), ("192.0.2.7", 403)])
def test_the_control_routes_answer_this_machine_only(config: ClaudeStandInConfig, caller: str, status: int) -> None:
    with TestClient(create_app(config), client=(caller, 5000)) as client:
        assert client.get("/_control/calls").status_code == status


def test_a_caller_from_elsewhere_may_still_use_the_api_itself(config: ClaudeStandInConfig) -> None:
    with TestClient(create_app(config), client=("192.0.2.7", 5000)) as client:
        headers = {"authorization": f"Bearer {config.api_key}", "anthropic-version": "2026-10-21"}
        assert client.get("/v1/models/claude-opus-5-5", headers=headers).status_code == 200
        assert client.get("/healthz").json() == {"ok": True}
