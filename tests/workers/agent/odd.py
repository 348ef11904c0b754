"""A service that answers word for word what a test tells it, however odd: raw bytes on a socket of the loopback."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Event = dict[str, Any]


@dataclass(frozen=True)
class Canned:
    """One answer; a `broken` one promises more bytes than come."""

    body: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: {"content-type": "text/event-stream"})
    broken: bool = False


@dataclass
class Odd:
    """`answers` are given in order, the last one for ever; `asked` are the bodies of the requests."""

    address: str = ""
    answers: list[Canned] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)

    def next(self) -> Canned:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def odd_service() -> Iterator[Odd]:
    odd = Odd()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            odd.asked.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            said = odd.next()
            self.send_response(said.status)
            for name, value in said.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(said.body) + (10 if said.broken else 0)))
            self.end_headers()
            self.wfile.write(said.body)
            if said.broken:
                self.close_connection = True

        def do_GET(self) -> None:
            self.send_error(404)

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    odd.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield odd
    finally:
        server.shutdown()
        server.server_close()


def stream(*events: Event | bytes, broken: bool = False) -> Canned:
    """Server-sent events; bytes go out as they are."""
    told = (
        one if isinstance(one, bytes) else f"event: {one['type']}\ndata: {json.dumps(one)}\n\n".encode()
        for one in events
    )
    return Canned(b"".join(told), broken=broken)


def refusal(status: int, kind: str, said: str = "no", code: str = "", **headers: str) -> Canned:
    """An error answer as the service gives it."""
    error: dict[str, Any] = {"type": kind, "message": said} | ({"details": {"error_code": code}} if code else {})
    sent = {"content-type": "application/json"} | {name.replace("_", "-"): value for name, value in headers.items()}
    return Canned(json.dumps({"type": "error", "error": error}).encode(), status, sent)


def start(model: str = "claude-opus-5-5") -> Event:
    usage = {"input_tokens": 10, "output_tokens": 1}
    message = {"id": "msg_1", "type": "message", "role": "assistant", "model": model, "content": []}
    return {"type": "message_start", "message": {**message, "stop_reason": None, "stop_sequence": None, "usage": usage}}


def block(index: int, opened: Event, *deltas: Event) -> list[Event]:
    told = [{"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas]
    return [
        {"type": "content_block_start", "index": index, "content_block": opened},
        *told,
        {"type": "content_block_stop", "index": index},
    ]


def words(index: int, text: str) -> list[Event]:
    return block(index, {"type": "text", "text": ""}, {"type": "text_delta", "text": text})


def tool(index: int, name: str, written: str, call_id: str = "") -> list[Event]:
    opened = {"type": "tool_use", "id": call_id or f"toolu_{index}", "name": name, "input": {}}
    return block(index, opened, {"type": "input_json_delta", "partial_json": written})


def end(reason: str | None, **details: Any) -> list[Event]:
    delta = {"stop_reason": reason, "stop_sequence": None, **details}
    return [
        {"type": "message_delta", "delta": delta, "usage": {"output_tokens": 7}},
        {"type": "message_stop"},
    ]
