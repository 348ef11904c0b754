"""A stand-in on a real socket, the unmodified client library against it, and a person's side of a conversation."""

from __future__ import annotations

import re
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anthropic
import httpx2
import uvicorn

from playground.claude import ClaudeStandInConfig
from playground.claude.app import create_app
from playground.claude.client import ClaudeScript

KEY = "scripted-key"
TOOLS: list[Any] = [
    {"type": "bash_20250124", "name": "bash"},
    {"type": "text_editor_20250728", "name": "str_replace_based_edit_tool"},
    {
        "name": "ask",
        "description": "Ask the person one question.",
        "input_schema": {
            "type": "object",
            "properties": {"question": {"type": "string"}, "options": {"type": "array", "items": {"type": "string"}}},
            "required": ["question"],
        },
    },
    {
        "name": "finish",
        "description": "Hand the change over.",
        "input_schema": {
            "type": "object",
            "properties": {name: {"type": "string"} for name in ("title", "summary", "proven", "risks")},
            "required": ["title", "summary"],
        },
    },
]


@dataclass
class StandIn:
    """A running stand-in."""

    url: str

    @property
    def claude(self) -> anthropic.Anthropic:
        return anthropic.Anthropic(api_key=KEY, base_url=self.url, max_retries=0)

    @property
    def control(self) -> ClaudeScript:
        return ClaudeScript(self.url)

    def post(self, body: Any, path: str = "/v1/messages", **headers: str) -> httpx2.Response:
        """A raw request, for what the client library would not send."""
        sent = {"authorization": f"Bearer {KEY}", "anthropic-version": "2026-10-21", **headers}
        return httpx2.post(f"{self.url}{path}", json=body, headers=sent)

    def ask(self, messages: list[Any], **extra: Any) -> anthropic.types.Message:
        wanted: dict[str, Any] = {
            "model": "claude-opus-5-5",
            "max_tokens": 8_000,
            "tools": TOOLS,
            "thinking": {"type": "adaptive", "display": "summarized"},
            **extra,
        }
        reply: anthropic.types.Message = self.claude.messages.create(messages=messages, **wanted)
        return reply


@contextmanager
def serving(config: ClaudeStandInConfig) -> Iterator[StandIn]:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)  # named: else no TCP_NODELAY
    listener.bind(("127.0.0.1", 0))
    listener.listen(128)  # before the server runs, so that an early caller waits instead of being refused
    server = uvicorn.Server(uvicorn.Config(create_app(config), log_level="critical"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield StandIn(f"http://127.0.0.1:{listener.getsockname()[1]}")
    finally:
        server.should_exit = True
        thread.join(60)


def request(words: str) -> Any:  # one form for what the library has a type of its own for in every method
    return {"role": "user", "content": f"Work on this.\n<request>{words}</request>"}


def words(message: anthropic.types.Message, at: int) -> str:
    """Return the words of a text or of thinking."""
    block = message.content[at]
    assert block.type in {"text", "thinking"}
    return block.text if block.type == "text" else block.thinking if block.type == "thinking" else ""


def called(message: anthropic.types.Message, at: int) -> anthropic.types.ToolUseBlock:
    """Return a call of a tool."""
    block = message.content[at]
    assert block.type == "tool_use"
    return block


def results(message: anthropic.types.Message, *texts: str) -> dict[str, Any]:
    """The tool results for every call of `message`; the last text serves the calls that are left."""
    calls = [block for block in message.content if block.type == "tool_use"]
    answers = [texts[min(index, len(texts) - 1)] for index in range(len(calls))]
    blocks = [
        {"type": "tool_result", "tool_use_id": call.id, "content": answer}
        for call, answer in zip(calls, answers, strict=True)
    ]
    return {"role": "user", "content": blocks}


@dataclass
class Workbench:
    """The hands of an agent, as simple as can be: a folder, bash, the text editor, and the checks at `finish`.

    `quick` leaves out the test runs that a script asks for itself.
    """

    stand_in: StandIn
    folder: Path
    checks: str
    answers: dict[str, str] = field(default_factory=dict)
    messages: list[Any] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)
    reds: int = 0
    quick: bool = False

    def work(self, words: str) -> dict[str, Any] | str:
        """Play a request to its end: the input of the last `finish`, or the text that ended the turn without one."""
        opening = {"type": "text", "text": f"<request>{words}</request>"}
        if self.messages and self.messages[-1]["role"] == "user":
            self.messages[-1]["content"].append(opening)
        else:
            self.messages.append({"role": "user", "content": [opening]})
        for _ in range(20):
            reply = self.stand_in.ask(self.messages)
            self.messages.append(reply.to_param())
            calls = [block for block in reply.content if block.type == "tool_use"]
            if not calls:
                return "".join(block.text for block in reply.content if block.type == "text")
            blocks, finished = [], None
            for call in calls:
                text, failed = self._run(call.name, dict(call.input))
                finished = dict(call.input) if call.name == "finish" and not failed else finished
                blocks.append({"type": "tool_result", "tool_use_id": call.id, "content": text, "is_error": failed})
            self.messages.append({"role": "user", "content": blocks})
            if finished is not None:
                return finished
        raise AssertionError("the script never ended")

    def _run(self, name: str, given: dict[str, Any]) -> tuple[str, bool]:
        if name == "bash":
            return self._bash(given["command"])[1], False
        if name == "ask":
            self.asked.append(given)
            return self.answers[given["question"].split()[0]], False
        if name == "finish":
            status, output = self._bash(self.checks)
            self.reds += status != 0
            return (f"The checks are red:\n{output[-1500:]}", True) if status else ("The checks are green.", False)
        return self._edit(given)

    def _bash(self, command: str) -> tuple[int, str]:
        if self.quick and "node --test" in command:
            command = re.sub(r"^node --test.*$", "true", command, flags=re.MULTILINE)
        done = subprocess.run(
            ["bash", "-c", command], cwd=self.folder, capture_output=True, text=True, timeout=60, check=False
        )
        return done.returncode, (done.stdout + done.stderr) or "(no output)"

    def _edit(self, given: dict[str, Any]) -> tuple[str, bool]:
        path = self.folder / Path(given["path"]).relative_to("/workspace")
        if given["command"] == "create":
            path.write_text(given["file_text"], encoding="utf-8")
            return "Created.", False
        if not path.exists():
            return f"{given['path']} does not exist", True
        content = path.read_text(encoding="utf-8")
        if given["command"] == "view":
            return content, False
        if content.count(given["old_str"]) != 1:
            return f"old_str is there {content.count(given['old_str'])} times", True
        path.write_text(content.replace(given["old_str"], given["new_str"]), encoding="utf-8")
        return "Replaced.", False
