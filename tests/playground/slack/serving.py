"""A stand-in on a real socket, and the app's side of its deliveries."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import uvicorn
from slack_sdk import WebClient

from playground.slack import SlackPhone, SlackStandInConfig, create_app


@dataclass
class Served:
    """A running stand-in: stop it, and start it again on the same state."""

    config: SlackStandInConfig
    listening: socket.socket
    server: uvicorn.Server | None = None
    thread: threading.Thread | None = None

    def start(self) -> None:
        app = create_app(self.config)
        self.server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1))
        self.thread = threading.Thread(target=self.server.run, kwargs={"sockets": [self.listening.dup()]}, daemon=True)
        self.thread.start()
        deadline = time.monotonic() + 60
        while not self.server.started:
            assert time.monotonic() < deadline, "the stand-in did not start"
            time.sleep(0.01)

    def stop(self) -> None:
        assert self.server
        assert self.thread
        self.server.should_exit = True
        self.thread.join(60)
        assert not self.thread.is_alive()

    @property
    def phone(self) -> SlackPhone:
        return SlackPhone(self.config.public_url)

    def web(self, token: str | None = None) -> WebClient:
        return WebClient(token or self.config.bot_token, base_url=f"{self.config.public_url}/api/", retry_handlers=[])


@dataclass
class RequestUrl:
    """The app's side: every delivery it got, and how it answers the next ones."""

    url: str = ""
    got: list[dict[str, Any]] = field(default_factory=list)
    answer: Callable[[dict[str, Any]], tuple[int, Any]] = lambda delivery: (200, None)

    def events(self, kind: str) -> list[dict[str, Any]]:
        found = [one["body"]["event"] for one in self.got if one["body"].get("type") == "event_callback"]
        return [event for event in found if event["type"] == kind]

    def interactions(self, kind: str) -> list[dict[str, Any]]:
        return [one["body"] for one in self.got if one["body"].get("type") == kind]


def recording_server(recorder: RequestUrl) -> ThreadingHTTPServer:
    """Serve the request URL on a free port; the caller runs and closes it."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers["Content-Type"] == "application/json":
                body = json.loads(raw)
            else:
                form = {key: values[0] for key, values in parse_qs(raw.decode(), keep_blank_values=True).items()}
                body = json.loads(form["payload"]) if "payload" in form else form
            delivery = {"headers": {k.lower(): v for k, v in self.headers.items()}, "raw": raw, "body": body}
            recorder.got.append(delivery)
            status, said = recorder.answer(delivery)
            content = b"" if said is None else json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    recorder.url = f"http://127.0.0.1:{server.server_port}/slack/events"
    return server


Starter = Callable[..., Served]
