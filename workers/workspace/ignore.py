"""Which untracked paths the repository's `.gitignore` files leave out, answered by git itself.

Law: git is asked on a folder of our own that holds copies of the `.gitignore` files and nothing else; it never sees
the tree that the agent wrote.
"""

from __future__ import annotations

import os
import select
import subprocess
import time
from pathlib import Path

from workers.workspace.git import Git, GitFailed, end

_SECONDS = 30.0
LARGEST = 1 << 20


class Ignores:
    """One conversation with `git check-ignore`. Use as a context manager."""

    def __init__(self, git: Git, scratch: Path) -> None:
        self._git = git
        self._scratch = scratch
        self._process: subprocess.Popen[bytes] | None = None
        self._heard = b""
        self._deadline = 0.0

    def __enter__(self) -> Ignores:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            end(self._process)

    def learn(self, folder: str, rules: bytes) -> None:
        """The content of `folder`'s `.gitignore`; tell it before asking about paths in there."""
        place = self._scratch / folder
        place.mkdir(parents=True, exist_ok=True)
        (place / ".gitignore").write_bytes(rules[:LARGEST])

    def ignored(self, path: str, *, folder: bool) -> bool:
        """Whether an untracked path is left out. Raises `GitFailed` when the rules cannot be worked out in time."""
        if folder:
            (self._scratch / path).mkdir(parents=True, exist_ok=True)
        if self._process is None:
            self._process = self._git.start(
                "check-ignore", "--stdin", "-z", "--no-index", "--verbose", "--non-matching",
                env={
                    "GIT_WORK_TREE": str(self._scratch),
                    "GIT_INDEX_FILE": str(self._scratch / ".git-no-index"),
                    "GIT_LITERAL_PATHSPECS": "0",  # refused by this command; "./" before each path does the same
                },
                cwd=self._scratch,
            )  # fmt: skip
            self._deadline = time.monotonic() + _SECONDS
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(b"./" + os.fsencode(path) + b"\0")
            self._process.stdin.flush()
        except BrokenPipeError as error:
            raise GitFailed("check-ignore", self._process.poll(), "it ended early") from error
        source, _, pattern, _ = (self._field() for _ in range(4))
        return bool(source) and not pattern.startswith(b"!")

    def _field(self) -> bytes:
        assert self._process is not None
        assert self._process.stdout is not None
        fd = self._process.stdout.fileno()
        while b"\0" not in self._heard:
            poll = select.poll()
            poll.register(fd, select.POLLIN)
            left = self._deadline - time.monotonic()
            piece = os.read(fd, 65536) if left > 0 and poll.poll(left * 1000) else b""
            if not piece:
                raise GitFailed("check-ignore", self._process.poll(), "the ignore rules took too long")
            self._heard += piece
        field, _, self._heard = self._heard.partition(b"\0")
        return field
