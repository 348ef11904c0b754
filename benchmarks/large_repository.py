"""A large repository made from nothing, and git's own server in front of it.

Law: contents cannot be compressed and nothing is like anything else, so that no way to the files gets a present.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BufferedIOBase
from pathlib import Path
from typing import IO

SPARSE = ("src/7", "src/9")
EACH = 200
"""Files in a folder."""
_COMMITS = 20
_ASSET = 1 << 20
_AT_ONCE = 10
_POLICY = b'[workspace]\nsparse = ["src/7", "src/9"]\npartial = true\n'
_ENV = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1"}


def git(*words: str) -> str:
    """Return the ordinary git program, as a person would run it."""
    done = subprocess.run(["git", *words], env=_ENV, check=True, capture_output=True)
    return done.stdout.decode(errors="replace").strip()


def generated(bare: Path, files: int, history: int) -> None:
    """Make a bare repository: `files` files of 0.25 to 4 KB, 200 to a folder, and `history` bytes that only the past
    has.

    The past is one commit with all files, 20 that edit a five hundredth of them, and as many as it takes to replace
    ten files of 1 MB again and again. It is packed as a forge keeps it, with a bitmap.
    """
    git("init", "-q", "--bare", "-b", "main", str(bare))
    for key in ("uploadpack.allowFilter", "uploadpack.allowAnySHA1InWant"):
        git("-C", str(bare), "config", key, "true")
    process = subprocess.Popen(
        ["git", "-C", str(bare), "-c", "core.compression=1", "fast-import", "--quiet", "--depth=0"],
        stdin=subprocess.PIPE, env=_ENV,
    )  # fmt: skip
    assert process.stdin is not None
    with process.stdin as stream:
        for commit in range(_COMMITS):
            _commit(stream, commit)
            if commit == 0:
                _file(stream, ".shipmate.toml", _POLICY)
            for number in range(files) if commit == 0 else range(commit, files, 500):
                _file(stream, f"src/{number // EACH}/{number}.txt", os.urandom(128 << number % 5).hex().encode())
        for at in range(0, history // _ASSET, _AT_ONCE):
            _commit(stream, _COMMITS + at)
            for number in range(_AT_ONCE):
                _file(stream, f"assets/{number}.bin", os.urandom(_ASSET))
    if process.wait() != 0:
        raise RuntimeError("git fast-import failed")
    git("-C", str(bare), "multi-pack-index", "write", "--bitmap")


def _commit(stream: IO[bytes], number: int) -> None:
    stream.write(b"commit refs/heads/main\ncommitter ana <ana@example.com> %d +0000\ndata 1\na\n" % (10**9 + number))


def _file(stream: IO[bytes], path: str, content: bytes) -> None:
    stream.write(b"M 100644 inline %s\ndata %d\n%s\n" % (path.encode(), len(content), content))


@contextmanager
def served(root: Path) -> Iterator[str]:
    """Provide the URL at which git's own server gives what is in `root`, as it comes and without keeping it."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self._serve(self.rfile.read(int(self.headers.get("Content-Length") or 0)))

        def do_GET(self) -> None:
            self._serve(b"")

        def _serve(self, body: bytes) -> None:
            if self.headers.get("Transfer-Encoding") == "chunked":
                body = _chunks(self.rfile)
            path, _, query = self.path.partition("?")
            env = {
                **_ENV, "GIT_PROJECT_ROOT": str(root), "GIT_HTTP_EXPORT_ALL": "1", "PATH_INFO": path,
                "QUERY_STRING": query, "REQUEST_METHOD": self.command, "CONTENT_LENGTH": str(len(body)),
                "CONTENT_TYPE": self.headers.get("Content-Type", ""), "REMOTE_ADDR": "127.0.0.1",
                "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
                "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            }  # fmt: skip
            with subprocess.Popen(
                ["git", "http-backend"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=env
            ) as process:
                assert process.stdin is not None
                assert process.stdout is not None
                feeding = threading.Thread(target=_feed, args=(process.stdin, body), daemon=True)
                feeding.start()
                self._answer(process.stdout)

        def _answer(self, said: IO[bytes]) -> None:
            status, headers = 200, []
            while line := said.readline().decode().strip():
                name, _, value = line.partition(": ")
                status = int(value.split()[0]) if name == "Status" else status
                headers += [] if name == "Status" else [(name, value)]
            self.send_response(status)
            for name, value in headers:
                self.send_header(name, value)
            self.end_headers()
            shutil.copyfileobj(said, self.wfile, 1 << 20)

        def log_message(self, *_: object) -> None:
            """Silence."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _feed(stdin: IO[bytes], body: bytes) -> None:
    try:
        stdin.write(body)
        stdin.close()
    except BrokenPipeError:
        return


def _chunks(stream: BufferedIOBase) -> bytes:
    body = b""
    while size := int(stream.readline().strip(), 16):
        body += stream.read(size)
        stream.readline()
    stream.readline()
    return body
