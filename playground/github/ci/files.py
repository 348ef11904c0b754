"""Files that untrusted commands left behind, taken without following a link.

Law: every folder and file is opened relative to its parent with O_NOFOLLOW; what is not a regular file is left out.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import stat
import zipfile
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

LIMIT_BYTES = 200_000_000
LIMIT_FILES = 20_000
_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK


class TooMuch(Exception):
    """More files or bytes than are taken."""


def walk(root: Path, folder: str = "") -> Iterator[tuple[str, int]]:
    """Yield (path below `folder`, open descriptor) of each regular file; the receiver must not keep the descriptor."""
    top = os.open(root, _FLAGS | os.O_DIRECTORY)
    try:
        for part in [part for part in folder.split("/") if part not in {"", "."}]:
            if part == "..":
                return
            inner = os.open(part, _FLAGS | os.O_DIRECTORY, dir_fd=top)
            os.close(top)
            top = inner
        yield from _inside(top)
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as refused:  # a link where a folder was expected
        if refused.errno not in {40, 20}:
            raise
    finally:
        os.close(top)


def _inside(top: int) -> Iterator[tuple[str, int]]:
    count = total = 0
    for here, folders, names, handle in os.fwalk(".", dir_fd=top, follow_symlinks=False):
        folders[:] = sorted(name for name in folders if name != ".git")
        for name in sorted(names):
            try:
                file = os.open(name, _FLAGS, dir_fd=handle)
            except OSError:
                continue
            try:
                info = os.fstat(file)
                if stat.S_ISREG(info.st_mode):
                    count, total = count + 1, total + info.st_size
                    if count > LIMIT_FILES or total > LIMIT_BYTES:
                        raise TooMuch(f"more than {LIMIT_FILES} files or {LIMIT_BYTES // 1_000_000} MB")
                    yield os.path.normpath(os.path.join(here, name)), file
            finally:
                os.close(file)


def select_files(root: Path, paths: list[str]) -> Iterator[tuple[str, int]]:
    """Yield files named by the lines of an upload's `path`: folders, files and patterns; names relative to their
    root.
    """
    single = len(paths) == 1 and not re.search(r"[*?\[]", paths[0])
    for path in paths:
        clean = path.strip().removeprefix("./").rstrip("/")
        fixed = clean.split("*")[0].rpartition("/")[0] if re.search(r"[*?\[]", clean) else clean
        folder = fixed if _is_folder(root, fixed) else fixed.rpartition("/")[0]
        for name, file in walk(root, folder):
            whole = f"{folder}/{name}" if folder not in {"", "."} else name
            if whole == clean or clean in {"", "."} or whole.startswith(f"{clean}/") or _matches(whole, clean):
                yield (name if single else whole), file


def _matches(name: str, pattern: str) -> bool:
    return fnmatchcase(name, pattern.replace("**/", "*")) or fnmatchcase(name, pattern)


def _is_folder(root: Path, path: str) -> bool:
    try:
        return stat.S_ISDIR(os.lstat(root / path).st_mode)
    except OSError:
        return False


def zip_files(root: Path, paths: list[str], target: Path) -> tuple[int, int, str]:
    """Write an artifact. (files, bytes of the archive, sha256). The same files give the same bytes."""
    target.parent.mkdir(parents=True, exist_ok=True)
    count = 0
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, file in select_files(root, paths):
            info = zipfile.ZipInfo(name.encode("utf-8", "replace").decode())
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            with archive.open(info, "w") as into, os.fdopen(os.dup(file), "rb") as data:
                shutil.copyfileobj(data, into)
            count += 1
    raw = target.read_bytes()
    return count, len(raw), hashlib.sha256(raw).hexdigest()


def copy_folder(root: Path, folder: str, target: Path) -> int:
    """Replace `target` by a copy of a folder's regular files; how many there were."""
    fresh = target.with_name(f"{target.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    count = 0
    for name, file in walk(root, folder.strip().removeprefix("./").rstrip("/")):
        there = fresh / name
        there.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.dup(file), "rb") as data, there.open("wb") as into:
            shutil.copyfileobj(data, into)
        count += 1
    shutil.rmtree(target, ignore_errors=True)
    fresh.rename(target)
    return count


def read_small(root: Path, path: str, limit: int = 200_000) -> str:
    """Return the text of one file below `root`, no links followed; empty when there is none."""
    folder, _, wanted = path.rpartition("/")
    try:
        handle = os.open(root / folder if folder else root, _FLAGS | os.O_DIRECTORY)
        try:
            file = os.open(wanted, _FLAGS, dir_fd=handle)
        finally:
            os.close(handle)
    except OSError:
        return ""
    with os.fdopen(file, "rb") as data:
        return data.read(limit).decode(errors="replace") if stat.S_ISREG(os.fstat(file).st_mode) else ""
