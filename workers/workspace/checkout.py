"""Write a tree as plain files: the blobs' own bytes, no filters, no line-ending conversions, no `.git`.

Law: symbolic links are made last. While files are written, no link exists that could redirect a write elsewhere.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import IO

from workers.workspace import RemoteRefused, names
from workers.workspace.git import Git, GitFailed, require_sha
from workers.workspace.walk import ExportLimits

REGULAR = frozenset({"100644", "100755", "100664"})
LINK = "120000"
GITLINK = "160000"
_LONGEST_NAME, _LONGEST_LINK = 255, 4096


@dataclass(frozen=True)
class TreeEntry:
    """One path of a tree; `name` is decoded with surrogateescape."""

    mode: str
    sha: str
    name: str


def parse(listing: bytes) -> Iterator[TreeEntry]:
    """Yield the entries of `ls-tree -z`."""
    for line in listing.split(b"\0"):
        if line:
            meta, _, name = line.partition(b"\t")
            mode, _, sha = meta.decode().split(" ")
            yield TreeEntry(mode, sha, name.decode("utf-8", "surrogateescape"))


def entries(git: Git, treeish: str) -> tuple[TreeEntry, ...]:
    """Return every path of a commit or tree, submodules as entries of mode 160000."""
    _, out, _ = git.run("ls-tree", "-r", "-z", "--full-tree", require_sha(treeish))
    return tuple(parse(out))


def is_safe(name: str) -> bool:
    """Return whether a path stays below its folder and outside `.git`. Git refuses other paths too."""
    parts = name.split("/")
    return bool(name) and all(part not in {"", ".", ".."} and part.lower() != ".git" for part in parts)


def require_writable(name: str) -> None:
    """Raise `RemoteRefused` for a path that this host cannot write or that an export could not read."""
    parts, budget = os.fsencode(name).split(b"/"), ExportLimits()
    if (
        len(parts) - 1 > budget.depth
        or len(os.fsencode(name)) > budget.path_bytes
        or max(map(len, parts)) > _LONGEST_NAME
    ):
        raise RemoteRefused(f"The name {names.shown(name[:60])}... in it is too long for this host.", again=False)


def _make_link(target: bytes, place: Path, name: str) -> None:
    if not 0 < len(target) < _LONGEST_LINK or b"\0" in target:
        raise RemoteRefused(f"The link {names.shown(name)} in it leads nowhere that can be written down.", again=False)
    os.symlink(target, os.fsencode(place))


def within(name: str, sparse: Sequence[str]) -> bool:
    """Return whether a checkout of the folders `sparse` (without any: of everything) writes a path.

    As in git's cone mode, it also writes files beside and above those folders.
    """
    return not sparse or _written(name.rpartition("/")[0], tuple(sparse))


@lru_cache(maxsize=1 << 16)  # paths are many, folders are not
def _written(folder: str, sparse: tuple[str, ...]) -> bool:
    return not folder or any(
        f"{folder}/".startswith(f"{wanted}/") or wanted.startswith(f"{folder}/") for wanted in sparse
    )


def write(git: Git, found: Sequence[TreeEntry], into: Path) -> None:
    """Write entries, named by their whole paths, into the new or empty folder `into`.

    Raises `GitFailed`, OSError, ValueError, `RemoteRefused` (a path that this kind of host cannot write).
    """
    into.mkdir(parents=True, exist_ok=True)
    if any(into.iterdir()):
        raise ValueError("a checkout needs an empty folder")
    put(git, found, into)


def put(git: Git, found: Sequence[TreeEntry], into: Path) -> None:
    """Write entries, named by their whole paths, into a folder that has none of them. Raises what `write` raises."""
    for entry in found:
        if not is_safe(entry.name):
            raise ValueError("the tree holds a path that cannot be written safely")
        require_writable(entry.name)
    files = [entry for entry in found if entry.mode in REGULAR]
    links = [entry for entry in found if entry.mode == LINK]
    made: set[str] = set()
    for entry in found:
        folder = entry.name if entry.mode == GITLINK else os.path.dirname(entry.name)
        if folder and folder not in made:
            os.makedirs(into / folder, exist_ok=True)
            made.add(folder)
    for entry, content in _contents(git, files + links):
        place = into / entry.name
        if entry.mode == LINK:
            _make_link(content, place, entry.name)
            continue
        mode = 0o755 if entry.mode == "100755" else 0o644
        fd = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
        with open(fd, "wb") as file:
            file.write(content)


def _contents(git: Git, wanted: list[TreeEntry]) -> Iterator[tuple[TreeEntry, bytes]]:
    """Yield each entry with its blob, in order, from one `cat-file`."""
    with tempfile.TemporaryFile() as asked:
        asked.write("".join(f"{entry.sha}\n" for entry in wanted).encode())
        asked.seek(0)
        with git.reading("cat-file", "--batch", "--buffer", stdin=asked.fileno()) as process:
            assert process.stdout is not None
            for entry in wanted:
                yield entry, _one(process.stdout, entry.sha)


def _one(stream: IO[bytes], sha: str) -> bytes:
    head = stream.readline().split()
    if len(head) != 3 or head[0].decode() != sha or head[1] != b"blob":
        raise GitFailed("cat-file", None, f"missing object {sha}")
    size = int(head[2])
    content = stream.read(size)
    if len(content) != size or stream.read(1) != b"\n":
        raise GitFailed("cat-file", None, "its output ended early")
    return content
