"""From a claim to the first command in its sandbox, beside git's own ways to files; and what one command costs there.

Law: our way and git's are taken in turn on the same repository in one run, and a sandbox is always the whole one.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from workers.sandbox.bubblewrap import Bubblewrap
from workers.sandbox.mounts import FILES, View, arguments, environment, program
from workers.sandbox.seccomp import assemble
from workers.sandbox.session import BashSession
from workers.workspace import Remote, Workspace
from workers.workspace.bases import Bases
from workers.workspace.mirror import BareMirror
from workers.workspace.removal import remove

_ENV = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1"}


@dataclass
class Results:
    """Seconds per way: for each repository (by its number of files) and for one command."""

    ready: dict[int, dict[str, list[float]]] = field(default_factory=dict)
    export: dict[int, dict[str, list[float]]] = field(default_factory=dict)
    disk: dict[int, int] = field(default_factory=dict)
    """Bytes that a claim takes which changed three small files."""
    command: dict[str, list[float]] = field(default_factory=dict)
    given: list[int] = field(default_factory=list)
    """Which of them are real ones that were given."""


def measured(quick: bool) -> Results:
    """Measure everything, in a folder that is gone afterwards."""
    results = Results()
    place = Path(tempfile.mkdtemp(prefix="shipmate-bench-"))
    try:
        for files, commits in ((300, 60), (6500, 600)):
            repository = place / f"{files}.git"
            tip = _generated(repository, files, 20 if quick else commits)
            _ready(results, place / str(files), repository, tip, files, 2 if quick else 3)
        for repository in _given():
            tip = _said(repository, "rev-parse", "HEAD")
            files = len(_said(repository, "ls-tree", "-r", "--name-only", tip).splitlines())
            results.given.append(files)
            _ready(results, place / str(files), repository, tip, files, 1 if quick else 2)
        _commands(results, place / "commands", 60 if quick else 300)
    finally:
        remove(place)
    return results


def _given() -> list[Path]:
    """Bare repositories of one's own to measure too, from SHIPMATE_BENCH_REPOSITORIES (separated by colons)."""
    named = os.environ.get("SHIPMATE_BENCH_REPOSITORIES", "")
    return [Path(one).resolve() for one in named.split(":") if one]


def _said(bare: Path, *words: str) -> str:
    ran = subprocess.run(["git", "-C", str(bare), *words], env=_ENV, check=True, capture_output=True)
    return ran.stdout.decode(errors="replace").strip()


def _generated(bare: Path, files: int, commits: int) -> str:
    """Return a repository of `files` files of about 4 KB in folders of 50, and `commits` commits that edit some of
    them.
    """
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(bare)], env=_ENV, check=True)
    stream = bytearray()
    for commit in range(commits):
        stream += b"commit refs/heads/main\ncommitter ana <ana@example.com> %d +0000\ndata 4\nwork\n" % (10**9 + commit)
        for number in range(files) if commit == 0 else range(commit % files, files, max(1, files // 20)):
            text = f"file {number} in commit {commit}\n".encode() + b"a line of text, as long as any\n" * (number % 260)
            stream += (
                b"M 100644 inline src/%d/module_%d.py\ndata %d\n" % (number // 50, number, len(text)) + text + b"\n"
            )
    subprocess.run(["git", "-C", str(bare), "fast-import", "--quiet"], input=bytes(stream), env=_ENV, check=True)
    subprocess.run(["git", "-C", str(bare), "repack", "-adq"], env=_ENV, check=True)
    said = subprocess.run(["git", "-C", str(bare), "rev-parse", "main"], env=_ENV, check=True, capture_output=True)
    return said.stdout.decode().strip()


def _ready(results: Results, place: Path, bare: Path, tip: str, files: int, rounds: int) -> None:
    ways: dict[str, list[float]] = {}
    place.mkdir()
    mirror = _mirror(place, bare)
    plain = BareMirror(mirror.gitdir, mirror.remote, Bases(place / "bases/plain"), layers=lambda _: False)
    box = Bubblewrap(place / "box")
    _first(box, mirror, place, tip)  # the host is looked at once
    remove(place / "bases")
    git: dict[str, list[str]] = {
        "git clone": ["clone", "-q", "--no-local", f"file://{bare}"],
        "git clone --depth 1": ["clone", "-q", "--depth", "1", f"file://{bare}"],
        "git worktree add": ["-C", str(mirror.gitdir), "worktree", "add", "-q", "--detach"],
    }
    ways["overlay, no checkout yet"] = [_first(box, mirror, place, tip)]
    plain.workspace(_fresh(place), tip)
    for _ in range(rounds):
        for _ in range(10):
            ways.setdefault("overlay", []).append(_first(box, mirror, place, tip))
        ways.setdefault("plain copy", []).append(_first(box, plain, place, tip))
        for name, words in git.items():
            ways.setdefault(name, []).append(_took(lambda words=words: _git(words, place)))  # type: ignore[misc] # a default
    results.ready[files] = ways
    for name, one in (("overlay", mirror), ("plain copy", plain)):
        workspace = one.workspace(_fresh(place), tip)
        with _open(box, workspace) as session:
            session.run(
                'for one in $(find . -type f -name "*[a-z].*" | head -n 2); do echo x >>"$one"; done; echo y >new.txt'
            )
            results.export.setdefault(files, {})[name] = [
                _took(lambda one=one, workspace=workspace: one.export(workspace, tip))  # type: ignore[misc] # a default
                for _ in range(5)
            ]
        if name == "overlay":
            said = subprocess.run(["du", "-s", "-B1", str(workspace.place)], capture_output=True, check=True).stdout
            results.disk[files] = int(said.split()[0])


def _mirror(place: Path, bare: Path) -> BareMirror:
    gitdir = place / "mirrors/one.git"
    subprocess.run(
        ["git", "clone", "-q", "--mirror", "--no-local", f"file://{bare}", str(gitdir)], env=_ENV, check=True
    )
    return BareMirror(
        gitdir,
        Remote("acme/one", "https://example.com/acme/one", lambda: None),
        Bases(place / "bases/one"),
        layers=lambda _: True,
    )


@contextmanager
def _open(box: Bubblewrap, workspace: Workspace) -> Iterator[BashSession]:
    session = box.open(workspace)
    try:
        yield session
    finally:
        session.close()


def _fresh(place: Path) -> Path:
    return Path(tempfile.mkdtemp(dir=place, prefix="claim-"))


def _first(box: Bubblewrap, mirror: BareMirror, place: Path, tip: str) -> float:
    """Return seconds from a claim's empty folder to the end of a first command in its sandbox."""
    folder = _fresh(place)
    began = time.perf_counter()
    workspace = mirror.workspace(folder, tip, history=True)
    session = box.open(workspace)
    ran = session.run('[ -n "$(ls -A)" ]')
    taken = time.perf_counter() - began
    session.close()
    remove(folder)
    if ran.exit_code != 0:
        raise RuntimeError(f"the first command failed: {ran.output}")
    return taken


def _git(words: list[str], place: Path) -> None:
    subprocess.run(["git", *words, str(_fresh(place) / "files")], env=_ENV, check=True, capture_output=True)


def _took(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def _commands(results: Results, place: Path, count: int) -> None:
    """Time one external command: by itself, in each of our ways, and with a bubblewrap of its own."""
    place.mkdir()
    session = Bubblewrap(place / "box").open(place)
    bwrap = program()
    assert bwrap is not None
    ways: dict[str, Callable[[], object]] = {
        "the command itself (bash -c)": lambda: subprocess.run(["/bin/bash", "-c", "/bin/true"], env={}, check=True),
        "persistent shell": lambda: session.shell("/bin/true"),
        "clean shell in the same sandbox": lambda: session.run("/bin/true"),
        "bubblewrap per command": lambda: _alone(bwrap, place),
    }
    try:
        for call in ways.values():
            call()
        for _ in range(count // 20):
            for name, call in ways.items():
                results.command.setdefault(name, []).extend(_took(call) for _ in range(20))
    finally:
        session.close()


def _alone(bwrap: str, place: Path) -> None:
    """Run one command inside the same walls."""
    view = View()
    with ExitStack() as stack:
        fds = []
        for content in [*(content for _, content in FILES), assemble()]:
            fd = os.memfd_create("bench", os.MFD_CLOEXEC)
            stack.callback(os.close, fd)
            os.write(fd, content)
            os.lseek(fd, 0, os.SEEK_SET)
            fds.append(fd)
        named = {name: fd for (name, _), fd in zip(FILES, fds, strict=False)}
        argv = arguments(place, view, environment(view), named, fds[-1])
        subprocess.run([bwrap, *argv, "/bin/bash", "-c", "/bin/true"], env={}, pass_fds=fds, check=True)
