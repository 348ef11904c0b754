"""Outgoing webhooks: signed, sent once each, never retried by themselves, listed for redelivery.

Law: as with GitHub, a delivery that failed stays failed until a person asks for it again.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import random
import threading
import time
import uuid
from datetime import UTC, datetime
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from .config import GitHubStandInConfig
from .shapes.accounts import app_sender, user
from .shapes.repositories import repository
from .store import Doc, Store


class Webhooks:
    """One sending thread, so that order is the order of events unless a test asks for disorder."""

    def __init__(self, config: GitHubStandInConfig, store: Store) -> None:
        self.config = config
        self.store = store
        self.held = False
        self.repeat = 1
        self.shuffle_seed: int | None = None
        self._wake = threading.Event()
        self._stopping = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self._stopping = False
        self._thread = threading.Thread(target=self._send_forever, name="github-webhooks", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopping = True
        self._wake.set()
        if self._thread:
            self._thread.join(timeout=self.config.webhook_seconds + 1)

    def emit(self, event: str, action: str | None, repo: Doc | None, payload: Doc, sender: str) -> None:
        """Queue one event; the fields every payload shares are added here."""
        unasked = self.config.app and event not in {*self.config.app.events, "ping", "installation"}
        if self.config.webhook_url is None or unasked:
            return
        body: Doc = {"action": action} if action else {}
        body |= payload
        if repo is not None:
            body["repository"] = repository(self.config, repo)
        body["sender"] = app_sender(self.config) if sender == self.config.bot_login else user(self.config, sender)
        if self.config.app and "installation" not in body:
            body["installation"] = {"id": self.config.app.installation_id, "node_id": "MDIzOkludGVncmF0aW9u"}
        self.store.add(
            "delivery",
            {
                "guid": str(uuid.uuid4()), "event": event, "action": action, "redelivery": False,
                "payload": json.dumps(body), "repository_id": repo["id"] if repo else None, "delivered_at": None,
                "duration": 0.0, "status": "pending", "status_code": 0, "response": "",
            },
            key="pending",
        )  # fmt: skip
        self._wake.set()

    def redeliver(self, delivery: Doc) -> Doc:
        """Send an old delivery again under its own GUID, as a new entry of the list."""
        fresh = {**delivery, "redelivery": True, "status": "pending", "status_code": 0}
        made = self.store.add("delivery", fresh, key="pending")
        self._wake.set()
        return made

    def configure(self, *, held: bool | None = None, repeat: int | None = None, shuffle: int | None = None) -> None:
        """Misbehaviour: keep deliveries back, send each `repeat` times, shuffle each batch by a seed (0: in order)."""
        self.held = self.held if held is None else held
        self.repeat = self.repeat if repeat is None else max(1, repeat)
        if shuffle is not None:
            self.shuffle_seed = shuffle or None
        self._wake.set()

    def _send_forever(self) -> None:
        while not self._stopping:
            self._wake.wait(timeout=1.0)
            self._wake.clear()
            if self.held:
                continue
            pending = self.store.find("delivery", key="pending")
            batch = [delivery for delivery in pending for _ in range(self.repeat)]
            if self.shuffle_seed is not None:
                random.Random(self.shuffle_seed).shuffle(batch)
            for delivery in batch:
                if self._stopping or self.held:
                    break
                self._send(delivery)

    def _send(self, delivery: Doc) -> None:
        started = time.monotonic()
        status, answer = post(self.config, delivery)
        self.store.update(
            "delivery", delivery["id"], rekey="sent", status_code=status, response=answer,
            status="OK" if 200 <= status < 300 else answer or "failed", duration=round(time.monotonic() - started, 3),
            delivered_at=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        )  # fmt: skip


def request_headers(config: GitHubStandInConfig, delivery: Doc) -> dict[str, str]:
    """Return the headers of one delivery; the signature covers the body only, as GitHub's does."""
    body = delivery["payload"].encode()
    signature = hmac.new(config.webhook_secret.encode(), body, hashlib.sha256).hexdigest()
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "GitHub-Hookshot/standin",
        "X-GitHub-Delivery": delivery["guid"],
        "X-GitHub-Event": delivery["event"],
        "X-GitHub-Hook-ID": "4001",
        "X-GitHub-Hook-Installation-Target-Type": "integration" if config.app else "repository",
        "X-GitHub-Hook-Installation-Target-ID": str(config.app.app_id if config.app else delivery["repository_id"]),
    }
    if config.webhook_secret:
        headers["X-Hub-Signature-256"] = f"sha256={signature}"
    return headers


def post(config: GitHubStandInConfig, delivery: Doc) -> tuple[int, str]:
    """Send once. The receiver's status and the start of its answer; 0 and the reason when none came."""
    request = Request(  # noqa: S310 - the operator's own URL, from the configuration
        config.webhook_url or "", delivery["payload"].encode(), request_headers(config, delivery), method="POST"
    )
    try:
        with urlopen(request, timeout=config.webhook_seconds) as answer:  # noqa: S310 - as above
            return int(answer.status), answer.read(2000).decode(errors="replace")
    except HTTPError as refused:
        return refused.code, refused.read(2000).decode(errors="replace")
    except (OSError, HTTPException, ValueError) as broken:
        return 0, f"failed to connect to host: {type(broken).__name__}"


def listed(delivery: Doc, *, full: bool = False, config: GitHubStandInConfig | None = None) -> dict[str, Any]:
    """Return a delivery as `/app/hook/deliveries` shows it."""
    made: dict[str, Any] = {
        name: delivery[name] for name in ("id", "guid", "redelivery", "duration", "status", "status_code", "event")
    }
    made |= {
        "action": delivery["action"], "repository_id": delivery["repository_id"], "throttled_at": None,
        "delivered_at": delivery["delivered_at"] or "1970-01-01T00:00:00Z",
        "installation_id": config.app.installation_id if config and config.app else None,
    }  # fmt: skip
    if full and config is not None:
        made["url"] = config.webhook_url or ""
        made["request"] = {"headers": request_headers(config, delivery), "payload": json.loads(delivery["payload"])}
        made["response"] = {"headers": {}, "payload": delivery["response"]}
    return made
