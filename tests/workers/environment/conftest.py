"""A package index of our own on the loopback, with one wheel made by hand, and an installer that knows it."""

from __future__ import annotations

import base64
import hashlib
import io
import platform
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.workers.workspace.conftest import committed, forge, workspaces
from workers.egress import Sources
from workers.environment.cache import Cache
from workers.environment.install import Installer
from workers.sandbox.bubblewrap import Bubblewrap

__all__ = ["committed", "forge", "workspaces"]

TOOLBOX = Path(__file__).resolve().parents[3] / ".toolbox"


def wheel(name: str, version: str, files: dict[str, str]) -> bytes:
    """A pure wheel with these files."""
    info = f"{name}-{version}.dist-info"
    content = {
        **files,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(
        f"{path},sha256={base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip('=')},{len(text)}\n"
        for path, text in content.items()
    )
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for path, text in {**content, f"{info}/RECORD": f"{record}{info}/RECORD,,\n"}.items():
            archive.writestr(path, text)
    return data.getvalue()


def source(name: str, version: str) -> bytes:
    """A source distribution whose build leaves a mark in /deps."""
    files = {
        "pyproject.toml": '[build-system]\nrequires = []\nbuild-backend = "yard"\nbackend-path = ["."]\n',
        "PKG-INFO": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        "yard.py": "open('/deps/built', 'w').close()\n",
    }
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for path, text in files.items():
            archive.writestr(f"{name}-{version}/{path}", text)
    return data.getvalue()


@dataclass
class Index:
    """A running package index; `asked` are the paths it was asked for."""

    host: str
    asked: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://{self.host}/simple/"


@pytest.fixture
def index() -> Iterator[Index]:
    made = wheel("harbour", "1.2", {"harbour.py": "DEPTH = 12\n"})
    pages = {
        "/simple/harbour/": b'<a href="/files/harbour-1.2-py3-none-any.whl">harbour-1.2-py3-none-any.whl</a>',
        "/files/harbour-1.2-py3-none-any.whl": made,
        "/simple/barge/": b'<a href="/files/barge-1.0.zip">barge-1.0.zip</a>',
        "/files/barge-1.0.zip": source("barge", "1.0"),
    }

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.asked.append(self.path)
            body = pages.get(self.path)
            self.send_response(200 if body is not None else 404)
            self.send_header("Content-Type", "text/html" if self.path.endswith("/") else "application/zip")
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found = Index(f"127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield found
    server.shutdown()
    server.server_close()


@pytest.fixture
def box(tmp_path: Path) -> Bubblewrap:
    """The default sandbox with the toolbox."""
    return Bubblewrap(tmp_path / "home", TOOLBOX)


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "deps")


@pytest.fixture
def installer(tmp_path: Path, box: Bubblewrap, cache: Cache, index: Index) -> Installer:
    """An installer that may reach the index and nothing else."""
    sources = Sources(local_hosts=(index.host,), index=index.url)
    return Installer(tmp_path / "deps", box, lambda: sources, lambda: {"python": platform.python_version()}, cache)
