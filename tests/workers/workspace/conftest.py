"""A forge for git alone: bare repositories behind git's own http-backend, on a free loopback port."""

from __future__ import annotations

import base64
import hashlib
import os
import subprocess
import threading
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from workers.sandbox import overlay
from workers.workspace import Remote
from workers.workspace.folders import LocalWorkspaces
from workers.workspace.mirror import BareMirror
from workers.workspace.steps import Step

ENV = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "ana",
    "GIT_AUTHOR_EMAIL": "ana@example.com",
    "GIT_COMMITTER_NAME": "ana",
    "GIT_COMMITTER_EMAIL": "ana@example.com",
    "GIT_AUTHOR_DATE": "@1700000000 +0000",
    "GIT_COMMITTER_DATE": "@1700000000 +0000",
}


def git(folder: Path, *args: str, input: bytes = b"", env: dict[str, str] | None = None) -> str:
    """The ordinary git program, as a person would run it."""
    done = subprocess.run(
        ["git", "-C", str(folder), *args], input=input, env={**ENV, **(env or {})}, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode(errors="surrogateescape").strip()


@dataclass
class Origin:
    """The repository at the forge: `bare` is what it serves; commits are written straight into it."""

    bare: Path
    url: str

    def commit(self, files: dict[str, bytes | str | tuple[str, str] | None], branch: str = "main") -> str:
        """A commit on `branch` with these files set, or removed where None; a value may be ("mode", content)."""
        index = {"GIT_INDEX_FILE": str(self.bare / "test-index")}
        tip = self.tip(branch)
        (self.bare / "test-index").unlink(missing_ok=True)
        if tip:
            git(self.bare, "read-tree", tip, env=index)
        lines = []
        for name, given in files.items():
            mode, content = given if isinstance(given, tuple) else ("100644", given)
            if content is None:
                mode, sha = "0", "0" * 40
            elif mode == "160000":
                sha = str(content)
            else:
                sha = self._blob(content.encode() if isinstance(content, str) else content)
            lines.append(f"{mode} {sha}\t{name}\0".encode(errors="surrogateescape"))
        git(self.bare, "update-index", "-z", "--index-info", input=b"".join(lines), env=index)
        tree = git(self.bare, "write-tree", "--missing-ok", env=index)
        sha = git(self.bare, "commit-tree", tree, *(("-p", tip) if tip else ()), "-m", "work")
        git(self.bare, "update-ref", f"refs/heads/{branch}", sha)
        return sha

    def _blob(self, content: bytes) -> str:
        """Write what `git hash-object -w` writes, without a process for each file."""
        whole = b"blob %d\0%b" % (len(content), content)
        sha = hashlib.sha1(whole, usedforsecurity=False).hexdigest()
        place = self.bare / "objects" / sha[:2] / sha[2:]
        if not place.exists():
            place.parent.mkdir(exist_ok=True)
            place.write_bytes(zlib.compress(whole, 1))
        return sha

    def tip(self, branch: str) -> str | None:
        """Where the branch is, or None."""
        done = subprocess.run(
            ["git", "-C", str(self.bare), "rev-parse", "-q", "--verify", f"refs/heads/{branch}"],
            env=ENV, capture_output=True, text=True, check=False,
        )  # fmt: skip
        return done.stdout.strip() or None


@dataclass
class Forge:
    """The server's switches: a token it demands, a status it answers everything with, what it was told."""

    root: Path
    port: int = 0
    token: str | None = None
    status: int | None = None
    seen: list[str] = field(default_factory=list)

    def origin(self, name: str) -> Origin:
        """A new repository `name` ("acme/app")."""
        bare = self.root / f"{name}.git"
        bare.mkdir(parents=True)
        git(bare, "init", "-q", "--bare", "-b", "main", "--template=")
        with (bare / "config").open("a") as config:
            config.write("[http]\n\treceivepack = true\n")
        return Origin(bare, f"http://127.0.0.1:{self.port}/{name}.git")


def _handler(forge: Forge) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _body(self) -> bytes:
            if self.headers.get("Transfer-Encoding") == "chunked":
                body = b""
                while size := int(self.rfile.readline().strip(), 16):
                    body += self.rfile.read(size)
                    self.rfile.readline()
                self.rfile.readline()
                return body
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))

        def _serve(self) -> None:
            body = self._body()
            forge.seen.append(f"{self.command} {self.path}")
            if forge.status is not None:
                self.send_error(forge.status)
                return
            if forge.token is not None:
                wanted = base64.b64encode(f"x-access-token:{forge.token}".encode()).decode()
                if self.headers.get("Authorization") != f"Basic {wanted}":
                    self.send_response(401)
                    self.send_header("WWW-Authenticate", 'Basic realm="git"')
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    return
            path, _, query = self.path.partition("?")
            env = {
                "PATH": os.environ["PATH"],
                "GIT_PROJECT_ROOT": str(forge.root),
                "GIT_HTTP_EXPORT_ALL": "1",
                "GIT_CONFIG_NOSYSTEM": "1",
                "HOME": "/nonexistent",
                "PATH_INFO": path,
                "QUERY_STRING": query,
                "REQUEST_METHOD": self.command,
                "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                "CONTENT_LENGTH": str(len(body)),
                "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
                "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
                "REMOTE_ADDR": "127.0.0.1",
            }
            done = subprocess.run(["git", "http-backend"], input=body, env=env, capture_output=True, check=False)
            head, _, content = done.stdout.partition(b"\r\n\r\n")
            status, headers = 200, []
            for line in head.decode().split("\r\n"):
                name, _, value = line.partition(": ")
                if name == "Status":
                    status = int(value.split()[0])
                elif name:
                    headers.append((name, value))
            self.send_response(status)
            for name, value in headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = _serve

        def log_message(self, format: str, *args: object) -> None:
            """Silence."""

    return Handler


@pytest.fixture
def forge(tmp_path: Path) -> Iterator[Forge]:
    """A running git server without repositories."""
    made = Forge(tmp_path / "forge")
    made.root.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(made))
    made.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield made
    server.shutdown()
    server.server_close()


@pytest.fixture
def origin(forge: Forge) -> Origin:
    """The repository acme/app with one commit."""
    made = forge.origin("acme/app")
    made.commit({"README.md": "hello\n", "src/app.py": "print('hello')\n", ".gitignore": "*.log\nbuild/\n"})
    return made


@pytest.fixture
def workspaces(tmp_path: Path) -> LocalWorkspaces:
    """An empty home."""
    return LocalWorkspaces(tmp_path / "home", layers=overlay.works)


@pytest.fixture
def mirror(workspaces: LocalWorkspaces, origin: Origin) -> BareMirror:
    """The mirror of acme/app."""
    return workspaces.mirror(Remote("acme/app", origin.url, lambda: None))


Committed = Callable[[Mapping[str, bytes | str]], tuple[BareMirror, Origin, str]]


@pytest.fixture
def committed(forge: Forge, workspaces: LocalWorkspaces) -> Committed:
    """Make acme/quay with one commit of some files: its mirror, its origin, and the commit."""

    def made(files: Mapping[str, bytes | str]) -> tuple[BareMirror, Origin, str]:
        origin = forge.origin("acme/quay")
        sha = origin.commit({**files})
        return workspaces.mirror(Remote("acme/quay", origin.url, lambda: None)), origin, sha

    return made


@pytest.fixture
def tree(tmp_path: Path, mirror: BareMirror) -> Path:
    """A checkout of main, as an agent gets it."""
    place = tmp_path / "work"
    sha = mirror.sha("main")
    assert sha
    mirror.checkout(sha, place)
    return place


def tip(mirror: BareMirror, branch: str = "main") -> str:
    """The commit that a branch is at, which it must have."""
    sha = mirror.sha(branch)
    assert sha is not None
    return sha


def taken_back(mirror: BareMirror, merged: str, onto: str) -> str | None:
    """The tree of a commit without what `merged` brought since its first parent."""
    return mirror.replay(Step(git(mirror.gitdir, "rev-parse", f"{merged}^"), merged).back, onto)
