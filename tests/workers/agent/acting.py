"""Stand-ins for what surrounds the loop: a transcript in memory, a session in a folder, a model that plays replies."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from bot.domain.change import Note, Usage
from workers import ClaimLost
from workers.agent import AgentAccess, Block, Job, Reply
from workers.agent.transcript import Turn
from workers.sandbox import Limits, Ran


class Crash(BaseException):
    """The process ends here: nothing of ours may catch it."""


@dataclass
class MemoryTranscript:
    """Refuses what the law refuses, and keeps rows as JSON so that nothing but their content survives."""

    stored: dict[int, str] = field(default_factory=dict)
    on_save: Callable[[str], None] = lambda point: None
    silent: float = 0.0

    def rows(self) -> tuple[Turn, ...]:
        found = []
        for _, row in sorted(self.stored.items()):
            kept = json.loads(row)
            found.append(Turn(**{**kept, "usage": Usage(**kept["usage"]), "since": self.silent}))
        return tuple(found)

    def begin(self, n: int, request_hash: str) -> int:
        self.on_save(f"begin {n} before")
        row = self._row(n) or Turn(n, request_hash)
        assert row.reply is None, "a stored turn was begun again"
        self._keep(replace(row, request_hash=request_hash, begun=row.begun + 1))
        self.on_save(f"begin {n} after")
        return row.begun

    def count_lost(self, n: int, used: Usage) -> None:
        self.on_save(f"lost {n} before")
        row = self._row(n)
        assert row is not None
        assert row.reply is None
        self._keep(replace(row, usage=row.usage.plus(used)))

    def save_reply(self, n: int, request_hash: str, reply: Reply, usage: Usage) -> None:
        self.on_save(f"reply {n} before")
        row = self._row(n)
        assert row is not None
        assert row.reply is None
        assert row.request_hash == request_hash
        kept = replace(row, reply=reply.content, stop_reason=reply.stop_reason, usage=usage, model=reply.model)
        self._keep(kept)
        self.on_save(f"reply {n} after")

    def save_results(
        self, n: int, content: tuple[Block, ...], tree: str, notes_read: int, usage: Usage | None = None
    ) -> None:
        self.on_save(f"results {n} before")
        row = self._row(n)
        assert row is not None
        assert row.results is None
        assert n == 0 or row.reply is not None
        self._keep(replace(row, results=content, tree=tree, notes_read=notes_read, usage=usage or row.usage))
        self.on_save(f"results {n} after")

    def settle(self) -> None:
        """Everything is written at once here."""

    def _row(self, n: int) -> Turn | None:
        return next((row for row in self.rows() if row.n == n), None)

    def _keep(self, row: Turn) -> None:
        self.stored[row.n] = json.dumps({**row.__dict__, "usage": row.usage.model_dump()})


class FolderSession:
    """A `Session` without walls, for text that the tests wrote themselves."""

    root = "/workspace"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.commands: list[str] = []
        self.restarts = 0

    def run(
        self,
        command: str,
        *,
        limits: Limits | None = None,
        stdin: bytes | None = None,
        env: Mapping[str, str] | None = None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> Ran:
        began = time.monotonic()
        argv = ["bash", "-c", command]
        if len(command) > 100_000:  # the kernel takes no longer argument
            script = self.folder.parent / "long.sh"
            script.write_text(command)
            argv = ["bash", str(script)]
        try:
            done = subprocess.run(
                argv,
                cwd=self.folder,
                input=stdin or b"",
                env={**os.environ, **(env or {})},
                capture_output=True,
                timeout=(limits or Limits()).wall_seconds,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return Ran(None, "", time.monotonic() - began, timed_out=True)
        output, most = done.stdout + done.stderr, (limits or Limits()).output_bytes
        flooded = len(output) > most
        said = output[:most].decode(errors="replace")
        return Ran(None if flooded else done.returncode, said, time.monotonic() - began, flooded=flooded)

    def shell(
        self, command: str, *, limits: Limits | None = None, cancelled: Callable[[], bool] = lambda: False
    ) -> Ran:
        self.commands.append(command)
        scratch = self.folder.parent / "scratch"
        inside = command.replace("/workspace", str(self.folder)).replace("/tmp/outputs", str(scratch))
        return self.run(inside, limits=limits)

    def restart(self) -> None:
        self.restarts += 1

    def close(self) -> None:
        return


@dataclass
class Workbench:
    """A workspace with checkpoints: trees are kept in memory by their digest."""

    folder: Path
    trees: dict[str, dict[str, bytes]] = field(default_factory=dict)
    restored: list[str] = field(default_factory=list)
    progress: list[str] = field(default_factory=list)
    lost: Callable[[], bool] = lambda: False
    refuse: Callable[[], Exception | None] = lambda: None

    def start(self, **files: str) -> str:
        self.folder.mkdir(exist_ok=True)
        for name, text in files.items():
            (self.folder / name.replace("_", ".")).write_text(text)
        return self.checkpoint()

    def checkpoint(self) -> str:
        refused = self.refuse()
        if refused is not None:
            raise refused
        files = {str(p.relative_to(self.folder)): p.read_bytes() for p in self.folder.rglob("*") if p.is_file()}
        tree = hashlib.sha1(repr(sorted(files.items())).encode()).hexdigest()
        self.trees[tree] = files
        return tree

    def restore(self, tree: str) -> None:
        self.restored.append(tree)
        self.folder.mkdir(exist_ok=True)
        for path in self.folder.iterdir():
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
        for name, data in self.trees[tree].items():
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / name).write_bytes(data)

    def still_mine(self) -> None:
        if self.lost():
            raise ClaimLost("stopped")

    def access(self, session: FolderSession | None = None) -> AgentAccess:
        return AgentAccess(
            session or FolderSession(self.folder), self.checkpoint, self.restore, self.still_mine, self.progress.append
        )


@dataclass
class PlayedModel:
    """Answers with the reply for as many assistant turns as the conversation already has."""

    replies: Sequence[Reply | Exception]
    name: str = "played"
    asked: list[list[Block]] = field(default_factory=list)
    fits: int = 200_000

    def window(self) -> int:
        return self.fits

    def turn(
        self,
        system: str,
        tools: list[Block],
        messages: list[Block],
        on_progress: Callable[[str], None],
        cancelled: Callable[[], bool],
    ) -> Reply:
        self.asked.append(json.loads(json.dumps(messages)))
        assert tools
        assert system
        reply: Reply | Exception = self.replies[sum(message["role"] == "assistant" for message in messages)]
        if isinstance(reply, Exception):
            raise reply
        return reply


_ids: Iterator[int] = iter(range(1, 1_000_000))


def call(name: str, **given: Any) -> Block:
    return {"type": "tool_use", "id": f"toolu_{next(_ids)}", "name": name, "input": given}


def bash(command: str) -> Block:
    return call("bash", command=command)


def finish(title: str = "Add tax", summary: str = "Totals include tax now.", **more: str) -> Block:
    return call("finish", title=title, summary=summary, **more)


def reply(*content: Block | str, stop: str = "") -> Reply:
    blocks = tuple({"type": "text", "text": part} if isinstance(part, str) else part for part in content)
    ended = stop or ("tool_use" if any(block["type"] == "tool_use" for block in blocks) else "end_turn")
    used = Usage(turns=1, input_tokens=10, cache_read_tokens=100, cache_write_tokens=20, output_tokens=5)
    return Reply(blocks, ended, used, "req_1", "played")


def a_job(base_tree: str, **more: Any) -> Job:
    return Job(
        request="make the total include tax", requester="ana", repository="acme/till", base_tree=base_tree, **more
    )


def said(kind: Any, text: str, author: str = "ana") -> Note:
    return Note(kind=kind, author=author, text=text)
