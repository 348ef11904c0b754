"""The usual Slack bot with a queue: Bolt's AsyncApp publishes a Celery task before it answers.

Law: it is written to do well. One warm connection from Celery's own pool, no result backend, the event parsed once by
Bolt, `process_before_response` as Bolt documents it for work that must not be lost. `--insert` is the other usual way:
one committed SQLite row per event instead of the task, on a connection that stays open.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import uvicorn
from celery import Celery
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

QUEUE = "bench-intake"
Body = dict[str, Any]


def publisher(redis_url: str) -> Callable[[Body], object]:
    """Return `task.delay` on a warm connection."""
    celery = Celery("peer", broker=redis_url)
    celery.conf.update(task_ignore_result=True, task_default_queue=QUEUE, broker_connection_retry_on_startup=True)

    @celery.task(name="peer.handle")  # type: ignore[untyped-decorator]  # celery has no types
    def handle(_event_id: str, _event: Body) -> None:
        raise AssertionError("nobody consumes this queue")

    handle.delay("warm", {})

    def publish(body: Body) -> object:
        return handle.delay(body["event_id"], body["event"])

    return publish


def inserter(path: Path) -> Callable[[Body], None]:
    """Return one committed row per event, as durable as ours (write-ahead log, full synchronisation)."""
    database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=10000"):
        database.execute(f"PRAGMA {pragma}").close()
    database.execute(
        "CREATE TABLE IF NOT EXISTS deliveries (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, body BLOB NOT NULL,"
        " received_at REAL NOT NULL)"
    ).close()

    def insert(body: Body) -> None:
        row = (body["event_id"], json.dumps(body).encode(), time.time())
        statement = "INSERT INTO deliveries (key, body, received_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
        database.execute(statement, row).close()

    return insert


def create(secret: str, keep: Callable[[Body], object]) -> Starlette:
    """Return the web application around Bolt; `keep` is what happens before the answer."""

    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(
            enterprise_id=None,
            team_id="T0PLAYGRND",
            bot_token="xoxb-peer",
            bot_user_id="U0SHIPMATE",
            bot_id="B0SHIPMATE",
        )

    app = AsyncApp(signing_secret=secret, authorize=authorize, process_before_response=True)

    @app.event("app_mention")
    @app.event("message")
    async def heard(body: Body) -> None:
        keep(body)

    handler = AsyncSlackRequestHandler(app)

    async def slack(request: Request) -> Response:
        return await handler.handle(request)

    async def healthz(_request: Request) -> Response:
        return PlainTextResponse("ok")

    return Starlette(routes=[Route("/slack/events", slack, methods=["POST"]), Route("/healthz", healthz)])


def main() -> None:
    """Serve on 127.0.0.1 with uvicorn, as the bot is served."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--secret-file", type=Path, required=True)
    way = parser.add_mutually_exclusive_group(required=True)
    way.add_argument("--redis-url-file", type=Path)
    way.add_argument("--insert", type=Path)
    asked = parser.parse_args()
    keep = inserter(asked.insert) if asked.insert else publisher(asked.redis_url_file.read_text())
    web = create(asked.secret_file.read_text(), keep)
    uvicorn.run(web, host="127.0.0.1", port=asked.port, log_config=None, access_log=False, server_header=False)


if __name__ == "__main__":
    main()
