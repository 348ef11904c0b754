"""Secrets that are made once per state folder.

Law: a file appears complete or not at all, readable by its owner alone; of two processes that start together one
wins, and the other reads the winner's.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path


def private_folder(path: Path) -> Path:
    """Return `path`, created with its parents; the last folder belongs to its owner alone (mode 700)."""
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.chmod(0o700)
    return path


def read_or_create(path: Path, make: Callable[[], bytes]) -> bytes:
    """Return the content of `path`; where there is none yet, that of `make()`, kept with mode 600. Raises OSError."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        pass
    private_folder(path.parent)
    draft = _draft(path, make())
    try:
        os.link(draft, path)
    except FileExistsError:
        return path.read_bytes()
    finally:
        draft.unlink()
    return path.read_bytes()


def replace(path: Path, content: bytes) -> None:
    """Put `content` in the place of whatever `path` holds, at once and with mode 600."""
    private_folder(path.parent)
    _draft(path, content).replace(path)


def _draft(path: Path, content: bytes) -> Path:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    return Path(name)
