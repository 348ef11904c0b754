"""A large repository of which the policy asks for two folders: from nothing to the first command, and what it took.

Law: what is measured goes over HTTP from git's own server, and the same repository is cloned by git beside it.

Run: python -m benchmarks.large [number of files]
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import TypeVar

from tests.workers.workspace.conftest import ENV, Forge, _handler, git
from workers.checks.plan.policy import wants_partial
from workers.sandbox.bubblewrap import Bubblewrap
from workers.workspace import Remote
from workers.workspace.folders import LocalWorkspaces
from workers.workspace.removal import remove

T = TypeVar("T")
SPARSE = ("src/7", "src/9")
_POLICY = b'[workspace]\nsparse = ["src/7", "src/9"]\npartial = true\n'


def generated(bare: Path, files: int, commits: int = 20) -> None:
    """A repository of `files` files of a quarter to 4 KB, 200 to a folder; later commits edit some."""
    git(bare.parent, "init", "-q", "--bare", "-b", "main", str(bare))
    for key in ("uploadpack.allowFilter", "uploadpack.allowAnySHA1InWant"):
        git(bare, "config", key, "true")
    process = subprocess.Popen(
        ["git", "-C", str(bare), "fast-import", "--quiet"],
        stdin=subprocess.PIPE,
        env={**ENV, "PATH": os.environ["PATH"]},
    )
    assert process.stdin is not None
    with process.stdin as stream:
        for commit in range(commits):
            stream.write(
                b"commit refs/heads/main\ncommitter ana <ana@example.com> %d +0000\ndata 1\na\n" % (10**9 + commit)
            )
            if commit == 0:
                stream.write(b"M 100644 inline .shipmate.toml\ndata %d\n%s\n" % (len(_POLICY), _POLICY))
            for number in range(files) if commit == 0 else range(commit, files, 500):
                text = os.urandom(128 << number % 5).hex().encode()
                stream.write(b"M 100644 inline src/%d/%d.txt\ndata %d\n%s\n" % (number // 200, number, len(text), text))
    process.wait()


def took(what: str, call: Callable[[], T]) -> T:
    """Do it, and say how long it took."""
    began = time.perf_counter()
    found = call()
    print(f"{what:<58}{time.perf_counter() - began:9.2f} s", flush=True)
    return found


def size(folder: Path) -> str:
    """What a folder takes on the disk."""
    said = subprocess.run(["du", "-s", "-B1", str(folder)], capture_output=True, check=True).stdout
    return f"{int(said.split()[0]) / 1e6:9.1f} MB"


def measure(place: Path, files: int) -> None:
    """Print one line for each step."""
    forge = Forge(place / "forge")
    bare = forge.root / "acme/large.git"
    bare.parent.mkdir(parents=True)
    took(f"(generating {files:,} files)", lambda: generated(bare, files))
    print(f"{'the repository at the forge':<58}{size(bare)}")
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(forge))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    remote = Remote("acme/large", f"http://127.0.0.1:{server.server_port}/acme/large.git", lambda: None)
    homes = LocalWorkspaces(place / "home", partial=wants_partial)
    mirror = took("prepare: policy read, commits and folders fetched", lambda: homes.mirror(remote))
    base = mirror.sha("main") or ""
    workspace = took(
        "workspace of two folders (400 contents fetched)",
        lambda: mirror.workspace(homes.folder("one", 1), base, sparse=SPARSE, history=True),
    )
    box = Bubblewrap(place / "box")
    session = box.open(workspace)
    took("first command in its sandbox", lambda: session.run("ls src/7"))
    session.run("echo x >src/7/1400.txt; echo y >src/new.txt")
    took("export of two changed files", lambda: mirror.export(workspace, base))
    session.close()
    again = took(
        "the next workspace of the same commit",
        lambda: mirror.workspace(homes.folder("two", 1), base, sparse=SPARSE, history=True),
    )
    took("all paths of the commit listed", lambda: mirror.files(base))
    print(f"{'mirror on this host':<58}{size(mirror.gitdir)}")
    print(f"{'the second claim on this host':<58}{size(again.place)}")
    target = place / "clone"
    took("git clone, for comparison", lambda: git(place, "clone", "-q", remote.url, str(target)))
    print(f"{'that clone':<58}{size(target)}")
    server.shutdown()


def main() -> None:
    """Measure in a folder that is gone afterwards."""
    place = Path(tempfile.mkdtemp(prefix="shipmate-large-"))
    try:
        measure(place, int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
    finally:
        remove(place)


if __name__ == "__main__":
    main()
