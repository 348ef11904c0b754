"""Explain failures of the forge's git, and lock a mirror so that one process at a time uses the network.

Law: a failure is described in our words, chosen by git's known messages; raw text from the other side is never quoted.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from workers import GiveUp
from workers.workspace import RemoteRefused
from workers.workspace.git import GitFailed

_DISK_FULL = "The disk of the worker is full."
_DISK_ADVICE = "Shipmate's operator has to free space. Then try again."

# (what git says, our sentence, whether trying later can help); the first match counts
_MEANINGS: tuple[tuple[str, str, bool], ...] = (
    (r"timed out|Timeout was reached|Operation too slow", "The git server did not answer in time.", True),
    (
        r"Could not resolve host|Failed to connect|Couldn't connect|Connection refused|Connection reset|unreachable",
        "The git server cannot be reached.",
        True,
    ),
    (
        r"Authentication failed|could not read Username|returned error: 401|returned error: 403|access denied",
        "The git server refused access: the token is missing, expired, or has too few rights.",
        False,
    ),
    (
        r"(returned error:|HTTP) (5\d\d|429)|early EOF|hung up|RPC failed|Empty reply|Recv failure|unexpected",
        "The git server closed the connection early.",
        True,
    ),
    (
        r"stale info|fetch first|non-fast-forward|\[rejected\]|cannot lock ref|incorrect old value",
        "Someone else pushed to the branch in the meantime.",
        False,
    ),
    (
        r"protected branch|GH006|GH013|pre-receive hook declined|hook declined|\[remote rejected\]",
        "The git server refused the push by one of its rules.",
        False,
    ),
    (r"GH001|exceeds .*file size", "The git server refuses a file of this size.", False),
    (r"returned error: 30[1278]|redirect", "The repository has moved; use its new name.", False),
    (r"not our ref|couldn't find remote ref", "The git server no longer has that commit.", False),
    (
        r"not found|returned error: 404|does not exist",
        "The git server has no such repository, or hides it.",
        False,
    ),
    (r"SSL|certificate", "The git server's certificate is not trusted.", False),
    (r"protocol '.*' is not supported|transport '.*' not allowed", "Only https clone URLs are served.", False),
    (r"fsck|invalid object|fatal: fsck error", "The repository holds an object that git considers unsafe.", False),
)


def is_disk_full(said: str) -> bool:
    """Return whether git's words mean that this host's disk is full."""
    return "No space left on device" in said or "Disk quota exceeded" in said


def refusal(failure: GitFailed) -> RemoteRefused | GiveUp:
    """Return the exception to raise for a failed git command."""
    if is_disk_full(failure.said):
        return GiveUp(_DISK_FULL, _DISK_ADVICE)
    for pattern, sentence, again in _MEANINGS:
        if re.search(pattern, failure.said, re.IGNORECASE):
            return RemoteRefused(sentence, again=again)
    return RemoteRefused(
        f"The git server could not be used (git {failure.verb} ended with {failure.code}).", again=True
    )


def disk_full(error: OSError) -> GiveUp | None:
    """Return ENOSPC as a sentence for a person, or None for any other error."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return GiveUp(_DISK_FULL, _DISK_ADVICE)
    return None


@contextmanager
def locked(place: Path, seconds: float = 900.0) -> Iterator[int]:
    """Hold the lock file `place` and yield its descriptor. A child process that inherits it holds the lock too.

    Raises `RemoteRefused` when another process holds it for longer than `seconds`.
    """
    place.parent.mkdir(parents=True, exist_ok=True)
    fd = os.open(place, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        deadline = time.monotonic() + seconds
        while True:
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise RemoteRefused("Another fetch of this repository is taking too long.", again=True) from None
                time.sleep(0.05)
        yield fd
    finally:
        os.close(fd)
