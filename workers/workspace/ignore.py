"""Ask git which untracked paths the repository's `.gitignore` files exclude.

Law: git runs in a folder of our own that holds only copies of the `.gitignore` files; it never sees the tree that the
agent wrote.
"""

from __future__ import annotations

import hashlib
import os
import select
import shutil
import subprocess
import tempfile
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

from workers.workspace.conversations import Talk, talk
from workers.workspace.git import Git, GitFailed, end

_SECONDS = 30.0
LARGEST = 1 << 20
_MOST_KNOWN = 20_000
_known: OrderedDict[tuple[object, ...], bool] = OrderedDict()
_lock = threading.Lock()


class Ignores:
    """The rules of one tree. Use as a context manager."""

    def __init__(self, git: Git, scratch: Path) -> None:
        self._git = git
        self._scratch = scratch
        self._rules: dict[str, str] = {}
        self._root = b""
        self._later: list[tuple[str, bytes | None]] = []
        self._borrowed = ExitStack()
        self._asked: _Asked | None = None
        self._asked_of_root: _Asked | None = None

    def __enter__(self) -> Ignores:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, failure: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._borrowed.__exit__(kind, failure, trace)

    def learn(self, folder: str, rules: bytes) -> None:
        """Add the `.gitignore` of `folder`. Call this before any question about paths in that folder."""
        rules = rules[:LARGEST]
        self._rules[folder] = hashlib.sha256(rules).hexdigest()
        if not folder:
            self._root = rules
        self._lay_out(folder, rules)

    def _lay_out(self, folder: str, rules: bytes | None) -> None:
        """Write a folder, or its `.gitignore`, where git will look for it, once it is needed."""
        if self._asked is None:
            self._later.append((folder, rules))
            return
        place = self._scratch / folder
        place.mkdir(parents=True, exist_ok=True)
        if rules is not None:
            (place / ".gitignore").write_bytes(rules)

    def ignored(self, path: str, *, folder: bool) -> bool:
        """Return whether an untracked path is ignored. Raises `GitFailed` if git needs too long for the rules."""
        if folder:
            self._lay_out(path, None)
        known = (path, folder, *((above, self._rules[above]) for above in _above(path) if above in self._rules))
        if len(known) == 2:
            return False  # no rule applies to it
        with _lock:
            found = _known.get(known)
        if found is None:
            found = self._ask(path, folder, known[2:])
            with _lock:
                _known[known] = found
                if len(_known) > _MOST_KNOWN:
                    _known.popitem(last=False)
        return found

    def _ask(self, path: str, folder: bool, rules: tuple[object, ...]) -> bool:
        if len(rules) == 1 and "" in self._rules:
            if self._asked_of_root is None:
                name = ("check-ignore", self._rules[""])
                kept = self._borrowed.enter_context(talk(self._git, name, lambda: _of_root(self._git, self._root)))
                self._asked_of_root = _Asked(kept.process, kept.folder)
            return self._asked_of_root.ignored(path, folder=folder)
        if self._asked is None:
            self._scratch.mkdir(parents=True, exist_ok=True)
            process = _start(self._git, self._scratch)
            self._borrowed.callback(end, process)
            self._asked = _Asked(process, None)
            for place, learned in self._later:
                self._lay_out(place, learned)
        return self._asked.ignored(path, folder=folder)


def _above(path: str) -> Iterator[str]:
    """Yield the folders that a path lies in, the root first."""
    yield ""
    at = path.find("/")
    while at >= 0:
        yield path[:at]
        at = path.find("/", at + 1)


def _of_root(git: Git, rules: bytes) -> Talk:
    """Return a conversation about a tree with one `.gitignore`, at its root, in a folder of its own."""
    folder = Path(tempfile.mkdtemp(dir=git.gitdir, prefix="export-"))
    (folder / ".gitignore").write_bytes(rules)
    return Talk(_start(git, folder), lambda: shutil.rmtree(folder, ignore_errors=True), folder=folder)


def _start(git: Git, folder: Path) -> subprocess.Popen[bytes]:
    return git.start(
        "check-ignore", "--stdin", "-z", "--no-index", "--verbose", "--non-matching",
        env={
            "GIT_WORK_TREE": str(folder),
            "GIT_INDEX_FILE": str(folder / ".git-no-index"),
            "GIT_LITERAL_PATHSPECS": "0",  # refused by this command; "./" before each path does the same
        },
        cwd=folder,
    )  # fmt: skip


class _Asked:
    """A running `git check-ignore`. With `folder`, each path is created there for the question, then removed."""

    def __init__(self, process: subprocess.Popen[bytes], folder: Path | None) -> None:
        self._process = process
        self._folder = folder
        self._heard = b""
        self._deadline = time.monotonic() + _SECONDS

    def ignored(self, path: str, *, folder: bool) -> bool:
        place = self._folder if folder else None
        if place is not None:
            (place / path).mkdir(parents=True, exist_ok=True)
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(b"./" + os.fsencode(path) + b"\0")
            self._process.stdin.flush()
        except BrokenPipeError as error:
            raise GitFailed("check-ignore", self._process.poll(), "it ended early") from error
        source, _, pattern, _ = (self._field() for _ in range(4))
        if place is not None:
            shutil.rmtree(place / path.partition("/")[0])
        return bool(source) and not pattern.startswith(b"!")

    def _field(self) -> bytes:
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
