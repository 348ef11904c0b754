"""Read and write tree objects one by one, so that the cost depends on the touched folders, not on the repository.

Law: names come from git objects and go into git objects; they are never used to open a file here.
"""

from __future__ import annotations

import os
import stat
import subprocess
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from functools import lru_cache
from types import TracebackType

from workers.workspace.checkout import TreeEntry
from workers.workspace.conversations import conversation
from workers.workspace.git import Git, GitFailed, end, require_sha

TREE = "040000"
MOST_REMEMBERED = 20_000
"""Most cached entries of tree objects; an object of a given name never changes."""


class Trees:
    """One conversation with `git cat-file` that caches its answers. Use as a context manager."""

    def __init__(self, git: Git, root: str) -> None:
        """Begin at `root`, the sha of a tree."""
        self._git = git
        self._root = TreeEntry(TREE, require_sha(root), "")
        self._process: subprocess.Popen[bytes] | None = None
        self._borrowed = ExitStack()
        self._known: dict[str, dict[str, TreeEntry]] = {}

    def __enter__(self) -> Trees:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, failure: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process = None
        self._borrowed.__exit__(kind, failure, trace)

    def entry(self, path: str) -> TreeEntry | None:
        """Return the tree's entry at a path: a file, a link, a submodule or a folder."""
        here: TreeEntry | None = self._root
        for name in path.split("/") if path else ():
            if here is None or here.mode != TREE:
                return None
            here = self.listing(here.sha).get(name)
        return here

    def children(self, path: str) -> Mapping[str, TreeEntry]:
        """Return the names in a folder of the tree; empty where there is no such folder."""
        here = self.entry(path)
        return self.listing(here.sha) if here is not None and here.mode == TREE else {}

    def below(self, path: str) -> Iterator[TreeEntry]:
        """Yield every entry at or below a path except folders, named by its whole path."""
        here = self.entry(path)
        if here is None:
            return
        if here.mode != TREE:
            yield TreeEntry(here.mode, here.sha, path)
            return
        for name in self.listing(here.sha):
            yield from self.below(f"{path}/{name}" if path else name)

    def listing(self, sha: str) -> dict[str, TreeEntry]:
        """Return the entries of one tree object, by name."""
        if sha not in self._known:
            key = (str(self._git.gitdir), sha)
            found = _remembered.get(key)
            if found is None:
                found = dict(_entries(self.read(sha, b"tree"), len(sha) // 2))
                _remembered.put(key, found)
            self._known[sha] = found
        return self._known[sha]

    def read(self, sha: str, kind: bytes = b"blob", limit: int | None = None) -> bytes:
        """Return the bytes of an object, at most `limit`. Raises `GitFailed` if there is none of that kind."""
        if self._process is None:
            self._process = self._borrowed.enter_context(conversation(self._git, "cat-file", "--batch"))
        process = self._process
        asked, answers = process.stdin, process.stdout
        assert asked is not None
        assert answers is not None
        try:
            asked.write(f"{require_sha(sha)}\n".encode())
            asked.flush()
        except BrokenPipeError as error:
            raise GitFailed("cat-file", process.poll(), "it ended early") from error
        head = answers.readline().split()
        if len(head) != 3 or head[1] != kind:
            raise GitFailed("cat-file", None, f"missing object {sha}")
        size = int(head[2])
        if limit is not None and size > limit:
            content = answers.read(limit)
            self._hang_up()
            return content
        content = answers.read(size + 1)
        if len(content) != size + 1:
            raise GitFailed("cat-file", None, "its output ended early")
        return content[:-1]

    def _hang_up(self) -> None:
        """End the conversation in the middle of an answer; the next question starts a new one."""
        process, self._process = self._process, None
        if process is not None:
            end(process)
        self._borrowed.close()


class _Remembered:
    """The most recently used listings of tree objects."""

    def __init__(self, most: int) -> None:
        self._most, self._size = most, 0
        self._found: OrderedDict[tuple[str, str], dict[str, TreeEntry]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: tuple[str, str]) -> dict[str, TreeEntry] | None:
        with self._lock:
            found = self._found.get(key)
            if found is not None:
                self._found.move_to_end(key)
            return found

    def put(self, key: tuple[str, str], found: dict[str, TreeEntry]) -> None:
        with self._lock:
            if key in self._found or len(found) > self._most // 4:
                return
            self._found[key] = found
            self._size += len(found) + 1
            while self._size > self._most:
                self._size -= len(self._found.popitem(last=False)[1]) + 1


_remembered = _Remembered(MOST_REMEMBERED)


@lru_cache(maxsize=256)
def mode(raw: bytes) -> str:
    """Return a mode that git accepts: only the kind, and for a file whether it is executable."""
    bits = int(raw, 8)
    kind = stat.S_IFMT(bits)
    if kind == stat.S_IFREG:
        return "100755" if bits & stat.S_IXUSR else "100644"
    return {stat.S_IFDIR: TREE, stat.S_IFLNK: "120000"}.get(kind, "160000")


def _entries(raw: bytes, width: int) -> Iterator[tuple[str, TreeEntry]]:
    at = 0
    while at < len(raw):
        space, zero = raw.index(b" ", at), raw.index(b"\0", at)
        name = raw[space + 1 : zero].decode("utf-8", "surrogateescape")
        yield name, TreeEntry(mode(raw[at:space]), raw[zero + 1 : zero + 1 + width].hex(), name)
        at = zero + 1 + width


def rebuilt(git: Git, trees: Trees, edits: Mapping[str, TreeEntry | None]) -> str:
    """Return the root of `trees` with `edits` applied: a path's new entry, or None to remove the path."""
    with conversation(git, "mktree", "-z", "--batch", "--missing") as process:
        made = _folder(process, trees, "", _nested(edits))
        return made or _write(process, {})


class _Edits(dict[str, "_Edits"]):
    """The edits below one path, and the one of the path itself."""

    here: TreeEntry | None = None
    set = False


def _nested(edits: Mapping[str, TreeEntry | None]) -> _Edits:
    top = _Edits()
    for path, entry in edits.items():
        node = top
        for name in path.split("/"):
            node = node.setdefault(name, _Edits())
        node.here, node.set = entry, True
    return top


def _folder(
    process: subprocess.Popen[bytes], trees: Trees, path: str, edits: _Edits, *, fresh: bool = False
) -> str | None:
    """Write one folder of the new tree and return its sha, or None if it is empty. `fresh`: it did not exist before."""
    fresh = fresh or edits.set
    names = {} if fresh else dict(trees.children(path))
    for name, edit in edits.items():
        if edit.here is not None:
            names[name] = TreeEntry(edit.here.mode, edit.here.sha, name)
            continue
        names.pop(name, None)
        if edit and (sha := _folder(process, trees, f"{path}/{name}" if path else name, edit, fresh=fresh)):
            names[name] = TreeEntry(TREE, sha, name)
    return _write(process, names) if names else None


def _write(process: subprocess.Popen[bytes], names: Mapping[str, TreeEntry]) -> str:
    kinds = {TREE: "tree", "160000": "commit"}
    lines = [f"{one.mode} {kinds.get(one.mode, 'blob')} {one.sha}\t{name}\0" for name, one in names.items()]
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(os.fsencode("".join(lines)) + b"\0")
        process.stdin.flush()
    except BrokenPipeError as error:
        raise GitFailed("mktree", process.poll(), "it ended early") from error
    sha = process.stdout.readline().decode().strip()
    if not sha:
        raise GitFailed("mktree", process.poll(), "its output ended early")
    return require_sha(sha)
