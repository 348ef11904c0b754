"""Pack the new objects of a change on one host, for another host that has only the remote.

A bundle comes from storage that others may write, so it is not trusted.

Law: a bundle is checked before git sees it. It may hold whole objects only (no deltas), and their unpacked size is
counted first, so that a small file cannot fill a disk.
"""

from __future__ import annotations

import hashlib
import re
import tempfile
import zlib
from pathlib import Path

from workers.workspace import BundleRefused
from workers.workspace.checkout import GITLINK
from workers.workspace.git import Git, GitFailed
from workers.workspace.trees import TREE, Trees

MOST_BYTES = 256 << 20
MOST_UNPACKED = 600 << 20
MOST_OBJECTS = 200_000
_HEAD = re.compile(rb"shipmate-tree 1 ([0-9a-f]{40}(?:[0-9a-f]{24})?)\n")
_TREE, _BLOB = 2, 3
_WHOLE = {_TREE, _BLOB}  # no commits, no tags, no differences
_WINDOW = 1 << 16


def pack(git: Git, base: str, tree: str) -> bytes:
    """Return the objects of the tree `tree` that differ from those of `base` at the same path."""
    width = hashlib.sha1 if len(tree) == 40 else hashlib.sha256
    with Trees(git, tree) as trees:
        wanted: dict[str, int] = {}
        _differing(trees, base, tree, wanted)
        packed = bytearray(b"PACK" + (2).to_bytes(4, "big") + len(wanted).to_bytes(4, "big"))
        for sha, kind in wanted.items():
            content = trees.read(sha, b"tree" if kind == _TREE else b"blob")
            packed += _head(kind, len(content)) + zlib.compress(content, 1)
    return f"shipmate-tree 1 {tree}\n".encode() + packed + width(packed, usedforsecurity=False).digest()


def _differing(trees: Trees, base: str, tree: str, wanted: dict[str, int]) -> None:
    """Note the folders and files of `tree` that its counterpart `base` lacks."""
    todo: list[tuple[str | None, str]] = [(base, tree)]
    while todo:
        old, new = todo.pop()
        before = trees.listing(old) if old else {}
        wanted[new] = _TREE
        for name, entry in trees.listing(new).items():
            there = before.get(name)
            if entry.mode == GITLINK or (there is not None and (there.mode, there.sha) == (entry.mode, entry.sha)):
                continue
            if entry.mode != TREE:
                wanted[entry.sha] = _BLOB
            elif entry.sha not in wanted:
                todo.append((there.sha if there is not None and there.mode == TREE else None, entry.sha))


def _head(kind: int, size: int) -> bytes:
    """Return the beginning of an object in a pack; `_header` reads it."""
    found = bytearray([kind << 4 | size & 15])
    size >>= 4
    while size:
        found[-1] |= 0x80
        found.append(size & 0x7F)
        size >>= 7
    return bytes(found)


def unpack(git: Git, data: bytes, *, partial: bool = False) -> str:
    """Write the objects of a bundle, which git checks as it writes them; return the tree's sha. Raises `BundleRefused`.

    A `partial` repository lacks most blobs of a tree. There each object is checked by itself, and all folders must
    exist.
    """
    head = _HEAD.match(data[:200])
    if head is None or len(data) > MOST_BYTES:
        raise BundleRefused("this is no bundle of a tree, or too large a one")
    packed = memoryview(data)[head.end() :]
    _weigh(packed)
    tree = head[1].decode()
    try:
        if partial:
            with tempfile.TemporaryDirectory(dir=git.gitdir, prefix="export-") as place:
                (Path(place) / "one.pack").write_bytes(packed)
                git.run("index-pack", "--fsck-objects", f"{place}/one.pack", timeout=600)
            git.run("unpack-objects", "-q", input=bytes(packed), timeout=600)
            git.run("ls-tree", "-r", "-t", "--name-only", tree, timeout=600)
        else:
            git.run("unpack-objects", "-q", "--strict", input=bytes(packed), timeout=600)
            git.run("rev-list", "--objects", "--quiet", "--missing=allow-promisor", tree, timeout=600)
    except GitFailed as failure:
        raise BundleRefused(f"git does not take the bundle ({failure.code})") from failure
    return tree


def _weigh(packed: memoryview) -> None:
    """Count the unpacked size of a pack, and refuse anything but whole trees and blobs."""
    if bytes(packed[:4]) != b"PACK" or int.from_bytes(packed[4:8], "big") != 2:
        raise BundleRefused("the bundle holds no pack")
    count, at, total = int.from_bytes(packed[8:12], "big"), 12, 0
    if count > MOST_OBJECTS:
        raise BundleRefused("the bundle holds too many objects")
    for _ in range(count):
        kind, size, at = _header(packed, at)
        total += size
        if kind not in _WHOLE or total > MOST_UNPACKED:
            raise BundleRefused("the bundle holds something else than files and folders, or too much")
        at = _past(packed, at, size)
    if len(packed) - at not in {20, 32}:
        raise BundleRefused("the bundle goes on where it should end")


def _header(packed: memoryview, at: int) -> tuple[int, int, int]:
    """Return (type, declared size, where the content begins) of the object at `at`."""
    try:
        byte = packed[at]
        kind, size, shift = byte >> 4 & 7, byte & 15, 4
        while byte & 0x80:
            at += 1
            byte = packed[at]
            size |= (byte & 0x7F) << shift
            shift += 7
            if shift > 60:
                raise BundleRefused("the bundle is damaged")
    except IndexError as error:
        raise BundleRefused("the bundle ends early") from error
    return kind, size, at + 1


def _past(packed: memoryview, at: int, size: int) -> int:
    """Return where an object ends. Its content begins at `at` and must unpack to `size` bytes."""
    reader, seen = zlib.decompressobj(), 0
    try:
        while not reader.eof:
            piece = reader.unconsumed_tail or bytes(packed[at : at + _WINDOW])
            if not piece:
                raise BundleRefused("the bundle ends early")
            if not reader.unconsumed_tail:
                at += len(piece)
            seen += len(reader.decompress(piece, _WINDOW))
            if seen > size:
                raise BundleRefused("the bundle holds more than it says")
    except zlib.error as error:
        raise BundleRefused("the bundle is damaged") from error
    if seen != size:
        raise BundleRefused("the bundle holds less than it says")
    return at - len(reader.unused_data)
