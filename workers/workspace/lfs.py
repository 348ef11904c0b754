"""Download the contents of Git LFS files from the forge, check their digests, and keep them beside the mirror.

Law: the forge's token goes only to the forge's own host. The forge may name other hosts for a download: they are
reached over TLS and at public addresses only, and their answer is accepted only if its digest is right.
"""

from __future__ import annotations

import base64
import contextlib
import errno
import hashlib
import http.client
import json
import os
import re
import shutil
import socket
import ssl
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from workers.egress.hosts import reachable
from workers.workspace import Remote, RemoteRefused, space
from workers.workspace.git import is_loopback
from workers.workspace.names import shown

MOST_EACH = 2 << 30
MOST_TOGETHER = 8 << 30
_MOST_ANSWER = 8 << 20
_AT_ONCE = 100
_SECONDS = 60.0
_PIECE = 1 << 20
_TYPE = "application/vnd.git-lfs+json"
_POINTER = re.compile(
    rb"version https://git-lfs\.github\.com/spec/v1\noid sha256:([0-9a-f]{64})\nsize (0|[1-9]\d{0,17})\n?"
)
LARGE = "lfs"
"""The folder of a mirror that holds Git LFS contents."""
LONGEST = 1024
"""Most bytes of a pointer file; a longer file is not a pointer."""
Pointer = tuple[str, int]
"""(the sha256 of a file's contents, their size in bytes)."""


_EXPIRED = frozenset({400, 401, 403, 404, 410})
_WHY = {
    404: "can't be downloaded: GitHub does not have the file that its pointer names.",
    410: "can't be downloaded: it was removed from Git LFS.",
    422: "can't be downloaded: its pointer is wrong.",
}


class _LinkRefused(Exception):
    """A download link from the forge does not work, or has expired."""


def pointer(content: bytes) -> Pointer | None:
    """Return what a pointer file points to, or None if it is not a pointer."""
    found = _POINTER.fullmatch(content)
    return (found[1].decode(), int(found[2])) if found else None


class LargeFiles:
    """The Git LFS contents of one mirror, kept below `folder`."""

    def __init__(self, folder: Path, remote: Remote) -> None:
        self._folder = folder
        self._remote = remote

    def expanded(self, blob: str) -> Pointer | None:
        """Return the contents that replaced the pointer file `blob` in a checkout of this mirror, or None."""
        try:
            oid, _, size = (self._folder / "of" / blob).read_text().partition(" ")
        except FileNotFoundError:
            return None
        return oid, int(size)

    def obtain(self, wanted: Mapping[str, Pointer], named: Mapping[Pointer, str] | None = None) -> None:
        """Download contents that are missing, {pointer file's blob: pointer}; `named` gives their paths for messages.

        Raises `RemoteRefused`, OSError (disk).
        """
        named = named or {}
        missing = [one for one in dict.fromkeys(wanted.values()) if not self._place(one[0]).exists()]
        if any(size > MOST_EACH for _, size in missing):
            which = _called([one for one in missing if one[1] > MOST_EACH], named)
            raise RemoteRefused(f"{which} in Git LFS: more than {MOST_EACH >> 30} GB is not downloaded.", again=False)
        if sum(size for _, size in missing) > MOST_TOGETHER:
            words = f"Its Git LFS files are larger than {MOST_TOGETHER >> 30} GB together"
            raise RemoteRefused(f"{words}, so they are not downloaded.", again=False)
        for at in range(0, len(missing), _AT_ONCE):
            some = missing[at : at + _AT_ONCE]
            for one, action in self._asked(some, named):
                try:
                    self._download(one, action)
                except _LinkRefused:  # it may have expired while the others came
                    self._download(*self._asked([one], named)[0], last=True)
        (self._folder / "of").mkdir(parents=True, exist_ok=True)
        for blob, (oid, size) in wanted.items():
            (self._folder / "of" / blob).write_text(f"{oid} {size}")

    def write(self, found: Pointer, place: Path) -> None:
        """Replace the pointer file `place`, which we wrote ourselves, by its contents."""
        mode = place.lstat().st_mode & 0o777
        place.unlink()
        os.utime(self._place(found[0]))
        fd = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
        with open(fd, "wb") as target, open(self._place(found[0]), "rb") as source:
            shutil.copyfileobj(source, target, _PIECE)

    def _place(self, oid: str) -> Path:
        return self._folder / oid[:2] / oid

    def _asked(
        self, wanted: Sequence[Pointer], named: Mapping[Pointer, str]
    ) -> list[tuple[Pointer, Mapping[str, object]]]:
        """Return the download links that the forge gives for these contents."""
        url = self._remote.url if self._remote.url.endswith(".git") else f"{self._remote.url}.git"
        body = {
            "operation": "download",
            "transfers": ["basic"],
            "objects": [{"oid": oid, "size": size} for oid, size in wanted],
        }
        with tempfile.TemporaryFile() as answer:
            self._talk(f"{url}/info/lfs/objects/batch", {"Accept": _TYPE, "Content-Type": _TYPE}, answer, _MOST_ANSWER,
                       json.dumps(body).encode())  # fmt: skip
            answer.seek(0)
            try:
                objects = {one["oid"]: one for one in json.load(answer)["objects"]}
                found = [(one, objects[one[0]]["actions"]["download"]) for one in wanted if _had(objects.get(one[0]))]
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
                raise RemoteRefused("The forge's answer about its Git LFS files can't be read.", again=False) from None
        if lost := [one for one in wanted if not _had(objects.get(one[0]))]:
            raise RemoteRefused(f"{_called(lost, named)} {_why(objects.get(lost[0][0]))}", again=False)
        return found

    def _download(self, wanted: Pointer, action: Mapping[str, object], *, last: bool = False) -> None:
        """Download one object by its link. Raises `_LinkRefused`, or `RemoteRefused` if this is the `last` try."""
        oid, size = wanted
        place = self._place(oid)
        place.parent.mkdir(parents=True, exist_ok=True)
        given, href = action.get("header") or {}, action.get("href")
        if not isinstance(given, dict) or not isinstance(href, str):
            raise RemoteRefused("The forge doesn't say where its Git LFS files are.", again=False)
        headers = {str(name): str(value) for name, value in given.items()}
        with tempfile.NamedTemporaryFile(dir=place.parent, delete=False) as file:
            try:
                self._talk(href, headers, file, size, linked=not last)
                file.flush()
                file.seek(0)
                if hashlib.file_digest(file, "sha256").hexdigest() != oid:
                    raise RemoteRefused("A Git LFS file doesn't match its pointer.", again=True)
                Path(file.name).rename(place)
            finally:
                Path(file.name).unlink(missing_ok=True)

    def _talk(
        self,
        url: str,
        headers: Mapping[str, str],
        into: IO[bytes],
        limit: int,
        body: bytes | None = None,
        *,
        linked: bool = False,
    ) -> None:
        """Send one request and write its answer, at most `limit` bytes, `into` a file. No redirect is followed.

        `linked` means that the link may have expired; a refusal then raises `_LinkRefused`.
        """
        try:
            parts, forge = urlsplit(url), urlsplit(self._remote.url)
        except ValueError:
            raise RemoteRefused("The forge gives an address for Git LFS that can't be used.", again=False) from None
        own = (parts.scheme, parts.netloc) == (forge.scheme, forge.netloc)
        if not parts.hostname or parts.username or (not own and parts.scheme != "https"):
            raise RemoteRefused("The forge gives an address for Git LFS that can't be used.", again=False)
        if own and parts.scheme != "https" and not is_loopback(url):
            raise RemoteRefused("Git LFS is only used over https.", again=False)
        headers = dict(headers)
        token = self._remote.token() if own else None
        if token and "authorization" not in {name.lower() for name in headers}:
            headers["Authorization"] = "Basic " + base64.b64encode(f"x-access-token:{token}".encode()).decode()
        try:
            line = _connection(parts.scheme, parts.hostname, parts.port, public=not own)
            try:
                path = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
                line.request("POST" if body is not None else "GET", path, body, headers)
                answer = line.getresponse()
                if linked and answer.status in _EXPIRED:
                    raise _LinkRefused
                if answer.status != 200:
                    again = answer.status >= 500 or answer.status == 429
                    raise RemoteRefused(f"Git LFS at the forge answers {answer.status}.", again=again)
                _copy(answer, into, limit)
            finally:
                line.close()
        except (OSError, http.client.HTTPException, ValueError) as error:
            if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
                raise
            raise RemoteRefused("Git LFS at the forge cannot be reached.", again=True) from error


def make_room(folder: Path) -> int:
    """Evict Git LFS contents of all mirrors below `folder` until the disk has space; return how many were removed.

    The least recently used go first. Checkouts hold copies, so nothing in use is lost.
    """
    found = []
    for place in folder.glob(f"*/{LARGE}/[0-9a-f][0-9a-f]/*"):
        with contextlib.suppress(OSError):
            found.append((place.stat().st_mtime, place))
    gone = 0
    for _, place in sorted(found):
        if not space.lacking(folder):
            break
        place.unlink(missing_ok=True)
        gone += 1
    return gone


def _why(told: Mapping[str, object] | None) -> str:
    """Return the end of a sentence that says why the forge does not give an object."""
    error = told["error"] if told else None
    code = error.get("code") if isinstance(error, dict) else None
    return _WHY[code] if isinstance(code, int) and code in _WHY else _WHY[404]


def _had(told: Mapping[str, object] | None) -> bool:
    """Return whether the forge says that it has an object."""
    return told is not None and "error" not in told


def _called(some: Sequence[Pointer], named: Mapping[Pointer, str]) -> str:
    """Return a name for some objects: the path of the first, and their number."""
    first = shown(named[some[0]]) if some[0] in named else "A file in Git LFS"
    return first if len(some) == 1 else f"{first} and {len(some) - 1} more"


def _copy(answer: http.client.HTTPResponse, into: IO[bytes], limit: int) -> None:
    while piece := answer.read(_PIECE):
        limit -= len(piece)
        if limit < 0:
            raise RemoteRefused("A Git LFS file is larger than its pointer says.", again=False)
        into.write(piece)


def _connection(scheme: str, host: str, port: int | None, *, public: bool) -> http.client.HTTPConnection:
    """Return a connection. With `public`, the address is checked before the connection is made."""
    if scheme == "http":
        return http.client.HTTPConnection(host, port, timeout=_SECONDS)
    context = ssl.create_default_context()
    line = http.client.HTTPSConnection(host, port, timeout=_SECONDS, context=context)
    if public:
        found = socket.getaddrinfo(host, port or 443, type=socket.SOCK_STREAM)
        fit = [str(entry[4][0]) for entry in found if reachable(str(entry[4][0]), local=False)]
        if not fit:
            raise RemoteRefused("The forge keeps its Git LFS files at an address that is not public.", again=False)
        plain = socket.create_connection((fit[0], port or 443), _SECONDS)
        line.sock = context.wrap_socket(plain, server_hostname=host)
    return line
