"""Where the embedded broker of a home listens, and the password it asks for.

Law: a Unix socket in a folder of mode 700, never a port; the path depends on the home alone, so that every process
finds it by itself.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import stat
from pathlib import Path
from urllib.parse import quote

from shipmate.embedded.once import private_folder, read_or_create

_LONGEST = 100
"""Bytes; the kernel takes 107 for the path of a Unix socket."""


def folder(home: Path) -> Path:
    """Return the broker's folder inside the home: append-only file, log, password, pid."""
    return home / "broker"


def socket_path(home: Path) -> Path:
    """Return the socket: inside the home, or, where that path would be too long, in a private folder of the
    system's.
    """
    usual = folder(home) / "valkey.sock"
    if len(os.fsencode(usual)) <= _LONGEST:
        return usual
    digest = hashlib.sha256(os.fsencode(home)).hexdigest()[:16]
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    if runtime and len(os.fsencode(runtime)) < _LONGEST - 50:
        return Path(runtime) / f"shipmate-{digest}" / "valkey.sock"
    return Path("/tmp") / f"shipmate-{os.getuid()}-{digest}" / "valkey.sock"  # noqa: S108 - checked by prepare_socket_folder


def prepare_socket_folder(home: Path) -> Path:
    """Return the socket's path, its folder made and checked to be ours alone. Raises PermissionError where it is
    not.
    """
    path = socket_path(home)
    with contextlib.suppress(FileExistsError):
        path.parent.mkdir(parents=True, mode=0o700)
    # Checked before its mode is set: in a shared folder the name may be another user's link to a file of ours.
    found = path.parent.lstat()
    if found.st_uid != os.getuid() or not stat.S_ISDIR(found.st_mode):
        raise PermissionError(f"{path.parent} belongs to another user")
    private_folder(path.parent)
    return path


def password(home: Path) -> str:
    """Return the broker's password, made on first use (mode 600)."""
    return read_or_create(folder(home) / "password", lambda: secrets.token_hex(24).encode()).decode().strip()


def url(home: Path) -> str:
    """Return the broker's URL as kombu reads it: `redis+socket://:password@/path?virtual_host=0`."""
    return f"redis+socket://:{password(home)}@{quote(str(socket_path(home)))}?virtual_host=0"
