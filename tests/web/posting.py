"""Plain HTTP, signed as Slack and GitHub sign, or not."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import http.client
import json
import time
from typing import Any
from urllib.parse import urlsplit

from tests.listeners.world import WEBHOOK_SECRET, World


def post(here: World, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, str]:
    """(status, text) of one POST."""
    parts = urlsplit(here.url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
    try:
        with contextlib.suppress(ConnectionError):  # it may have answered, and hung up, before it read all
            connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def slack_headers(here: World, body: bytes, *, secret: str | None = None, age: float = 0) -> dict[str, str]:
    """As Slack signs; `age` seconds ago."""
    stamp = str(int(time.time() - age))
    key = (secret or here.slack.config.signing_secret).encode()
    made = hmac.new(key, f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
    return {
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": f"v0={made}",
        "Content-Type": "application/json",
    }


def event(here: World, ts: str = "1600000100.000100", **fields: Any) -> dict[str, Any]:
    """A mention that would start a change."""
    said = {
        "type": "app_mention",
        "user": "U0ANA00001",
        "text": "<@U0SHIPMATE> do it",
        "ts": ts,
        "channel": "C0TILL0001",
    }
    made = {
        "type": "event_callback",
        "team_id": here.services.identity.team_id,
        "api_app_id": here.services.identity.app_id,
        "event_id": f"Ev{ts}",
        "event": said,
        "authorizations": [{"team_id": here.services.identity.team_id, "user_id": "U0SHIPMATE", "is_bot": True}],
    }
    return made | fields


def send_slack(here: World, content: Any, **signing: Any) -> tuple[int, str]:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return post(here, "/slack/events", body, slack_headers(here, body, **signing))


def send_github(
    here: World, content: Any, *, delivery: str = "", name: str = "check_run", secret: str = WEBHOOK_SECRET
) -> tuple[int, str]:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    made = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    headers = {"X-Hub-Signature-256": f"sha256={made}", "X-GitHub-Event": name, "Content-Type": "application/json"}
    return post(
        here, "/github/webhooks", body, headers | {"X-GitHub-Delivery": delivery or hashlib.md5(body).hexdigest()}
    )
