"""A model that answers at once: thirty replies made beforehand, streamed or whole, over the Messages API.

Law: it does nothing but answer while it is measured. Requests are kept and weighed afterwards, with the same rules of
caching as the playground's stand-in.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

TURNS = 30
MODEL = "claude-opus-5-5"
EDITOR = "str_replace_based_edit_tool"
SUBMIT = "echo COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT"


@dataclass
class Session:
    """What came in since the last report: when, and the bodies."""

    at: list[float] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)


def reply(n: int, tools: frozenset[str]) -> list[dict[str, Any]]:
    """Return the content of reply `n`, in the tools of the asker: odd ones read, even ones edit, the last
    ends.
    """
    said = {"type": "text", "text": f"Step {n}: on with part {n} of the work, as the step before showed."}
    if n >= TURNS:
        if "finish" in tools:
            return [_call(n, "finish", title="Add parts", summary="There are parts now.")]
        return [said, _call(n, "bash", command=SUBMIT)] if EDITOR not in tools else [said]
    if n % 2:
        return [said, _call(n, "bash", command=f"sed -n 1,40p README.md; ls | head -20; echo looked at {n}")]
    text = f"def part_{n}():\n    return {n}\n" * 10
    if EDITOR in tools:
        return [said, _call(n, EDITOR, command="create", path=f"/workspace/part{n}.py", file_text=text)]
    return [said, _call(n, "bash", command=f"cat > part{n}.py <<'EOF'\n{text}EOF")]


def _call(n: int, name: str, **given: str) -> dict[str, Any]:
    return {"type": "tool_use", "id": f"toolu_{n:04d}", "name": name, "input": given}


def message(content: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a whole message."""
    stop = "tool_use" if any(block["type"] == "tool_use" for block in content) else "end_turn"
    usage = {"input_tokens": 10, "output_tokens": 60, "cache_read_input_tokens": 0, "cache_creation_input_tokens": 0}
    return {
        "id": "msg_instant", "type": "message", "role": "assistant", "model": MODEL, "content": content,
        "stop_reason": stop, "stop_sequence": None, "usage": usage,
    }  # fmt: skip


def streamed(whole: dict[str, Any]) -> bytes:
    """Return the message as server-sent events."""
    events: list[dict[str, Any]] = [{"type": "message_start", "message": {**whole, "content": [], "stop_reason": None}}]
    start: dict[str, Any]
    delta: dict[str, Any]
    for index, block in enumerate(whole["content"]):
        if block["type"] == "text":
            start, delta = {**block, "text": ""}, {"type": "text_delta", "text": block["text"]}
        else:
            start = {**block, "input": {}}
            delta = {"type": "input_json_delta", "partial_json": json.dumps(block["input"])}
        events += [
            {"type": "content_block_start", "index": index, "content_block": start},
            {"type": "content_block_delta", "index": index, "delta": delta},
            {"type": "content_block_stop", "index": index},
        ]
    ended = {"stop_reason": whole["stop_reason"], "stop_sequence": None}
    events += [{"type": "message_delta", "delta": ended, "usage": whole["usage"]}, {"type": "message_stop"}]
    return "".join(f"event: {one['type']}\ndata: {json.dumps(one)}\n\n" for one in events).encode()


class Server:
    """Keeps the connection and what came over it."""

    def __init__(self) -> None:
        self.session = Session()
        self._made: dict[tuple[int, frozenset[str], bool], bytes] = {}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                first, _, rest = head.decode("latin-1").partition("\r\n")
                fields = dict(line.lower().split(": ", 1) for line in rest.split("\r\n") if ": " in line)
                body = await reader.readexactly(int(fields.get("content-length", "0")))
                writer.write(self._answer(first.split()[1], body))
                await writer.drain()
        except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
            pass
        finally:
            writer.close()

    def _answer(self, path: str, body: bytes) -> bytes:
        if path.startswith("/_report"):
            found, self.session = self.session, Session()
            return _http(json.dumps(report(found)).encode(), "application/json")
        if path.startswith("/v1/models"):
            told: dict[str, Any] = {
                "type": "model",
                "id": MODEL,
                "display_name": "instant",
                "created_at": "2026-10-21T00:00:00Z",
            }
            told |= {"max_input_tokens": 1_000_000, "max_tokens": 128_000}
            return _http(json.dumps(told).encode(), "application/json")
        self.session.at.append(time.perf_counter())
        self.session.bodies.append(body)
        asked = json.loads(body)
        tools = frozenset(tool["name"] for tool in asked.get("tools", ()))
        turn = sum(one["role"] == "assistant" for one in asked["messages"]) + 1
        key = (turn, tools, bool(asked.get("stream")))
        if key not in self._made:
            whole = message(reply(turn, tools))
            self._made[key] = (
                _http(streamed(whole), "text/event-stream")
                if asked.get("stream")
                else _http(json.dumps(whole).encode(), "application/json")
            )
        return self._made[key]


def _http(body: bytes, kind: str) -> bytes:
    return f"HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body


def report(session: Session) -> dict[str, Any]:
    """Return {"turns", "gaps" in seconds between requests, "bytes" of all, "usage": [[fresh, read, 5m, 1h], ...]}"""
    from playground.claude.models import MODELS
    from playground.claude.prompt_cache import account
    from playground.claude.request import Message, MessagesRequest
    from playground.claude.state import State

    state = State(Path(":memory:"))
    used = []
    for body in session.bodies:
        asked = json.loads(body)
        turns = [Message(one["role"], _blocks(one["content"]), at) for at, one in enumerate(asked["messages"])]
        request = MessagesRequest(
            body=asked, model=MODELS[MODEL], max_tokens=1, messages=turns, system=_blocks(asked.get("system") or []),
            tools=asked.get("tools") or [], tool_choice=asked.get("tool_choice"), thinking=asked.get("thinking"),
            automatic_cache=asked.get("cache_control"),
        )  # fmt: skip
        found = account(request, state, 0.0)
        used.append([found.fresh, found.read, found.written_5m, found.written_1h])
    state.close()
    gaps = [after - before for before, after in zip(session.at, session.at[1:], strict=False)]
    return {
        "turns": len(used), "gaps": gaps, "bytes": sum(map(len, session.bodies)), "usage": used,
    }  # fmt: skip


def _blocks(content: Any) -> list[dict[str, Any]]:
    """Return the text: one string and a list of one block mean the same to the service."""
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    return [
        {**one, "content": _blocks(one["content"])} if one.get("type") == "tool_result" and "content" in one else one
        for one in content
    ]


async def main() -> None:
    """Serve on a free port of 127.0.0.1, which is printed, until standard input ends."""
    server = Server()
    listener = await asyncio.start_server(server.serve, "127.0.0.1", 0, limit=64 << 20)
    print(listener.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
